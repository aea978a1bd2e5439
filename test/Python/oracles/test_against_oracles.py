# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The interpreter against onnxruntime and qonnx, layer by layer.

Large networks, which benchmarks/make_networks.py writes, are taken from the
folder that DOREFA_SPEED_NETWORKS names.
"""

import os
import pathlib

import layerwise
import numpy as np
import onnx
import pytest
import random_networks
from Models import miniatures
from Models.networks import NETWORKS

RANDOM_NETWORKS = 80
WIDTHS = [(1, 1), (1, 2), (2, 2), (4, 4), (8, 8)]
LARGE = ["resnet18_w1a1", "resnet18_w1a2", "resnet18_w1a4", "resnet18_w2a2",
         "resnet18_w4a4", "resnet18_w8a8", "alexnet_w1a2", "svhn_w1a2",
         "mobilenet_w1a2", "mobilenet_w4a4", "mobilenet_w8a8", "cnv_w1a2"]


def input_name(model: onnx.ModelProto) -> str:
    initializers = {tensor.name for tensor in model.graph.initializer}
    name, = (value.name for value in model.graph.input
             if value.name not in initializers)
    return name


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_trained_network(network, tools, tmp_path, tally):
    path = network.path()
    if path is None:
        pytest.skip("needs the folder of further networks: set DOREFA_SHARED")
    with np.load(network.golden_path()) as golden:
        images = golden["input"]
    model = onnx.load(path)
    few = images[:2] if images[0].size > 1000 else images[:8]
    layerwise.compare(model, tools, tmp_path, {input_name(model): few}, tally)


@pytest.mark.parametrize("widths", WIDTHS, ids=lambda w: f"w{w[0]}a{w[1]}")
@pytest.mark.parametrize("topology", miniatures.TOPOLOGIES)
def test_small_relative(topology, widths, tools, tmp_path, tally):
    model = miniatures.write(topology, *widths)
    shape = [dim.dim_value
             for dim in model.graph.input[0].type.tensor_type.shape.dim][1:]
    images = np.random.default_rng(4).random((2, *shape), dtype=np.float32)
    layerwise.compare(model, tools, tmp_path, {"image": images}, tally)


@pytest.mark.parametrize("name", LARGE)
def test_large_network(name, tools, tmp_path, tally):
    path = pathlib.Path(os.environ.get("DOREFA_SPEED_NETWORKS", ""),
                        f"{name}.onnx")
    if not path.exists():
        pytest.skip("needs the large networks: set DOREFA_SPEED_NETWORKS")
    model = onnx.load(path)
    image = input_name(model)
    value, = (v for v in model.graph.input if v.name == image)
    shape = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
    sample = np.random.default_rng(3).random(shape, dtype=np.float32)
    layerwise.compare(model, tools, tmp_path, {image: sample}, tally)


@pytest.mark.parametrize("seed", range(RANDOM_NETWORKS))
def test_random_network(seed, tools, tmp_path, tally):
    model, inputs = random_networks.Builder(seed).network()
    layerwise.compare(model, tools, tmp_path, inputs, tally)


@pytest.mark.parametrize("seed", range(4))
def test_one_wrong_code_is_noticed(seed, tools, tmp_path):
    model, inputs = random_networks.Builder(seed).network()
    onnx.save(model, tmp_path / "model.onnx")
    outputs, taps = layerwise.interpret(tools, tmp_path,
                                        tmp_path / "model.onnx", inputs)
    for name in taps:
        wrong = {**taps, name: taps[name].copy()}
        wrong[name].flat[-1] ^= 1
        with pytest.raises(AssertionError, match="codes differ"):
            layerwise.Comparison(model, inputs, wrong,
                                 layerwise.Tally()).run(outputs)


def test_few_codes_are_exempt(tally):
    """At the end of the file: about all networks above."""
    assert tally.share() <= 0.005, str(tally)
