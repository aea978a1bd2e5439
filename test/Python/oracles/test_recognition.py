# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is recognised: again as itself, and in concatenations exactly."""

import re
import subprocess

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
import random_networks

RECOGNIZE = "--pass-pipeline=builtin.module(dorefa-recognize-pipeline)"


def run(*command, text: str | None = None) -> str:
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def without_constants(graph: str) -> list[str]:
    """The other ops, whose order it is that matters."""
    return [re.sub(r"%\w+", "%", line) for line in graph.splitlines()
            if "arith.constant" not in line]


@pytest.mark.parametrize("seed", range(40))
def test_twice_is_once(seed, tools, tmp_path):
    model, _ = random_networks.Builder(seed).network()
    onnx.save(model, tmp_path / "model.onnx")
    imported = run(tools / "dorefa-translate", "--import-onnx",
                   tmp_path / "model.onnx")
    once = run(tools / "dorefa-opt", RECOGNIZE, text=imported)
    twice = run(tools / "dorefa-opt", RECOGNIZE, text=once)
    assert without_constants(once) == without_constants(twice)


# Parts of a concatenation: bits, and whether signed; 0 bits for the sign.
PARTS = {"sign": (0, True), "u1": (1, False), "u2": (2, False), "u4": (4, False),
         "u8": (8, False), "s2": (2, True), "s4": (4, True), "s8": (8, True)}
WHOLE = "whole"  # a constant of whole numbers
QONNX = "qonnx.custom_op.general"


def make_constant(name, value):
    return numpy_helper.from_array(np.asarray(value, np.float32), name)


def quantize(part: str, x, scale):
    """The node, unless it is a constant, and the integers that it gives."""
    if part == WHOLE:
        return None, np.arange(x.size).reshape(x.shape) % 23 - 9
    bits, is_signed = PARTS[part]
    if bits == 0:
        node = helper.make_node("BipolarQuant", ["x", "scale"], [part], domain=QONNX)
        return node, np.where(x >= 0, 1, -1)
    node = helper.make_node("Quant", ["x", "scale", "zero", f"bits.{bits}"], [part],
                            domain=QONNX, signed=int(is_signed), narrow=0,
                            rounding_mode="ROUND")
    low = -(2 ** (bits - 1)) if is_signed else 0
    return node, np.clip(np.rint(x / scale), low, low + 2 ** bits - 1)


@pytest.mark.parametrize("inner,outer", [
    ("u2", "u4"), ("u1", "s4"), ("sign", "s4"), ("s2", "sign"), ("sign", "u8"),
    ("sign", "u1"), ("u8", "s8"), ("sign", "sign"), ("s4", WHOLE), (WHOLE, "sign")])
def test_sums_over_concatenated_codes_are_exact(inner, outer, tools, tmp_path):
    """Equal scales leave the sum, whatever codes the parts have: Concat(Concat(a,
    a), b) times integer weights is one integer, rounded once."""
    random = np.random.default_rng(0)
    # Whole numbers have the scale 1.
    scale = np.float32(1 if WHOLE in (inner, outer) else 0.3)
    weight_scale = np.float32(0.7)
    x = random.normal(0, 2, (5, 16)).astype(np.float32)
    nodes, integers = zip(*(quantize(part, x, scale) for part in (inner, outer)))
    codes = np.concatenate([integers[0], integers[0], integers[1]], 1).astype(np.int64)
    weights = random.integers(-3, 4, (48, 7))
    nodes = list({node.output[0]: node for node in nodes if node}.values()) + [
        helper.make_node("Concat", [inner, inner], ["twice"], axis=1),
        helper.make_node("Concat", ["twice", outer], ["all"], axis=1),
        helper.make_node("Quant", ["weights", "weight_scale", "zero", "bits.3"],
                         ["coded"], domain=QONNX, signed=1, narrow=0,
                         rounding_mode="ROUND"),
        helper.make_node("MatMul", ["all", "coded"], ["y"])]
    constants = {"scale": scale, "weight_scale": weight_scale, "zero": 0,
                 "weights": weights * weight_scale, WHOLE: quantize(WHOLE, x, 1)[1],
                 **{f"bits.{bits}": bits for bits in (1, 2, 3, 4, 8)}}
    graph = helper.make_graph(
        nodes, "concat",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, (5, 7))],
        [make_constant(*constant) for constant in constants.items()])
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid(QONNX, 1)]),
        tmp_path / "concat.onnx")
    np.save(tmp_path / "x.npy", x)
    run(tools / "dorefa-interpret", tmp_path / "concat.onnx",
        f"--inputs={tmp_path / 'x.npy'}", "-o", tmp_path / "y.npy")
    expected = (codes @ weights).astype(np.float32) * (scale * weight_scale)
    assert np.array_equal(np.load(tmp_path / "y.npy"), expected)
    run(tools / "dorefa-compile", tmp_path / "concat.onnx",
        f"--verify={tmp_path / 'x.npy'}")
