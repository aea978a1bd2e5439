// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times oneDNN's int8 convolutions (u8 times s8 to u8), one thread. Arguments
// are seconds a layer and then layers, as kernel,stride,inputs,outputs,size;
// prints the least time of each in milliseconds, and what oneDNN chose for it.

#include <dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace dnnl;
using Clock = std::chrono::steady_clock;
using Tag = memory::format_tag;
using Type = memory::data_type;

namespace {

struct Shape {
  int kernel, stride, inputs, outputs, size;
};

convolution_forward::primitive_desc describe(const engine &cpu,
                                             const Shape &shape) {
  int pad = shape.kernel / 2, extent = shape.size * shape.stride;
  memory::desc source({1, shape.inputs, extent, extent}, Type::u8, Tag::nhwc);
  memory::desc weights(
      {shape.outputs, shape.inputs, shape.kernel, shape.kernel}, Type::s8,
      Tag::any);
  memory::desc result({1, shape.outputs, shape.size, shape.size}, Type::u8,
                      Tag::nhwc);
  memory::dims strides{shape.stride, shape.stride};
  memory::dims pads{pad, pad};
  primitive_attr attributes;
#if DNNL_VERSION_MAJOR >= 3
  attributes.set_scales_mask(DNNL_ARG_DST, 0);
  return {cpu,
          prop_kind::forward_inference,
          algorithm::convolution_direct,
          source,
          weights,
          result,
          strides,
          pads,
          pads,
          attributes};
#else
  attributes.set_output_scales(0, {0.01f});
  return {{prop_kind::forward_inference, algorithm::convolution_direct, source,
           weights, result, strides, pads, pads},
          attributes,
          cpu};
#endif
}

void measure(const engine &cpu, const Shape &shape, double seconds) {
  convolution_forward::primitive_desc description = describe(cpu, shape);
  memory source(description.src_desc(), cpu),
      weights(description.weights_desc(), cpu),
      result(description.dst_desc(), cpu);
  std::memset(source.get_data_handle(), 1, description.src_desc().get_size());
  std::memset(weights.get_data_handle(), 1,
              description.weights_desc().get_size());
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, source},
                                            {DNNL_ARG_WEIGHTS, weights},
                                            {DNNL_ARG_DST, result}};
#if DNNL_VERSION_MAJOR >= 3
  memory scale({{1}, Type::f32, Tag::x}, cpu);
  *static_cast<float *>(scale.get_data_handle()) = 100.0f;
  arguments.insert({DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST, scale});
#endif
  convolution_forward convolution(description);
  stream order(cpu);
  convolution.execute(order, arguments);

  double products = 1.0 * shape.kernel * shape.kernel * shape.inputs *
                    shape.outputs * shape.size * shape.size;
  int repeat = std::max(1, int(2e7 / products));
  double least = 1e9;
  Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    Clock::time_point start = Clock::now();
    for (int i = 0; i < repeat; ++i)
      convolution.execute(order, arguments);
    std::chrono::duration<double, std::milli> time = Clock::now() - start;
    least = std::min(least, time.count() / repeat);
  }
  std::printf("%.6f %s\n", least, description.impl_info_str());
}

} // namespace

int main(int argc, char **argv) {
  engine cpu(engine::kind::cpu, 0);
  for (int i = 2; i < argc; ++i) {
    Shape shape;
    if (std::sscanf(argv[i], "%d,%d,%d,%d,%d", &shape.kernel, &shape.stride,
                    &shape.inputs, &shape.outputs, &shape.size) != 5) {
      std::fprintf(stderr, "error: expected a shape, but got %s\n", argv[i]);
      return 1;
    }
    measure(cpu, shape, std::atof(argv[1]));
  }
  const version_t *version = dnnl::version();
  std::printf("version %d.%d.%d\n", version->major, version->minor,
              version->patch);
}
