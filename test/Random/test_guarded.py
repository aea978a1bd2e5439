# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled code stays in the memory that it is given: the guards themselves, and
layers that read most of what there is.

What is read behind a buffer is multiplied by weights that are 0, so that no
result would show it.
"""

import ctypes
import faulthandler
import os

import guarded
import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from columns import find_targets
from compare import Workshop, compare, run_library


@pytest.mark.parametrize("place", ["before", "behind", "inside"])
def test_guards_end_a_process(place):
    size = {"before": 4096, "behind": 64, "inside": 64}[place]
    child = os.fork()
    if child == 0:
        faulthandler.disable()
        memory = guarded.allocate(size)
        address = memory.ctypes.data
        address += {"before": -1, "behind": size, "inside": size - 1}[place]
        os._exit(0 if ctypes.c_uint8.from_address(address).value == 255 else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) == (place != "inside")
    assert os.WIFSIGNALED(status) or status == 0


def write(channels: int, groups: int, bits: int) -> onnx.ModelProto:
    """A grouped convolution of codes. In the workspace lie its result and, last,
    its input: a multiple of 64 bytes."""
    quant = 'qonnx.custom_op.general.Quant <narrow = 0, rounding_mode = "ROUND", '
    total = channels * groups
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["": 17, "qonnx.custom_op.general": 1]>'
        f'net (float[N, {total}, 8, 8] x) => (float[N, {total}, 7, 7] y) <'
        f'float one = {{1}}, float zero = {{0}}, float bits = {{{bits}}}>'
        f'{{ q = {quant} signed = 0> (x, one, zero, bits)\n'
        f'   v = {quant} signed = 0> (w, one, zero, one)\n'
        f'   y = Conv <group = {groups}> (q, v) }}')
    weights = np.random.default_rng(0).choice([0, 1], [total, channels, 2, 2])
    model.graph.initializer.append(
        numpy_helper.from_array(weights.astype(np.float32), "w"))
    model.graph.output[0].name = model.graph.node[-1].output[0] = "n0.y"
    return model


def where_it_runs(engine, target, *case):
    missing = [] if target in find_targets() else [
        pytest.mark.skip(reason=f"this CPU cannot run {target}")]
    return pytest.param(engine, target, *case, marks=missing)


# Channels of a group that are no whole number of the engine's chunks.
@pytest.mark.parametrize("engine, target, channels, bits", [
    where_it_runs("bytes", "x86-64-v3", 1, 4),
    where_it_runs("bytes", "x86-64-v3", 2, 8),
    where_it_runs("bytes", "x86-64-v4-vnni", 2, 8),
    where_it_runs("bytes", "native", 3, 4),
    where_it_runs("lookup", "x86-64-v3", 4, 2),
    where_it_runs("lookup", "x86-64-v3", 4, 4),
    where_it_runs("lookup", "native", 4, 4),
    where_it_runs("auto", "native", 6, 4)])
def test_last_group_ends_with_the_memory(engine, target, channels, bits, tools,
                                         tmp_path):
    model = tmp_path / "net.onnx"
    content = write(channels, 64 // channels // 8 * 8, bits)
    onnx.save(content, model)
    shape = [d.dim_value for d in content.graph.input[0].type.tensor_type.shape.dim]
    image = np.random.default_rng(1).integers(
        0, 1 << bits, [1, *shape[1:]]).astype(np.float32)
    np.savez(model.with_suffix(".npz"), x=image)
    workshop = Workshop(tools, tmp_path)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    library = workshop.compile(model, {"target": target, "engine": engine,
                                       "tile": "auto", "threads": 1, "taps": "no",
                                       "batch": "free"})
    found = run_library(library, {"x": image}, [1])
    assert not [outcome.error for outcome in compare([0], expected, found)
                if outcome.error]
