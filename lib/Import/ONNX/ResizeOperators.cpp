//===- ResizeOperators.cpp - nearest-neighbour resize ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each coordinate rule and rounding of nearest-neighbour resize depends on one
// dimension alone, so the importer evaluates it into an index table a
// dimension, in binary32 as runtimes do; `dorefa.resize` then needs no rules.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::onnx_import;

#include <cmath>

namespace {

/// How one dimension is resized.
struct ResizedDimension {
  int64_t extent;        // of the result
  float scale = 1;       // of the coordinates
  float start = 0, end = 1; // the part of the input that is resized
};

/// The attributes that say which element of the input a result takes.
struct CoordinateRule {
  std::string transformation, rounding;
};

} // namespace

static int64_t roundCoordinate(StringRef rounding, float x) {
  if (rounding == "floor")
    return std::floor(x);
  if (rounding == "ceil")
    return std::ceil(x);
  // Ties go down with round_prefer_floor, else up.
  return rounding == "round_prefer_floor" ? std::ceil(x - 0.5f)
                                          : std::floor(x + 0.5f);
}

/// The input's coordinate for position `i` of the result, in binary32 as the
/// runtimes evaluate it.
static float transformCoordinate(StringRef rule, int64_t i, int64_t inExtent,
                                 const ResizedDimension &to) {
  float x = i, scale = to.scale;
  float in = inExtent, out = to.extent;
  if (rule == "asymmetric")
    return x / scale;
  if (rule == "align_corners")
    return to.extent == 1 ? 0 : x * (in - 1) / (out - 1);
  if (rule == "pytorch_half_pixel")
    return to.extent > 1 ? (x + 0.5f) / scale - 0.5f : 0;
  if (rule == "tf_half_pixel_for_nn")
    return (x + 0.5f) / scale;
  if (rule == "tf_crop_and_resize")
    return to.extent > 1
               ? to.start * (in - 1) +
                     x * (to.end - to.start) * (in - 1) / (out - 1)
               : 0.5f * (to.start + to.end) * (in - 1);
  if (rule == "half_pixel_symmetric") {
    float adjustment = out / (scale * in);
    float center = in / 2, offset = center * (1 - adjustment);
    return offset + (x + 0.5f) / scale - 0.5f;
  }
  return (x + 0.5f) / scale - 0.5f;
}

static Value createResize(NodeImporter &node, Value input,
                          ArrayRef<ResizedDimension> dimensions,
                          const CoordinateRule &rule) {
  SmallVector<int64_t> shape;
  SmallVector<Attribute> tables;
  constexpr int64_t maxExtent = 1 << 20;
  for (auto [extent, to] : llvm::zip(getShape(input), dimensions)) {
    if (to.extent < 1 || to.extent > maxExtent) {
      node.emitError() << "unsupported extent " << to.extent
                       << " of the result";
      return {};
    }
    shape.push_back(to.extent);
    SmallVector<int64_t> table;
    bool isCropped = rule.transformation == "tf_crop_and_resize";
    bool isCopied = to.extent == extent && to.scale == 1 &&
                    !(isCropped && (to.start != 0 || to.end != 1));
    for (int64_t i = 0; i < to.extent; ++i) {
      float x = isCopied
                    ? i
                    : transformCoordinate(rule.transformation, i, extent, to);
      if (isCropped && !(x >= 0 && x <= extent - 1)) {
        node.emitError() << "unsupported roi: it leaves the input";
        return {};
      }
      int64_t index = isCopied ? i : roundCoordinate(rule.rounding, x);
      table.push_back(std::clamp<int64_t>(index, 0, extent - 1));
    }
    tables.push_back(node.getBuilder().getDenseI64ArrayAttr(table));
  }
  if (failed(node.checkShape(shape)))
    return {};
  return node.create<ResizeOp>(node.getTypeLike(input, shape), input,
                               node.getBuilder().getArrayAttr(tables));
}

/// Makes the scales of all axes equal: the smallest that the sizes ask for, or
/// the largest. That is 0 where each axis keeps its own.
static FailureOr<float> keepAspectRatio(NodeImporter &node, StringRef policy,
                                        ArrayRef<int64_t> shape,
                                        ArrayRef<int64_t> axes,
                                        MutableArrayRef<int64_t> sizes) {
  if (policy == "stretch" || sizes.size() != axes.size() || sizes.empty())
    return 0.0f;
  if (policy != "not_larger" && policy != "not_smaller")
    return node.emitError() << "unknown keep_aspect_ratio_policy "
                            << quoteName(policy);
  SmallVector<float> scales;
  for (auto [axis, size] : llvm::zip(axes, sizes))
    scales.push_back(static_cast<float>(size) /
                     static_cast<float>(shape[axis]));
  float scale = policy == "not_larger" ? *llvm::min_element(scales)
                                       : *llvm::max_element(scales);
  for (auto [axis, size] : llvm::zip(axes, sizes)) {
    // Halves are rounded up.
    float extent = std::floor(scale * static_cast<float>(shape[axis]) + 0.5f);
    size = extent >= 1 && extent < 1 << 30 ? static_cast<int64_t>(extent) : 0;
  }
  return scale;
}

/// The part of the input that tf_crop_and_resize takes: all starts of the
/// axes, then all ends.
static LogicalResult readCrop(NodeImporter &node, ArrayRef<int64_t> axes,
                              MutableArrayRef<ResizedDimension> dimensions) {
  SmallVector<double> roi = node.getNumbers(1, "roi");
  if (roi.size() != 2 * axes.size())
    return node.emitError() << "expected " << 2 * axes.size()
                            << " numbers as roi, but got " << roi.size();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    dimensions[axis].start = static_cast<float>(roi[i]);
    dimensions[axis].end = static_cast<float>(roi[axes.size() + i]);
  }
  return success();
}

/// Dimensions from scales, or from sizes if there are no scales.
static FailureOr<SmallVector<ResizedDimension>>
getDimensions(NodeImporter &node, ArrayRef<int64_t> shape,
              ArrayRef<int64_t> axes, ArrayRef<double> scales,
              ArrayRef<int64_t> sizes) {
  SmallVector<ResizedDimension> dimensions;
  for (int64_t extent : shape)
    dimensions.push_back({extent});
  if ((scales.empty() ? sizes.size() : scales.size()) != axes.size())
    return node.emitError() << "expected one scale or one size for each of "
                            << axes.size() << " dimensions";
  for (auto [i, axis] : llvm::enumerate(axes)) {
    ResizedDimension &to = dimensions[axis];
    if (scales.empty()) {
      to.extent = sizes[i];
      to.scale = static_cast<float>(sizes[i]) / static_cast<float>(shape[axis]);
      continue;
    }
    to.scale = static_cast<float>(scales[i]);
    double extent =
        std::floor(static_cast<double>(shape[axis]) * to.scale);
    if (!(to.scale > 0) || !(extent >= 1 && extent < 1 << 30))
      return node.emitError() << "unsupported scale " << scales[i]
                              << " of an extent of " << shape[axis];
    to.extent = extent;
  }
  return dimensions;
}

static LogicalResult checkMode(NodeImporter &node, StringRef mode) {
  if (mode != "nearest")
    return node.emitError() << "unsupported mode " << quoteName(mode)
                            << ": nearest is supported";
  return success();
}

static LogicalResult importResize(NodeImporter &node) {
  bool isOld = node.getOpset() < 11;
  std::string mode = node.getString("mode", "nearest");
  CoordinateRule rule{
      node.getString("coordinate_transformation_mode",
                     isOld ? "asymmetric" : "half_pixel"),
      node.getString("nearest_mode",
                     isOld ? "floor" : "round_prefer_floor")};
  node.ignore({"cubic_coeff_a", "exclude_outside", "extrapolation_value"});
  node.require("antialias", 0, 0);
  std::string policy =
      node.getString("keep_aspect_ratio_policy", "stretch");
  SmallVector<int64_t> axes = node.getInts("axes");
  Value input = node.getInput(0);
  if (!input || node.hasFailed())
    return failure();
  if (failed(checkMode(node, mode)))
    return failure();
  if (!llvm::is_contained({"half_pixel", "half_pixel_symmetric",
                           "pytorch_half_pixel", "align_corners", "asymmetric",
                           "tf_half_pixel_for_nn", "tf_crop_and_resize"},
                          StringRef(rule.transformation)))
    return node.emitError() << "unsupported coordinate_transformation_mode "
                            << quoteName(rule.transformation)
                            << ": half_pixel, half_pixel_symmetric, "
                               "pytorch_half_pixel, align_corners, asymmetric, "
                               "tf_half_pixel_for_nn and tf_crop_and_resize "
                               "are supported";
  if (!llvm::is_contained({"floor", "ceil", "round_prefer_floor",
                           "round_prefer_ceil"},
                          StringRef(rule.rounding)))
    return node.emitError() << "unknown nearest_mode "
                            << quoteName(rule.rounding);
  int64_t rank = getShape(input).size();
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, rank);
  if (axes.empty())
    llvm::append_range(axes, llvm::seq<int64_t>(0, rank));
  size_t scalesIndex = isOld ? 1 : 2;
  SmallVector<double> scales;
  SmallVector<int64_t> sizes;
  if (node.hasInput(scalesIndex))
    scales = node.getNumbers(scalesIndex, "scales");
  if (scales.empty() && !isOld && node.hasInput(3))
    sizes = node.getIntegers(3, "sizes");
  if (node.hasFailed())
    return failure();
  FailureOr<float> scale =
      keepAspectRatio(node, policy, getShape(input), axes, sizes);
  if (failed(scale))
    return failure();
  FailureOr<SmallVector<ResizedDimension>> dimensions =
      getDimensions(node, getShape(input), axes, scales, sizes);
  if (failed(dimensions))
    return failure();
  // Extents are rounded, coordinates are not.
  if (*scale != 0)
    for (int64_t axis : axes)
      (*dimensions)[axis].scale = *scale;
  if (rule.transformation == "tf_crop_and_resize" &&
      failed(readCrop(node, axes, *dimensions)))
    return failure();
  return node.setLike(createResize(node, input, *dimensions, rule));
}

/// The predecessor of Resize, with scales as attribute before version 9.
static LogicalResult importUpsample(NodeImporter &node) {
  std::string mode = node.getString("mode", "nearest");
  SmallVector<double> scales;
  if (node.getOpset() < 9)
    for (float scale : node.getFloats("scales"))
      scales.push_back(scale);
  else
    scales = node.getNumbers(1, "scales");
  Value input = node.getInput(0);
  if (!input || node.hasFailed())
    return failure();
  if (failed(checkMode(node, mode)))
    return failure();
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, getShape(input).size()));
  FailureOr<SmallVector<ResizedDimension>> dimensions =
      getDimensions(node, getShape(input), axes, scales, {});
  if (failed(dimensions))
    return failure();
  return node.setLike(
      createResize(node, input, *dimensions, {"asymmetric", "floor"}));
}

ArrayRef<Operator> onnx_import::getResizeOperators() {
  static constexpr Operator operators[] = {
      {"Resize", importResize, 1, 4},
      {"Upsample", importUpsample, 1, 2},
  };
  return operators;
}
