# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dense layers of several images at once: the bits are those of one by one.

Batches around the sizes of tiles and groups, on every engine and number of
threads, against the interpreter.
"""

import json
import subprocess

import dorefa
import numpy as np
import onnx
import pytest
from Models.network_writer import Writer
from onnx import TensorProto, helper

BATCHES = [1, 2, 3, 7, 8, 9, 17]
OPTIONS = [
    [],  # groups as the compiler chooses them
    ["--group-images=9"],
    ["--group-images=9", "--tile=1x8", "--least-part-work=1"],
    ["--group-images=4", "--tile=3x5", "--target=x86-64-v3"],
    *([f"--engine={engine}", "--group-images=8", "--least-part-work=1"]
      for engine in ("lookup", "lookup64", "quad", "planes", "bytes", "direct")),
    ["--group-images=1"],
]


def hidden(w: Writer, x: str, name: str, channels: int) -> str:
    norm = w.batch_norm(w.dense(x, name, channels), name + ".norm")
    return w.activation(norm, name + ".act")


def layers(w: Writer) -> list[str]:
    """A layer with more weights than the first-level cache holds, and some that
    read the same input."""
    x = w.quantize(w.input("x", (320,)), "x.q", w.activation_bits)
    x = hidden(w, x, "wide", 1024)
    x = hidden(w, x, "odd", 70)
    return [w.dense(x, "last", 10, bias=True, is_float=True)]


def residuals(w: Writer) -> list[str]:
    """A convolution over all of the image, the sum of a dense layer and its
    input, of two dense layers, and outputs that later layers read."""
    x = w.quantize(w.input("x", (12, 6, 6)), "x.q", w.activation_bits)
    x = w.batch_norm(w.conv(x, "conv0", 24, 3, pad=1), "norm0")
    x = w.activation(x, "act0")
    x = w.batch_norm(w.conv(x, "conv1", 40, 6), "norm1")
    x = w.flatten(w.activation(x, "act1"), "flat")
    a = hidden(w, x, "dense0", 64)
    total = w.add(w.batch_norm(w.dense(a, "dense1", 64), "norm2"), a, "sum")
    b = w.activation(total, "act2")
    both = w.add(w.dense(a, "dense2", 65), w.dense(b, "dense3", 65), "both")
    c = w.activation(w.batch_norm(both, "norm3"), "act3")
    return [w.dense(c, "last", 10, bias=True), a, total]


def shared(w: Writer) -> list[str]:
    """A factor without batch, which all images read."""
    x = w.quantize(w.input("x", (64,)), "x.q", w.activation_bits)
    x = w.batch_norm(w.dense(x, "dense0", 48), "norm0")
    w.samples["factor"] = np.ones((1, 48), np.float32)
    scaled = w.node("Mul", [x, "factor"], "scaled", w.samples[x])
    return [w.dense(w.activation(scaled, "act0"), "last", 10, is_float=True)]


def rows(w: Writer) -> list[str]:
    """Mixed in the end, so that the batch is fixed to what the model says."""
    x = layers(w)[0]
    mean = w.node("ReduceMean", [x], "mean", w.samples[x].mean(0, keepdims=True),
                  axes=[0], keepdims=1)
    return [w.node("Sub", [x, mean], "centred", w.samples[x] - w.samples[mean])]


class Case:
    """A network with inputs and what the interpreter says of them."""

    def __init__(self, tools, folder, network, bits, batch=None):
        self.tools, self.folder = tools, folder
        writer = Writer(*bits, seed=7)
        outputs = network(writer)
        inputs = [name for name in ("x", "factor") if name in writer.samples]
        tensors = {name: helper.make_tensor_value_info(
            name, TensorProto.FLOAT,
            [1 if name == "factor" else batch or "N",
             *writer.samples[name].shape[1:]]) for name in [*inputs, *outputs]}
        if "factor" in inputs:  # its extent of 1 would be the batch
            tensors["factor"] = helper.make_tensor_value_info(
                "factor", TensorProto.FLOAT, [48])
        graph = helper.make_graph(
            writer.nodes, "groups", [tensors[name] for name in inputs],
            [tensors[name] for name in outputs], writer.initializers)
        model = helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 17),
            helper.make_opsetid("qonnx.custom_op.general", 1)])
        self.model = folder / f"{network.__name__}.onnx"
        onnx.save(model, self.model)
        random = np.random.default_rng(0)
        self.inputs = {
            name: random.random(
                (batch or max(BATCHES), *writer.samples[name].shape[1:])
                if name == "x" else (48,), np.float32) for name in inputs}
        self.expected = self.interpret()

    def run(self, tool, *arguments):
        result = subprocess.run([self.tools / tool, *arguments],
                                capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def interpret(self):
        graph, given = self.folder / "graph.mlir", self.folder / "inputs.npz"
        found = self.folder / "expected.npz"
        np.savez(given, **self.inputs)
        self.run("dorefa-compile", self.model, "--emit=graph", "-o", graph)
        self.run("dorefa-interpret", graph, f"--inputs={given}", "-o", found)
        with np.load(found) as file:
            return {name: file[name] for name in file.files}

    def check(self, options, batches):
        library = self.folder / "network.so"
        self.run("dorefa-compile", self.model, "-o", library, *options)
        for threads in (1, 2, 3):
            model = dorefa.load(library, threads)
            for batch in batches:
                found = model(**{
                    name: array[:batch] if name == "x" else array
                    for name, array in self.inputs.items()})
                if not isinstance(found, dict):
                    found = {model.outputs[0].name: found}
                for name, array in found.items():
                    np.testing.assert_array_equal(
                        array, self.expected[name][:batch],
                        f"{name}, {batch} images, {threads} threads")


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("bits", [(1, 2), (2, 4)], ids=["w1a2", "w2a4"])
@pytest.mark.parametrize("network", [layers, residuals, shared])
def test_any_batch(network, bits, options, tools, tmp_path):
    Case(tools, tmp_path, network, bits).check(options, BATCHES)


@pytest.mark.parametrize("batch", [2, 8, 17])
@pytest.mark.parametrize("options", OPTIONS[1:], ids=" ".join)
def test_fixed_batch(batch, options, tools, tmp_path):
    Case(tools, tmp_path, rows, (1, 2), batch).check(options, [batch])


def test_fixed_batch_in_groups(tools, tmp_path):
    """Images do not meet, so that the code is that of any batch."""
    Case(tools, tmp_path, layers, (1, 2), 9).check(["--group-images=4"], [9])


def test_one_image_needs_no_slices(tools, tmp_path):
    """An image's slice shares the memory of what is not alive with it."""
    case = Case(tools, tmp_path, residuals, (1, 2))
    needed = {}
    for images in (1, 64):
        report = json.loads(case.run(
            "dorefa-compile", case.model, "-o", tmp_path / "network.so",
            f"--group-images={images}", "--engine=planes", "--report=json"))
        needed[images] = report["variants"][0]["arena_bytes"]
    assert needed[64] <= 1.05 * needed[1]
