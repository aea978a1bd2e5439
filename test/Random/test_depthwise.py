# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Depthwise convolutions at the bounds of their sums, which 16 bits hold for some
widths, and beside readers with layouts of their own."""

import numpy as np
import pytest

from on_targets import check_on_targets
from sum_network import SumNetwork

LARGE = 1e6  # becomes the largest code
# Bits of weights and codes; 16 bits hold nine products of some, not of the next.
WIDTHS = [(1, 1), (1, 2), (1, 8), (2, 3), (4, 4), (4, 8), (5, 8), (6, 6), (7, 6),
          (8, 5), (8, 8), (4, 9)]


def make_extremes(shape: tuple[int, ...]) -> np.ndarray:
    """Slices that are all the largest code, all the least, or both in turn, then
    random ones."""
    values = np.random.default_rng(5).normal(0, 16, shape)
    values[0], values[1] = LARGE, -LARGE
    values[2] = np.resize([LARGE, -LARGE], shape[1:])
    values[3] = np.resize([LARGE, LARGE, -LARGE], shape[1:])
    return values.astype(np.float32)


def convolve(net: SumNetwork, codes: str, weights: str, kernel: tuple[int, ...],
             stride: int = 1, **attributes) -> str:
    attributes.setdefault("pads", [size // 2 for size in kernel] * 2)
    return net.node("Conv", [codes, weights], kernel_shape=list(kernel),
                    group=net.values[weights.split(".")[0]].shape[0],
                    strides=[stride] * len(kernel), **attributes)


def check(tools, folder, net: SumNetwork):
    inputs = {name: make_extremes((6, *shape))
              for name, shape in net.inputs.items()}
    check_on_targets(tools, folder, net, inputs, threads=(1, 2))


@pytest.mark.parametrize("kernel, stride, channels", [
    ((3, 3), 1, 16), ((3, 3), 1, 20), ((3, 3), 1, 64), ((3, 3), 2, 20),
    ((5, 5), 1, 16), ((9,), 1, 20), ((6, 6), 1, 16),
    # Taps in pairs, and one left over, in rows, columns and neither.
    ((2, 2), 1, 32), ((3, 1), 1, 32), ((1, 3), 2, 32), ((4, 3), 1, 32),
    ((2,), 1, 32)])
def test_sums_at_their_bounds(kernel, stride, channels, tools, tmp_path):
    """As reals, and behind thresholds."""
    net = SumNetwork()
    net.inputs = {"x": [channels, *[11, 9][:len(kernel)]]}
    weights = net.weights(make_extremes((channels, 1, *kernel)))
    for bits, codes in WIDTHS:
        sums = convolve(net, net.quantize("x", codes, codes % 3 == 0),
                        net.quantize(weights, bits, bits > 1), kernel, stride)
        net.outputs += [sums, net.quantize(sums, 2, False)]
    check(tools, tmp_path, net)


@pytest.mark.parametrize("channels", [5, 16, 33])
def test_weights_with_zeros_of_their_own(channels, tools, tmp_path):
    """Weights of -1 and 1, and less a number a channel, down to where 16 bits end:
    nine times 15 times 242 fits, times 243 does not; beside another product, and
    with dilation and uneven borders."""
    net = SumNetwork()
    net.inputs = {"x": [channels, 9, 8]}
    values = make_extremes((channels, 1, 3, 3))
    values[-1] = -LARGE
    weights = net.weights(values)
    bipolar = net.quantize_signs(weights)
    x = net.quantize("x", 4, False)
    for most in (242, 243):
        # Codes of four bits less a zero: as small as -most, in the last channel.
        zeros = np.linspace(0, most - 8, channels).round()
        shifted = net.quantize(weights, 4, True, zero=zeros.reshape(-1, 1, 1, 1))
        sums = convolve(net, x, shifted, (3, 3))
        net.outputs += [sums, net.quantize(sums, 3, True)]
        net.outputs.append(net.node(
            "Add", [sums, convolve(net, x, bipolar, (3, 3))]))
    net.outputs.append(net.quantize(
        convolve(net, x, bipolar, (3, 3), dilations=[2, 1], pads=[2, 0, 1, 2]), 2,
        False))
    net.outputs.append(convolve(net, net.quantize("x", 3, False, zero=2.0), bipolar,
                                (3, 3), 2))
    check(tools, tmp_path, net)


@pytest.mark.parametrize("bits, most", [(7, 126), (7, 127), (8, 127), (8, 128),
                                        (8, 1000), (8, 32000), (8, 33000)])
def test_weights_at_the_bounds_of_bytes_and_words(bits, most, tools, tmp_path):
    """Codes less a zero a channel, from -most - 1 to most."""
    net = SumNetwork()
    net.inputs = {"x": [32, 9, 8]}
    weights = net.weights(make_extremes((32, 1, 3, 3)))
    lowest = 2**(bits - 1)
    zeros = np.linspace(lowest - most - 1, most + 1 - lowest, 32).round()
    shifted = net.quantize(weights, bits, True, zero=zeros.reshape(-1, 1, 1, 1))
    for codes in (1, 2, 8):
        x = net.quantize("x", codes, False)
        sums = convolve(net, x, shifted, (3, 3))
        net.outputs += [sums, net.quantize(sums, 2, False)]
        net.outputs.append(convolve(net, x, shifted, (3, 3), dilations=[2, 1],
                                    pads=[2, 0, 1, 2]))
    check(tools, tmp_path, net)


@pytest.mark.parametrize("channels", [64, 48, 24])
@pytest.mark.parametrize("bits, codes", [(1, 1), (1, 2), (2, 2), (4, 4), (8, 8)])
def test_readers_in_their_layouts(bits, codes, channels, tools, tmp_path):
    """Blocks of MobileNet, whose second convolutions may read tables or planes, with
    a pool in the middle, and codes that several layers read."""
    net = SumNetwork()
    net.inputs = {"x": [channels, 12, 10]}
    x = net.quantize("x", codes, False)
    random = np.random.default_rng(bits)

    def get_weights(shape: list[int]) -> str:
        return net.quantize(net.weights(random.normal(0, 2.0**(bits - 2), shape)),
                            bits, bits > 1)

    wide = net.quantize(convolve(net, x, get_weights([channels, 1, 3, 3]), (3, 3)),
                        codes, False)
    pooled = net.node("MaxPool", [wide], kernel_shape=[2, 2], strides=[2, 2])
    for codes_read in (wide, pooled):
        net.outputs.append(net.node(
            "Conv", [codes_read, get_weights([32, channels, 1, 1])],
            kernel_shape=[1, 1]))
        net.outputs.append(convolve(
            net, codes_read, get_weights([channels, 1, 3, 3]), (3, 3)))
    check(tools, tmp_path, net)
