//===- TensorData.cpp - elements of constant tensors ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Tensors hold their elements as raw little-endian bytes or in one of the
// typed fields. What a tensor claims to hold is compared with what is there
// before anything is allocated for it.
//
//===----------------------------------------------------------------------===//

#include "OnnxModel.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

/// One byte an element from 2-bit or 4-bit elements, the lowest bits first.
static SmallVector<char> unpackElements(ArrayRef<char> packed, int64_t count,
                                        unsigned bits, bool isSigned) {
  SmallVector<char> elements;
  elements.reserve(count);
  unsigned perByte = 8 / bits;
  for (int64_t i = 0; i < count; ++i) {
    unsigned byte = static_cast<unsigned char>(packed[i / perByte]);
    unsigned code = (byte >> (i % perByte * bits)) & ((1u << bits) - 1);
    if (isSigned && (code >> (bits - 1)))
      code |= ~0u << bits;
    elements.push_back(static_cast<char>(code));
  }
  return elements;
}

static DenseElementsAttr makeElements(ArrayRef<char> bytes, int64_t count,
                                      ElementType element,
                                      RankedTensorType type) {
  unsigned bits = getElementBits(element);
  if (element == ElementType::Bool) {
    SmallVector<bool> values;
    for (char byte : bytes)
      values.push_back(byte != 0);
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<char> unpacked;
  if (bits < 8) {
    unpacked = unpackElements(bytes, count, bits, isSignedType(element));
    bytes = unpacked;
  }
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

/// The low `sizeof(Narrow)` bytes of each entry.
template <typename Narrow, typename Field>
static SmallVector<char> narrowEntries(const Field &field) {
  SmallVector<char> bytes(field.size() * sizeof(Narrow));
  char *out = bytes.data();
  for (auto entry : field) {
    Narrow narrow = static_cast<Narrow>(entry);
    std::memcpy(out, &narrow, sizeof(Narrow));
    out += sizeof(Narrow);
  }
  return bytes;
}

/// The raw bytes that the entries of the typed field for `element` stand for.
static SmallVector<char> readTypedField(const onnx::TensorProto &tensor,
                                        ElementType element) {
  switch (element) {
  case ElementType::Float:
    return narrowEntries<float>(tensor.float_data());
  case ElementType::Double:
    return narrowEntries<double>(tensor.double_data());
  case ElementType::Int64:
    return narrowEntries<int64_t>(tensor.int64_data());
  case ElementType::UInt32:
    return narrowEntries<uint32_t>(tensor.uint64_data());
  case ElementType::Int32:
    return narrowEntries<int32_t>(tensor.int32_data());
  case ElementType::Int16:
  case ElementType::UInt16:
  case ElementType::Float16:
  case ElementType::BFloat16:
    return narrowEntries<uint16_t>(tensor.int32_data());
  default:
    return narrowEntries<uint8_t>(tensor.int32_data());
  }
}

FailureOr<DenseElementsAttr>
OnnxModel::readTensor(const onnx::TensorProto &tensor,
                      function_ref<InFlightDiagnostic()> emitNodeError) {
  if (DenseElementsAttr known = decoded.lookup(&tensor))
    return known;
  auto emitTensorError = [&] {
    return std::move(emitNodeError()
                     << "tensor " << quoteName(tensor.name()) << ": ");
  };
  ElementType element = static_cast<ElementType>(tensor.data_type());
  uint64_t bits = getElementBits(element);
  if (bits == 0)
    return emitTensorError() << "unsupported element type "
                             << getElementTypeName(element);
  if (tensor.has_segment())
    return emitTensorError() << "tensors in segments are not supported";
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  FailureOr<int64_t> count = countElements(shape);
  if (failed(count))
    return emitTensorError() << "unsupported shape [" << ArrayRef(shape)
                             << "]: extents must be at least 0 and their "
                                "product below 2^31";

  uint64_t expectedBytes = llvm::divideCeil(*count * bits, 8);
  SmallVector<char> typed;
  std::unique_ptr<llvm::MemoryBuffer> external;
  ArrayRef<char> bytes;
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    FailureOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
        readExternalData(tensor, folder, expectedBytes, emitTensorError);
    if (failed(buffer))
      return failure();
    external = std::move(*buffer);
    bytes = ArrayRef(external->getBufferStart(), external->getBufferSize());
  } else if (tensor.has_raw_data()) {
    bytes = ArrayRef(tensor.raw_data().data(), tensor.raw_data().size());
  } else {
    typed = readTypedField(tensor, element);
    bytes = typed;
  }
  if (bytes.size() != expectedBytes)
    return emitTensorError() << "expected " << expectedBytes
                             << " bytes for shape [" << ArrayRef(shape)
                             << "] of " << getElementTypeName(element)
                             << ", but got " << bytes.size();
  auto type = RankedTensorType::get(shape, getStorageType(element, context));
  return decoded[&tensor] = makeElements(bytes, *count, element, type);
}
