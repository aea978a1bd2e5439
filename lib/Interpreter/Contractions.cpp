//===- Contractions.cpp - convolutions and matrix products ------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What `dorefa.conv` and `dorefa.matmul` mean: of codes fl(fl(D) * fl(sx * sw))
// with the exact sum D and the scales at each result, of reals the kernels as
// they are. Leading dimensions of matrix products broadcast.
//
//===----------------------------------------------------------------------===//

#include "ExactOperand.h"
#include "ContractionKernels.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

/// The value of an exact sum of products of codes.
static float scaleSum(int64_t sum, float xScale, float wScale) {
  return static_cast<float>(sum) * (xScale * wScale);
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

static FailureOr<Tensor> runCodedConv(ConvOp op, const Environment &env,
                                      const Convolution &shape) {
  if (failed(checkSum(op)))
    return failure();
  ExactOperand x(op.getInput(), env), w(op.getWeight(), env);
  Tensor result(cast<RankedTensorType>(op.getType()));
  std::vector<int64_t> sums = contractExactly(
      shape, x.getIntegers(), w.getIntegers(), result.getNumElements());
  MutableArrayRef<float> reals = result.getReals();
  int64_t groupInputs = shape.inputChannels / shape.groups;
  int64_t groupOutputs = shape.outputChannels / shape.groups;
  SmallVector<int64_t> xIndex(result.getShape().size()), wIndex(xIndex);
  int64_t plane = shape.output[0] * shape.output[1], element = 0;
  for (int64_t image = 0; image < shape.images; ++image)
    for (int64_t output = 0; output < shape.outputChannels; ++output) {
      xIndex[0] = image;
      xIndex[1] = output / groupOutputs * groupInputs;
      wIndex[0] = output;
      for (int64_t i = 0; i < plane; ++i, ++element)
        reals[element] = scaleSum(sums[element], x.getScale(xIndex),
                                  w.getScale(wIndex));
    }
  return result;
}

FailureOr<Tensor> interpreter::runConv(ConvOp op, const Environment &env) {
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  Convolution shape(shapeOf(op.getInput()), shapeOf(op.getWeight()),
                    shapeOf(op.getResult()), op.getGeometry());
  if (isCodedContraction(op))
    return runCodedConv(op, env, shape);
  Tensor result(cast<RankedTensorType>(op.getType()));
  contract(shape, env[op.getInput()].getReals().data(),
           env[op.getWeight()].getReals().data(), result.getReals().data());
  return result;
}

//===----------------------------------------------------------------------===//
// Matrix product
//===----------------------------------------------------------------------===//

namespace {
/// A batch of matrix products whose leading dimensions broadcast.
struct MatmulShape {
  MatrixProduct matrix;
  SmallVector<int64_t> batch, lhs, rhs; // leading dimensions

  explicit MatmulShape(MatmulOp op) {
    ArrayRef<int64_t> lhsShape = op.getLhs().getType().getShape();
    ArrayRef<int64_t> rhsShape = op.getRhs().getType().getShape();
    size_t rank = lhsShape.size();
    matrix = {lhsShape[rank - 2], lhsShape[rank - 1], rhsShape[rank - 1]};
    batch.assign(op.getType().getShape().drop_back(2));
    lhs.assign(lhsShape.drop_back(2));
    rhs.assign(rhsShape.drop_back(2));
  }
  int64_t getLhsElements() const { return matrix.rows * matrix.terms; }
  int64_t getRhsElements() const { return matrix.terms * matrix.columns; }
};
} // namespace

/// The position in `shape`, whose dimensions are those of the index or 1.
static SmallVector<int64_t> clampIndex(ArrayRef<int64_t> index,
                                       ArrayRef<int64_t> shape) {
  SmallVector<int64_t> clamped;
  for (auto [position, extent] : llvm::zip_equal(index, shape))
    clamped.push_back(extent == 1 ? 0 : position);
  return clamped;
}

static int64_t linearize(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t position = 0;
  for (auto [i, extent] : llvm::zip_equal(index, shape))
    position = position * extent + i;
  return position;
}

static FailureOr<Tensor> runCodedMatmul(MatmulOp op, const Environment &env,
                                        const MatmulShape &shape) {
  if (failed(checkSum(op)))
    return failure();
  ExactOperand x(op.getLhs(), env), w(op.getRhs(), env);
  const MatrixProduct &matrix = shape.matrix;
  Tensor result(op.getType());
  float *target = result.getReals().data();
  int64_t numSums = matrix.rows * matrix.columns;
  forEachIndex(shape.batch, [&](ArrayRef<int64_t> batch) {
    SmallVector<int64_t> xIndex = clampIndex(batch, shape.lhs);
    SmallVector<int64_t> wIndex = clampIndex(batch, shape.rhs);
    std::vector<int64_t> sums = contractExactly(
        matrix,
        x.getIntegers().slice(linearize(xIndex, shape.lhs) *
                                  shape.getLhsElements(),
                              shape.getLhsElements()),
        w.getIntegers().slice(linearize(wIndex, shape.rhs) *
                                  shape.getRhsElements(),
                              shape.getRhsElements()),
        numSums);
    xIndex.append({0, 0});
    wIndex.append({0, 0});
    for (int64_t i = 0; i < numSums; ++i) {
      xIndex.end()[-2] = i / matrix.columns;
      wIndex.end()[-1] = i % matrix.columns;
      *target++ = scaleSum(sums[i], x.getScale(xIndex), w.getScale(wIndex));
    }
  });
  return result;
}

FailureOr<Tensor> interpreter::runMatmul(MatmulOp op, const Environment &env) {
  MatmulShape shape(op);
  if (isCodedContraction(op))
    return runCodedMatmul(op, env, shape);
  Tensor result(op.getType());
  float *target = result.getReals().data();
  const float *lhs = env[op.getLhs()].getReals().data();
  const float *rhs = env[op.getRhs()].getReals().data();
  forEachIndex(shape.batch, [&](ArrayRef<int64_t> batch) {
    int64_t x = linearize(clampIndex(batch, shape.lhs), shape.lhs);
    int64_t w = linearize(clampIndex(batch, shape.rhs), shape.rhs);
    contract(shape.matrix, lhs + x * shape.getLhsElements(),
             rhs + w * shape.getRhsElements(), target);
    target += shape.matrix.rows * shape.matrix.columns;
  });
  return result;
}
