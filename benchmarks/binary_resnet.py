# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ResNet-18 of OpenVINO's BinaryConvolution: the same topology as ours at
W1A1, with float ends, but of +1 and -1 on both sides.

BinaryConvolution (opset1) is exact on the CPU if the FakeQuantize in front of
it outputs 0 and 1, which it reads as -1 and +1; with -1 and 1 it is silently
wrong. The bits of a byte of weights are read from the lowest.
"""

import pathlib

import numpy as np
import openvino
from openvino import opset1


class BinaryWriter:
    """Writes a network as OpenVINO's nodes; the methods are those of
    network_writer.Writer that resnet18 calls."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)

    def weight(self, shape: tuple[int, ...]):
        value = self.random.standard_normal(shape, dtype=np.float32)
        return opset1.constant(value * np.float32(np.sqrt(2 / np.prod(shape[1:]))))

    def binary_weight(self, shape: tuple[int, ...]):
        bits = self.random.integers(0, 2, shape, dtype=np.uint8)
        tensor = openvino.Tensor(openvino.Type.u1, openvino.Shape(shape))
        tensor.data[:] = np.packbits(bits.reshape(-1), bitorder="little")
        return openvino.op.Constant(tensor, shared_memory=False)

    def conv(self, x, name, channels, kernel, stride=1, pad=0, is_float=False):
        shape = (channels, x.get_output_shape(0)[1], kernel, kernel)
        window = ([stride] * 2, [pad] * 2, [pad] * 2, [1, 1])
        if is_float:
            return opset1.convolution(x, self.weight(shape), *window, name=name)
        return opset1.binary_convolution(
            self.binarize(x), self.binary_weight(shape), *window,
            "xnor-popcount", -1.0, name=name)

    def binarize(self, x):
        """Each convolution has a threshold of its own: OpenVINO makes one node of
        equal ones, joins a single one with the sum in front of it, and then
        reads the sum's other operand as bits."""
        threshold, zero, one = (
            opset1.constant(np.float32(value))
            for value in (self.random.uniform(0.4, 0.6), 0, 1))
        return opset1.fake_quantize(x, threshold, threshold, zero, one, 2)

    def batch_norm(self, x, name):
        channels = x.get_output_shape(0)[1]
        # As far as the sum of so many random signs, or of the stem's products.
        deviation = 1.0 if "stem" in name else 3 * np.sqrt(channels)
        scale, shift = self.random.uniform(0.25, 0.6, (2, channels))
        mean, variance = np.zeros(channels), np.full(channels, deviation**2)
        return opset1.batch_norm_inference(
            x, *(opset1.constant(value.astype(np.float32))
                 for value in (scale, shift, mean, variance)),
            epsilon=1e-4, name=name)

    def activation(self, x, name):
        """Convolutions make their input binary; shortcuts and pools get floats,
        as they cannot read bits."""
        return x

    def max_pool(self, x, name, kernel, stride, pads):
        return opset1.max_pool(x, [stride] * 2, list(pads[:2]), list(pads[2:]),
                               [kernel] * 2, "floor", name=name)

    def add(self, a, b, name):
        return opset1.add(a, b, name=name)

    def average(self, x, name):
        axes = opset1.constant(np.array([2, 3], np.int64))
        return opset1.reduce_mean(x, axes, True, name=name)

    def flatten(self, x, name):
        shape = opset1.constant(np.array([x.get_output_shape(0)[0], -1], np.int64))
        return opset1.reshape(x, shape, False, name=name)

    def dense(self, x, name, channels, bias, is_float):
        weight = self.weight((channels, x.get_output_shape(0)[1]))
        offset = opset1.constant(np.zeros((1, channels), np.float32))
        return opset1.add(opset1.matmul(x, weight, False, True), offset, name=name)


def write(topology, path: pathlib.Path, batch: int, image_size: int = 224):
    """Writes `topology`, a function of a writer and its input, to `path`."""
    image = opset1.parameter([batch, 3, image_size, image_size], np.float32,
                             name="image")
    result = topology(BinaryWriter(seed=1), image)
    openvino.save_model(openvino.Model([result.output(0)], [image], "binary"),
                        path, compress_to_fp16=False)
