//===- Lookup64Engine.cpp - 64-entry tables of subset sums ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Six bits of weights (of 6/W input channels: a group) are an index, one byte
// an output channel, into a table of the 64 sums that they can pick from the
// group's codes. Six bits of codes (of 6/A channels: a field) name one of 64
// constant tables; where a group has more fields than one, their tables are
// added up, which all vectors share.
//
// A chunk is 64 input channels, 64-bit words of eight fields (layout
// `lookup64`). The words are made opaque to the optimiser, which would else
// fetch each field by a load of its own: those share ports with the tables'.
//
//   weights  [block][kernel position][chunk][group][vector][byte: an index]
//
//===----------------------------------------------------------------------===//

#include "ByteSums.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::dorefa;

namespace {
class Lookup64Engine : public ByteSumsEngine {
public:
  Lookup64Engine(const TargetFeatures &target)
      : ByteSumsEngine(EngineKind::Lookup64, target) {}

  LayoutKind getLayoutKind(const ProductShape &) const override {
    return LayoutKind::Lookup64;
  }
  bool isLegal(const ProductShape &shape) const override;
  int64_t getChunkChannels() const override { return 64; }
  int64_t getInputBlock() const override { return 64; }
  int64_t getInputChunkBytes(const ProductShape &shape) const override {
    return Form(shape).getWords() * 8;
  }
  int64_t getWeightChunkBytes(const ProductShape &shape,
                              int64_t vectors) const override {
    return Form(shape).getGroups() * vectors * 64;
  }
  DigitsAttr getWeightLayout(MLIRContext *context, const ProductShape &shape,
                             int64_t vectors) const override;
  SmallVector<Value> emitRun(KernelBuilder &b, ValueRange sums,
                             const RunOperands &run, int64_t vectors,
                             const ProductShape &shape) const override;

private:
  /// How codes and weights of these widths make up fields and groups.
  struct Form {
    explicit Form(const ProductShape &shape)
        : inputBits(shape.inputCode.getBits()),
          weightBits(shape.weightCode.getBits()) {}

    int64_t getGroupChannels() const { return 6 / weightBits; }
    int64_t getFieldChannels() const { return 6 / inputBits; }
    /// Fields of a group.
    int64_t getFields() const { return inputBits / weightBits; }
    int64_t getWordChannels() const { return 8 * getFieldChannels(); }
    /// Words and groups of 64 channels, and groups of word number `word`.
    int64_t getWords() const {
      return llvm::divideCeil(64, getWordChannels());
    }
    int64_t getGroups() const {
      return llvm::divideCeil(64, getGroupChannels());
    }
    int64_t getGroupsOf(int64_t word) const {
      int64_t rest = 64 - word * getWordChannels();
      return llvm::divideCeil(std::min(rest, getWordChannels()),
                              getGroupChannels());
    }
    /// Look-ups whose sum fits a byte.
    int64_t getByteLookups() const {
      return 255 / (getGroupChannels() * ((1 << weightBits) - 1) *
                    ((1 << inputBits) - 1));
    }

    int64_t inputBits, weightBits;
  };

  /// The constant tables, one set a field of a group.
  Value getTables(KernelBuilder &b, const Form &form) const;
  /// The table of group number `group` of a word of fields.
  Value emitTable(KernelBuilder &b, const Form &form, Value tables, Value word,
                  int64_t group) const;
  SmallVector<Value> emitChunk(KernelBuilder &b, ValueRange sums,
                               const RunOperands &run, Value chunk,
                               int64_t vectors, const ProductShape &shape,
                               Value tables) const;
};
} // namespace

bool Lookup64Engine::isLegal(const ProductShape &shape) const {
  if (!shape.isOfCodes() || !target.permuteBytes)
    return false;
  int64_t inputBits = shape.inputCode.getBits();
  int64_t weightBits = shape.weightCode.getBits();
  if (inputBits > 2 || weightBits > inputBits)
    return false;
  return shape.getGroupInputs() % 64 == 0 && !isWide(shape);
}

DigitsAttr Lookup64Engine::getWeightLayout(MLIRContext *context,
                                           const ProductShape &shape,
                                           int64_t vectors) const {
  Form form(shape);
  int64_t groupBits = vectors * 64 * 8;
  SmallVector<int64_t> digits = getOuterDigits(shape, vectors, 64 * 8,
                                               form.getGroups() * groupBits);
  WeightDims dims(shape, /*hasInputBlocks=*/true);
  appendLaneDigits(digits, shape);
  appendDigit(digits, dims.inBlock, form.getGroupChannels(), form.getGroups(),
              groupBits);
  appendDigit(digits, dims.inBlock, 1, form.getGroupChannels(),
              form.weightBits);
  return DigitsAttr::get(context, getWeightBytes(shape, vectors),
                         form.weightBits, 0, 1, digits);
}

Value Lookup64Engine::getTables(KernelBuilder &b, const Form &form) const {
  int64_t codeMask = (1 << form.inputBits) - 1;
  int64_t weightMask = (1 << form.weightBits) - 1;
  SmallVector<int8_t> entries;
  for (int64_t field = 0; field < form.getFields(); ++field)
    for (int64_t codes = 0; codes < 64; ++codes)
      for (int64_t index = 0; index < 64; ++index) {
        int64_t sum = 0;
        for (int64_t i = 0; i < form.getFieldChannels(); ++i) {
          int64_t channel = field * form.getFieldChannels() + i;
          sum += (codes >> (i * form.inputBits) & codeMask) *
                 (index >> (channel * form.weightBits) & weightMask);
        }
        entries.push_back(sum);
      }
  return b.getConstantBytes("dorefa_subset_sums64_u" +
                                std::to_string(form.inputBits) + "_w" +
                                std::to_string(form.weightBits),
                            entries);
}

Value Lookup64Engine::emitTable(KernelBuilder &b, const Form &form,
                                Value tables, Value word,
                                int64_t group) const {
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  };
  Value table;
  for (int64_t i = 0; i < form.getFields(); ++i) {
    // 64 times the field: its byte offset among the tables.
    int64_t field = group * form.getFields() + i;
    Value moved = field == 0 ? Value(arith::ShLIOp::create(b, word, constant(6)))
                             : Value(arith::ShRUIOp::create(
                                   b, word, constant(6 * field - 6)));
    Value offset = arith::AndIOp::create(b, moved, constant(63 * 64));
    Value address =
        b.add(arith::IndexCastUIOp::create(b, b.getIndexType(), offset),
              i * 64 * 64);
    Value part = b.loadVector(tables, address, b.bytes(64));
    table = table ? Value(arith::AddIOp::create(b, table, part)) : part;
  }
  return table;
}

SmallVector<Value>
Lookup64Engine::emitChunk(KernelBuilder &b, ValueRange sums,
                          const RunOperands &run, Value chunk, int64_t vectors,
                          const ProductShape &shape, Value tables) const {
  Form form(shape);
  int64_t pixels = run.pixels.size();
  VectorType bytes = b.bytes(64);
  Value weights = b.add(run.weightOffset,
                        b.mul(chunk, getWeightChunkBytes(shape, vectors)));
  Value codes = b.mul(chunk, getInputChunkBytes(shape));
  SmallVector<Value> wide(sums), narrow(pixels * vectors);
  int64_t lookups = 0, group = 0;
  for (int64_t word = 0; word < form.getWords(); ++word) {
    if (lookups + form.getGroupsOf(word) > form.getByteLookups()) {
      wide = widen(b, wide, narrow);
      for (Value &sum : wide)
        sum = pin(b, sum);
      narrow.assign(pixels * vectors, Value());
      lookups = 0;
    }
    SmallVector<Value> words;
    for (Value pixel : run.pixels)
      words.push_back(b.hide(
          b.loadScalar(run.input, b.add(b.add(pixel, codes), 8 * word),
                       b.getI64Type())));
    for (int64_t i = 0; i < form.getGroupsOf(word); ++i, ++group, ++lookups) {
      b.fence();
      SmallVector<Value> indices;
      for (int64_t v = 0; v < vectors; ++v)
        indices.push_back(loadWeights(
            b, run, b.add(weights, (group * vectors + v) * 64), bytes));
      for (int64_t p = 0; p < pixels; ++p) {
        Value table = emitTable(b, form, tables, words[p], i);
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = narrow[p * vectors + v];
          Value found = b.intrinsic("llvm.x86.avx512.permvar.qi.512", bytes,
                                    {table, indices[v]});
          sum = sum ? Value(arith::AddIOp::create(b, sum, found)) : found;
          sum = pin(b, sum);
        }
      }
    }
  }
  return widen(b, wide, narrow);
}

SmallVector<Value> Lookup64Engine::emitRun(KernelBuilder &b, ValueRange sums,
                                           const RunOperands &run,
                                           int64_t vectors,
                                           const ProductShape &shape) const {
  Value tables = getTables(b, Form(shape));
  return b.loop(run.numChunks, sums, [&](Value chunk, ValueRange before) {
    return emitChunk(b, before, run, chunk, vectors, shape, tables);
  });
}

std::unique_ptr<Engine>
mlir::dorefa::createLookup64Engine(const TargetFeatures &target) {
  return std::make_unique<Lookup64Engine>(target);
}
