//===- Tune.cpp - measure what the compiler may choose ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Layers are measured in their network, where weights are cold and inputs come
// from the layer in front: the network is compiled with a mark at each step, once
// for each round of a plan, and runs some ten times. What packs a layer's input
// counts as the layer's. In the end the network runs without marks, with the
// schedules that were predicted best and with those measured best, since what a
// layer writes depends on who reads it, and single layers do not show that.
//
// Compilations take most of the time, so two run beside each other; measurements
// run alone.
//
//===----------------------------------------------------------------------===//

#include "Tune.h"
#include "CompileVariants.h"
#include "EmitFile.h"
#include "ModelTimer.h"
#include "Pipeline.h"
#include "Progress.h"
#include "TimesStore.h"
#include "TunePlan.h"
#include "dorefa/Runtime/artifact.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

namespace {
/// A network as bytecode, and how to compile it.
struct Build {
  std::string bytecode;
  CompileOptions options;
};

/// The measurement of one network for one target.
class Tuner {
public:
  Tuner(const CompileOptions &options, const VariantTarget &target,
        TimesStore &store, DiagnosticPrinter &diagnostics, TimingScope &timing)
      : options(options), target(target), store(store),
        diagnostics(diagnostics), timing(timing),
        machine(describeMachine(target.target)),
        progress("tuning " + target.name + ": ") {}

  LogicalResult run(ModuleOp network);

private:
  LogicalResult lowerToCandidates(ModuleOp network);
  LogicalResult measureRounds(TunePlan &plan);
  LogicalResult compareNetworks(TunePlan &plan);
  void measureSteps(ModelTimer &model, const TunePlan &plan,
                    const TunePlan::Round &round);
  FailureOr<std::vector<ModelTimer>> compile(ArrayRef<Build> builds);
  /// The options of a build that is only run here.
  CompileOptions getBuildOptions(bool timeSteps, bool usesTimes) const;
  MeasuredTimes &getTimes() { return store.getTimes(machine); }
  LogicalResult save() {
    if (Error error = store.save(machine))
      return diagnostics.emitError(std::move(error));
    return success();
  }

  const CompileOptions &options;
  const VariantTarget &target;
  TimesStore &store;
  DiagnosticPrinter &diagnostics;
  TimingScope &timing;
  MeasuredMachine machine;
  Progress progress;
  OwningOpRef<ModuleOp> module;
};
} // namespace

/// To the layers that engines are chosen for.
LogicalResult Tuner::lowerToCandidates(ModuleOp network) {
  module = network.clone();
  CompileOptions plain = getBuildOptions(/*timeSteps=*/false, false);
  if (findStageOf(*module) == Stage::Graph &&
      failed(runPipelineTo(Stage::Layers, *module, plain, target.target,
                           timing)))
    return failure();
  PassManager manager(module->getContext(), ModuleOp::getOperationName());
  if (failed(parsePassPipeline("dorefa-reduce-epilogues", manager)))
    return failure();
  return manager.run(*module);
}

CompileOptions Tuner::getBuildOptions(bool timeSteps, bool usesTimes) const {
  CompileOptions build = options;
  build.timeSteps = timeSteps;
  if (!usesTimes)
    build.tune.clear();
  build.printAfter.clear();
  return build;
}

/// Compiles and loads networks, all at a time.
FailureOr<std::vector<ModelTimer>> Tuner::compile(ArrayRef<Build> builds) {
  std::vector<FailureOr<EmittedFiles>> emitted(builds.size());
  const DialectRegistry &registry =
      module->getContext()->getDialectRegistry();
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(2));
  for (auto [build, result] : llvm::zip_equal(builds, emitted))
    pool.async([&, build = &build, result = &result] {
      FailureOr<CompiledVariant> variant =
          compileBytecode(build->bytecode, registry, target, build->options,
                          diagnostics, timing);
      if (succeeded(variant))
        *result = emitFile(variant->code, Stage::Library, "", "{}",
                           build->options, diagnostics, timing);
    });
  pool.wait();
  std::vector<ModelTimer> models;
  for (FailureOr<EmittedFiles> &files : emitted) {
    if (failed(files))
      return failure();
    Expected<ModelTimer> model =
        ModelTimer::open(files->files.front().getTemporaryPath());
    if (!model)
      return diagnostics.emitError(model.takeError());
    models.push_back(std::move(*model));
  }
  return models;
}

/// Calls `run` some ten times, more where that takes no time.
static void repeat(function_ref<double()> run) {
  constexpr double enough = 1e8, tooMuch = 3e9;
  double total = 0;
  for (int i = 0; i < 500 && total < tooMuch && (i < 12 || total < enough); ++i)
    total += run();
}

void Tuner::measureSteps(ModelTimer &model, const TunePlan &plan,
                         const TunePlan::Round &round) {
  std::vector<double> least(plan.getNumLayers(),
                            std::numeric_limits<double>::infinity());
  repeat([&] {
    std::vector<double> steps(plan.getNumLayers());
    double time = model.run(steps);
    for (auto [step, best] : llvm::zip(steps, least))
      if (step > 0)
        best = std::min(best, step);
    return time;
  });
  for (size_t i = 0; i < round.size(); ++i)
    if (round[i] && std::isfinite(least[i]))
      getTimes().layers[plan.getKey(i).str()][getScheduleText(round[i])] =
          least[i];
}

LogicalResult Tuner::measureRounds(TunePlan &plan) {
  constexpr size_t together = 2;
  ArrayRef<TunePlan::Round> rounds = plan.getRounds();
  for (size_t done = 0; done < rounds.size(); done += together) {
    ArrayRef<TunePlan::Round> some =
        rounds.slice(done, std::min(together, rounds.size() - done));
    progress.print(std::to_string(plan.getNumSchedules()) +
                   " schedules of layers, compilation " +
                   std::to_string(done + 1) + " of " +
                   std::to_string(rounds.size() + 2));
    std::vector<Build> builds;
    for (const TunePlan::Round &round : some) {
      plan.apply(round);
      builds.push_back({getBytecode(*module),
                        getBuildOptions(/*timeSteps=*/true, false)});
    }
    FailureOr<std::vector<ModelTimer>> models = compile(builds);
    if (failed(models))
      return failure();
    for (auto [model, round] : llvm::zip_equal(*models, some))
      measureSteps(model, plan, round);
    if (failed(save()))
      return failure();
  }
  return success();
}

/// By turns, so that both have the same share of what disturbs.
LogicalResult Tuner::compareNetworks(TunePlan &plan) {
  progress.print("predicted against measured choice");
  plan.apply({});
  std::string bytecode = getBytecode(*module);
  Build builds[] = {{bytecode, getBuildOptions(/*timeSteps=*/false, false)},
                    {bytecode, getBuildOptions(/*timeSteps=*/false, true)}};
  getTimes().networks.erase(plan.getNetworkKey());
  if (failed(save()))
    return failure();
  FailureOr<std::vector<ModelTimer>> models = compile(builds);
  if (failed(models))
    return failure();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  NetworkTimes least = {infinite, infinite};
  std::vector<double> none;
  repeat([&] {
    double predicted = (*models)[0].run(none), tuned = (*models)[1].run(none);
    least.predicted = std::min(least.predicted, predicted);
    least.tuned = std::min(least.tuned, tuned);
    return predicted + tuned;
  });
  getTimes().networks[plan.getNetworkKey()] = least;
  return save();
}

LogicalResult Tuner::run(ModuleOp network) {
  if (failed(lowerToCandidates(network)))
    return failure();
  Location location = UnknownLoc::get(module->getContext());
  FailureOr<TargetFeatures> features = TargetFeatures::get(target.target);
  if (failed(features))
    return diagnostics.emitError("unknown target '" + target.name + "'");
  FailureOr<ScheduleCandidates> candidates = ScheduleCandidates::get(
      options.engine, options.tile, *features, location);
  if (failed(candidates))
    return failure();
  TunePlan plan(*module, *candidates, getTimes());
  if (plan.getRounds().empty()) {
    progress.finish("all times are known");
    return success();
  }
  machine.clock = measureClock();
  if (failed(measureRounds(plan)) || failed(compareNetworks(plan)))
    return failure();
  NetworkTimes times = getTimes().networks[plan.getNetworkKey()];
  progress.finish(
      llvm::formatv("{0} schedules of layers measured; an image takes {1:f1} "
                    "us, {2:f1} us as predicted",
                    plan.getNumSchedules(),
                    std::min(times.tuned, times.predicted) / 1e3,
                    times.predicted / 1e3)
          .str());
  return success();
}

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

/// Why this CPU cannot run a target's code; empty if it can.
static std::string findObstacle(const VariantTarget &target) {
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  llvm::Triple triple(target.target.triple);
  if (triple.getArch() != host.getArch() || triple.getOS() != host.getOS())
    return ("this machine is " + host.getArchName() + "-" + host.getOSName())
        .str();
  uint64_t missing = target.requiredFeatures & ~dorefa_cpu_features();
  std::string names;
  for (uint32_t bit = 0; bit < 64; ++bit)
    if (missing >> bit & 1)
      names += (names.empty() ? "" : ", ") +
               std::string(dorefa_cpu_feature_name(bit));
  return names.empty() ? "" : "this cpu lacks " + names;
}

/// The times of a file. The compiler's own is replaced where it is damaged, a
/// user's is not.
static FailureOr<TimesStore> openStore(const CompileOptions &options,
                                       DiagnosticPrinter &diagnostics,
                                       MLIRContext *context) {
  Expected<TimesStore> store = TimesStore::open(options.tune);
  if (store)
    return std::move(*store);
  if (options.tune != getDefaultTimesPath() ||
      llvm::sys::fs::is_directory(options.tune))
    return diagnostics.emitError(store.takeError());
  emitWarning(UnknownLoc::get(context))
      << llvm::toString(store.takeError()) << "; it is replaced";
  return TimesStore::create(options.tune);
}

LogicalResult dorefa::tuneNetwork(ModuleOp network,
                                  const CompileOptions &options,
                                  ArrayRef<VariantTarget> targets,
                                  DiagnosticPrinter &diagnostics,
                                  TimingScope &timing) {
  TimingScope scope = timing.nest("tune");
  FailureOr<TimesStore> store =
      openStore(options, diagnostics, network.getContext());
  if (failed(store))
    return failure();
  for (const VariantTarget &target : targets) {
    std::string obstacle = findObstacle(target);
    if (!obstacle.empty() && targets.size() == 1)
      return diagnostics.emitError("--tune runs the code of " + target.name +
                                   ", but " + obstacle);
    if (!obstacle.empty()) {
      emitRemark(UnknownLoc::get(network.getContext()))
          << target.name << " is not tuned: " << obstacle;
      continue;
    }
    TimingScope nested = scope.nest(target.name);
    if (failed(Tuner(options, target, *store, diagnostics, nested)
                   .run(network)) ||
        diagnostics.hasErrors())
      return failure();
  }
  return success();
}
