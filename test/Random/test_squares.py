# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Squares of 2 x 2 output pixels by fewer products (the winograd engine): images
whose sides are even and odd, and sums at their bounds.

Transformed patches and kernels have more bits than codes, and what lies between
may overflow; patterns of codes make each of their elements the largest and least.
"""

import itertools
import platform

import dorefa
import numpy as np
import pytest

from on_targets import check_on_targets
from sum_network import SumNetwork

# The most channels whose sums fit 32 bits four times, of 8-bit codes.
MOST = (2**31 // 4 - 1) // (9 * 255 * 255)


def check(tools, folder, net: SumNetwork, inputs, tile: str, threads: int,
          batch: int | str = "N"):
    """That each target's code is of squares, and gives what the interpreter does."""
    def inspect(library):
        if platform.machine() == "x86_64":
            engines = [layer["engine"] for layer in dorefa.load(library).layers]
            assert engines.count("winograd") == len(net.outputs)

    check_on_targets(tools, folder, net, inputs, batch=batch, engine="winograd",
                     tile=tile, threads=(threads,), inspect=inspect)


@pytest.mark.parametrize("tile", ["1x1", "1x3", "2x2", "3x5"])
@pytest.mark.parametrize("height, width", [(2, 2), (2, 3), (3, 2), (5, 7), (8, 4)])
def test_sides_of_images(height, width, tile, tools, tmp_path):
    """With each kind of what may stand around the sums: pads, a second product of
    another stride, a pool, few or many channels of a block; in a batch that is
    known, or not."""
    random = np.random.default_rng(height * 10 + width)
    net = SumNetwork()
    net.inputs = {"x": [33, height, width], "half": [20, 2 * height, 2 * width]}
    x, half = net.quantize("x", 6, True), net.quantize("half", 3, False)

    def convolve(value, outputs, inputs, size, bits, **attributes):
        weights = net.weights(random.normal(
            0, 2.0**(bits - 2), [outputs, inputs, size, size]))
        return net.node("Conv", [value, net.quantize(weights, bits, True)],
                        kernel_shape=[size, size], **attributes)

    same, short = {"pads": [1, 1, 1, 1]}, {"strides": [2, 2]}
    net.outputs = [
        convolve(x, 40, 33, 3, 8, **same),
        convolve(x, 17, 33, 3, 2, pads=[2, 1, 0, 3]),
        net.node("Add", [convolve(x, 48, 33, 3, 5, **same),
                         convolve(half, 48, 20, 1, 4, **short)]),
        net.node("Add", [convolve(half, 33, 20, 1, 7, **short),
                         net.node("Add", [convolve(x, 33, 33, 3, 3, **same),
                                          convolve(x, 33, 33, 1, 3)])])]
    for outputs in 16, 70:
        sums = net.quantize(convolve(x, outputs, 33, 3, 4, **same), 7, True)
        net.outputs.append(net.node("MaxPool", [sums], kernel_shape=[2, 2],
                                    strides=[2, 2]))
    inputs = {name: random.normal(0, 16, [3, *shape]).astype(np.float32)
              for name, shape in net.inputs.items()}
    check(tools, tmp_path, net, inputs, tile, threads=2,
          batch=3 if tile == "2x2" else "N")


@pytest.mark.parametrize("bits, signed, input_bits, input_signed", [
    (8, False, 8, False), (8, True, 8, True), (8, True, 8, False),
    (7, True, 6, False), (4, False, 4, False), (1, False, 8, False),
    (4, True, 6, False), (4, True, 6, True), (4, False, 5, True),
    (3, True, 3, False), (2, True, 2, True), (1, False, 1, False)])
def test_sums_at_their_bounds(bits, signed, input_bits, input_signed, tools,
                              tmp_path):
    channels, size = MOST - MOST % 2, 6
    net = SumNetwork()
    net.inputs = {"x": [channels, size, size]}
    # Rows and columns of the largest and least codes, which add up in one element
    # of a transformed patch, or kernel, or another.
    lines = [np.resize(line, size) for line in (
        [1], [-1], [1, -1], [1, 1, -1, -1], [1, -1, -1], [-1, 1, 1])]
    patterns = np.stack([np.outer(rows, columns) for rows, columns in
                         itertools.product(lines, repeat=2)])
    weights = 1e6 * patterns[:, None, :3, :3].repeat(channels, 1)
    images = (1e6 * patterns[:, None].repeat(channels, 1)).astype(np.float32)
    quantized = net.quantize(net.weights(weights), bits, signed)
    net.outputs = [net.node("Conv", [net.quantize("x", input_bits, input_signed),
                                     quantized],
                            kernel_shape=[3, 3], pads=[1, 1, 1, 1])]
    check(tools, tmp_path, net, {"x": images}, "2x2", threads=1)
