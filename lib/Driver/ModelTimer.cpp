//===- ModelTimer.cpp - the time of compiled code ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The code is made by dorefa-time-steps: it calls the executor without a body
// where a step begins. The runtime hands it on to a single image alone, and not
// if it has one thread; so it says that it has twice as many as there are
// images, which are then computed one after the other.
//
//===----------------------------------------------------------------------===//

#include "ModelTimer.h"
#include "dorefa/Target/CPU/Refusal.h"
#include <chrono>
#include <random>

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

static double getNanoseconds() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// One cycle each: an addition waits for the one before it.
static void addInTurn(unsigned additions) {
  unsigned sum = 0;
  for (unsigned i = 0; i < additions; i += 8) {
#define ADD                                                                    \
  sum += 1;                                                                    \
  asm volatile("" : "+r"(sum));
    ADD ADD ADD ADD ADD ADD ADD ADD
#undef ADD
  }
}

double dorefa::measureClock() {
  constexpr unsigned additions = 1 << 20;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    double start = getNanoseconds();
    addInTurn(additions);
    least = std::min(least, getNanoseconds() - start);
  }
  return additions / least;
}

/// What dorefa-time-steps says behind the last step.
static constexpr int64_t endOfSteps = -2;

namespace {
/// The executor's side: which step runs, and since when.
struct StepClock {
  std::vector<double> &steps;
  int64_t current = -1;
  double since = 0;
  /// Images that are done, or whole batches where code computes these.
  int64_t calls = 0;

  void begin(int64_t step) {
    double now = getNanoseconds();
    if (current >= 0 && current < static_cast<int64_t>(steps.size()))
      steps[current] += now - since;
    current = step;
    if (step <= endOfSteps)
      calls += endOfSteps - step + 1;
    since = getNanoseconds();
  }
};
} // namespace

/// The executor's `parallel_for`. Steps and images are not handed to it, so
/// that there is never a body.
static void begin(void *self,
                  void (*)(void *context, int64_t i, int32_t thread), void *,
                  int64_t count) {
  static_cast<StepClock *>(self)->begin(count);
}

/// Reals from 0 to 1, so that no step meets special numbers; integers of 0,
/// which are codes of any width.
static void fill(const AlignedBytes &bytes, const dorefa_tensor &tensor) {
  std::memset(bytes.get(), 0, tensor.image_bytes);
  if (tensor.element_type != DOREFA_FLOAT32)
    return;
  std::minstd_rand random;
  auto *reals = reinterpret_cast<float *>(bytes.get());
  for (uint64_t i = 0; i < tensor.image_bytes / sizeof(float); ++i)
    reals[i] = static_cast<float>(random() % 1024) / 1024;
}

Expected<ModelTimer> ModelTimer::open(StringRef path) {
  Expected<LoadedModel> loaded = LoadedModel::open(path);
  if (!loaded)
    return loaded.takeError();
  ModelTimer timer(std::move(*loaded));
  if (Error error = timer.prepare())
    return std::move(error);
  return std::move(timer);
}

static int64_t getBatch(const dorefa_model &model) {
  return std::max<int64_t>(model.fixed_batch, 1);
}

static dorefa_executor getExecutor(StepClock &clock,
                                   const dorefa_model &model) {
  return {&clock, static_cast<int32_t>(2 * getBatch(model)), begin};
}

Error ModelTimer::prepare() {
  const dorefa_model &model = loaded.getModel();
  for (int32_t i = 0; i < model.num_inputs; ++i) {
    inputs.emplace_back(model.inputs[i].image_bytes);
    fill(inputs.back(), model.inputs[i]);
  }
  for (int32_t i = 0; i < model.num_outputs; ++i)
    outputs.emplace_back(model.outputs[i].image_bytes);
  memory.emplace(model.model_memory_bytes);
  if (int32_t status = model.prepare(memory->get(), model.model_memory_bytes))
    return refuse(model.status_text(status));
  std::vector<double> none;
  StepClock clock{none};
  dorefa_executor executor = getExecutor(clock, model);
  workspaceBytes = model.workspace_bytes(getBatch(model), &executor);
  workspace.emplace(workspaceBytes);
  return Error::success();
}

double ModelTimer::run(std::vector<double> &steps) {
  const dorefa_model &model = loaded.getModel();
  SmallVector<const void *> inputPointers;
  for (const AlignedBytes &input : inputs)
    inputPointers.push_back(input.get());
  SmallVector<void *> outputPointers;
  for (const AlignedBytes &output : outputs)
    outputPointers.push_back(output.get());
  std::vector<double> sums(steps.size());
  StepClock clock{sums};
  dorefa_executor executor = getExecutor(clock, model);
  int64_t batch = getBatch(model);
  double start = getNanoseconds();
  // All arguments are right, so there is no status but success.
  model.run(memory->get(), workspace->get(), workspaceBytes, batch,
            inputPointers.data(), outputPointers.data(),
            steps.empty() ? nullptr : &executor);
  double time = getNanoseconds() - start;
  for (auto [step, sum] : llvm::zip_equal(steps, sums))
    step += sum / std::max<int64_t>(clock.calls, 1);
  return time / batch;
}
