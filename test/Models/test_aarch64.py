# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trained networks compiled for AArch64, run under qemu-user.

Their outputs must be, bit for bit, those of the same network compiled for this
machine, with every engine that AArch64 has a form of its own for.
"""

import os
import shutil
import subprocess

import dorefa
import numpy as np
import pytest
from networks import by_name

SYSROOT = "/usr/aarch64-linux-gnu"
EMULATOR = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")


@pytest.mark.skipif(not EMULATOR or not os.path.exists(f"{SYSROOT}/lib/Scrt1.o"),
                    reason="needs qemu-user and a C library for AArch64")
@pytest.mark.parametrize("engine", [None, "lookup", "planes", "bytes"])
@pytest.mark.parametrize("name", ["TFC_1W2A", "lfc_w1a2_mnist", "kwsmlp_w3a3",
                                  "cnv_w1a1_cifar10", "dorefanet_w1a2_body"])
def test_same_bits(name, engine, tools, tmp_path):
    network = by_name(name)
    images = np.load(network.golden_path())["input"]
    if name == "dorefanet_w1a2_body":
        images = images[:1]
    options = [f"--engine={engine}"] if engine else []

    def compile_to(output, *more):
        subprocess.run([tools / "dorefa-compile", network.path(), "-o",
                        tmp_path / output, *options, *more], check=True)
        return tmp_path / output

    expected = dorefa.load(compile_to("native.so"))(images)
    program = compile_to("network", "--target=aarch64")
    np.save(tmp_path / "x.npy", images)
    subprocess.run([EMULATOR, "-L", SYSROOT, program, tmp_path / "x.npy",
                    "-o", tmp_path / "y.npy"], check=True)
    found = np.load(tmp_path / "y.npy")
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)
