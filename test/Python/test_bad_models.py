# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files that are no networks, or no sound ones: dorefa-compile says so in one
error, ends with exit code 1 and leaves no file behind. The importer's own
errors, one by one, are in test/Import/ONNX/errors*.test.
"""

import pathlib
import random
import subprocess

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

QUANTIZERS = "qonnx.custom_op.general"


@pytest.fixture
def compiler(tools, tmp_path):
    """Compiles a file; the exit code and the lines of errors."""
    output = tmp_path / "out"
    output.mkdir()

    def run(path: pathlib.Path, *options: str) -> tuple[int, list[str]]:
        result = subprocess.run(
            [tools / "dorefa-compile", path, "-o", output / "net.so", *options],
            capture_output=True, text=True, errors="replace", timeout=120,
            check=False)
        left = sorted(file.name for file in output.iterdir())
        assert left == ([] if result.returncode else ["net.h", "net.so"])
        for file in output.iterdir():
            file.unlink()
        lines = result.stderr.splitlines()
        errors = [line for line in lines if ": error: " in line]
        # Nothing else is said: no trace, no report of a sanitizer.
        assert all(line in errors or ": remark: " in line for line in lines), (
            result.stderr)
        return result.returncode, errors

    return run


@pytest.fixture
def refused(compiler):
    """The error of a file that must not compile, without the file's name."""
    def run(path: pathlib.Path, *options: str) -> str:
        status, errors = compiler(path, *options)
        assert (status, len(errors)) == (1, 1), errors
        return errors[0].split(": error: ", 1)[1]

    return run


def make_model(nodes, initializers=(), shape=(1, 4), outputs=("y",),
               element_type=TensorProto.FLOAT) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes, "net",
        [helper.make_tensor_value_info("x", element_type, shape)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        list(initializers))
    return helper.make_model(
        graph, ir_version=8,
        opset_imports=[helper.make_opsetid("", 17),
                       helper.make_opsetid(QUANTIZERS, 1)])


def save(model: onnx.ModelProto, folder: pathlib.Path) -> pathlib.Path:
    path = folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def array(name: str, values, dtype=np.float32) -> TensorProto:
    return numpy_helper.from_array(np.array(values, dtype), name)


def external(location: str, extents=(4,)) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=extents)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def add_weights(weights: TensorProto) -> onnx.ModelProto:
    return make_model([helper.make_node("Add", ["x", "w"], ["y"])], [weights])


@pytest.mark.parametrize("content", [
    b"", b"\0", b"hello\n", b"\x93NUMPY\1\0", b"PK\3\4", b"\xff" * 1000,
    b"\x0a" * 1000, b"\x08\x08"],
    ids=["empty", "zero", "text", "npy", "zip", "ones", "nested", "no graph"])
def test_no_model(content, refused, tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    refused(path)


def test_no_file(refused, tmp_path):
    assert "No such file or directory" in refused(tmp_path / "net.onnx")
    refused(tmp_path)


@pytest.mark.parametrize("location, reason", [
    ("w.bin", "No such file or directory"),
    ("../w.bin", "leaves the model's folder"),
    ("sub/../../w.bin", "leaves the model's folder"),
    ("{folder}/w.bin", "leaves the model's folder"),
    ("link.bin", "leaves the model's folder"),
    ("short.bin", "holds 15 bytes"),
    ("", "expected the location"),
    (".", "leaves the model's folder"),
    ("sub", "external data 'sub'"),
    ("w\0.bin", "external data")])
def test_external_data(location, reason, refused, tmp_path):
    (tmp_path / "w.bin").write_bytes(bytes(16))
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    (folder / "short.bin").write_bytes(bytes(15))
    location = location.replace("{folder}", str(tmp_path))
    assert reason in refused(save(add_weights(external(location)), folder))


def claim(extents) -> onnx.ModelProto:
    return add_weights(TensorProto(name="w", data_type=TensorProto.FLOAT,
                                   dims=extents, raw_data=bytes(16)))


def constant_of_shape(extents) -> onnx.ModelProto:
    return make_model(
        [helper.make_node("ConstantOfShape", ["s"], ["w"]),
         helper.make_node("ReduceSum", ["w"], ["r"], keepdims=0),
         helper.make_node("Add", ["x", "r"], ["y"])],
        [array("s", extents, np.int64)])


def enlarged(factor: float) -> onnx.ModelProto:
    return make_model(
        [helper.make_node("Resize", ["x", "", "f"], ["y"], mode="nearest")],
        [array("f", [1, 1, factor, factor])], shape=(1, 1, 2, 2))


def padded(amount: int) -> onnx.ModelProto:
    return make_model([helper.make_node("Pad", ["x", "p"], ["y"])],
                      [array("p", [0, amount, 0, amount], np.int64)])


def wide_kernel(extent: int) -> onnx.ModelProto:
    return make_model(
        [helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[extent] * 2,
                          pads=[extent - 1] * 4)], shape=(1, 1, 2, 2))


# Each is a file of less than 1,000 bytes.
@pytest.mark.parametrize("model", [
    claim([1 << 29]), claim([1 << 20, 1 << 20]), claim([1 << 62, 4]),
    claim([-4]), claim([0]), claim([1 << 31] * 3),
    constant_of_shape([1 << 40]), constant_of_shape([1 << 32, 1 << 32]), constant_of_shape([-1]),
    enlarged(32768.0), enlarged(1e30), enlarged(float("inf")),
    enlarged(float("nan")), enlarged(-1.0),
    padded(1 << 31), padded(1 << 62), padded(-3),
    wide_kernel(1 << 20), wide_kernel(1 << 40), wide_kernel((1 << 63) - 1),
    make_model([helper.make_node("Relu", ["x"], ["y"])], shape=(1, 1 << 40)),
    make_model([helper.make_node("Relu", ["x"], ["y"])],
               shape=(1 << 32, 1 << 32)),
])
def test_small_file_with_a_large_tensor(model, refused, tmp_path):
    path = save(model, tmp_path)
    assert path.stat().st_size < 1000
    refused(path)


@pytest.mark.parametrize("bits", [0, 33, -1, 2.5, float("nan"), float("inf")])
def test_width(bits, refused, tmp_path):
    quantizer = helper.make_node("Quant", ["x", "s", "z", "b"], ["y"],
                                 domain=QUANTIZERS, signed=0, narrow=0)
    model = make_model([quantizer],
                       [array("s", 0.5), array("z", 0), array("b", bits)])
    assert "whole number from 1 to 32" in refused(save(model, tmp_path))


@pytest.mark.parametrize("nodes", [
    [("y", ["x", "y"])],
    [("a", ["x", "b"]), ("b", ["a", "x"]), ("y", ["b", "x"])],
    # A cycle that no output needs.
    [("a", ["x", "b"]), ("b", ["a", "x"]), ("y", ["x", "x"])]],
    ids=["itself", "two", "aside"])
def test_cycle(nodes, refused, tmp_path):
    model = make_model([helper.make_node("Add", inputs, [output], name=output)
                        for output, inputs in nodes])
    assert "cycle" in refused(save(model, tmp_path))


def test_cycle_of_many_nodes(refused, tmp_path):
    """Longer than any stack is deep."""
    count = 100000
    nodes = [helper.make_node("Add", ["x", f"v{(i + 1) % count}"], [f"v{i}"])
             for i in range(count)]
    model = make_model(nodes, outputs=["v0"])
    assert "cycle" in refused(save(model, tmp_path))


def test_long_chain_in_wrong_order(refused, tmp_path):
    """Sorted without recursion; the last node is what is refused."""
    count = 20000
    nodes = [helper.make_node("Relu", [f"v{i}"], [f"v{i + 1}"])
             for i in range(count)]
    nodes.append(helper.make_node("Selu", ["x"], ["v0"]))
    model = make_model(list(reversed(nodes)), outputs=[f"v{count}"])
    assert "unsupported operator" in refused(save(model, tmp_path))


@pytest.mark.parametrize("element_type", [
    TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.BFLOAT16,
    TensorProto.UNDEFINED, 77], ids=str)
def test_type_of_input(element_type, refused, tmp_path):
    model = make_model([helper.make_node("Relu", ["x"], ["y"])],
                       element_type=element_type)
    refused(save(model, tmp_path))


@pytest.mark.parametrize("weights", [
    array("w", [1, 2, 3]), array("w", [[1, 2], [3, 4]]),
    array("w", [1, 2, 3, 4], np.int64), array("w", [1, 2, 3, 4], np.float64),
    helper.make_tensor("w", TensorProto.STRING, [4], [b"a"] * 4),
    TensorProto(name="w", data_type=77, dims=[4], raw_data=bytes(16)),
    TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4]),
    TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4],
                raw_data=bytes(17)),
], ids=["shape", "rank", "int64", "double", "strings", "unknown type",
        "no data", "too much data"])
def test_weights(weights, refused, tmp_path):
    refused(save(add_weights(weights), tmp_path))


@pytest.mark.parametrize("shape", [
    "x=1x5", "x=4", "y=1x4", "x=", "x=1x", "x=axb", "x=1x-4", "x=1x0",
    "x=1x99999999999999999999", "x=1x4294967296x4294967296"])
def test_shape_option(shape, refused, tmp_path):
    refused(save(add_weights(array("w", [1, 2, 3, 4])), tmp_path),
            f"--shape={shape}")


def test_long_chain_compiles(compiler, tmp_path):
    """Whatever walks a graph does so without recursion."""
    count = 10000
    nodes = []
    for i in range(count):
        before = f"v{i}" if i else "x"
        nodes.append(helper.make_node(("Neg", "Floor", "Abs")[i % 3], [before],
                                      [f"v{i + 1}"]))
    model = make_model(nodes, outputs=[f"v{count}"])
    assert compiler(save(model, tmp_path)) == (0, [])


def test_damaged_network(compiler, tmp_path):
    """Through all of the compiler; the importer alone sees two thousand."""
    chance = random.Random(20160620)
    nodes = [
        helper.make_node("Quant", ["x", "s", "z", "b"], ["q"], signed=0,
                         domain=QUANTIZERS, narrow=0, rounding_mode="ROUND"),
        helper.make_node("BipolarQuant", ["w", "s"], ["v"], domain=QUANTIZERS),
        helper.make_node("Conv", ["q", "v"], ["c"], pads=[1] * 4),
        helper.make_node("BatchNormalization", ["c", "g", "h", "h", "g"], ["n"]),
        helper.make_node("MultiThreshold", ["n", "t"], ["m"], domain=QUANTIZERS),
        helper.make_node("MaxPool", ["m"], ["p"], kernel_shape=[2, 2],
                         strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["y"])]
    model = make_model(nodes, [
        array("s", 0.5), array("z", 0), array("b", 2),
        array("w", np.linspace(-1, 1, 36).reshape(2, 2, 3, 3)),
        array("g", [1, 2]), array("h", [0.5, -0.5]),
        array("t", [[-1, 0, 1], [0, 1, 2]])], shape=(1, 2, 4, 4))
    whole = model.SerializeToString()
    path = tmp_path / "net.onnx"
    path.write_bytes(whole)
    assert compiler(path) == (0, [])
    for _ in range(60):
        damaged = bytearray(whole)
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)):]
        else:
            for _ in range(chance.randint(1, 3)):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        status, errors = compiler(path)
        assert (status, len(errors)) in ((0, 0), (1, 1)), (status, errors)
