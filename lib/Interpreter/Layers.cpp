//===- Layers.cpp - the layer level -----------------------------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A layer is executed as it is declared: its products over the whole tensors,
// then the epilogue scalar by scalar, then the pool.
//
//===----------------------------------------------------------------------===//

#include "ExactOperand.h"
#include "ContractionKernels.h"
#include "ScalarOps.h"
#include "Windows.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::interpreter;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static std::vector<int64_t> getIntegers(const Tensor &codes, AffineAttr affine,
                                        int64_t axis) {
  if (!affine)
    affine = AffineAttr::getIdentity(codes.getType().getContext());
  return interpreter::getIntegers(codes, affine.getStep(), affine.getZero(),
                                  axis);
}

static WindowAttr getWindow(ProductAttr product) {
  ConvAttr geometry = product.getGeometry();
  return WindowAttr::get(product.getContext(), product.getKernel(),
                         geometry.getStrides(), geometry.getPads(),
                         geometry.getDilations());
}

/// Sums over the windows of each channel.
template <typename T>
static void sumWindows(ProductAttr product, ArrayRef<int64_t> inputShape,
                       ArrayRef<T> input, Tensor &sums, T *target) {
  forEachWindow(inputShape, sums.getShape(), getWindow(product),
                [&](ArrayRef<int64_t>, ArrayRef<int64_t> elements) {
                  T sum = 0;
                  for (int64_t element : elements)
                    sum += input[element];
                  *target++ = sum;
                });
}

static Convolution getConvolution(ProductAttr product, const Tensor &input,
                                  const Tensor &weight,
                                  ArrayRef<int64_t> resultShape) {
  Convolution shape(input.getShape(), weight.getShape(), resultShape,
                    product.getGeometry());
  shape.channelsFirst = product.getChannelsFirst();
  return shape;
}

/// The accumulators of product i, a tensor of the iteration shape.
static FailureOr<Tensor> runProduct(LayerOp op, unsigned i,
                                    ArrayRef<int64_t> iteration,
                                    const Environment &env) {
  ProductAttr product = op.getProduct(i);
  const Tensor &input = env[op.getInputs()[i]];
  Type accumulator = op.getAccumulator(i).getType();
  Tensor sums(RankedTensorType::get(iteration, accumulator));
  Value weightValue = op.getWeightOf(i);

  if (input.isReal()) {
    float *target = sums.getReals().data();
    if (!weightValue) {
      sumWindows(product, input.getShape(), input.getReals(), sums, target);
      return sums;
    }
    const Tensor &weight = env[weightValue];
    contract(getConvolution(product, input, weight, iteration),
             input.getReals().data(), weight.getReals().data(), target);
    return sums;
  }

  std::vector<int64_t> x = getIntegers(input, product.getInput(), /*axis=*/1);
  if (!weightValue) {
    sumWindows(product, input.getShape(), ArrayRef<int64_t>(x), sums,
               sums.getIntegers().data());
  } else {
    const Tensor &weight = env[weightValue];
    std::vector<int64_t> w =
        getIntegers(weight, product.getWeight(), /*axis=*/0);
    Convolution shape = getConvolution(product, input, weight, iteration);
    if (!isSumExact(x, w, shape.getNumTerms()))
      return op.emitOpError("unsupported integer sum of more than 63 bits");
    llvm::copy(contractExactly(shape, x, w, sums.getNumElements()),
               sums.getIntegers().begin());
  }
  IntegerFormat format = IntegerFormat::of(accumulator);
  for (int64_t sum : sums.getIntegers())
    if (format.wrap(sum) != sum)
      return op.emitOpError() << "product " << i << ": the sum " << sum
                              << " does not fit an accumulator of type "
                              << accumulator;
  return sums;
}

//===----------------------------------------------------------------------===//
// Epilogue
//===----------------------------------------------------------------------===//

namespace {
/// The scalar epilogue of a layer as a list of functions over numbered slots.
class Epilogue {
public:
  explicit Epilogue(Block &block) : block(block) {}

  /// Numbers the values and finds the meaning of each op.
  LogicalResult prepare();

  /// Where to put the arguments, and where the yielded values are.
  Scalar &getArgument(unsigned i) { return slots[i]; }
  /// The elements of an argument of vector type.
  void setVector(unsigned i, ArrayRef<float> reals,
                 ArrayRef<int64_t> integers) {
    vectors[i] = {reals, integers};
  }
  Scalar getYielded(unsigned i) const { return slots[yielded[i]]; }

  void evaluate();

private:
  struct Vector {
    ArrayRef<float> reals;
    ArrayRef<int64_t> integers;
  };
  struct Step {
    ScalarFunction function;
    SmallVector<unsigned> operands;
    unsigned result;
  };

  LogicalResult addConstant(arith::ConstantOp op, unsigned slot);
  /// A count reads a vector, which no slot holds.
  ScalarFunction getCount(CountThresholdsOp op);

  Block &block;
  llvm::DenseMap<Value, unsigned> slotOf;
  SmallVector<Scalar> slots;
  SmallVector<Vector> vectors;
  SmallVector<Step> steps;
  SmallVector<unsigned> yielded;
};
} // namespace

LogicalResult Epilogue::addConstant(arith::ConstantOp op, unsigned slot) {
  if (auto real = dyn_cast<FloatAttr>(op.getValue());
      real && real.getType().isF32()) {
    slots[slot].real = real.getValue().convertToFloat();
    return success();
  }
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue());
      integer && integer.getType().isSignlessInteger() &&
      integer.getType().getIntOrFloatBitWidth() <= 64) {
    slots[slot].integer = IntegerFormat::of(op.getType())
                              .wrap(integer.getValue().getSExtValue());
    return success();
  }
  return op.emitOpError("unsupported constant in an epilogue");
}

ScalarFunction Epilogue::getCount(CountThresholdsOp op) {
  unsigned vector = slotOf[op.getThresholds()];
  bool real = op.getValue().getType().isF32();
  return [this, vector, real](ArrayRef<Scalar> x) {
    Scalar count;
    count.integer =
        real ? llvm::count_if(vectors[vector].reals,
                              [&](float t) { return x[0].real >= t; })
             : llvm::count_if(vectors[vector].integers,
                              [&](int64_t t) { return x[0].integer >= t; });
    return count;
  };
}

LogicalResult Epilogue::prepare() {
  for (BlockArgument argument : block.getArguments())
    slotOf[argument] = argument.getArgNumber();
  slots.resize(block.getNumArguments());
  vectors.resize(block.getNumArguments());
  for (Operation &op : block.without_terminator()) {
    if (op.getNumResults() != 1)
      return op.emitOpError("unsupported in an epilogue by the interpreter");
    unsigned slot = slots.size();
    slotOf[op.getResult(0)] = slot;
    slots.push_back(Scalar());
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      if (failed(addConstant(constant, slot)))
        return failure();
      continue;
    }
    Step step;
    step.result = slot;
    if (auto count = dyn_cast<CountThresholdsOp>(op)) {
      if (!isa<BlockArgument>(count.getThresholds()))
        return op.emitOpError("expected a parameter as thresholds");
      step.function = getCount(count);
      step.operands = {slotOf[count.getValue()]};
    } else {
      step.function = getScalarFunction(&op);
      for (Value operand : op.getOperands())
        step.operands.push_back(slotOf[operand]);
    }
    if (!step.function)
      return op.emitOpError("unsupported in an epilogue by the interpreter");
    steps.push_back(std::move(step));
  }
  for (Value value : block.getTerminator()->getOperands())
    yielded.push_back(slotOf[value]);
  return success();
}

void Epilogue::evaluate() {
  SmallVector<Scalar> operands;
  for (const Step &step : steps) {
    operands.clear();
    for (unsigned operand : step.operands)
      operands.push_back(slots[operand]);
    slots[step.result] = step.function(operands);
  }
}

//===----------------------------------------------------------------------===//
// Layer
//===----------------------------------------------------------------------===//

namespace {
/// An argument of the epilogue: a tensor, and which element or row of it
/// belongs to a position.
struct EpilogueInput {
  unsigned argument;
  Tensor tensor;
  SmallVector<int64_t> strides; // one a dimension of the iteration
  SmallVector<int64_t> repeats; // neighbours that share an element
  int64_t vectorSize = 0;       // 0: a scalar

  void assign(ArrayRef<int64_t> index, Epilogue &epilogue) const {
    int64_t element = 0;
    for (auto [i, stride, repeat] : llvm::zip_equal(index, strides, repeats))
      element += i / repeat * stride;
    bool real = tensor.isReal();
    if (vectorSize > 0) {
      epilogue.setVector(
          argument,
          real ? tensor.getReals().slice(element, vectorSize)
               : ArrayRef<float>(),
          real ? ArrayRef<int64_t>()
               : tensor.getIntegers().slice(element, vectorSize));
      return;
    }
    Scalar &slot = epilogue.getArgument(argument);
    if (real)
      slot.real = tensor.getReals()[element];
    else // a scalar has no encoding that says it is unsigned
      slot.integer = IntegerFormat::of(tensor.getType().getElementType())
                         .wrap(tensor.getIntegers()[element]);
  }
};
} // namespace

static EpilogueInput getParameter(unsigned argument, const Tensor &tensor,
                                  size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  size_t parameterRank = tensor.getShape().size();
  int64_t vectorSize = parameterRank == 2 ? tensor.getShape()[1] : 0;
  if (parameterRank > 0)
    strides[1] = parameterRank == 2 ? vectorSize : 1;
  return {argument, tensor, strides, SmallVector<int64_t>(rank, 1), vectorSize};
}

/// An accumulator or a residual, whose extents divide those of the iteration.
static EpilogueInput getElementwise(unsigned argument, const Tensor &tensor,
                                    ArrayRef<int64_t> iteration) {
  SmallVector<int64_t> repeats;
  for (auto [full, extent] : llvm::zip_equal(iteration, tensor.getShape()))
    repeats.push_back(extent > 0 && full > extent ? full / extent : 1);
  return {argument, tensor, getStrides(tensor.getShape()), repeats};
}

FailureOr<SmallVector<Tensor>> interpreter::runLayer(LayerOp op,
                                                     const Environment &env) {
  if (op.getSchedule())
    return op.emitOpError("unsupported by the interpreter: a packed layer");
  SmallVector<int64_t> iteration = op.getIterationShape();
  SmallVector<EpilogueInput> inputs;
  for (unsigned i = 0; i < op.getProducts().size(); ++i) {
    FailureOr<Tensor> sums = runProduct(op, i, iteration, env);
    if (failed(sums))
      return failure();
    inputs.push_back(getElementwise(inputs.size(), *sums, iteration));
  }
  for (Value parameter : op.getParameters())
    inputs.push_back(
        getParameter(inputs.size(), env[parameter], iteration.size()));
  for (Value residual : op.getResiduals())
    inputs.push_back(getElementwise(inputs.size(), env[residual], iteration));

  SmallVector<Tensor> results;
  for (Type type : op.getResultTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    results.push_back(Tensor(RankedTensorType::get(
        iteration, tensor.getElementType(), tensor.getEncoding())));
  }
  Epilogue epilogue(op.getEpilogue().front());
  if (failed(epilogue.prepare()))
    return failure();
  int64_t next = 0;
  forEachIndex(iteration, [&](ArrayRef<int64_t> index) {
    for (const EpilogueInput &input : inputs)
      input.assign(index, epilogue);
    epilogue.evaluate();
    for (auto [i, result] : llvm::enumerate(results)) {
      Scalar value = epilogue.getYielded(i);
      if (result.isReal())
        result.getReals()[next] = value.real;
      else
        result.getIntegers()[next] =
            IntegerFormat::of(result.getType()).wrap(value.integer);
    }
    ++next;
  });
  if (op.getPool())
    for (auto [result, type] : llvm::zip_equal(results, op.getResultTypes()))
      result = selectFromWindows(*op.getPoolKind(), *op.getPool(), result,
                                 cast<RankedTensorType>(type));
  return results;
}
