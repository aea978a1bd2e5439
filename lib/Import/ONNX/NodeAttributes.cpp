//===- NodeAttributes.cpp - attributes of an ONNX node ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Attributes by name and type, with defaults. Each name that is asked for is
// noted, and what is left over at the end of a node is an error: an attribute
// that nobody read changes what the model means.
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

using AttributeProto = onnx::AttributeProto;

/// The type of an attribute. Old files leave it out and fill one field.
static AttributeProto::AttributeType getType(const AttributeProto &attribute) {
  if (attribute.has_type())
    return attribute.type();
  if (attribute.has_f())
    return AttributeProto::FLOAT;
  if (attribute.has_i())
    return AttributeProto::INT;
  if (attribute.has_s())
    return AttributeProto::STRING;
  if (attribute.has_t())
    return AttributeProto::TENSOR;
  if (attribute.floats_size() > 0)
    return AttributeProto::FLOATS;
  if (attribute.ints_size() > 0)
    return AttributeProto::INTS;
  return AttributeProto::UNDEFINED;
}

static StringRef getTypeName(AttributeProto::AttributeType type) {
  switch (type) {
  case AttributeProto::FLOAT:
    return "a float";
  case AttributeProto::INT:
    return "an integer";
  case AttributeProto::STRING:
    return "a string";
  case AttributeProto::TENSOR:
    return "a tensor";
  case AttributeProto::FLOATS:
    return "a list of floats";
  case AttributeProto::INTS:
    return "a list of integers";
  default:
    return "another kind of attribute";
  }
}

const AttributeProto *NodeImporter::findAny(StringRef name) {
  known.insert(name);
  for (const AttributeProto &attribute : proto.attribute())
    if (name == attribute.name())
      return &attribute;
  return nullptr;
}

const AttributeProto *
NodeImporter::find(StringRef name, AttributeProto::AttributeType type) {
  const AttributeProto *attribute = findAny(name);
  if (!attribute)
    return nullptr;
  AttributeProto::AttributeType found = getType(*attribute);
  // An empty list without a type shows nothing of what it is.
  bool isEmpty = found == AttributeProto::UNDEFINED &&
                 attribute->ref_attr_name().empty();
  if (found == type || (isEmpty && (type == AttributeProto::INTS ||
                                    type == AttributeProto::FLOATS)))
    return attribute;
  emitError() << "attribute " << quoteName(name) << ": expected "
              << getTypeName(type) << ", but got " << getTypeName(found);
  return nullptr;
}

bool NodeImporter::hasAttribute(StringRef name) {
  return findAny(name) != nullptr;
}

/// Reports that an attribute without a default value is not there.
static void reportMissing(NodeImporter &node, StringRef name) {
  node.emitError() << "requires attribute " << quoteName(name);
}

int64_t NodeImporter::getInt(StringRef name, std::optional<int64_t> fallback) {
  if (const AttributeProto *attribute = find(name, AttributeProto::INT))
    return attribute->i();
  if (!fallback)
    reportMissing(*this, name);
  return fallback.value_or(0);
}

float NodeImporter::getFloat(StringRef name, std::optional<float> fallback) {
  if (const AttributeProto *attribute = find(name, AttributeProto::FLOAT))
    return attribute->f();
  if (!fallback)
    reportMissing(*this, name);
  return fallback.value_or(0);
}

std::string NodeImporter::getString(StringRef name,
                                    std::optional<StringRef> fallback) {
  if (const AttributeProto *attribute = find(name, AttributeProto::STRING))
    return attribute->s();
  if (!fallback)
    reportMissing(*this, name);
  return fallback.value_or("").str();
}

SmallVector<int64_t> NodeImporter::getInts(StringRef name,
                                           ArrayRef<int64_t> fallback) {
  if (const AttributeProto *attribute = find(name, AttributeProto::INTS))
    return SmallVector<int64_t>(attribute->ints().begin(),
                                attribute->ints().end());
  return SmallVector<int64_t>(fallback);
}

SmallVector<float> NodeImporter::getFloats(StringRef name) {
  if (const AttributeProto *attribute = find(name, AttributeProto::FLOATS))
    return SmallVector<float>(attribute->floats().begin(),
                              attribute->floats().end());
  return {};
}

const onnx::TensorProto *NodeImporter::getTensor(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::TENSOR);
  return attribute ? &attribute->t() : nullptr;
}

bool NodeImporter::getFlag(StringRef name, bool fallback) {
  int64_t value = getInt(name, fallback);
  if (value != 0 && value != 1)
    emitError() << "attribute " << quoteName(name)
                << ": expected 0 or 1, but got " << value;
  return value != 0;
}

void NodeImporter::ignore(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    known.insert(name);
}

void NodeImporter::require(StringRef name, int64_t required,
                           int64_t fallback) {
  int64_t value = getInt(name, fallback);
  if (value != required)
    emitError() << "attribute " << quoteName(name) << ": unsupported value "
                << value << ": " << required << " is supported";
}

LogicalResult NodeImporter::checkAttributesKnown() {
  for (const AttributeProto &attribute : proto.attribute())
    if (!known.contains(attribute.name()))
      return emitError() << "unknown attribute "
                         << quoteName(attribute.name());
  return success();
}
