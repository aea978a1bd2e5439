# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trained networks compiled for AArch64 and RISC-V, run under qemu-user.

Their outputs must be, bit for bit, those of the same network compiled for this
machine, with every engine that the target has a form of its own for.
"""

import subprocess

import dorefa
import numpy as np
import pytest
from Models.emulators import MACHINES
from networks import by_name

# How many images: qemu takes its time.
IMAGES = {"TFC_1W2A": None, "lfc_w1a2_mnist": 10, "kwsmlp_w3a3": 10,
          "cnv_w1a1_cifar10": 1, "dorefanet_w1a2_body": 1}


@pytest.fixture(scope="module")
def compute(tools, tmp_path_factory):
    """Images of a network and what this machine makes of them."""
    results = {}

    def run(name):
        if name not in results:
            library = tmp_path_factory.mktemp(name) / "native.so"
            subprocess.run([tools / "dorefa-compile", by_name(name).path(),
                            "-o", library], check=True)
            images = np.load(by_name(name).golden_path())["input"]
            images = images[:IMAGES[name]]
            results[name] = images, dorefa.load(library)(images)
        return results[name]

    return run


@pytest.mark.parametrize("name, machine, engine", [
    (name, key, engine) for name in IMAGES
    for key, machine in MACHINES.items() for engine in machine.engines
    if not (name == "dorefanet_w1a2_body" and machine.is_slow)])
def test_same_bits(name, machine, engine, compute, tools, tmp_path):
    emulator = MACHINES[machine].find_emulator()
    if by_name(name).path() is None:
        pytest.skip("needs the folder of further networks: set DOREFA_SHARED")
    images, expected = compute(name)
    subprocess.run([tools / "dorefa-compile", by_name(name).path(), "-o",
                    tmp_path / "network", *MACHINES[machine].get_options(),
                    *([f"--engine={engine}"] if engine else [])], check=True)
    np.save(tmp_path / "x.npy", images)
    subprocess.run([*emulator, tmp_path / "network", tmp_path / "x.npy", "-o",
                    tmp_path / "y.npy"], check=True)
    found = np.load(tmp_path / "y.npy")
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)
