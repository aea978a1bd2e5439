# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trunc of version 1 against qonnx, of codes and of reals that no width bounds.

Nothing is clamped: an input beyond the declared width gives what the formula
says. All numbers are exact in binary32, so results are equal, not close.
"""

import subprocess

import layerwise
import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser
from qonnx.custom_op.general.trunc import trunc_v1
from random_networks import MODES

OPSETS = 'ir_version: 8, opset_import: ["": 17, "qonnx.custom_op.general": 1]'
QUANT = ('qonnx.custom_op.general.Quant <signed = 1, narrow = 0, '
         'rounding_mode = "ROUND">')


def write(body: str, constants: dict, path):
    model = parser.parse_model(f"<{OPSETS}> net {body}")
    for name, value in constants.items():
        model.graph.initializer.append(
            numpy_helper.from_array(np.asarray(value, np.float32), name))
    onnx.save(model, path)


def run(tools, folder, x: np.ndarray) -> np.ndarray:
    """Of the interpreter, with which compiled code agrees."""
    outputs, _ = layerwise.interpret(tools, folder, folder / "net.onnx", {"x": x})
    result = subprocess.run(
        [tools / "dorefa-compile", folder / "net.onnx",
         f"--verify={folder / 'inputs.npz'}"],
        capture_output=True, text=True, errors="replace")
    assert result.returncode == 0, result.stderr
    return outputs["y"]


def expect(x, scale, zero, in_bits, out_bits, mode):
    wide = [np.asarray(value, np.float64)
            for value in (x, scale, zero, in_bits, out_bits)]
    return trunc_v1(*wide, mode).astype(np.float32)


@pytest.mark.parametrize("in_bits, out_bits", [(8, 4), (4, 3), (3, 3), (2, 4)])
@pytest.mark.parametrize("mode", MODES)
def test_reals(mode, in_bits, out_bits, tools, tmp_path):
    write('(float[N, 1] x) => (float[N, 1] y) {\n'
          f'y = qonnx.custom_op.general.Trunc <rounding_mode = "{mode}">'
          '(x, s, z, i, o) }',
          {"s": 0.5, "z": 3, "i": in_bits, "o": out_bits}, tmp_path / "net.onnx")
    x = np.concatenate([np.arange(-300, 300) * np.float32(0.25),
                        [1e4, -1e4, 2**22 + 1, -2**22 - 1, 3e9, -3e9, 2**40]])
    x = x.astype(np.float32)[:, None]
    assert np.array_equal(run(tools, tmp_path, x),
                          expect(x, 0.5, 3, in_bits, out_bits, mode))


@pytest.mark.parametrize("mode", MODES)
def test_sums_of_codes(mode, tools, tmp_path):
    write('(float[N, 1, 4, 4] x) => (float[N, 1, 2, 2] y) {\n'
          f'q = {QUANT} (x, s, z, b)\n'
          'p = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (q)\n'
          'm = Mul(p, four)\n'
          f'y = qonnx.custom_op.general.Trunc <rounding_mode = "{mode}">'
          '(m, s, z, i, o) }',
          {"s": 0.5, "z": 0, "b": 6, "four": 4, "i": 8, "o": 4},
          tmp_path / "net.onnx")
    x = np.random.default_rng(1).normal(0, 12, (50, 1, 4, 4)).astype(np.float32)
    codes = np.clip(np.rint(x / np.float32(0.5)), -32, 31) * 0.5
    sums = codes.reshape(50, 1, 2, 2, 2, 2).sum(axis=(3, 5))
    assert np.array_equal(run(tools, tmp_path, x),
                          expect(sums, 0.5, 0, 8, 4, mode))
