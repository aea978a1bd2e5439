//===- ModelInterface.h - What the outside sees of a network ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the loops level on the functions of a module have no tensors any more,
// so attributes of the module say what its inputs and outputs are and how much
// memory it needs:
//
//   module attributes {
//     dorefa.model = "cnv", dorefa.batch = 0 : i64,
//     dorefa.inputs = [{name = "image", type = tensor<1x3x32x32xf32>},
//                      {name = "factor", shared, type = tensor<f32>}],
//     dorefa.outputs = [{name = "codes",
//                        type = tensor<1x64xi8, #dorefa.code<u2>>}],
//     dorefa.memory_bytes = 4096 : i64, dorefa.workspace_bytes = 8192 : i64,
//     dorefa.live_bytes = 8000 : i64, dorefa.temporary_bytes = 64 : i64,
//     dorefa.group_images = 64 : i64, dorefa.slice_bytes = 128 : i64}
//
// The last two are of networks that compute groups of images.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TARGET_CPU_MODELINTERFACE_H
#define DOREFA_TARGET_CPU_MODELINTERFACE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include <string>

namespace mlir::dorefa {

struct ModelTensor {
  std::string name;
  /// A dorefa_element_type.
  int32_t elementType;
  /// As users see it: the leading extent is 1 where the batch is free.
  SmallVector<int64_t> shape;
  /// Bytes of one image, or of the whole fixed batch.
  uint64_t bytes;
  /// An input without a batch, though that is free: all images read it.
  bool isShared = false;
};

struct ModelInterface {
  std::string name;
  /// 0: chosen at run time.
  int64_t batch;
  /// What is one image to dorefa_images: 1, or the whole fixed batch.
  int64_t unitImages;
  /// How many of these one call takes at most.
  int64_t groupImages;
  SmallVector<ModelTensor> inputs, outputs;
  /// What dorefa_pack fills, without the runtime's header.
  uint64_t memoryBytes;
  /// The arena of a call of dorefa_images for one image on one thread, and what
  /// it needs for each image more.
  uint64_t workspaceBytes, sliceBytes;
  /// The part of it that each thread needs for itself.
  uint64_t threadBytes;
};

/// Reads the attributes above; emits an error if one is missing or wrong.
FailureOr<ModelInterface> readModelInterface(ModuleOp module);

/// The dorefa_element_type of a tensor's elements, or failure if the ABI has
/// none.
FailureOr<int32_t> getElementTypeNumber(RankedTensorType type);

/// C's name of a dorefa_element_type.
StringRef getElementTypeName(int32_t elementType);

/// `name` with every character that C's identifiers do not have replaced.
std::string getCIdentifier(StringRef name);

} // namespace mlir::dorefa

#endif // DOREFA_TARGET_CPU_MODELINTERFACE_H
