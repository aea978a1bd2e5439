# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums at their bounds: inputs and weights that are all the largest code, all
the least, or both in turn, over more channels than bytes and words can count.

Codes of random networks are spread evenly, so that their sums stay far from what
engines keep in bytes or in 16 bits before they widen.
"""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from columns import find_targets
from compare import Workshop, compare, run_library

DOMAIN = "qonnx.custom_op.general"
CHANNELS = 6016
OUTPUTS = 20
# Bits of weights and inputs, and whether each has a sign; one bit with one: -1, 1.
WIDTHS = [(1, True, 1, False), (1, True, 1, True), (1, False, 2, False),
          (1, True, 2, True), (2, True, 2, False), (2, False, 2, True),
          (1, True, 3, False), (2, True, 4, False), (3, True, 5, True),
          (4, True, 4, False), (4, False, 4, True), (6, False, 6, True),
          (6, True, 6, False), (7, True, 6, False), (7, True, 7, False),
          (8, True, 1, False), (8, True, 4, False), (8, True, 7, False),
          (1, True, 8, True), (7, True, 8, False), (8, True, 8, False),
          (8, False, 8, True)]


def make_extremes(count: int) -> np.ndarray:
    """Rows of what is clipped to the largest and least codes, then random ones."""
    rows = np.random.default_rng(count).normal(0, 100, [count, CHANNELS])
    rows[0], rows[1] = 1e6, -1e6
    rows[2] = np.resize([1e6, -1e6], CHANNELS)
    rows[3] = np.resize([-1e6, -1e6, 1e6, 1e6], CHANNELS)
    return rows.astype(np.float32)


def write() -> onnx.ModelProto:
    """For each width, a convolution of two pixels and a product of one."""
    nodes, values, outputs = [], {"one": np.float32(1), "zero": np.float32(0)}, []
    weights = make_extremes(OUTPUTS)
    values["conv.w"] = weights[:, :, None]
    values["dense.w"] = weights.T

    def quantize(name, result, bits, is_signed):
        if bits == 1 and is_signed:
            return helper.make_node("BipolarQuant", [name, "one"], [result],
                                    domain=DOMAIN)
        values[f"{bits}"] = np.float32(bits)
        return helper.make_node("Quant", [name, "one", "zero", f"{bits}"], [result],
                                domain=DOMAIN, signed=int(is_signed), narrow=0,
                                rounding_mode="ROUND")

    inputs = {"conv": [CHANNELS, 2], "dense": [CHANNELS]}
    for i, (bits, has_sign, input_bits, input_has_sign) in enumerate(WIDTHS):
        for kind, operator in ("conv", "Conv"), ("dense", "MatMul"):
            name = f"n{i}.{kind}"
            nodes += [quantize(kind, f"{name}.x", input_bits, input_has_sign),
                      quantize(f"{kind}.w", f"{name}.w", bits, has_sign),
                      helper.make_node(operator, [f"{name}.x", f"{name}.w"], [name])]
            outputs.append(helper.make_tensor_value_info(
                name, TensorProto.FLOAT, ["N", OUTPUTS, *inputs[kind][1:]]))
    graph = helper.make_graph(
        nodes, "extremes",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
         for name, shape in inputs.items()],
        outputs, [numpy_helper.from_array(value, name)
                  for name, value in values.items()])
    return helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)])


@pytest.fixture(scope="module")
def network(tools, tmp_path_factory):
    """The tools, the file, its inputs and what the interpreter makes of them."""
    folder = tmp_path_factory.mktemp("extremes")
    workshop, model = Workshop(tools, folder), folder / "net.onnx"
    onnx.save(write(), model)
    images = make_extremes(5)
    inputs = {"dense": images, "conv": np.stack([images, -images], axis=2)}
    np.savez(model.with_suffix(".npz"), **inputs)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    return workshop, model, inputs, expected


@pytest.mark.parametrize("target", find_targets())
@pytest.mark.parametrize("engine", ["auto", "lookup", "lookup64", "quad", "planes",
                                    "bytes"])
def test_sums_at_their_bounds(engine, target, network):
    workshop, model, inputs, expected = network
    library = workshop.compile(model, {"target": target, "engine": engine,
                                       "tile": "auto", "threads": 1, "taps": "no",
                                       "batch": "free"})
    images = len(inputs["dense"])
    found = run_library(library, inputs, [images])
    outcomes = compare(range(len(WIDTHS)), expected, found)
    assert not {WIDTHS[outcome.index]: outcome.error for outcome in outcomes
                if outcome.error}
