# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What dorefa-compile says of a trained network."""

import json
import os
import pathlib
import subprocess

import dorefa
import numpy as np
import onnx
import pytest
from onnx import helper

ADD = pathlib.Path(__file__).parent.parent / "Driver/Inputs/add.mlir"
# 784-1024-1024-1024-10, one bit a weight.
PARAMETERS = 784 * 1024 + 2 * 1024 * 1024 + 1024 * 10


@pytest.fixture
def lfc(examples):
    return examples / "mnist/lfc_w1a2_mnist.onnx"


@pytest.fixture
def compiler(tools):
    def run(*words):
        return subprocess.run([tools / "dorefa-compile", *words],
                              capture_output=True, text=True)

    return run


def test_bytes_of_the_file_are_accounted_for(compiler, lfc, tmp_path):
    library = tmp_path / "lfc.so"
    result = compiler(lfc, "-o", library, "--report=json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    file = report["file"]
    assert file["bytes"] == library.stat().st_size
    assert file["weight_bytes"] == PARAMETERS // 8
    parts = ("weight_bytes", "parameter_bytes", "code_bytes", "other_bytes")
    assert file["bytes"] == sum(file[part] for part in parts)
    # Names, tables and the report are small.
    assert 0 < file["other_bytes"] < 32768
    variant, = report["variants"]
    assert variant["macs"] == PARAMETERS
    assert variant["weight_bytes"] == file["weight_bytes"]
    assert [layer["engine"] for layer in variant["layers"]].count("f32") == 0


def test_report_is_in_the_file(compiler, lfc, tmp_path):
    library = tmp_path / "lfc.so"
    result = compiler(lfc, "-o", library, "--report=json")
    printed = json.loads(result.stdout)
    assert printed["file"]["bytes"] == library.stat().st_size
    assert dorefa.load(library).report == printed


@pytest.mark.parametrize("target", ["native", "x86-64-v3", "x86-64-v4-vbmi",
                                    "aarch64"])
def test_arena_is_near_what_is_alive(target, compiler, lfc):
    result = compiler(lfc, f"--target={target}", "--report=json")
    variant, = json.loads(result.stdout)["variants"]
    assert variant["live_bytes"] <= variant["arena_bytes"]
    assert variant["arena_bytes"] <= 1.1 * variant["live_bytes"]


def test_verify(compiler, lfc, tmp_path, monkeypatch):
    # The variant that is verified is the target's.
    monkeypatch.setenv("DOREFA_VARIANT", "none")
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, image=np.random.default_rng(1).random((3, 1, 28, 28),
                                                           np.float32))
    result = compiler(lfc, f"--verify={inputs}")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith(
        "all 4 layers with codes and 1 outputs are equal to the "
        "interpreter's\n")


def test_verify_refuses_other_inputs(compiler, lfc, tmp_path):
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, image=np.zeros((1, 1, 28, 27), np.float32))
    result = compiler(lfc, f"--verify={inputs}")
    assert result.returncode == 1
    assert result.stderr.count("error: ") == 1


def test_verify_refuses_images_that_a_fixed_batch_has_not(compiler, tmp_path):
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["": 17]>'
        "net (float[1, 2] x) => (float[2] y) <int64[1] s = {2}> {"
        " y = Reshape(x, s) }")
    onnx.save(model, tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", np.zeros((3, 2), np.float32))
    result = compiler(tmp_path / "net.onnx", f"--verify={tmp_path / 'x.npy'}")
    assert result.returncode == 1
    assert "input 'x' has a fixed batch of 1, but got 3 images" in result.stderr


def test_verify_names_the_file_that_is_missing(compiler, lfc, tmp_path):
    result = compiler(lfc, f"--verify={tmp_path / 'none.npz'}")
    assert result.stderr == (f"{lfc}: error: {tmp_path / 'none.npz'}: "
                             "No such file or directory\n")


def test_what_a_link_names_is_replaced(compiler, tmp_path):
    (tmp_path / "link.s").symlink_to("named.s")
    for _ in range(2):
        assert compiler(ADD, "-o", tmp_path / "link.s").returncode == 0
        assert (tmp_path / "link.s").is_symlink()
        assert "dorefa_get_model" in (tmp_path / "named.s").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.s",
                                                                "named.s"]


def test_a_pipe_is_written_to(tools, tmp_path):
    pipe = tmp_path / "pipe.s"
    os.mkfifo(pipe)
    with subprocess.Popen([tools / "dorefa-compile", ADD, "-o", pipe]) as program:
        assert "dorefa_get_model" in pipe.read_text()
    assert program.returncode == 0
    assert pipe.is_fifo()


@pytest.mark.parametrize("target", ["native", "x86-64-v3", "aarch64"])
def test_taps_are_outputs(compiler, lfc, tmp_path, target):
    library = tmp_path / "lfc.so"
    result = compiler(lfc, "-o", library, "--taps", f"--target={target}")
    assert result.returncode == 0, result.stderr
    if target == "aarch64":
        return
    outputs = {spec.name: spec for spec in dorefa.load(library).outputs}
    assert str(outputs["fc0_act"]) == "uint8[batch, 1024]"
    assert str(outputs["scores"]) == "float32[batch, 10]"


def test_booleans_between_layers(compiler, tmp_path):
    """Comparisons that are outputs and choose values as well."""
    nodes = [helper.make_node("Less", ["x", "w"], ["less"]),
             helper.make_node("Mul", ["x", "w"], ["m"]),
             helper.make_node("Where", ["less", "m", "x"], ["y"]),
             helper.make_node("MaxPool", ["y"], ["p"], kernel_shape=[1, 1]),
             helper.make_node("Where", ["less", "p", "x"], ["z"])]
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT,
                                       [1, 3, 2, 2])],
        [helper.make_empty_tensor_value_info(name)
         for name in ("y", "less", "z")],
        [onnx.numpy_helper.from_array(np.float32([0.5]), "w")])
    model = tmp_path / "net.onnx"
    model.write_bytes(helper.make_model(
        graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]
    ).SerializeToString())
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, x=np.random.default_rng(1).random((2, 3, 2, 2),
                                                       np.float32))
    result = compiler(model, f"--verify={inputs}")
    assert (result.returncode, result.stderr) == (0, "")
