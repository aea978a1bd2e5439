//===- Interpreter.cpp - the reference meaning of a network -----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Runs a function op by op, in the order of its block: elementwise ops by a
// function on scalars, layers and structured ops by one of their own.
// Dequantizers that only contractions read as codes are skipped. A batch runs
// image by image, since a function with a free batch is that of one image.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/Interpreter.h"
#include "Operations.h"
#include "ScalarOps.h"
#include "dorefa/Dialect/Dorefa/IR/CodedContraction.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

//===----------------------------------------------------------------------===//
// Single ops
//===----------------------------------------------------------------------===//

/// The structured ops with one result; a null tensor for all others.
static FailureOr<Tensor> runStructured(Operation *operation,
                                       const Environment &env) {
  using Result = FailureOr<Tensor>;
  return TypeSwitch<Operation *, Result>(operation)
      .Case([&](DequantizeOp op) { return Result(runDequantize(op, env)); })
      .Case([&](QuantizeThresholdsOp op) {
        return Result(runQuantizeThresholds(op, env));
      })
      .Case([&](ConvOp op) { return runConv(op, env); })
      .Case([&](MatmulOp op) { return runMatmul(op, env); })
      .Case([&](PoolOp op) { return runPool(op, env); })
      .Case([&](ReduceOp op) { return runReduce(op, env); })
      .Case([&](BatchNormOp op) { return Result(runBatchNorm(op, env)); })
      .Case([&](SoftmaxOp op) { return Result(runSoftmax(op, env)); })
      .Case([&](ArgMaxOp op) { return Result(runArgMax(op, env)); })
      .Case([&](ReshapeOp op) {
        return Result(env[op.getInput()].reinterpret(
            cast<RankedTensorType>(op.getType())));
      })
      .Case([&](BroadcastOp op) { return Result(runBroadcast(op, env)); })
      .Case([&](TransposeOp op) { return Result(runTranspose(op, env)); })
      .Case([&](ConcatOp op) { return Result(runConcat(op, env)); })
      .Case([&](SliceOp op) { return Result(runSlice(op, env)); })
      .Case([&](GatherOp op) { return runGather(op, env); })
      .Case([&](PadOp op) { return Result(runPad(op, env)); })
      .Case([&](ResizeOp op) { return Result(runResize(op, env)); })
      .Default(Result(Tensor()));
}

static Tensor runElementwise(Operation *op, const ScalarFunction &function,
                             const Environment &env) {
  Tensor result(cast<RankedTensorType>(op->getResult(0).getType()));
  SmallVector<const Tensor *> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(&env[operand]);
  SmallVector<Scalar> operands(inputs.size());
  for (int64_t i = 0, end = result.getNumElements(); i < end; ++i) {
    for (auto [input, operand] : llvm::zip_equal(inputs, operands))
      if (input->isReal())
        operand.real = input->getReals()[i];
      else
        operand.integer = input->getIntegers()[i];
    Scalar value = function(operands);
    if (result.isReal())
      result.getReals()[i] = value.real;
    else
      result.getIntegers()[i] = value.integer;
  }
  return result;
}

static FailureOr<SmallVector<Tensor>> runOp(Operation *op,
                                            const Environment &env) {
  if (auto layer = dyn_cast<LayerOp>(op))
    return runLayer(layer, env);
  if (ScalarFunction function = getScalarFunction(op))
    return SmallVector<Tensor>{runElementwise(op, function, env)};
  FailureOr<Tensor> result = runStructured(op, env);
  if (failed(result))
    return failure();
  if (!result->getType())
    return op->emitOpError("unsupported by the interpreter");
  return SmallVector<Tensor>{*result};
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Whether all tensors of a function can be held.
static LogicalResult checkTypes(func::FuncOp function) {
  auto check = [](Location location, TypeRange types) -> LogicalResult {
    for (Type type : types)
      if (!Tensor::isSupported(type))
        return emitError(location)
               << "unsupported by the interpreter: a value of type " << type;
    return success();
  };
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitOpError("expected a body of one block");
  if (failed(check(function.getLoc(), function.getArgumentTypes())))
    return failure();
  for (Operation &op : function.front())
    if (failed(check(op.getLoc(), op.getResultTypes())))
      return failure();
  return success();
}

/// Whether only coded contractions read the value, which take the codes.
static bool isReadAsCodes(DequantizeOp op) {
  return !op->use_empty() && llvm::all_of(op->getUsers(), isCodedContraction);
}

const Tensor &Interpreter::getConstant(DenseElementsAttr attribute) {
  auto [position, isNew] = constants.try_emplace(attribute);
  if (isNew)
    position->second = Tensor(attribute);
  return position->second;
}

FailureOr<SmallVector<Tensor>> Interpreter::run(func::FuncOp function,
                                                ArrayRef<Tensor> arguments) {
  if (failed(checkTypes(function)))
    return failure();
  if (arguments.size() != function.getNumArguments())
    return function.emitOpError()
           << "expected " << function.getNumArguments()
           << " arguments, but got " << arguments.size();
  Environment env;
  for (auto [parameter, argument] :
       llvm::zip_equal(function.getArguments(), arguments)) {
    if (parameter.getType() != argument.getType())
      return function.emitOpError()
             << "argument " << parameter.getArgNumber() << ": expected "
             << parameter.getType() << ", but got " << argument.getType();
    env.set(parameter, argument);
  }

  for (Operation &op : function.front().without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!elements)
        return op.emitOpError("unsupported by the interpreter: elements that "
                              "are not written in the module");
      env.set(constant, getConstant(elements));
      continue;
    }
    if (auto dequantize = dyn_cast<DequantizeOp>(op);
        dequantize && isReadAsCodes(dequantize))
      continue;
    FailureOr<SmallVector<Tensor>> results = runOp(&op, env);
    if (failed(results))
      return failure();
    for (auto [value, result] : llvm::zip_equal(op.getResults(), *results))
      env.set(value, result);
    if (observer)
      observer(&op, *results);
  }

  SmallVector<Tensor> results;
  for (Value value : function.front().getTerminator()->getOperands())
    results.push_back(env[value]);
  return results;
}

//===----------------------------------------------------------------------===//
// Batches
//===----------------------------------------------------------------------===//

static RankedTensorType withImages(RankedTensorType type, int64_t numImages) {
  SmallVector<int64_t> shape(type.getShape());
  shape[0] = numImages;
  return RankedTensorType::get(shape, type.getElementType(),
                               type.getEncoding());
}

static Tensor takeImage(const Tensor &images, int64_t image) {
  Tensor result(withImages(images.getType(), 1));
  int64_t count = result.getNumElements();
  if (result.isReal())
    llvm::copy(images.getReals().slice(image * count, count),
               result.getReals().begin());
  else
    llvm::copy(images.getIntegers().slice(image * count, count),
               result.getIntegers().begin());
  return result;
}

Tensor mlir::dorefa::joinImages(ArrayRef<Tensor> images) {
  RankedTensorType type = images.front().getType();
  if (images.size() == 1 || type.getRank() == 0)
    return images.front();
  int64_t numImages = 0, next = 0;
  for (const Tensor &image : images)
    numImages += image.getShape()[0];
  Tensor result(withImages(type, numImages));
  for (const Tensor &image : images) {
    if (result.isReal())
      llvm::copy(image.getReals(), result.getReals().begin() + next);
    else
      llvm::copy(image.getIntegers(), result.getIntegers().begin() + next);
    next += image.getNumElements();
  }
  return result;
}

/// The number of images if the argument holds several of the function's one.
static int64_t countImages(const Tensor &argument, Type parameter) {
  auto type = dyn_cast<RankedTensorType>(parameter);
  if (!type || type.getRank() == 0 || type.getDimSize(0) != 1 ||
      argument.getShape().empty() ||
      withImages(argument.getType(), 1) != type)
    return 1;
  return argument.getShape()[0];
}

FailureOr<SmallVector<Tensor>> Interpreter::runImages(
    func::FuncOp function, ArrayRef<Tensor> arguments,
    function_ref<void(int64_t image, int64_t numImages)> beforeImage) {
  int64_t numImages = 1;
  for (auto [argument, parameter] :
       llvm::zip(arguments, function.getArgumentTypes())) {
    int64_t count = countImages(argument, parameter);
    if (count != 1 && numImages != 1 && count != numImages)
      return function.emitOpError()
             << "expected the same number of images in all arguments, but got "
             << numImages << " and " << count;
    numImages = count != 1 ? count : numImages;
  }

  SmallVector<SmallVector<Tensor>> results(function.getNumResults());
  for (int64_t image = 0; image < numImages; ++image) {
    if (beforeImage)
      beforeImage(image, numImages);
    SmallVector<Tensor> imageArguments;
    for (auto [argument, parameter] :
         llvm::zip(arguments, function.getArgumentTypes()))
      imageArguments.push_back(countImages(argument, parameter) == 1
                                   ? argument
                                   : takeImage(argument, image));
    FailureOr<SmallVector<Tensor>> imageResults = run(function, imageArguments);
    if (failed(imageResults))
      return failure();
    for (auto [all, result] : llvm::zip_equal(results, *imageResults))
      all.push_back(result);
  }
  SmallVector<Tensor> joined;
  for (ArrayRef<Tensor> images : results)
    joined.push_back(images.empty() ? Tensor() : joinImages(images));
  return joined;
}
