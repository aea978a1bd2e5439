//===- DorefaDialect.cpp - the dialect and its attributes ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Registration, and the parsing, printing and checks of attributes. Whatever
// these accept is well formed everywhere: code that reads an attribute does not
// check it again.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::dorefa;

/// A list of integers in brackets, which may be empty.
static ParseResult parseIntArray(AsmParser &parser,
                                 SmallVector<int64_t> &values) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(values.emplace_back());
  });
}

static void printIntArray(AsmPrinter &printer, ArrayRef<int64_t> values) {
  printer << '[';
  llvm::interleaveComma(values, printer);
  printer << ']';
}

/// The body of a code behind its `<`, such as `u2>`.
static CodeAttr parseCodeBody(AsmParser &parser) {
  StringRef spelling;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&spelling) || parser.parseGreater())
    return {};
  unsigned bits = 0;
  if ((spelling.front() != 'u' && spelling.front() != 's') ||
      spelling.drop_front().getAsInteger(10, bits)) {
    parser.emitError(loc) << "expected a code such as u2 or s3, but got '"
                          << spelling << "'";
    return {};
  }
  return CodeAttr::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), spelling.front() == 's',
                              bits);
}

/// A code in angle brackets, or nothing for reals.
static ParseResult parseOptionalCode(AsmParser &parser, CodeAttr &code) {
  if (failed(parser.parseOptionalLess()))
    return success();
  code = parseCodeBody(parser);
  return success(code != nullptr);
}

static void printOptionalCode(AsmPrinter &printer, CodeAttr code) {
  if (code)
    printer.printStrippedAttrOrType(code);
}

#include "dorefa/Dialect/Dorefa/IR/DorefaDialect.cpp.inc"
#include "dorefa/Dialect/Dorefa/IR/DorefaEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dorefa/Dialect/Dorefa/IR/DorefaAttributes.cpp.inc"

void DorefaDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dorefa/Dialect/Dorefa/IR/DorefaAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dorefa/Dialect/Dorefa/IR/DorefaOps.cpp.inc"
      >();
}

Operation *DorefaDialect::materializeConstant(OpBuilder &builder,
                                              Attribute value, Type type,
                                              Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

CodeAttr mlir::dorefa::getCode(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return {};
  if (auto layout = dyn_cast_if_present<LayoutAttr>(tensor.getEncoding()))
    return layout.getCode();
  return dyn_cast_if_present<CodeAttr>(tensor.getEncoding());
}

LogicalResult CodeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               bool isSigned, unsigned bits) {
  if (bits < 1 || bits > 32)
    return emitError() << "expected a code width from 1 to 32, but got "
                       << bits;
  return success();
}

Attribute CodeAttr::parse(AsmParser &parser, Type) {
  return parser.parseLess() ? CodeAttr() : parseCodeBody(parser);
}

void CodeAttr::print(AsmPrinter &printer) const {
  printer << '<' << (getIsSigned() ? 's' : 'u') << getBits() << '>';
}

IntegerType CodeAttr::getStorageType() const {
  unsigned width = getBits() <= 8 ? 8 : getBits() <= 16 ? 16 : 32;
  return IntegerType::get(getContext(), width);
}

RankedTensorType CodeAttr::getTensorType(ArrayRef<int64_t> shape) const {
  return RankedTensorType::get(shape, getStorageType(), *this);
}

CodeAttr CodeAttr::getForRange(MLIRContext *context, int64_t min,
                               int64_t max) {
  unsigned bits = 1;
  if (min >= 0) {
    while (bits < 32 && (max >> bits) != 0)
      ++bits;
    return CodeAttr::get(context, /*isSigned=*/false, bits);
  }
  while (bits < 32 && (min < -(int64_t(1) << (bits - 1)) ||
                       max > (int64_t(1) << (bits - 1)) - 1))
    ++bits;
  return CodeAttr::get(context, /*isSigned=*/true, bits);
}

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

/// What convolutions and pools have in common.
static LogicalResult
verifyGeometry(function_ref<InFlightDiagnostic()> emitError,
               ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
               ArrayRef<int64_t> dilations) {
  if (dilations.size() != strides.size())
    return emitError() << "expected one dilation a stride, but got "
                       << dilations.size() << " for " << strides.size();
  if (pads.size() != 2 * strides.size())
    return emitError() << "expected two pads a stride, but got " << pads.size()
                       << " for " << strides.size();
  auto isPositive = [](int64_t value) { return value >= 1; };
  if (!llvm::all_of(strides, isPositive))
    return emitError() << "expected strides of at least 1, but got " << strides;
  if (!llvm::all_of(dilations, isPositive))
    return emitError() << "expected dilations of at least 1, but got "
                       << dilations;
  if (llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitError() << "expected pads of at least 0, but got " << pads;
  return success();
}

LogicalResult ConvAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> pads,
                               ArrayRef<int64_t> dilations, int64_t groups) {
  if (groups < 1)
    return emitError() << "expected at least 1 group, but got " << groups;
  return verifyGeometry(emitError, strides, pads, dilations);
}

ConvAttr ConvAttr::getUnit(MLIRContext *context, unsigned rank) {
  SmallVector<int64_t> ones(rank, 1), zeros(2 * rank, 0);
  return get(context, ones, zeros, ones, /*groups=*/1);
}

LogicalResult WindowAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> kernel,
                                 ArrayRef<int64_t> strides,
                                 ArrayRef<int64_t> pads,
                                 ArrayRef<int64_t> dilations) {
  if (kernel.size() != strides.size())
    return emitError() << "expected one kernel extent a stride, but got "
                       << kernel.size() << " for " << strides.size();
  if (llvm::any_of(kernel, [](int64_t extent) { return extent < 1; }))
    return emitError() << "expected kernel extents of at least 1, but got "
                       << kernel;
  return verifyGeometry(emitError, strides, pads, dilations);
}

LogicalResult AffineAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t step, ArrayRef<int64_t> zero) {
  if (step != 1 && step != 2)
    return emitError() << "expected a step of 1 or 2, but got " << step;
  if (zero.empty())
    return emitError() << "expected at least one zero";
  return success();
}

AffineAttr AffineAttr::getIdentity(MLIRContext *context) {
  return get(context, 1, {0});
}
