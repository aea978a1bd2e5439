# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a network gives to an executor: layers in parts, or images."""

import ctypes
import subprocess

import dorefa
import numpy as np
import pytest
from dorefa import abi


class CountingExecutor:
    """Runs the parts one behind the other, the last first, and counts them."""

    def __init__(self, threads: int):
        self.counts: list[int] = []
        self._call = abi.PARALLEL_FOR(self._parallel_for)
        self._struct = abi.ExecutorStruct(None, threads, self._call)
        self.address = ctypes.addressof(self._struct)

    def _parallel_for(self, _, body, context, count):
        self.counts.append(count)
        for i in reversed(range(count)):
            body(context, i, i % self._struct.threads)


@pytest.fixture(scope="module")
def library(examples, tmp_path_factory):
    path = tmp_path_factory.mktemp("threads") / "cnv.so"
    dorefa.compile(examples / "cifar10/cnv_w1a1_cifar10.onnx", path)
    return path


def run(library, images, executor=None):
    model = dorefa.load(library, 1)
    model._executor = executor
    return model(images)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((5, 3, 32, 32), np.float32)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_layers_of_an_image_go_to_all_threads(library, images, threads):
    executor = CountingExecutor(threads)
    result = run(library, images[:1], executor)
    np.testing.assert_array_equal(result, run(library, images[:1]))
    # Five of the network's convolutions have more than two million products.
    assert len(executor.counts) >= 5
    assert all(2 <= count <= threads for count in executor.counts)
    assert max(executor.counts) >= min(threads, 4)


@pytest.mark.parametrize("group, calls", [(1, 4), (8, 2)])
def test_images_of_a_batch_go_to_threads(tools, examples, images, tmp_path,
                                         group, calls):
    """As many each, one by one or in groups; the layers of what is left go to
    all."""
    library = tmp_path / "cnv.so"
    subprocess.run([tools / "dorefa-compile",
                    examples / "cifar10/cnv_w1a1_cifar10.onnx", "-o", library,
                    f"--group-images={group}"], capture_output=True, check=True)
    executor = CountingExecutor(2)
    result = run(library, images, executor)
    np.testing.assert_array_equal(result, run(library, images))
    assert executor.counts[0] == calls
    assert len(executor.counts) >= 5 and set(executor.counts[1:]) == {2}


def test_one_thread_gets_the_image_whole(library, images):
    executor = CountingExecutor(1)
    result = run(library, images[:1], executor)
    np.testing.assert_array_equal(result, run(library, images[:1]))
    assert not executor.counts
