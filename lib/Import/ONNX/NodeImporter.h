//===- NodeImporter.h - one ONNX node on its way into IR ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the importers of the operators see: inputs as values, attributes by
// name, and functions that build ops. A node reports at most one error; each
// accessor that finds a fault reports it and returns something harmless, and
// further errors of the node are swallowed, so that most importers need no
// checks of their own between two accesses.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_LIB_IMPORT_ONNX_NODEIMPORTER_H
#define DOREFA_LIB_IMPORT_ONNX_NODEIMPORTER_H

#include "OnnxModel.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::dorefa::onnx_import {

/// An ONNX value: reals, codes, or plain integers (INT32, INT64, BOOL).
/// Constants of code types are plain until they are used as codes.
struct ImportedTensor {
  Value value;
  ElementType type = ElementType::Undefined;
};

/// What the nodes of a graph share while it is imported.
struct ImportState {
  OnnxModel &model;
  OpBuilder builder;
  llvm::StringMap<ImportedTensor> tensors;
  /// Constants of code types that have been given their encoding.
  llvm::DenseMap<Value, Value> codeConstants;
  /// Constants that were computed from shapes: reals among them are folded.
  llvm::DenseSet<Value> fromShapes;
};

class NodeImporter {
public:
  NodeImporter(ImportState &state, const onnx::NodeProto &proto);

  /// The version of the operator set that the node belongs to.
  int64_t getOpset() const { return opset; }
  MLIRContext *getContext() const { return state.model.getContext(); }
  OpBuilder &getBuilder() { return state.builder; }

  /// Reports an error of the node, or nothing if one was reported before.
  InFlightDiagnostic emitError();
  bool hasFailed() const { return reported; }
  /// Reports each attribute that no accessor has asked for.
  LogicalResult checkAttributesKnown();

  //===--------------------------------------------------------------------===//
  // Inputs: null if one is missing or has the wrong type
  //===--------------------------------------------------------------------===//

  size_t getNumInputs() const { return proto.input_size(); }
  bool hasInput(size_t index) const;
  ElementType getInputType(size_t index);
  /// An input with its natural type: reals, codes, or plain integers.
  Value getInput(size_t index);
  /// An input that must be FLOAT.
  Value getReal(size_t index);
  /// An input as it is stored: constants of code types are plain integers.
  Value getStored(size_t index);
  /// An integer tensor of at most 32 bits as codes.
  Value getCodes(size_t index);
  /// The elements of an input that is known at import, else null.
  DenseElementsAttr getConstant(size_t index);
  /// The elements of an input that must be a known tensor of integers.
  SmallVector<int64_t> getIntegers(size_t index, StringRef what);
  /// The elements of an input that must be known, as binary64.
  SmallVector<double> getNumbers(size_t index, StringRef what);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttribute(StringRef name);
  int64_t getInt(StringRef name, std::optional<int64_t> fallback = {});
  float getFloat(StringRef name, std::optional<float> fallback = {});
  std::string getString(StringRef name, std::optional<StringRef> fallback = {});
  SmallVector<int64_t> getInts(StringRef name, ArrayRef<int64_t> fallback = {});
  SmallVector<float> getFloats(StringRef name);
  const onnx::TensorProto *getTensor(StringRef name);
  /// Marks attributes that change nothing at inference as known.
  void ignore(ArrayRef<StringRef> names);
  /// Reads a flag: 0 or 1.
  bool getFlag(StringRef name, bool fallback);
  /// Reports an error if the attribute has another value than `required`.
  void require(StringRef name, int64_t required, int64_t fallback);

  //===--------------------------------------------------------------------===//
  // Results
  //===--------------------------------------------------------------------===//

  size_t getNumOutputs() const { return proto.output_size(); }
  bool hasOutput(size_t index) const;
  LogicalResult setOutput(size_t index, Value value, ElementType type);
  /// Sets the first output to reals.
  LogicalResult setReal(Value value) {
    return setOutput(0, value, ElementType::Float);
  }
  /// Sets the first output to a value of the first input's type.
  LogicalResult setLike(Value value, size_t input = 0) {
    return setOutput(0, value, getInputType(input));
  }

  //===--------------------------------------------------------------------===//
  // Building. Every function gives null if the node has failed.
  //===--------------------------------------------------------------------===//

  template <typename OpTy, typename... Args>
  Value create(Args &&...args) {
    if (reported)
      return {};
    return foldIntegers(
        OpTy::create(state.builder, loc, std::forward<Args>(args)...));
  }

  Value createConstant(DenseElementsAttr elements);
  /// A tensor with one value everywhere.
  Value createSplat(ArrayRef<int64_t> shape, float value);
  Value createIntegers(ArrayRef<int64_t> values, bool isScalar = false);
  /// A tensor of the type's shape with the elements and encoding of `like`.
  RankedTensorType getTypeLike(Value like, ArrayRef<int64_t> shape);
  Value createReshape(Value input, ArrayRef<int64_t> shape);
  Value createTranspose(Value input, ArrayRef<int64_t> permutation);
  Value createBroadcast(Value input, ArrayRef<int64_t> shape);
  /// The common shape of two tensors; an error if there is none.
  SmallVector<int64_t> getCommonShape(ArrayRef<int64_t> lhs,
                                      ArrayRef<int64_t> rhs);
  /// Applies a binary op after broadcasting both sides.
  template <typename OpTy>
  Value createBinary(Value lhs, Value rhs) {
    if (failed(broadcastBoth(lhs, rhs)))
      return {};
    return create<OpTy>(lhs, rhs);
  }
  LogicalResult broadcastBoth(Value &lhs, Value &rhs);
  /// Reports an error for shapes that no tensor of a network has.
  LogicalResult checkShape(ArrayRef<int64_t> shape);
  /// An axis that counts from the end if it is negative.
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  SmallVector<int64_t> normalizeAxes(ArrayRef<int64_t> axes, int64_t rank);

  ImportState &getState() { return state; }
  Location getLoc() const { return loc; }

private:
  const onnx::AttributeProto *find(StringRef name,
                                   onnx::AttributeProto::AttributeType type);
  const onnx::AttributeProto *findAny(StringRef name);
  ImportedTensor *lookup(size_t index);
  /// Folds an op on integers (or on reals that come from shapes) if all its
  /// operands are constants.
  Value foldIntegers(Operation *op);

  ImportState &state;
  const onnx::NodeProto &proto;
  int64_t opset;
  Location loc;
  llvm::StringSet<> known;
  bool reported = false;
};

inline ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

inline bool isReal(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType().isF32();
}

/// The elements of a value that is an arith.constant, else null.
DenseElementsAttr getElements(Value value);

/// The elements of an integer or floating-point constant as binary64.
SmallVector<double> readNumbers(DenseElementsAttr elements, bool isSigned);

/// Evaluates one of the dialect's shape ops on constants; null if it cannot.
DenseElementsAttr evaluateShapeOp(Operation *op);

} // namespace mlir::dorefa::onnx_import

#endif // DOREFA_LIB_IMPORT_ONNX_NODEIMPORTER_H
