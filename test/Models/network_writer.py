# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes low-bit networks with random weights, as QONNX.

Every node is run, as it is written, on a sample of random images. So batch
normalisation has statistics of its true input, and every code occurs.
"""

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"


class Writer:
    """Writes a network node by node; a value is a name and its sample."""

    def __init__(self, weight_bits: int, activation_bits: int, seed: int,
                 sample: int = 4):
        self.weight_bits = weight_bits
        self.activation_bits = activation_bits
        self.sample = sample
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.samples = [], [], {}

    def input(self, name: str, shape: tuple[int, ...]) -> str:
        self.samples[name] = self.random.random((self.sample, *shape),
                                                 dtype=np.float32)
        return name

    def constant(self, name: str, value) -> str:
        array = np.ascontiguousarray(value, np.float32)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, operator, inputs, output, sample, domain="", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output],
                                           name=output, domain=domain,
                                           **attributes))
        self.samples[output] = sample.astype(np.float32)
        return output

    def quantize(self, x: str, output: str, bits: int) -> str:
        levels = 2 ** bits - 1
        parameters = [self.constant(f"{output}.{what}", value)
                      for what, value in (("scale", 1 / levels), ("zero", 0),
                                          ("bits", bits))]
        return self.node("Quant", [x, *parameters], output,
                         np.rint(self.samples[x] * levels) / levels, QONNX,
                         signed=0, narrow=0, rounding_mode="ROUND")

    def weight(self, name: str, shape: tuple[int, ...], is_float: bool) -> str:
        fan_in = int(np.prod(shape[1:]))
        value = self.random.standard_normal(shape, dtype=np.float32)
        value *= np.sqrt(2 / fan_in, dtype=np.float32)
        if is_float:
            self.samples[name] = value
            return self.constant(name, value)
        if self.weight_bits == 1:
            scale = np.abs(value).mean()
            self.constant(name, value)
            self.constant(name + ".scale", scale)
            return self.node("BipolarQuant", [name, name + ".scale"],
                             name + ".q", np.where(value >= 0, scale, -scale),
                             QONNX)
        squashed = np.tanh(value)
        self.samples[name] = squashed / np.abs(squashed).max() / 2 + 0.5
        self.constant(name, self.samples[name])
        code = self.quantize(name, name + ".code", self.weight_bits)
        twice = self.node("Mul", [code, self.constant(name + ".two", 2)],
                          name + ".twice", 2 * self.samples[code])
        return self.node("Sub", [twice, self.constant(name + ".one", 1)],
                         name + ".q", self.samples[twice] - 1)

    def conv(self, x, name, channels, kernel, stride=1, pad=0, groups=1,
             bias=False, is_float=False):
        image = self.samples[x]
        shape = (channels, image.shape[1] // groups, kernel, kernel)
        weight = self.weight(name + ".weight", shape, is_float)
        padded = np.pad(image, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        windows = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        count, _, height, width = windows.shape[:4]
        # Per group, one product of matrices: a filter a row, a pixel a column.
        columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(
            count, groups, -1, height * width)
        filters = self.samples[weight].reshape(
            groups, channels // groups, columns.shape[2])
        result = (filters @ columns).reshape(count, channels, height, width)
        inputs = [x, weight]
        if bias:
            value = 0.1 * self.random.standard_normal(channels)
            inputs.append(self.constant(name + ".bias", value))
            result = result + value[:, None, None]
        return self.node("Conv", inputs, name, result, group=groups,
                         kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=[pad] * 4)

    def dense(self, x, name, channels, bias=False, is_float=False):
        weight = self.weight(name + ".weight",
                             (channels, self.samples[x].shape[1]), is_float)
        result = self.samples[x] @ self.samples[weight].T
        if bias:
            value = 0.1 * self.random.standard_normal(channels)
            return self.node("Gemm", [x, weight,
                                      self.constant(name + ".bias", value)],
                             name, result + value, transB=1)
        transposed = self.node("Transpose", [weight], name + ".transposed",
                               self.samples[weight].T, perm=[1, 0])
        return self.node("MatMul", [x, transposed], name, result)

    def batch_norm(self, x, name):
        sample = self.samples[x]
        axes = tuple(axis for axis in range(sample.ndim) if axis != 1)
        channels = sample.shape[1]
        scale = self.random.uniform(0.25, 0.6, channels)
        scale[self.random.random(channels) < 0.1] *= -1
        parameters = {
            "scale": scale,
            "bias": 0.3 + 0.15 * self.random.standard_normal(channels),
            "mean": sample.mean(axis=axes),
            "variance": sample.var(axis=axes) + 1e-3,
        }
        names = [self.constant(f"{name}.{what}", value)
                 for what, value in parameters.items()]
        column = {what: value.reshape(-1, *[1] * (sample.ndim - 2))
                  for what, value in parameters.items()}
        result = ((sample - column["mean"]) / np.sqrt(column["variance"])
                  * column["scale"] + column["bias"])
        return self.node("BatchNormalization", [x, *names], name, result,
                         epsilon=1e-4)

    def clip(self, x, name):
        limits = [self.constant(name + ".low", 0), self.constant(name + ".high", 1)]
        return self.node("Clip", [x, *limits], name, self.samples[x].clip(0, 1))

    def activation(self, x, name):
        return self.quantize(self.clip(x, name + ".clip"), name,
                             self.activation_bits)

    def max_pool(self, x, name, kernel, stride, pads=(0, 0, 0, 0)):
        top, left, bottom, right = pads
        padded = np.pad(self.samples[x],
                        ((0, 0), (0, 0), (top, bottom), (left, right)),
                        constant_values=-np.inf)
        windows = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
        return self.node("MaxPool", [x], name,
                         windows[:, :, ::stride, ::stride].max(axis=(4, 5)),
                         kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=list(pads))

    def pooled_activation(self, x, index, kernel, stride, pads=(0, 0, 0, 0)):
        """DoReFa-Net pools in front of the quantizer."""
        pooled = self.max_pool(x, f"pool{index}", kernel, stride, pads)
        return self.activation(pooled, f"act{index}")

    def add(self, a, b, name):
        return self.node("Add", [a, b], name, self.samples[a] + self.samples[b])

    def average(self, x, name):
        return self.node("GlobalAveragePool", [x], name,
                         self.samples[x].mean(axis=(2, 3), keepdims=True))

    def flatten(self, x, name):
        sample = self.samples[x]
        return self.node("Flatten", [x], name, sample.reshape(len(sample), -1),
                         axis=1)

    def finish(self, name: str, x: str, output: str,
               batch: int | str = "N") -> onnx.ModelProto:
        """The network from x to output."""
        tensors = [helper.make_tensor_value_info(
            value, TensorProto.FLOAT, [batch, *self.samples[value].shape[1:]])
            for value in (x, output)]
        graph = helper.make_graph(self.nodes, name, tensors[:1], tensors[1:],
                                  self.initializers)
        versions = {"": 17, QONNX: 1}
        domains = sorted({"", *(node.domain for node in self.nodes)})
        model = helper.make_model(
            graph, ir_version=8,
            opset_imports=[helper.make_opsetid(domain, versions[domain])
                           for domain in domains])
        onnx.checker.check_model(model)
        return model
