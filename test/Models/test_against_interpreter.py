# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks with random weights: compiled code against the interpreter.

`dorefa-compile --verify` runs both on the given inputs and fails at the first
layer whose codes differ. Small networks are written here; large ones, which
benchmarks/make_networks.py writes, are taken from the folder that
DOREFA_SPEED_NETWORKS names.
"""

import os
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from Models import miniatures
from Models.network_writer import Writer

WIDTHS = [(1, 1), (1, 2), (1, 4), (2, 2), (4, 4), (8, 8)]
LARGE = ["resnet18_w1a1", "resnet18_w1a2", "resnet18_w1a4", "resnet18_w2a2",
         "resnet18_w4a4", "resnet18_w8a8", "alexnet_w1a2", "svhn_w1a2",
         "mobilenet_w1a2", "mobilenet_w4a4", "mobilenet_w8a8", "cnv_w1a2"]


def verify(tools: pathlib.Path, path: pathlib.Path, folder: pathlib.Path,
           inputs: dict[str, np.ndarray], *options: str):
    np.savez(folder / "inputs.npz", **inputs)
    result = subprocess.run(
        [tools / "dorefa-compile", path, "-o", folder / "network.so",
         "--verify", folder / "inputs.npz", *options],
        capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("widths", WIDTHS, ids=lambda w: f"w{w[0]}a{w[1]}")
@pytest.mark.parametrize("topology", miniatures.TOPOLOGIES)
def test_small_network(topology, widths, tools, tmp_path):
    model = miniatures.write(topology, *widths)
    path = tmp_path / f"{model.graph.name}.onnx"
    onnx.save(model, path)
    shape = [dim.dim_value
             for dim in model.graph.input[0].type.tensor_type.shape.dim][1:]
    images = np.random.default_rng(2).random((3, *shape), dtype=np.float32)
    verify(tools, path, tmp_path, {"image": images})


@pytest.mark.parametrize("engine", ["lookup", "quad", "planes", "bytes"])
@pytest.mark.parametrize("widths", [(1, 4), (2, 2), (3, 6)],
                         ids=lambda w: f"w{w[0]}a{w[1]}")
def test_sums_of_more_than_16_bits(widths, engine, tools, tmp_path):
    """The largest code times the largest, 8000 times."""
    w = Writer(*widths, seed=1)
    image = w.input("image", (8000,))
    x = w.dense(w.activation(image, "codes"), "hidden", 70)
    x = w.activation(w.batch_norm(x, "norm"), "act")
    model = w.finish("large_sums", image, w.dense(x, "scores", 10))
    for tensor in model.graph.initializer:
        if tensor.name == "hidden.weight":
            ones = np.ones(tensor.dims, np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(ones, tensor.name))
    path = tmp_path / "large_sums.onnx"
    onnx.save(model, path)
    images = np.ones((3, 8000), np.float32)
    images[1:] -= np.random.default_rng(4).random((2, 8000), np.float32) / 1000
    verify(tools, path, tmp_path, {"image": images}, f"--engine={engine}")


@pytest.mark.parametrize("name", LARGE)
def test_large_network(name, tools, tmp_path):
    path = pathlib.Path(os.environ.get("DOREFA_SPEED_NETWORKS", ""),
                        f"{name}.onnx")
    if not path.exists():
        pytest.skip("needs the large networks: set DOREFA_SPEED_NETWORKS")
    graph = onnx.load(path, load_external_data=False).graph
    initializers = {tensor.name for tensor in graph.initializer}
    image, = (value for value in graph.input if value.name not in initializers)
    shape = [dim.dim_value for dim in image.type.tensor_type.shape.dim]
    sample = np.random.default_rng(3).random(shape, dtype=np.float32)
    verify(tools, path, tmp_path, {image.name: sample})
