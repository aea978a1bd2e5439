# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trained networks, compiled for this machine, against their golden files.

Every code of every activation quantizer must be the golden one; outputs too,
bit for bit, where no runtime's order of summation is in them. What networks
classify they must classify as well as listed.
"""

import json
import pathlib
import re
import subprocess

import data
import dorefa
import numpy as np
import pytest
from networks import (CORRECT_OF_EXAMPLES, NETWORKS, SAME_OUTPUTS, Network,
                      by_name)


class Compiled:
    """Compiles networks, each with each set of options once a session."""

    def __init__(self, tools: pathlib.Path, folder: pathlib.Path):
        self.compiler = tools / "dorefa-compile"
        self.folder = folder
        self.artifacts = {}

    def find_library(self, network: Network, *options: str) -> pathlib.Path:
        return self.folder / ("".join((network.name, *options)) + ".so")

    def __call__(self, network: Network, *options: str):
        path = network.path()
        if path is None:
            pytest.skip("needs the folder of further networks: set DOREFA_SHARED")
        key = (network.name, *options)
        if key not in self.artifacts:
            library = self.find_library(network, *options)
            result = subprocess.run(
                [self.compiler, path, "-o", library, "--report=json", *options],
                capture_output=True, text=True)
            assert result.returncode == 0, result.stderr
            self.artifacts[key] = (dorefa.load(library),
                                   json.loads(result.stdout))
        return self.artifacts[key]


@pytest.fixture(scope="session")
def compiled(tools, tmp_path_factory):
    return Compiled(tools, tmp_path_factory.mktemp("networks"))


def networks(condition=lambda network: True):
    return [pytest.param(network, id=network.name)
            for network in NETWORKS if condition(network)]


def golden_name(value: str) -> str:
    """The name that a golden file gives to the codes of an ONNX value."""
    return "codes_" + re.sub(r"[^A-Za-z0-9_.]", "_", value).lstrip("_")


def describe_difference(expected: np.ndarray, found: np.ndarray) -> str:
    where = np.argwhere(expected != found)
    first = tuple(int(index) for index in where[0])
    return (f"{len(where)} of {expected.size} differ, the first at {first}: "
            f"expected {expected[first]}, but got {found[first]}")


@pytest.mark.parametrize("network", networks())
def test_threads_change_nothing(network, compiled):
    """One image, all of whose layers they share, and a batch, of which some are
    left over."""
    model, _ = compiled(network, "--taps")
    options = ["--taps", "--least-part-work=1"]
    compiled(network, *options)
    images = np.load(network.golden_path())["input"]
    batches = [images] if model.inputs[0].shape[0] > 0 else [
        images[:1], np.concatenate([images] * 4)[:4]]
    for batch in batches:
        expected = model(batch)
        for threads in (2, 3, 7):
            parallel = dorefa.load(compiled.find_library(network, *options),
                                   threads)
            for name, array in parallel(batch).items():
                assert np.array_equal(array, expected[name], equal_nan=True), name


@pytest.mark.parametrize("network", networks())
def test_codes_are_golden(network, compiled):
    model, _ = compiled(network, "--taps")
    golden = np.load(network.golden_path())
    taps = {golden_name(name): array
            for name, array in model(golden["input"]).items()}
    for name in golden.files:
        if not name.startswith("codes_"):
            continue
        # Beside an output by the name of its quantizer.
        tap = f"{name}_codes" if f"{name}_codes" in taps else name
        assert tap in taps, f"expected an output {tap}, but got {sorted(taps)}"
        assert np.issubdtype(taps[tap].dtype, np.integer), tap
        expected = golden[name].astype(np.int64)
        found = taps[tap].reshape(expected.shape).astype(np.int64)
        assert np.array_equal(expected, found), (
            f"{name}: {describe_difference(expected, found)}")


@pytest.mark.parametrize("network", networks())
def test_outputs_are_golden(network, compiled):
    model, _ = compiled(network)
    golden = np.load(network.golden_path())
    found = model(golden["input"])
    assert found.dtype == golden["output"].dtype
    assert found.shape == golden["output"].shape
    if network.tolerance:
        assert np.abs(found - golden["output"]).max() <= network.tolerance
    else:
        assert np.array_equal(golden["output"], found), (
            describe_difference(golden["output"], found))


@pytest.mark.parametrize("network", networks())
def test_float_layers_are_the_known_ones(network, compiled):
    _, report = compiled(network)
    in_float = [layer["name"] for layer in report["variants"][0]["layers"]
                if layer["engine"] == "f32"]
    assert len(in_float) == network.float_layers, in_float


@pytest.mark.parametrize(
    "network", networks(lambda network: not network.float_layers))
def test_strict_compiles(network, compiled):
    compiled(network, "--strict")


@pytest.mark.parametrize("network", networks(lambda network: network.data))
def test_accuracy_on_the_whole_data_set(network, compiled, shared):
    model, _ = compiled(network)
    samples, labels = getattr(data, network.data)(shared)
    correct = int((model(samples).argmax(axis=1) == labels).sum())
    assert correct == network.correct


@pytest.mark.parametrize("name", CORRECT_OF_EXAMPLES)
def test_accuracy_on_the_example_images(name, compiled):
    model, _ = compiled(by_name(name))
    samples, labels = data.example_mnist()
    correct = int((model(samples).argmax(axis=1) == labels).sum())
    assert correct == CORRECT_OF_EXAMPLES[name]


@pytest.mark.parametrize("names", SAME_OUTPUTS, ids=lambda names: names[0])
def test_spellings_of_a_network_give_the_same_bits(names, compiled):
    first = by_name(names[0])
    expected, inputs = None, None
    for network in map(by_name, names):
        model, _ = compiled(network)
        if inputs is None:
            inputs = np.load(first.golden_path())["input"]
            expected = model(inputs)
        found = model(inputs)
        assert np.array_equal(expected, found), (
            f"{network.name}: {describe_difference(expected, found)}")


def test_deer_is_a_deer(compiled, examples):
    model, _ = compiled(by_name("cnv_w1a1_cifar10"))
    assert model(np.load(examples / "cifar10/deer.npy")).argmax() == 4
