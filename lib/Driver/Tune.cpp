//===- Tune.cpp - measure what the compiler may choose ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Layers are measured in their network, where weights are cold and inputs come
// from the layer in front: the network is compiled with a mark at each step,
// once for each round of a plan, and the compiled networks run by turns, so
// that all have the same share of what disturbs. What packs a layer's input
// counts as the layer's.
//
// What a layer writes depends on who reads it. So the schedules that turn out
// best, and those next to them, are measured again together. In the end the
// network runs without marks, with the schedules that were predicted best and
// with those measured best, and the faster ones are kept.
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
#include <chrono>

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

namespace {
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
  LogicalResult measure(TunePlan &plan, ArrayRef<TunePlan::Round> rounds);
  void runByTurns(TunePlan &plan, MutableArrayRef<ModelTimer> models,
                  ArrayRef<TunePlan::Round> rounds);
  LogicalResult measureBest(TunePlan &plan);
  LogicalResult compareNetworks(TunePlan &plan);
  /// The schedules that dorefa-choose-engines gives the layers.
  FailureOr<TunePlan::Round> choose(TunePlan &plan, bool usesTimes);
  /// Compiles the network with each round's schedules, and loads it.
  FailureOr<std::vector<ModelTimer>>
  compile(TunePlan &plan, ArrayRef<TunePlan::Round> rounds, bool timeSteps);
  /// The options of a build that is only run here.
  CompileOptions getBuildOptions(bool timeSteps, bool usesTimes) const;
  MeasuredTimes &getTimes() { return store.getTimes(machine); }
  std::string getKey(const TunePlan &plan) const {
    return getNetworkKey(plan.getKeys(), options.engine, options.tile);
  }
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
  unsigned numCompilations = 0;
};
} // namespace

/// To the layers that engines are chosen for.
LogicalResult Tuner::lowerToCandidates(ModuleOp network) {
  module = network.clone();
  CompileOptions plain = getBuildOptions(/*timeSteps=*/false, false);
  if (findStageOf(*module) == Stage::Graph &&
      failed(
          runPipelineTo(Stage::Layers, *module, plain, target.target, timing)))
    return failure();
  PassManager manager(module->getContext(), ModuleOp::getOperationName());
  if (failed(parsePassPipeline(getReductionPass(target.target), manager)))
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

FailureOr<std::vector<ModelTimer>>
Tuner::compile(TunePlan &plan, ArrayRef<TunePlan::Round> rounds,
               bool timeSteps) {
  std::vector<FailureOr<EmittedFiles>> emitted(rounds.size());
  const DialectRegistry &registry = module->getContext()->getDialectRegistry();
  CompileOptions build = getBuildOptions(timeSteps, /*usesTimes=*/false);
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(2));
  for (auto [round, result] : llvm::zip_equal(rounds, emitted)) {
    progress.print(std::to_string(plan.getNumSchedules()) +
                   " schedules of layers, compilation " +
                   std::to_string(++numCompilations));
    plan.apply(round);
    pool.async([&, bytecode = getBytecode(*module), result = &result] {
      FailureOr<CompiledVariant> variant = compileBytecode(
          bytecode, registry, target, build, diagnostics, timing);
      if (succeeded(variant))
        *result = emitFile(variant->code, Stage::Library, "", "{}", build,
                           diagnostics, timing);
    });
  }
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

/// Calls `run` for each of some models by turns, until each had ten turns, more
/// where that takes no time, and fewer where it takes long. A turn is some
/// runs, as others' leave the caches cold.
static void takeTurns(size_t numModels, function_ref<void(size_t)> run) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds enough(200), tooMuch(3000);
  constexpr int turns = 10, mostTurns = 300, runs = 3;
  Clock::time_point start = Clock::now();
  for (int i = 0; i < mostTurns; ++i) {
    Clock::duration elapsed = Clock::now() - start;
    if (elapsed > (i < turns ? tooMuch : enough) * numModels)
      return;
    for (size_t model = 0; model < numModels; ++model)
      for (int j = 0; j < runs; ++j)
        run(model);
  }
}

void Tuner::runByTurns(TunePlan &plan, MutableArrayRef<ModelTimer> models,
                       ArrayRef<TunePlan::Round> rounds) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  size_t numLayers = plan.getNumLayers();
  std::vector<std::vector<double>> least(
      models.size(), std::vector<double>(numLayers, infinite));
  takeTurns(models.size(), [&](size_t model) {
    std::vector<double> steps(numLayers);
    models[model].run(steps);
    for (auto [step, best] : llvm::zip(steps, least[model]))
      if (step > 0)
        best = std::min(best, step);
  });
  // Of layers with one key and schedule, what the last of them takes counts.
  for (auto [times, round] : llvm::zip_equal(least, rounds))
    for (size_t i = 0; i < numLayers; ++i)
      if (round[i] && std::isfinite(times[i]))
        getTimes().layers[plan.getKey(i).str()][getScheduleText(round[i])] =
            times[i];
}

/// Two are compiled at a time; all that fit memory are measured together.
LogicalResult Tuner::measure(TunePlan &plan, ArrayRef<TunePlan::Round> rounds) {
  constexpr size_t together = 2;
  constexpr uint64_t mostBytes = 512 << 20;
  std::vector<ModelTimer> models;
  uint64_t bytes = 0;
  size_t measured = 0;
  for (size_t done = 0; done < rounds.size();) {
    ArrayRef<TunePlan::Round> some =
        rounds.slice(done, std::min(together, rounds.size() - done));
    FailureOr<std::vector<ModelTimer>> compiled =
        compile(plan, some, /*timeSteps=*/true);
    if (failed(compiled))
      return failure();
    done += some.size();
    for (ModelTimer &model : *compiled) {
      bytes += model.getBytes();
      models.push_back(std::move(model));
    }
    if (bytes < mostBytes && done < rounds.size())
      continue;
    runByTurns(plan, models, rounds.slice(measured, models.size()));
    measured = done;
    models.clear();
    bytes = 0;
    if (failed(save()))
      return failure();
  }
  return success();
}

FailureOr<TunePlan::Round> Tuner::choose(TunePlan &plan, bool usesTimes) {
  plan.apply({});
  PassManager manager(module->getContext(), ModuleOp::getOperationName());
  CompileOptions build = getBuildOptions(/*timeSteps=*/false, usesTimes);
  if (failed(parsePassPipeline(getChoicePass(build, target.target), manager)) ||
      failed(manager.run(*module)))
    return failure();
  return plan.getApplied();
}

/// Measures the schedules that are best by now, until they stay it.
LogicalResult Tuner::measureBest(TunePlan &plan) {
  constexpr int mostTimes = 3;
  SmallVector<TunePlan::Round> known;
  for (int i = 0; i < mostTimes; ++i) {
    FailureOr<TunePlan::Round> best = choose(plan, /*usesTimes=*/true);
    if (failed(best))
      return failure();
    if (llvm::is_contained(known, *best))
      break;
    SmallVector<TunePlan::Round> rounds = {*best};
    if (i == 0)
      rounds.push_back(plan.getSecond(*best, getTimes()));
    if (failed(measure(plan, rounds)))
      return failure();
    known.push_back(std::move(*best));
  }
  return success();
}

LogicalResult Tuner::compareNetworks(TunePlan &plan) {
  FailureOr<TunePlan::Round> predicted = choose(plan, /*usesTimes=*/false),
                             tuned = choose(plan, /*usesTimes=*/true);
  if (failed(predicted) || failed(tuned))
    return failure();
  SmallVector<TunePlan::Round> rounds = {*predicted};
  if (*tuned != *predicted)
    rounds.push_back(*tuned);
  FailureOr<std::vector<ModelTimer>> models =
      compile(plan, rounds, /*timeSteps=*/false);
  if (failed(models))
    return failure();
  std::vector<double> least(rounds.size(),
                            std::numeric_limits<double>::infinity());
  takeTurns(rounds.size(), [&](size_t model) {
    std::vector<double> none;
    least[model] = std::min(least[model], (*models)[model].run(none));
  });
  getTimes().networks[getKey(plan)] = {least.front(), least.back()};
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
    if (store.hasFile())
      return success();
    // A network without choices reads the file, too.
    machine.clock = measureClock();
    return save();
  }
  machine.clock = measureClock();
  // Which choice is better is found anew.
  store.forgetNetwork(machine, getKey(plan));
  // That the file cannot be written had better be known before the work.
  if (failed(save()) || failed(measure(plan, plan.getRounds())) ||
      failed(measureBest(plan)) || failed(compareNetworks(plan)))
    return failure();
  NetworkTimes times = getTimes().networks[getKey(plan)];
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
    if (failed(
            Tuner(options, target, *store, diagnostics, nested).run(network)) ||
        diagnostics.hasErrors())
      return failure();
  }
  return success();
}
