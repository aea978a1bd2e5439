# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums of two convolutions that are one layer, or must not be, and windows with
input rows between them that none reads."""

import dorefa
import numpy as np
import pytest

from on_targets import check_on_targets
from sum_network import SumNetwork


def check(tools, folder, net: SumNetwork, batch: int | str, images: int,
          engine: str = "auto"):
    random = np.random.default_rng(3)
    inputs = {name: random.normal(0, 8, [images, *shape]).astype(np.float32)
              for name, shape in net.inputs.items()}
    check_on_targets(tools, folder, net, inputs, batch=batch, engine=engine)


def convolve(net: SumNetwork, codes: str, inputs: int, outputs: int, size: int,
             bits: int, group: int = 1, stride: int = 1) -> str:
    random = np.random.default_rng(len(net.nodes))
    weights = net.weights(random.normal(
        0, 2.0**(bits - 2), [outputs, inputs // group, size, size]))
    return net.node("Conv", [codes, net.quantize(weights, bits, bits > 1)],
                    kernel_shape=[size, size], group=group,
                    strides=[stride, stride], pads=[size // 2] * 4)


@pytest.mark.parametrize("engine", ["auto", "bytes", "planes"])
@pytest.mark.parametrize("groups", [(1, 2), (2, 1), (1, 128), (128, 1), (2, 4),
                                    (2, 2)])
def test_groups_of_each(groups, engine, tools, tmp_path):
    net = SumNetwork()
    net.inputs = {"a": [128, 6, 6], "b": [128, 6, 6]}
    net.outputs = [net.node("Add", [
        convolve(net, net.quantize(name, 2, False), 128, 128, size, 2, group)
        for name, size, group in zip("ab", (3, 1), groups)])]
    check(tools, tmp_path, net, 1, 1, engine)


@pytest.mark.parametrize("other", ["average", "wide"])
def test_plain_loops_take_no_convolution_along(other, tools, tmp_path):
    """What no engine computes, a sum of a window or codes of 12 bits, is a layer of
    its own beside a convolution."""
    net = SumNetwork()
    net.inputs = {"x": [64, 7, 7]}
    x = net.quantize("x", 4, False)
    if other == "average":
        second = net.node("AveragePool", [x], kernel_shape=[3, 3], pads=[1] * 4)
    else:
        second = convolve(net, net.quantize("x", 12, True), 64, 64, 1, 2)
    net.outputs = [net.node("Add", [convolve(net, x, 64, 64, 3, 2), second])]
    check(tools, tmp_path, net, "N", 2)
    engines = [layer["engine"] for layer in
               dorefa.load(tmp_path / "net.so").layers if layer["engine"]]
    assert engines.count("direct") == 1 and len(engines) == 2


@pytest.mark.parametrize("bits, codes", [(1, 4), (8, 8), (4, 4)])
@pytest.mark.parametrize("batch, images", [("N", 16), (1, 1), (16, 16)])
def test_block_of_one_pixel(batch, images, bits, codes, tools, tmp_path):
    """The last block of a ResNet for small images, whose projection reads one
    pixel of four, with images in groups, as there are more weights than a cache
    holds."""
    net = SumNetwork()
    net.inputs = {"x": [256, 2, 2]}
    x = net.quantize("x", codes, False)
    first = net.quantize(convolve(net, x, 256, 512, 3, bits, stride=2), codes,
                         False)
    net.outputs = [net.node("Add", [
        convolve(net, first, 512, 512, 3, bits),
        convolve(net, x, 256, 512, 1, bits, stride=2)])]
    check(tools, tmp_path, net, batch, images)


@pytest.mark.parametrize("size, stride", [(1, 2), (1, 3), (2, 3), (3, 4)])
@pytest.mark.parametrize("extent, channels", [(9, 64), (40, 96)])
def test_rows_between_windows(size, stride, extent, channels, tools, tmp_path):
    """Of a small image, all of whose tables are built at once, and of a large
    one."""
    net = SumNetwork()
    net.inputs = {"x": [channels, extent, extent]}
    codes = net.quantize("x", 4, False)
    net.outputs = [convolve(net, codes, channels, 48, size, bits, stride=stride)
                   for bits in (1, 2)]
    net.outputs.append(net.node("MaxPool", [net.quantize(convolve(
        net, codes, channels, 32, size, 1, stride=stride), 4, False)],
        kernel_shape=[2, 2], strides=[2, 2]))
    check(tools, tmp_path, net, "N", 2, "lookup")
