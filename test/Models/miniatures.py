# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small relatives of well-known low-bit networks, as QONNX.

Residual blocks, groups, pools before and behind quantizers, a float first and
last layer, dense layers behind convolutions: what the large networks are made
of, at a size that the interpreter runs in a moment. The weights are random.
Batch normalisation takes its statistics from a sample that is run through the
network while it is written, so that every code occurs.
"""

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"


class Writer:
    """Writes a network node by node; a value is a name and its sample."""

    def __init__(self, weight_bits: int, activation_bits: int, seed: int):
        self.weight_bits = weight_bits
        self.activation_bits = activation_bits
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.samples = [], [], {}

    def input(self, name: str, shape: tuple[int, ...]) -> str:
        self.samples[name] = self.random.random((4, *shape), dtype=np.float32)
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
        parts = [np.einsum("nchwij,ocij->nohw", window, part)
                 for window, part in zip(np.split(windows, groups, axis=1),
                                         np.split(self.samples[weight], groups))]
        result = np.concatenate(parts, axis=1)
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

    def add(self, a, b, name):
        return self.node("Add", [a, b], name, self.samples[a] + self.samples[b])

    def average(self, x, name):
        return self.node("GlobalAveragePool", [x], name,
                         self.samples[x].mean(axis=(2, 3), keepdims=True))

    def flatten(self, x, name):
        sample = self.samples[x]
        return self.node("Flatten", [x], name, sample.reshape(len(sample), -1),
                         axis=1)

    def finish(self, name: str, x: str, output: str) -> onnx.ModelProto:
        """The network from x to output, with a symbolic batch."""
        tensors = [helper.make_tensor_value_info(
            value, TensorProto.FLOAT, ["N", *self.samples[value].shape[1:]])
            for value in (x, output)]
        graph = helper.make_graph(self.nodes, name, tensors[:1], tensors[1:],
                                  self.initializers)
        model = helper.make_model(
            graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17),
                                                helper.make_opsetid(QONNX, 1)])
        onnx.checker.check_model(model)
        return model


def residual(w: Writer) -> tuple[str, str]:
    """Like ResNet-18: a float stem with an overlapping pool, two blocks, one of
    them with stride and a convolution on the shortcut, a global average."""
    x = first = w.input("image", (3, 20, 20))
    x = w.conv(x, "stem", 16, 7, stride=2, pad=3, is_float=True)
    x = w.activation(w.batch_norm(x, "stem.norm"), "stem.act")
    x = w.max_pool(x, "stem.pool", 3, 2, (1, 1, 1, 1))
    for block, channels, stride in (("block0", 16, 1), ("block1", 24, 2)):
        y = w.conv(x, block + ".conv0", channels, 3, stride=stride, pad=1)
        y = w.activation(w.batch_norm(y, block + ".norm0"), block + ".act0")
        y = w.conv(y, block + ".conv1", channels, 3, pad=1)
        y = w.batch_norm(y, block + ".norm1")
        if stride != 1:
            x = w.conv(x, block + ".shortcut", channels, 1, stride=stride)
            x = w.batch_norm(x, block + ".shortcut.norm")
        x = w.activation(w.add(y, x, block + ".sum"), block + ".act1")
    x = w.flatten(w.average(x, "average"), "flat")
    return first, w.dense(x, "scores", 10, bias=True, is_float=True)


def grouped(w: Writer) -> tuple[str, str]:
    """Like AlexNet: groups, pools in front of quantizers with uneven borders,
    dense layers with and without bias, the last but one only clipped."""
    x = first = w.input("image", (3, 30, 30))
    x = w.conv(x, "conv0", 12, 6, stride=2, bias=True, is_float=True)
    x = w.activation(x, "act0")
    x = w.batch_norm(w.conv(x, "conv1", 20, 5, pad=2, groups=2), "norm1")
    x = w.activation(w.max_pool(x, "pool1", 3, 2, (0, 0, 1, 1)), "act1")
    x = w.batch_norm(w.conv(x, "conv2", 24, 3, pad=1), "norm2")
    x = w.activation(w.max_pool(x, "pool2", 3, 2, (1, 1, 1, 1)), "act2")
    x = w.activation(w.batch_norm(w.conv(x, "conv3", 18, 3, pad=1, groups=2),
                                  "norm3"), "act3")
    x = w.flatten(x, "flat")
    x = w.dense(x, "dense0", 70, bias=True)
    x = w.activation(w.batch_norm(x, "norm4"), "act4")
    x = w.clip(w.batch_norm(w.dense(x, "dense1", 33), "norm5"), "clip5")
    return first, w.dense(x, "scores", 10, bias=True, is_float=True)


def plain(w: Writer) -> tuple[str, str]:
    """Like the SVHN networks and CNV: convolutions with and without borders,
    pools that do not overlap, a convolution that ends at one pixel."""
    x = first = w.input("image", (3, 22, 22))
    x = w.conv(x, "conv0", 16, 5, bias=True, is_float=True)
    x = w.activation(w.max_pool(x, "pool0", 2, 2), "act0")
    x = w.batch_norm(w.conv(x, "conv1", 20, 3, pad=1), "norm1")
    x = w.max_pool(w.activation(x, "act1"), "pool1", 2, 2)
    x = w.activation(w.batch_norm(w.conv(x, "conv2", 40, 3), "norm2"), "act2")
    x = w.activation(w.batch_norm(w.conv(x, "conv3", 65, 2), "norm3"), "act3")
    x = w.dense(w.flatten(x, "flat"), "dense0", 40)
    x = w.activation(w.batch_norm(x, "norm4"), "act4")
    return first, w.dense(x, "scores", 10)


TOPOLOGIES = {topology.__name__: topology
              for topology in (residual, grouped, plain)}


def write(topology: str, weight_bits: int, activation_bits: int,
          seed: int = 1) -> onnx.ModelProto:
    writer = Writer(weight_bits, activation_bits, seed)
    first, last = TOPOLOGIES[topology](writer)
    return writer.finish(f"{topology}_w{weight_bits}a{activation_bits}",
                         first, last)
