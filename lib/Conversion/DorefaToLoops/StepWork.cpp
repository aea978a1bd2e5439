//===- StepWork.cpp - how much there is to do in a step ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The multiply-adds of products at the rate of a fast core, and a time for each
// element that is read or written. A slower machine has more to share, so that
// nothing is shared in vain there. Plain loops are slow.
//
//===----------------------------------------------------------------------===//

#include "StepWork.h"
#include "dorefa/Engine/Engine.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::loops;

/// Multiply-adds in a nanosecond.
static double getRate(EngineKind engine, const ProductShape &shape) {
  switch (engine) {
  case EngineKind::Fma:
    return 100;
  case EngineKind::Bytes:
    return 400;
  case EngineKind::Winograd:
    return 800;
  case EngineKind::Direct:
    return shape.isChannelwise() ? 50 : 1;
  default:
    return 1500;
  }
}

/// Of all elements that a step reads and writes.
static double getElementTime(const Step &step) {
  double elements = 0;
  for (Value input : step.inputs)
    elements += getTensorType(input).getNumElements();
  for (Value result : step.root->getResults())
    elements += getTensorType(result).getNumElements();
  // Layers work on vectors of packed channels.
  return elements * (isa<LayerOp>(step.root) ? 0.02 : 0.1);
}

/// Places of the window or of the inner dimension, for each result.
static double getDepth(Operation *op) {
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case([](ConvOp conv) {
        return llvm::product_of(getShape(conv.getWeight()).drop_front(1));
      })
      .Case([](PoolOp pool) {
        return llvm::product_of(pool.getWindow().getKernel());
      })
      .Case([](MatmulOp matmul) { return getShape(matmul.getLhs()).back(); })
      .Default(0.0);
}

int64_t loops::estimateWork(const Step &step) {
  double time = getElementTime(step);
  if (double depth = getDepth(step.root))
    time += 0.1 * depth *
            getTensorType(step.root->getResult(0)).getNumElements();
  if (auto layer = dyn_cast<LayerOp>(step.root))
    if (ScheduleAttr schedule = layer.getScheduleAttr())
      for (unsigned i = 0; i < layer.getProducts().size(); ++i) {
        ProductShape shape = ProductShape::get(layer, i);
        double images = layer.getIterationShape().front();
        time += images * shape.getMultiplyAdds() /
                getRate(schedule.getEngine(), shape);
      }
  return static_cast<int64_t>(time);
}
