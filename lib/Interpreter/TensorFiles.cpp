//===- TensorFiles.cpp - tensors in .npy and .npz files ---------*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The readers and writers are those of compiled executables (lib/Runtime/Main),
// so both take the same files.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Interpreter/TensorFiles.h"
#include "dorefa/Dialect/Dorefa/IR/Dorefa.h"
#include "dorefa/Runtime/dorefa_model.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

extern "C" {
#include "DataFile.h"
#include "NpyFile.h"
#include "TensorShape.h"
#include "ZipArchive.h"
}

using namespace mlir;
using namespace mlir::dorefa;

/// The type that elements have in a file, the narrowest that holds them.
static dorefa_element_type getFileType(RankedTensorType type) {
  if (type.getElementType().isF32())
    return DOREFA_FLOAT32;
  IntegerFormat format = IntegerFormat::of(type);
  if (format.width == 1)
    return DOREFA_BOOL;
  if (format.width <= 8)
    return format.isSigned ? DOREFA_INT8 : DOREFA_UINT8;
  if (format.width <= 16)
    return format.isSigned ? DOREFA_INT16 : DOREFA_UINT16;
  return format.isSigned && format.width <= 32 ? DOREFA_INT32 : DOREFA_INT64;
}

static unsigned getFileBytes(dorefa_element_type type) {
  switch (type) {
  case DOREFA_BOOL:
  case DOREFA_INT8:
  case DOREFA_UINT8:
    return 1;
  case DOREFA_INT16:
  case DOREFA_UINT16:
    return 2;
  case DOREFA_INT64:
    return 8;
  default:
    return 4;
  }
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

FileParameter::FileParameter(FunctionOpInterface network, unsigned index,
                             std::string name)
    : name(std::move(name)),
      type(cast<RankedTensorType>(network.getArgument(index).getType())),
      isShared(bool(network.getArgAttr(index, "dorefa.shared"))) {
  if (auto module = network->getParentOfType<ModuleOp>())
    if (auto fixed = module->getAttrOfType<IntegerAttr>("dorefa.batch"))
      batch = fixed.getInt();
}

/// The type of an array that is given for a parameter; failure with a text if
/// its shape does not fit.
static FailureOr<RankedTensorType>
getGivenType(const Array &array, const FileParameter &parameter,
             Failure &failure) {
  RankedTensorType declared = parameter.type;
  SmallVector<int64_t> shape(declared.getShape());
  bool hasImages =
      !parameter.isShared && !shape.empty() && shape.front() == 1;
  if (hasImages)
    shape.front() = -1;
  const char *name = parameter.name.c_str();
  dorefa_tensor tensor = {name, getFileType(declared),
                          static_cast<int32_t>(shape.size()), shape.data(),
                          /*image_bytes=*/0};
  uint64_t images;
  if (!countUnits(&tensor, &array, &images, &failure))
    return mlir::failure();
  auto given = static_cast<int64_t>(images);
  if (hasImages && parameter.batch != 0 && given != parameter.batch) {
    fail(&failure, "input '%s' has a fixed batch of %lld, but got %lld images",
         name, static_cast<long long>(parameter.batch),
         static_cast<long long>(given));
    return mlir::failure();
  }
  if (hasImages) {
    shape.front() = given;
  } else if (given != 1) {
    fail(&failure, "input '%s' has %s, but got %lld of it", name,
         parameter.isShared ? "no batch" : "a fixed batch",
         static_cast<long long>(given));
    return mlir::failure();
  }
  auto type = RankedTensorType::get(shape, declared.getElementType(),
                                    declared.getEncoding());
  if (!Tensor::isSupported(type)) {
    fail(&failure, "input '%s' has too many elements", name);
    return mlir::failure();
  }
  return type;
}

/// The array as a tensor; failure with a text.
static FailureOr<Tensor> convert(const Array &array,
                                 const FileParameter &parameter,
                                 Failure &failure) {
  FailureOr<RankedTensorType> type = getGivenType(array, parameter, failure);
  if (failed(type))
    return mlir::failure();
  dorefa_element_type fileType = getFileType(*type);
  unsigned bytes = getFileBytes(fileType);
  Tensor tensor(*type);
  std::vector<uint8_t> data(array.count * bytes);
  if (!convertArray(&array, fileType, /*scale=*/1.0f, data.data(), &failure)) {
    failIn(&failure, ("'" + parameter.name + "'").c_str());
    return mlir::failure();
  }
  if (tensor.isReal()) {
    std::copy_n(reinterpret_cast<const float *>(data.data()), array.count,
                tensor.getReals().begin());
    return tensor;
  }
  IntegerFormat format = IntegerFormat::of(*type);
  for (uint64_t i = 0; i < array.count; ++i)
    tensor.getIntegers()[i] = format.wrap(
        static_cast<int64_t>(loadLittle(data.data() + i * bytes, bytes)));
  return tensor;
}

FailureOr<SmallVector<Tensor>>
mlir::dorefa::readTensors(StringRef path, ArrayRef<FileParameter> parameters,
                          Location location) {
  ArrayList list = {};
  llvm::scope_exit release([&] { freeArrays(&list); });
  Failure failure = {};
  if (!readDataFile(path.str().c_str(), &list, &failure))
    return emitError(location) << failure.text;

  ArrayRef<Array> arrays(list.arrays, list.count);
  SmallVector<Tensor> tensors;
  for (const FileParameter &parameter : parameters) {
    const Array *array = nullptr;
    if (arrays.size() == 1 && parameters.size() == 1)
      array = arrays.begin();
    else
      for (const Array &candidate : arrays)
        if (candidate.name && parameter.name == candidate.name)
          array = &candidate;
    if (!array)
      return emitError(location)
             << path << ": expected an array named '" << parameter.name << "'";
    FailureOr<Tensor> tensor = convert(*array, parameter, failure);
    if (failed(tensor))
      return emitError(location) << path << ": " << failure.text;
    tensors.push_back(*tensor);
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
/// The bytes of one .npy file.
struct NpyBytes {
  std::string name;
  std::vector<uint8_t> header, data;

  ZipEntry getEntry() const {
    return {name.c_str(),
            {{header.data(), header.size()}, {data.data(), data.size()}}};
  }
};

struct Files {
  std::vector<NpyBytes> arrays;
  bool isArchive;
};
} // namespace

static NpyBytes getNpyBytes(const NamedTensor &named) {
  const Tensor &tensor = named.tensor;
  dorefa_element_type type = getFileType(tensor.getType());
  unsigned bytes = getFileBytes(type);
  NpyBytes npy;
  npy.name = named.name + ".npy";
  SmallVector<uint64_t> shape(tensor.getShape().begin(),
                              tensor.getShape().end());
  npy.header.resize(NPY_HEADER_BYTES);
  npy.header.resize(
      makeNpyHeader(type, shape.size(), shape.data(), npy.header.data()));
  npy.data.resize(tensor.getNumElements() * bytes);
  if (tensor.isReal()) {
    const auto *reals =
        reinterpret_cast<const uint8_t *>(tensor.getReals().data());
    std::copy_n(reals, npy.data.size(), npy.data.begin());
    return npy;
  }
  for (auto [i, value] : llvm::enumerate(tensor.getIntegers()))
    storeLittle(npy.data.data() + i * bytes, static_cast<uint64_t>(value),
                bytes);
  return npy;
}

/// The `write` of writeFile; `context` is a Files.
static bool writeBytes(FILE *file, const void *context) {
  const auto &files = *static_cast<const Files *>(context);
  SmallVector<ZipEntry> entries;
  for (const NpyBytes &array : files.arrays)
    entries.push_back(array.getEntry());
  if (files.isArchive)
    return writeZip(file, entries.data(), entries.size());
  for (ByteView part : entries.front().parts)
    if (std::fwrite(part.data, 1, part.size, file) != part.size)
      return false;
  return true;
}

LogicalResult mlir::dorefa::writeTensors(StringRef path,
                                         ArrayRef<NamedTensor> tensors,
                                         Location location) {
  Files files;
  files.isArchive = !path.ends_with(".npy");
  if (!files.isArchive && tensors.size() != 1)
    return emitError(location)
           << path << ": expected one tensor for a .npy file, but got "
           << tensors.size();
  for (const NamedTensor &named : tensors) {
    files.arrays.push_back(getNpyBytes(named));
    if (files.arrays.back().header.empty())
      return emitError(location)
             << path << ": unsupported rank of '" << named.name << "'";
  }
  Failure failure = {};
  if (!writeFile(path.str().c_str(), writeBytes, &files, &failure))
    return emitError(location) << path << ": " << failure.text;
  return success();
}
