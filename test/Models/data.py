# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Data sets as the networks take them: samples (float32) and labels."""

import functools
import gzip
import pathlib
import tarfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def _read_idx(path: pathlib.Path) -> np.ndarray:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    rank = content[3]
    shape = np.frombuffer(content, ">u4", count=rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _scaled(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32)[:, None] / np.float32(255)


def example_mnist() -> tuple[np.ndarray, np.ndarray]:
    """The 1,000 test images of MNIST that ship with the examples."""
    folder = ROOT / "examples/mnist"
    return (_scaled(_read_idx(folder / "images.idx3-ubyte")),
            _read_idx(folder / "labels.idx1-ubyte"))


@functools.cache
def mnist(shared: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """All 10,000 test images of MNIST, N x 1 x 28 x 28, pixel / 255."""
    folder = shared / "data/mnist-t10k"
    return (_scaled(_read_idx(folder / "t10k-images-idx3-ubyte.gz")),
            _read_idx(folder / "t10k-labels-idx1-ubyte.gz"))


@functools.cache
def mnist_pixels(shared: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """The same as N x 784 pixels from 0 to 255."""
    folder = shared / "data/mnist-t10k"
    images = _read_idx(folder / "t10k-images-idx3-ubyte.gz")
    return (images.reshape(len(images), 784).astype(np.float32),
            _read_idx(folder / "t10k-labels-idx1-ubyte.gz"))


@functools.cache
def speech_commands(shared: pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """1,000 int8 feature maps of spoken words, N x 1 x 10 x 49, times the
    scale of the networks' input quantizer, so that each value is a code."""
    folder = shared / "data/speech_commands_kws1000"
    rows = [line.split(",") for line in
            (folder / "y_labels.csv").read_text().splitlines() if line]
    maps = {}
    with tarfile.open(folder / "kws_bin_files.tar.gz") as archive:
        for member in archive:
            if member.name.endswith(".bin"):
                maps[pathlib.PurePath(member.name).name] = np.frombuffer(
                    archive.extractfile(member).read(), np.int8)
    samples = np.stack([maps[row[0]] for row in rows]).reshape(-1, 1, 10, 49)
    return (samples * np.float32(0.8298504),
            np.array([int(row[2]) for row in rows]))
