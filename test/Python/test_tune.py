# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling with measured times."""

import json
import platform
import shutil
import subprocess
import warnings

import dorefa
import numpy as np
import onnx
import pytest
from Models.network_writer import Writer

NETWORK = "cifar10/cnv_w1a1_cifar10.onnx"

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64",
                                reason="needs an x86-64 CPU")


@pytest.fixture
def compiler(tools, examples, tmp_path):
    """Compiles the network with the times of a file, if any; gives what was
    said and the report on the last variant."""
    inputs = tmp_path / "in.npy"
    np.save(inputs, np.random.default_rng(0).random((2, 3, 32, 32), np.float32))

    def call(times, *words):
        result = subprocess.run(
            [tools / "dorefa-compile", examples / NETWORK,
             *([f"--tune={times}"] if times else []), "--report=json", f"--verify={inputs}", *words],
            capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        verified, brace, report = result.stdout.partition("{")
        return (result.stderr + verified,
                json.loads(brace + report)["variants"][-1])

    return call


@pytest.fixture(scope="module")
def measured(tools, examples, tmp_path_factory):
    """A file with the network's times."""
    folder = tmp_path_factory.mktemp("measured")
    subprocess.run([tools / "dorefa-compile", examples / NETWORK, "-o",
                    folder / "net.so", f"--tune={folder / 'times.json'}"],
                   check=True)
    return folder / "times.json"


def layers_of(report):
    return [layer for layer in report["layers"] if "tile" in layer]


def schedules(report):
    return [(layer["engine"], *layer["tile"]) for layer in layers_of(report)]


def test_the_choice_follows_the_times(compiler, measured, tmp_path):
    times = tmp_path / "times with a blank.json"
    shutil.copy(measured, times)
    said, tuned = compiler(times)
    assert "all times are known" in said
    assert "equal to the interpreter's" in said
    content = json.loads(times.read_text())
    (section,) = content["sections"].values()
    # Whatever was slowest of a layer now takes no time.
    for tried in section["layers"].values():
        tried[max(tried, key=tried.get)] = 0.1
    section["networks"] = {}
    times.write_text(json.dumps(content))
    said, forged = compiler(times)
    assert "all times are known" in said
    assert "equal to the interpreter's" in said

    assert schedules(forged) != schedules(tuned)
    slow = [layer for layer in layers_of(forged)
            if layer.get("measured_ns") == 0.1]
    assert len(slow) >= len(layers_of(forged)) // 2


def test_a_list_of_targets(compiler, tmp_path):
    targets = ["x86-64-v3", "x86-64-v4-vbmi"]
    said, _ = compiler(tmp_path / "times.json", f"--target={','.join(targets)}",
                       "--engine=planes", "--tile=4x2")
    # Each is run, or named as one that this CPU cannot run.
    for name in targets:
        assert ((f"tuning {name}: " in said) !=
                (f"{name} is not tuned: this cpu lacks " in said))
    assert said.count("equal to the interpreter's") == said.count("measured;")


def test_prediction_is_kept_where_it_is_faster(compiler, measured, tmp_path):
    times = tmp_path / "times.json"
    shutil.copy(measured, times)
    content = json.loads(times.read_text())
    (section,) = content["sections"].values()
    for tried in section["layers"].values():
        tried[max(tried, key=tried.get)] = 0.1
    for network in section["networks"].values():
        network.update(predicted=1, tuned=2)
    times.write_text(json.dumps(content))
    _, kept = compiler(times)
    _, plain = compiler(None)
    assert schedules(kept) == schedules(plain)
    # A layer without its times makes it a question again.
    del section["layers"][next(iter(section["layers"]))]
    times.write_text(json.dumps(content))
    said, _ = compiler(times)
    assert "schedules of layers measured" in said
    (section,) = json.loads(times.read_text())["sections"].values()
    assert all(network["predicted"] > 1
               for network in section["networks"].values())


def test_the_report_says_where_the_prediction_is_off(compiler, measured,
                                                     tmp_path):
    times = tmp_path / "times.json"
    shutil.copy(measured, times)
    _, tuned = compiler(times)
    clock = tuned["cycles_per_ns"]
    layer = layers_of(tuned)[0]
    content = json.loads(times.read_text())
    (section,) = content["sections"].values()
    chosen = layer["measured_ns"]
    for tried in section["layers"].values():
        for schedule, time in tried.items():
            if time == chosen:
                tried[schedule] = time / 1000
    times.write_text(json.dumps(content))
    _, report = compiler(times)
    assert layer["name"] in report["mispredicted_layers"]
    for layer in layers_of(report):
        off = abs(layer["measured_ns"] * clock / layer["predicted_cycles"] - 1)
        assert (off > 0.25) == (layer["name"] in report["mispredicted_layers"])


def test_from_python(tools, examples, measured, tmp_path, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        library = dorefa.compile(examples / NETWORK, tmp_path / "net.so",
                                 tune=measured)
    network = dorefa.load(library)
    assert any("measured_ns" in layer for layer in network.layers)


def test_times_are_of_the_target(tools, tmp_path):
    """Without fused multiply-adds, epilogues are others than for this CPU."""
    writer = Writer(4, 4, seed=0, sample=1)
    image = x = writer.input("image", (16, 6, 6))
    for i in range(3):
        x = writer.activation(x, f"act{i}")
        x = writer.conv(x, f"conv{i}", 16, 3, pad=1)
    onnx.save(writer.finish("net", image, x, batch=1), tmp_path / "net.onnx")
    result = subprocess.run(
        [tools / "dorefa-compile", tmp_path / "net.onnx", "--cpu=x86-64-v2",
         f"--tune={tmp_path / 'times.json'}", "--report=json", "-o",
         tmp_path / "net.so"], capture_output=True, text=True, check=True)
    (report,) = json.loads(result.stdout)["variants"]
    assert len(layers_of(report)) == 3
    assert all("measured_ns" in layer for layer in layers_of(report))
