# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""CPUs that qemu-user stands for, and what code for them is told.

Debian's qemu 7.2 has no Zvbb: test/Driver/instructions.test looks for its
popcount in assembly, the only instruction that `riscv64-v-zvbb` adds.
"""

import os
import shutil
from typing import NamedTuple

import pytest


class Machine(NamedTuple):
    target: str
    engines: list
    features: str = ""
    cpu: str = "max"  # what qemu emulates: no more than the code may use

    @property
    def is_slow(self) -> bool:
        """Each of its vector instructions is a call in qemu."""
        return "v=true" in self.cpu

    def get_options(self) -> list[str]:
        return [f"--target={self.target}", f"--features={self.features}"]

    def find_emulator(self) -> list[str]:
        """What stands in front of a program's name."""
        arch = self.target.split("-")[0]
        emulator = (shutil.which(f"qemu-{arch}-static") or
                    shutil.which(f"qemu-{arch}"))
        sysroot = f"/usr/{arch}-linux-gnu"
        if not emulator or not os.path.exists(f"{sysroot}/lib/Scrt1.o"):
            pytest.skip(f"needs qemu-user and a C library for {arch}")
        return [emulator, "-cpu", self.cpu, "-L", sysroot]


_RVV = "rv64,v=true,vext_spec=v1.0,vlen={}"

MACHINES = {
    "aarch64": Machine("aarch64", [None, "lookup", "planes", "bytes"],
                       cpu="cortex-a57"),
    "aarch64-dotprod": Machine("aarch64", ["planes", "bytes"], "+dotprod"),
    "aarch64-i8mm": Machine("aarch64", [None, "bytes"], "+dotprod,+i8mm"),
    "riscv64": Machine("riscv64", [None, "planes", "bytes"], cpu="rv64"),
    "riscv64-v": Machine("riscv64-v", [None, "planes", "bytes"],
                         cpu=_RVV.format(128)),
    # The same code where registers are longer, and code for longer ones.
    "riscv64-v, 256 bits": Machine("riscv64-v", [None], cpu=_RVV.format(256)),
    "riscv64-v-zvl256b": Machine("riscv64-v", [None, "bytes"], "+zvl256b",
                                 _RVV.format(256)),
}
