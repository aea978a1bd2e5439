# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A recognised graph is recognised as itself: steps by hand change nothing."""

import re
import subprocess

import onnx
import pytest
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
