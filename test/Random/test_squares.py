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
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from columns import find_targets
from compare import Workshop, find_difference, run_library

DOMAIN = "qonnx.custom_op.general"
# The most channels whose sums fit 32 bits four times, of 8-bit codes.
MOST = (2**31 // 4 - 1) // (9 * 255 * 255)


class Net:
    """Convolutions of 3 x 3 places of one input, which give their real sums."""

    def __init__(self):
        self.nodes, self.inputs, self.outputs = [], {}, []
        self.values = {"one": np.float32(1), "zero": np.float32(0)}

    def quantize(self, name: str, bits: int, signed: bool) -> str:
        result = f"{name}.{bits}{'s' if signed else 'u'}"
        self.values[f"{bits}"] = np.float32(bits)
        if not any(result in node.output for node in self.nodes):
            self.nodes.append(helper.make_node(
                "Quant", [name, "one", "zero", f"{bits}"], [result], domain=DOMAIN,
                signed=int(signed), narrow=0, rounding_mode="ROUND"))
        return result

    def weights(self, array: np.ndarray) -> str:
        name = f"w{len(self.values)}"
        self.values[name] = array.astype(np.float32)
        return name

    def node(self, operator: str, inputs: list[str], **attributes) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name,
                                           **attributes))
        return name

    def save(self, path, batch: int | str):
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
                   for name in self.outputs]
        graph = helper.make_graph(
            self.nodes, "squares",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *shape])
             for name, shape in self.inputs.items()], outputs,
            [numpy_helper.from_array(value, name)
             for name, value in self.values.items()])
        model = helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)])
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def check(tools, folder, net: Net, inputs, tile: str, threads: int,
          batch: int | str = "N"):
    """That each target's code is of squares, and gives what the interpreter does."""
    model, workshop = folder / "net.onnx", Workshop(tools, folder)
    net.save(model, batch)
    np.savez(model.with_suffix(".npz"), **inputs)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    images = len(next(iter(inputs.values())))
    for target in find_targets():
        library = workshop.compile(model, {
            "target": target, "engine": "winograd", "tile": tile,
            "threads": threads, "taps": "no", "batch": "free"})
        found = run_library(library, inputs, [images], threads)
        assert not [difference for name in net.outputs
                    if (difference := find_difference(
                        name, expected[name], found[images, name]))], target
        if platform.machine() == "x86_64":
            engines = [layer["engine"] for layer in dorefa.load(library).layers]
            assert engines.count("winograd") == len(net.outputs)


@pytest.mark.parametrize("tile", ["1x1", "1x3", "2x2", "3x5"])
@pytest.mark.parametrize("height, width", [(2, 2), (2, 3), (3, 2), (5, 7), (8, 4)])
def test_sides_of_images(height, width, tile, tools, tmp_path):
    """With each kind of what may stand around the sums: pads, a second product of
    another stride, a pool, few or many channels of a block; in a batch that is
    known, or not."""
    random = np.random.default_rng(height * 10 + width)
    net = Net()
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
    net = Net()
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
