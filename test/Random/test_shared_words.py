# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Groups whose channels are not as many as share a word of the layout that the
next layer reads."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from columns import find_targets
from compare import Workshop, compare, run_library

DOMAIN = "qonnx.custom_op.general"


def write(groups: int, outputs: int) -> onnx.ModelProto:
    """A grouped convolution, its codes of two bits, and one that reads them."""
    rng = np.random.default_rng(groups)
    channels = groups * outputs
    values = {"one": 1, "zero": 0, "two": 2, "scale": 40,
              "w0": rng.choice([-1, 1], [channels, 64, 3, 3]),
              "w1": rng.choice([-1, 1], [64, channels, 3, 3])}

    def quantize(name, scale, result):
        return helper.make_node("Quant", [name, scale, "zero", "two"], [result],
                                domain=DOMAIN, signed=0, narrow=0,
                                rounding_mode="ROUND")

    nodes = [helper.make_node("BipolarQuant", [f"w{i}", "one"], [f"v{i}"],
                              domain=DOMAIN) for i in range(2)]
    nodes += [quantize("x", "one", "x0"),
              helper.make_node("Conv", ["x0", "v0"], ["y0"], group=groups,
                               pads=[1] * 4),
              quantize("y0", "scale", "x1"),
              helper.make_node("Conv", ["x1", "v1"], ["n0.y"], pads=[1] * 4)]
    shapes = {"x": ["N", 64 * groups, 6, 5], "n0.y": ["N", 64, 6, 5]}
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
             for name, shape in shapes.items()]
    graph = helper.make_graph(nodes, "groups", infos[:1], infos[1:], [
        numpy_helper.from_array(np.float32(value), name)
        for name, value in values.items()])
    return helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)])


@pytest.mark.parametrize("engine", ["auto", "lookup64", "planes"])
@pytest.mark.parametrize("groups, outputs", [(2, 32), (4, 16), (2, 96), (2, 24),
                                             (3, 8), (2, 64)])
def test_parts_of_shared_words(groups, outputs, engine, tools, tmp_path):
    model = tmp_path / "net.onnx"
    onnx.save(write(groups, outputs), model)
    inputs = {"x": np.random.default_rng(1).integers(
        0, 4, [2, 64 * groups, 6, 5]).astype(np.float32)}
    np.savez(model.with_suffix(".npz"), **inputs)
    workshop = Workshop(tools, tmp_path)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    for target in find_targets():
        library = workshop.compile(model, {
            "target": target, "engine": engine, "tile": "auto", "threads": 1,
            "taps": "no", "batch": "free"})
        outcome, = compare([0], expected, run_library(library, inputs, [2]))
        assert not outcome.error, target
