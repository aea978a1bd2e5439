# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The Python package, on a network of one addition."""

import gc
import pathlib
import subprocess
import sys
import threading

import dorefa
import numpy as np
import pytest
from dorefa import executor

INPUTS = pathlib.Path(__file__).parent.parent / "Driver/Inputs"
WEIGHTS = np.array([1, 2, 3, 4], np.float32)


@pytest.fixture(autouse=True)
def compiler_of_this_tree(tools, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))


@pytest.fixture
def network(tmp_path):
    return dorefa.load(dorefa.compile(INPUTS / "add.mlir", tmp_path / "add.so"))


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_one_output_is_an_array(network, batch):
    x = np.arange(4 * batch, dtype=np.float32).reshape(batch, 4)
    y = network(x)
    assert y.dtype == np.float32
    assert np.array_equal(y, x + WEIGHTS)
    assert np.array_equal(network(x=x), y)


def test_lists_of_numbers_are_converted(network):
    assert np.array_equal(network([[0, 0, 0, 0]]), [WEIGHTS])


def test_arrays_need_not_be_contiguous(network):
    x = np.arange(16, dtype=np.float32).reshape(4, 4).T
    assert np.array_equal(network(x), x + WEIGHTS)


def test_properties(network):
    assert network.name == "add"
    assert network.compiler.startswith("dorefa-compile ")
    assert network.inputs == (
        dorefa.TensorSpec("x", np.dtype(np.float32), (-1, 4)),)
    assert repr(network) == (
        "<network 'add': (x: float32[batch, 4]) -> (y: float32[batch, 4])>")


@pytest.mark.parametrize("arguments, named, error, message", [
    ((np.zeros((1, 5), np.float32),), {}, ValueError,
     r"input 'x': expected float32\[batch, 4\], but got float32\[1, 5\]"),
    ((np.zeros((0, 4), np.float32),), {}, ValueError, r"but got float32\[0, 4\]"),
    ((np.float32(1),), {}, ValueError, r"expected float32\[batch, 4\]"),
    ((np.zeros((1, 4)),), {}, TypeError,
     "input 'x': expected float32, but got float64"),
    ((), {}, TypeError, "input 'x' is missing"),
    ((), {"z": 0}, TypeError, "unknown input 'z': expected one of x"),
    ((0, 0), {}, TypeError, "expected at most 1 arrays, but got 2"),
    ((0,), {"x": 0}, TypeError, "input 'x' is given twice"),
])
def test_wrong_inputs_are_refused(network, arguments, named, error, message):
    with pytest.raises(error, match=message):
        network(*arguments, **named)


def test_threads_share_a_network(network):
    wrong = []

    def work(seed):
        x = np.random.default_rng(seed).random((8, 4), np.float32)
        for _ in range(50):
            if not np.array_equal(network(x), x + WEIGHTS):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_images_are_shared_by_threads(network, tmp_path, batch):
    parallel = dorefa.load(tmp_path / "add.so", threads=3)
    x = np.random.default_rng(batch).random((batch, 4), np.float32)
    for _ in range(10):
        assert np.array_equal(parallel(x), x + WEIGHTS)
    with pytest.raises(ValueError, match="expected at least 1 thread"):
        dorefa.load(tmp_path / "add.so", threads=0)


def test_environment_says_how_many_threads(monkeypatch):
    for text, threads in [("", 1), ("1", 1), ("4", 4)]:
        monkeypatch.setenv("DOREFA_THREADS", text)
        assert executor.count_threads(None) == threads
        assert executor.count_threads(2) == 2
    monkeypatch.setenv("DOREFA_THREADS", "many")
    with pytest.raises(ValueError, match="from 1, but got 'many'"):
        executor.count_threads(None)
    with pytest.raises(TypeError, match="number of threads, but got 'a'"):
        executor.count_threads("a")


def test_threads_without_the_library(network, tmp_path, monkeypatch):
    """Python's threads take its place where there is no compiler."""
    monkeypatch.setattr(executor, "find_pool_library", lambda: None)
    parallel = dorefa.load(tmp_path / "add.so", threads=3)
    x = np.random.default_rng(0).random((100, 4), np.float32)
    assert np.array_equal(parallel(x), x + WEIGHTS)


def test_a_file_written_again_is_loaded_again(tmp_path):
    text = (INPUTS / "add.mlir").read_text()
    x = np.zeros((1, 4), np.float32)
    models = []
    for weight in (1.0, 7.0):
        source = tmp_path / "net.mlir"
        source.write_text(text.replace("dense<[1.0", f"dense<[{weight}"))
        models.append(
            dorefa.load(dorefa.compile(source, tmp_path / "net.so")))
    assert [model(x)[0, 0] for model in models] == [1, 7]
    del models
    gc.collect()


def test_compiler_errors_are_exceptions(tmp_path):
    output = tmp_path / "net.so"
    with pytest.raises(dorefa.CompileError, match="missing.onnx: error: "):
        dorefa.compile(tmp_path / "missing.onnx", output)
    with pytest.raises(dorefa.CompileError, match="unknown target 'z80'"):
        dorefa.compile(INPUTS / "add.mlir", output, target="z80")
    assert not output.exists()


def test_options():
    options = dorefa.CompileOptions(target="x86-64-v4", strict=True,
                                    shape={"image": (1, 3, 8, 8)})
    assert options.arguments() == ["--target=x86-64-v4", "--strict",
                                   "--shape=image=1x3x8x8"]
    options = dorefa.CompileOptions(target=["x86-64-v3", "x86-64-v4-vnni"])
    assert options.arguments() == ["--target=x86-64-v3,x86-64-v4-vnni"]


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "text.so"
    path.write_text("not a library")
    with pytest.raises(dorefa.LoadError, match="text.so: [^/]*$"):
        dorefa.load(path)


def test_files_cut_off_are_refused(network, tmp_path):
    """The process would die where a segment's bytes are missing."""
    content = (tmp_path / "add.so").read_bytes()
    path = tmp_path / "part.so"
    for size in [0, 3, 63, 64, 100, *range(200, len(content), 500),
                 len(content) - 1]:
        path.write_bytes(content[:size])
        with pytest.raises(dorefa.LoadError, match="part.so: "):
            dorefa.load(path)
    path.write_bytes(content + b"more")
    dorefa.load(path)


def test_pip_install(tmp_path):
    package = pathlib.Path(__file__).parent.parent.parent / "python"
    result = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-build-isolation",
         "--no-deps", "--disable-pip-version-check", "--target", tmp_path,
         package], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    subprocess.run([sys.executable, "-c", "import dorefa; dorefa.load"],
                   cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True)
