//===- ModelInterface.cpp - What the outside sees of a network ------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Attributes may come from a file that somebody wrote, so each is checked. A
// fixed batch may be computed image by image, or, where the network mixes
// images, in one call; shapes and bytes are those of the whole batch in both
// cases.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/ModelInterface.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Runtime/dorefa_model.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::dorefa;

FailureOr<int32_t> mlir::dorefa::getElementTypeNumber(RankedTensorType type) {
  Type element = type.getElementType();
  if (element.isF32())
    return DOREFA_FLOAT32;
  CodeAttr code = getCode(type);
  bool isUnsigned =
      (code && !code.getIsSigned()) || element.isUnsignedInteger();
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return failure();
  switch (integer.getWidth()) {
  case 1:
    return DOREFA_BOOL;
  case 8:
    return isUnsigned ? DOREFA_UINT8 : DOREFA_INT8;
  case 16:
    return isUnsigned ? DOREFA_UINT16 : DOREFA_INT16;
  case 32:
    return DOREFA_INT32;
  case 64:
    return DOREFA_INT64;
  default:
    return failure();
  }
}

StringRef mlir::dorefa::getElementTypeName(int32_t elementType) {
  switch (elementType) {
  case DOREFA_FLOAT32:
    return "float";
  case DOREFA_UINT8:
    return "uint8_t";
  case DOREFA_INT8:
    return "int8_t";
  case DOREFA_UINT16:
    return "uint16_t";
  case DOREFA_INT16:
    return "int16_t";
  case DOREFA_INT32:
    return "int32_t";
  case DOREFA_INT64:
    return "int64_t";
  case DOREFA_BOOL:
    return "bool";
  }
  return "void";
}

std::string mlir::dorefa::getCIdentifier(StringRef name) {
  std::string identifier;
  for (char c : name)
    identifier += llvm::isAlnum(c) ? c : '_';
  if (identifier.empty() || llvm::isDigit(identifier.front()))
    identifier.insert(0, "model_");
  return identifier;
}

static FailureOr<ModelTensor> readTensor(ModuleOp module, Attribute attribute) {
  auto entry = dyn_cast<DictionaryAttr>(attribute);
  auto name = entry ? entry.getAs<StringAttr>("name") : StringAttr();
  auto type = entry ? entry.getAs<TypeAttr>("type") : TypeAttr();
  auto tensor =
      type ? dyn_cast<RankedTensorType>(type.getValue()) : RankedTensorType();
  if (!name || !tensor || !tensor.hasStaticShape())
    return module.emitError("expected a tensor of the model as {name, type} "
                            "with a static shape, but got ")
           << attribute;
  FailureOr<int32_t> elementType = getElementTypeNumber(tensor);
  if (failed(elementType))
    return module.emitError("unsupported element type of '")
           << name.getValue() << "': " << tensor.getElementType();
  uint64_t elementBytes =
      llvm::divideCeil(tensor.getElementTypeBitWidth(), 8);
  return ModelTensor{name.getValue().str(), *elementType,
                     llvm::to_vector(tensor.getShape()),
                     tensor.getNumElements() * elementBytes,
                     entry.contains("shared")};
}

static FailureOr<int64_t> readCount(ModuleOp module, StringRef attribute,
                                    StringRef meaning) {
  auto count = module->getAttrOfType<IntegerAttr>(attribute);
  if (!count || count.getInt() < 0)
    return module.emitError("expected the module to have the attribute '")
           << attribute << "', " << meaning;
  return count.getInt();
}

/// The same for one that networks without groups of images do not have.
static FailureOr<int64_t> readGroupCount(ModuleOp module, StringRef attribute,
                                         int64_t absent) {
  if (!module->hasAttr(attribute))
    return absent;
  FailureOr<int64_t> count = readCount(module, attribute, "a count");
  if (succeeded(count) && *count < absent)
    return module.emitError("expected '")
           << attribute << "' to be positive, but got " << *count;
  return count;
}

static LogicalResult readTensors(ModuleOp module, StringRef attribute,
                                 SmallVectorImpl<ModelTensor> &tensors) {
  auto entries = module->getAttrOfType<ArrayAttr>(attribute);
  if (!entries)
    return module.emitError("expected the module to have the array attribute '")
           << attribute << "'";
  for (Attribute entry : entries) {
    FailureOr<ModelTensor> tensor = readTensor(module, entry);
    if (failed(tensor))
      return failure();
    tensors.push_back(std::move(*tensor));
  }
  return success();
}

/// Code for one image of a fixed batch is called for each of them.
static void describeWholeBatch(ModelInterface &interface) {
  interface.unitImages = std::max<int64_t>(interface.batch, 1);
  bool isOneImage = interface.batch > 1 && !interface.inputs.empty() &&
                    !interface.inputs.front().shape.empty() &&
                    interface.inputs.front().shape.front() == 1;
  if (!isOneImage)
    return;
  interface.unitImages = 1;
  for (auto *tensors : {&interface.inputs, &interface.outputs})
    for (ModelTensor &tensor : *tensors) {
      tensor.shape.front() = interface.batch;
      tensor.bytes *= interface.batch;
    }
}

FailureOr<ModelInterface> mlir::dorefa::readModelInterface(ModuleOp module) {
  auto name = module->getAttrOfType<StringAttr>("dorefa.model");
  FailureOr<int64_t> batch = readCount(
      module, "dorefa.batch",
      "the number of images in a batch, or 0 if it is chosen at run time");
  FailureOr<int64_t> memory =
      readCount(module, "dorefa.memory_bytes", "a count");
  FailureOr<int64_t> workspace =
      readCount(module, "dorefa.workspace_bytes", "a count");
  FailureOr<int64_t> temporary =
      readCount(module, "dorefa.temporary_bytes", "a count");
  FailureOr<int64_t> group = readGroupCount(module, "dorefa.group_images", 1);
  FailureOr<int64_t> slice = readGroupCount(module, "dorefa.slice_bytes", 0);
  ModelInterface interface;
  if (failed(batch) || failed(memory) || failed(workspace) ||
      failed(temporary) || failed(group) || failed(slice) ||
      failed(readTensors(module, "dorefa.inputs", interface.inputs)) ||
      failed(readTensors(module, "dorefa.outputs", interface.outputs)))
    return failure();
  interface.name = name ? name.getValue().str() : "model";
  interface.batch = *batch;
  interface.memoryBytes = *memory;
  interface.workspaceBytes = *workspace;
  interface.threadBytes = *temporary;
  interface.groupImages = *group;
  interface.sliceBytes = *slice;
  describeWholeBatch(interface);
  return interface;
}
