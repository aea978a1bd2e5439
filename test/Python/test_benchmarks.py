# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmarks, on the smallest network and on tiny layers: what is written can
be measured, is what the benchmark says, and peers that are absent are missed by
nothing."""

import importlib.util
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.lib.stride_tricks import sliding_window_view
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
    options = onnxruntime.SessionOptions()
    # Its sums of two products saturate at 16 bits on x86 without VNNI, else.
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(path, options,
                                           providers=["CPUExecutionProvider"])
    return session.run(None, {"image": image})[0]


@pytest.fixture(autouse=True)
def compiler(tools, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))
    monkeypatch.syspath_prepend(BENCHMARKS)


def compare(tmp_path, *arguments) -> tuple[str, dict]:
    """What the command says, and what it writes."""
    file = tmp_path / "all.json"
    text = run_script("compare.py", *arguments, "--rounds", "1", "--json", file,
                      "--build", tmp_path)
    return text, json.loads(file.read_text())


def test_networks_run_beside_every_peer_that_is_installed(folder, tmp_path):
    text, results = compare(tmp_path, folder, "--only", "svhn_w1a2", "--layers",
                            "--seconds", "0.01", "--batches", "1", "3")
    import runtimes
    settings = [(result["batch"], result["threads"])
                for result in results["networks"]]
    assert settings == [(1, 1), (1, 2), (3, 1), (3, 2)]
    for result in results["networks"]:
        programs = {program["program"]: program for program in result["programs"]}
        assert "ours W1A2" in programs
        assert programs["onnxruntime-int8"]["to_fp32"] > 0
        assert min(program["to_int8"] for program in programs.values()
                   if program["kind"] == "int8") == 1
        for name, peer in runtimes.PEERS.items():
            assert (name in programs or f"{name} is left out: " in text
                    or peer.kind == "binary"), name
    assert "svhn, batch 3, 2 threads" in text


def test_peers_that_cannot_be_restricted_are_left_out(folder, tmp_path):
    text, results = compare(tmp_path, folder, "--only", "svhn", "--layers",
                            "--seconds", "0.01", "--batches", "1", "--threads", "1",
                            "--peers", "onnxruntime-int8", "--target", "x86-64-v3")
    assert "onnxruntime-int8 is left out: it cannot be restricted" in text
    program, = results["networks"][0]["programs"]
    assert program["program"] == "ours W1A2" and program["to_int8"] is None


def test_no_other_threads_are_measured_than_the_compilers(tmp_path, monkeypatch):
    compiler = tmp_path / "bin/dorefa-compile"
    compiler.parent.mkdir()
    compiler.touch(mode=0o755)
    monkeypatch.setenv("DOREFA_COMPILE", str(compiler))
    result = subprocess.run([sys.executable, BENCHMARKS / "compare.py", tmp_path],
                            capture_output=True, text=True)
    assert result.returncode == 1
    assert "libdorefa_threads.so does not lie" in result.stderr


def test_layers_are_timed_alone(tmp_path):
    text, results = compare(
        tmp_path, "--no-onednn", "--layer-seconds", "0.01", "--widths", "1x2", "8x8",
        "--layers", "3x3 8-8 @6", "1x1/2 8-16 @3", "dense 24-16", "stem")
    assert "roof kernels are left out" in text
    layers = {(layer["layer"], layer["width"]): layer for layer in results["layers"]}
    assert set(layers) == {
        ("3x3 8-8 @6", "1x2"), ("1x1/2 8-16 @3", "1x2"), ("dense 24-16", "1x2"),
        ("3x3 8-8 @6", "8x8"), ("1x1/2 8-16 @3", "8x8"), ("stem", "f32")}
    assert all(layer["ms"] > 0 and layer["schedule"] for layer in layers.values())
    assert all(layer["to_roof"] is None for layer in layers.values())
    assert layers["stem", "f32"]["to_onnxruntime"] > 0


LOOPS = """\
  func.func private @step.measured(%arg0: memref<8xi8>) {
    return
  }
  func.func @dorefa_network(%arg0: memref<8xi8>, %arg1: memref<8xi8>) {
    call @step.codes(%arg0) : (memref<8xi8>) -> ()
    call @step.measured(%arg0) : (memref<8xi8>) -> ()
    call @step.measured_0(%arg1) : (memref<8xi8>) -> ()
    call @step.next_2(%arg1) : (memref<8xi8>) -> ()
    return
  }
"""


def test_only_the_steps_of_the_measured_layer_are_repeated():
    import layers

    texts = layers.edit_steps(LOOPS, repeat=7)
    steps = {name: re.findall(r"call @step\.(\w+)", text)
             for name, text in texts.items()}
    assert steps == {"feed": ["codes", "measured", "measured_0"],
                     "loop": ["measured", "measured_0"], "empty": []}
    assert "arith.constant 7 : index" in texts["loop"]
    with pytest.raises(ValueError, match="their steps are codes"):
        layers.edit_steps(LOOPS.replace("step.next", "step.other"), repeat=7)


ROOF_COLUMNS = """\
core 4.191 GHz; ms, MAC/cycle, tile (vectors x pixels)
layer              | 1x1 planes         | 1x2 lut6           | int8
3x3 64-64 @56   x4 | 0.0475   578 4x4   | 0.1172   236 1x7   | 0.2323   118 2x14
ResNet-18, ms      | 0.665              | 1.236              | 3.390
"""

ROOF_CELLS = """\
core 4.000 GHz
resnet 3x3 64-64 @56               115.6 MMAC | lut MB1 P14        289.0 MAC/cyc   \
0.100 ms | int8 2x14          122.2 MAC/cyc   0.229 ms | x4
"""


ROOF_PRODUCTS = """\
core 4.000 GHz (scalar chain)
WxA  M x N x K            engine                                    MAC/cyc  binMAC/cyc    typical        ms
1x2  64x784x576           avx2 lut MB2 P5                             180.0       360.0      179.9    0.0561 
4x4  64x784x576           avx2 maddubs+maddwd 2x4                      31.9       510.9       31.9    0.3167 
1x2  64x784x576           avx2 fma 2x6                                 15.3        30.6       15.1    0.0001 
"""

ROOF_DENSE = """\
fc6 9216x4096      weights  4.72 MB  warm (L2/L3)    39.4 us = 119.7 GB/s =  957.6 \
MAC/ns | cold (DRAM)   110.3 us =  42.8 GB/s
"""


def test_tables_of_hand_written_kernels_are_read():
    import cases
    import kernels

    shape = cases.parse("3x3 64-64 @56")
    roof = kernels.RoofKernels.__new__(kernels.RoofKernels)
    kernels.Kernels.__init__(roof)
    roof.has_vbmi = True
    roof.read_columns(ROOF_COLUMNS)
    assert roof.best(shape, "1x1") == (0.0475, "1x1 planes")
    assert roof.best(shape, "1x2") == (0.1172, "1x2 lut6")
    assert roof.best(shape, "4x4") == (0.2323, "int8")
    roof.read_cells(ROOF_CELLS)
    ms, kernel = roof.best(shape, "1x2")
    assert kernel == "1x2 lut" and ms == pytest.approx(0.1, abs=1e-4)
    assert roof.best(cases.parse("1x1/2 64-128 @28"), "1x1") is None
    roof.read_dense(ROOF_DENSE)
    assert roof.best(cases.parse("dense 9216-4096"), "1x2") == (0.0394, "1x2 lut")
    products = kernels.RoofKernels.__new__(kernels.RoofKernels)
    kernels.Kernels.__init__(products)
    products.read_products(ROOF_PRODUCTS)
    assert products.best(shape, "1x2") == (4 * 0.0561, "1x2 avx2 lut MB2 P5")
    assert products.best(shape, "8x8") == (4 * 0.3167, "int8")
    assert products.best(cases.parse("3x3 128-128 @28"), "1x2") is None


def test_speed_of_memory_is_that_of_the_next_larger_size():
    import kernels

    memory = kernels.ReadBandwidth.__new__(kernels.ReadBandwidth)
    memory.rounds = {1024: [300, 310, 100], 4096: [90.0]}
    assert [memory.of(size) for size in (9, 1025, 1e9)] == [300, 90, 90]


def test_float_twin_is_read_as_layers(folder):
    import float_layers

    model = onnx.load(folder / "svhn_fp32.onnx")
    layers = float_layers.read_layers(model)
    assert [layer.kind for layer in layers] == [
        "conv", "max_pool", "conv", "conv", "max_pool", "conv", "conv", "conv",
        "conv", "flatten", "dense"]
    assert all(layer.relu for layer in layers if layer.kind == "conv")


if importlib.util.find_spec("ai_edge_litert"):
    def test_lite_model_computes_what_the_float_twin_does(folder, tmp_path):
        import lite_model
        import runtimes

        path = tmp_path / "svhn.tflite"
        lite_model.write(folder / "svhn_fp32.onnx", path, batch=2)
        image = np.random.default_rng(5).random((2, 3, 40, 40), dtype=np.float32)
        run = runtimes.open_litert(str(path), image, 1)
        run()
        interpreter = run.__self__
        actual = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        expected = scores(folder / "svhn_fp32.onnx", image[:1])
        assert np.corrcoef(actual[0], expected[0])[0, 1] > 0.95


def binary_conv(random: np.random.Generator, x: np.ndarray, channels: int,
                kernel: int) -> np.ndarray:
    """What BinaryWriter writes, in its order of random numbers."""
    threshold = random.uniform(0.4, 0.6)
    bits = random.integers(0, 2, (channels, x.shape[1], kernel, kernel), np.uint8)
    pad = kernel // 2
    signs = np.pad(np.where(x > threshold, 1, -1),
                   ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=-1)
    windows = sliding_window_view(signs, (kernel, kernel), axis=(2, 3))
    return np.einsum("nchwab,mcab->nmhw", windows, 2 * bits.astype(int) - 1)


if importlib.util.find_spec("openvino"):
    def test_binary_convolutions_with_a_shortcut_are_exact():
        import binary_resnet
        import openvino

        writer = binary_resnet.BinaryWriter(seed=1)
        image = openvino.opset1.parameter([1, 24, 6, 6], np.float32, name="image")
        x = writer.conv(image, "first", 32, 3, pad=1)
        x = writer.add(writer.conv(x, "second", 32, 3, pad=1), x, "sum")
        results = [writer.conv(x, "left", 16, 3, pad=1), writer.conv(x, "right", 16, 1)]
        model = openvino.Model([node.output(0) for node in results], [image], "block")

        values = np.random.default_rng(5).random((1, 24, 6, 6), dtype=np.float32)
        actual = openvino.compile_model(model, "CPU")([values])
        random = np.random.default_rng(1)
        x = binary_conv(random, values, 32, 3)
        x = binary_conv(random, x, 32, 3) + x
        for index, kernel in enumerate((3, 1)):
            np.testing.assert_array_equal(actual[index],
                                          binary_conv(random, x, 16, kernel))


if importlib.util.find_spec("matplotlib"):
    def test_charts_depend_on_the_figures_alone(folder, tmp_path):
        import charts

        _, results = compare(
            tmp_path, folder, "--only", "svhn", "--batches", "1", "--threads", "1",
            "--seconds", "0.01", "--layers", "3x3 8-8 @6", "--widths", "1x2",
            "--no-onednn", "--layer-seconds", "0.01", "--svg", tmp_path / "charts")
        for name, draw, figures in (
                ("networks", charts.draw_networks, [results["networks"]]),
                ("layers", charts.draw_layers, [results["layers"]]),
                ("roofline", charts.draw_roofline, [results["layers"], {1024: 9.0}])):
            written = [tmp_path / "first.svg", tmp_path / "second.svg"]
            for path in written:
                draw(*figures, "a machine", path)
            assert (tmp_path / "charts" / f"{name}.svg").exists()
            assert written[0].read_bytes() == written[1].read_bytes()


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


def test_every_code_occurs():
    import make_networks

    writer = make_networks.Writer(1, 2, seed=1)
    model = make_networks.NETWORKS["svhn"].model(writer, "svhn_w1a2")
    quantizers = [node for node in model.graph.node if node.op_type == "Quant"]
    assert len(quantizers) == 6
    for quantizer in quantizers:
        codes = np.unique(np.rint(3 * writer.samples[quantizer.output[0]]))
        assert codes.tolist() == [0, 1, 2, 3], quantizer.name
