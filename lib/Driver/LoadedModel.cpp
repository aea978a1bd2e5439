//===- LoadedModel.cpp - Run a shared library that was compiled -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Calls a compiled library as any user's program would, by the C ABI alone;
// tensors of the interpreter are copied to and from the bytes that the ABI has.
//
//===----------------------------------------------------------------------===//

#include "LoadedModel.h"
#include "dorefa/Target/CPU/Refusal.h"
#include <cstring>
#include <dlfcn.h>

using namespace mlir;
using namespace mlir::dorefa;
using llvm::Error;
using llvm::Expected;

static unsigned getElementBytes(RankedTensorType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// The elements as the ABI has them. All machines that LLVM's host can be here
/// are little-endian.
static AlignedBytes toBytes(const Tensor &tensor) {
  unsigned elementBytes = getElementBytes(tensor.getType());
  AlignedBytes bytes(tensor.getNumElements() * elementBytes);
  if (tensor.isReal())
    std::memcpy(bytes.get(), tensor.getReals().data(),
                tensor.getNumElements() * elementBytes);
  else
    for (auto [i, value] : llvm::enumerate(tensor.getIntegers()))
      std::memcpy(bytes.get() + i * elementBytes, &value, elementBytes);
  return bytes;
}

static Tensor fromBytes(const AlignedBytes &bytes, RankedTensorType type) {
  unsigned elementBytes = getElementBytes(type);
  Tensor tensor(type);
  if (tensor.isReal()) {
    std::memcpy(tensor.getReals().data(), bytes.get(),
                tensor.getNumElements() * elementBytes);
    return tensor;
  }
  IntegerFormat format = IntegerFormat::of(type);
  for (auto [i, value] : llvm::enumerate(tensor.getIntegers())) {
    int64_t stored = 0;
    std::memcpy(&stored, bytes.get() + i * elementBytes, elementBytes);
    value = format.wrap(stored);
  }
  return tensor;
}

void LoadedModel::close(void *library) { dlclose(library); }

Expected<LoadedModel> LoadedModel::open(StringRef path) {
  void *library = dlopen(path.str().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return refuse(dlerror());
  LoadedModel loaded(library);
  // It has one variant, whatever a user wants of files with several.
  unsetenv("DOREFA_VARIANT");
  auto *getModel = reinterpret_cast<const dorefa_model *(*)()>(
      dlsym(library, "dorefa_get_model"));
  if (!getModel)
    return refuse(dlerror());
  loaded.model = getModel();
  if (loaded.model)
    return std::move(loaded);
  char reason[1024] = "";
  if (auto *getError = reinterpret_cast<uint64_t (*)(char *, uint64_t)>(
          dlsym(library, "dorefa_get_error")))
    getError(reason, sizeof(reason));
  return refuse(reason);
}

/// The type for all images of a batch.
static RankedTensorType getBatchType(RankedTensorType type,
                                     const dorefa_tensor &tensor,
                                     int64_t batch) {
  SmallVector<int64_t> shape(type.getShape());
  if (tensor.rank > 0)
    shape.front() = tensor.shape[0] < 0 ? batch : tensor.shape[0];
  return RankedTensorType::get(shape, type.getElementType(),
                               type.getEncoding());
}

Expected<SmallVector<Tensor>>
LoadedModel::run(ArrayRef<Tensor> inputs, ArrayRef<RankedTensorType> results) {
  if (static_cast<size_t>(model->num_inputs) != inputs.size() ||
      static_cast<size_t>(model->num_outputs) != results.size())
    return refuse("expected other inputs or outputs");
  int64_t batch = model->fixed_batch;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    const dorefa_tensor &declared = model->inputs[i];
    if (declared.rank == 0 || declared.shape[0] >= 0)
      continue;
    int64_t images = input.getShape().front();
    if (batch != 0 && images != batch)
      return refuse("the inputs differ in the number of images: " +
                    Twine(batch) + " and " + Twine(images));
    batch = images;
  }
  std::vector<AlignedBytes> memories;
  SmallVector<const void *> inputPointers;
  for (const Tensor &input : inputs) {
    memories.push_back(toBytes(input));
    inputPointers.push_back(memories.back().get());
  }
  SmallVector<RankedTensorType> types;
  std::vector<AlignedBytes> outputs;
  SmallVector<void *> outputPointers;
  for (auto [i, type] : llvm::enumerate(results)) {
    types.push_back(getBatchType(type, model->outputs[i], batch));
    outputs.emplace_back(types.back().getNumElements() *
                         getElementBytes(types.back()));
    outputPointers.push_back(outputs.back().get());
  }

  AlignedBytes memory(model->model_memory_bytes);
  int32_t status = model->prepare(memory.get(), model->model_memory_bytes);
  uint64_t workspaceBytes = model->workspace_bytes(batch, nullptr);
  AlignedBytes workspace(workspaceBytes);
  if (status == DOREFA_OK)
    status = model->run(memory.get(), workspace.get(), workspaceBytes, batch,
                        inputPointers.data(), outputPointers.data(), nullptr);
  if (status != DOREFA_OK)
    return refuse(model->status_text(status));
  SmallVector<Tensor> tensors;
  for (auto [bytes, type] : llvm::zip_equal(outputs, types))
    tensors.push_back(fromBytes(bytes, type));
  return tensors;
}
