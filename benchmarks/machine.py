# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What stands beside every figure: the machine and the versions."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

import dorefa
import kernels

# What a reader of the figures asks about.
EXTENSIONS = ["avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16",
              "avx512vbmi", "avx512_vpopcntdq", "avx512_bitalg", "gfni", "amx_int8"]


def describe() -> dict:
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()

    def field(name: str) -> str:
        found = re.search(rf"^{name}\s*: (.*)$", cpuinfo, re.M)
        return found[1] if found else ""

    flags = kernels.cpu_flags()
    return {
        "cpu": field("model name") or platform.machine(),
        "family": field("cpu family"), "model": field("model"),
        "cores": len(os.sched_getaffinity(0)),
        "extensions": [name for name in EXTENSIONS if name in flags],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "compiler": subprocess.run(
            [dorefa.find_compiler(), "--version"], capture_output=True, text=True,
            check=True).stdout.strip().splitlines(),
        "load": os.getloadavg()[0],
    }


def title(machine: dict) -> str:
    """What charts say: nothing that another run would change."""
    return (f"{machine['cpu']}, family {machine['family']} model {machine['model']}, "
            f"{machine['cores']} cores")


def text(machine: dict) -> str:
    return (f"{title(machine)}, {' '.join(machine['extensions'])}; "
            f"{machine['date']}, load {machine['load']:.2f}")
