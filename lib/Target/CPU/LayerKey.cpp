//===- LayerKey.cpp - what the time of a layer depends on ----*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The key is of the layer that engines are chosen for: behind the reduction of
// epilogues, in front of packing.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Target/CPU/MeasuredTimes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::dorefa;

/// The ops of the epilogue with their operands by number, one a line.
static void printEpilogue(LayerOp layer, raw_ostream &os) {
  DenseMap<Value, unsigned> numbers;
  auto number = [&](ValueRange values) {
    for (Value value : values) {
      numbers.insert({value, numbers.size()});
      os << " " << value.getType();
    }
    os << "\n";
  };
  Block &block = layer.getEpilogue().front();
  number(block.getArguments());
  for (Operation &op : block) {
    os << op.getName();
    for (Value operand : op.getOperands())
      os << " " << numbers.lookup(operand);
    if (!op.hasTrait<OpTrait::ConstantLike>())
      os << " " << op.getAttrDictionary();
    number(op.getResults());
  }
}

/// `1x64x56x56:2`: the extents, and the width of codes.
static std::string getTypeText(Value value) {
  CodeAttr code = getCode(value.getType());
  std::string width = code ? std::to_string(code.getBits()) : "f32";
  SmallVector<std::string> extents;
  for (int64_t extent : shapeOf(value))
    extents.push_back(std::to_string(extent));
  return llvm::join(extents, "x") + ":" + width;
}

std::string dorefa::getLayerKey(LayerOp layer) {
  std::string text, words;
  llvm::raw_string_ostream os(text);
  os << layer.getProducts();
  for (auto range :
       {ValueRange(layer.getInputs()), ValueRange(layer.getWeights()),
        ValueRange(layer.getParameters()), ValueRange(layer.getResiduals()),
        ValueRange(layer.getOutputs())})
    os << "\n" << range.getTypes();
  os << "\n";
  if (layer.getPool())
    os << stringifyEnum(*layer.getPoolKind()) << " " << layer.getPoolAttr();
  os << "\n";
  printEpilogue(layer, os);

  ProductAttr product = layer.getProduct(0);
  words = stringifyEnum(product.getKind()).str() + " " +
          getTypeText(layer.getInputs()[0]);
  if (Value weights = layer.getWeightOf(0))
    words += " " + getTypeText(weights);
  for (Value output : layer.getOutputs())
    words += " -> " + getTypeText(output);
  return words + " " +
         llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true, 16);
}
