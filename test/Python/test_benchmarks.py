# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmark of whole networks, on the smallest one: what is written can be
measured, and is what the benchmark says."""

import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2] / "benchmarks"


def run_script(name: str, *arguments) -> str:
    result = subprocess.run([sys.executable, BENCHMARKS / name, *arguments],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("networks")
    run_script("make_networks.py", folder, "--only", "svhn")
    return folder


def scores(path: pathlib.Path, image: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path,
                                           providers=["CPUExecutionProvider"])
    return session.run(None, {"image": image})[0]


def test_low_bit_network_runs_beside_its_twins(folder, tools, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))
    table = run_script("networks.py", folder, "--only", "svhn_w1a2",
                       "--seconds", "0.01", "--rounds", "1")
    row, = (line for line in table.splitlines() if "svhn" in line)
    name, *times = [cell.strip() for cell in row.strip("|").split("|")]
    assert name == "svhn_w1a2"
    assert all(float(time) > 0 for time in times[:-1])


def test_int8_twin_computes_what_the_float_twin_does(folder):
    image = np.random.default_rng(5).random((1, 3, 40, 40), dtype=np.float32)
    expected = scores(folder / "svhn_fp32.onnx", image)
    actual = scores(folder / "svhn_int8.onnx", image)
    assert np.abs(actual - expected).max() < 0.2 * np.abs(expected).max()


def test_int8_twin_has_no_float_layer(folder):
    model = onnx.load(folder / "svhn_int8.onnx")
    onnx.checker.check_model(model)
    nodes = model.graph.node
    producer = {output: node.op_type for node in nodes for output in node.output}
    constants = {tensor.name: numpy_helper.to_array(tensor)
                 for tensor in model.graph.initializer}
    products = [node for node in nodes if node.op_type in ("Conv", "Gemm")]
    assert len(products) == 8
    for product in products:
        assert producer[product.input[0]] == "DequantizeLinear"
        assert producer[product.input[1]] == "DequantizeLinear"
        weight, = (node for node in nodes if product.input[1] in node.output)
        assert constants[weight.input[0]].dtype == np.int8
        assert constants[weight.input[1]].size > 1
    assert not any(node.op_type == "BatchNormalization" for node in nodes)


def test_every_code_occurs(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import make_networks

    writer = make_networks.Writer(1, 2, seed=1)
    model = make_networks.NETWORKS["svhn"].model(writer, "svhn_w1a2")
    quantizers = [node for node in model.graph.node if node.op_type == "Quant"]
    assert len(quantizers) == 6
    for quantizer in quantizers:
        codes = np.unique(np.rint(3 * writer.samples[quantizer.output[0]]))
        assert codes.tolist() == [0, 1, 2, 3], quantizer.name
