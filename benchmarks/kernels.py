# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layers in C++ that compiled ones are measured against: hand-written kernels
(the roof) and oneDNN's int8 convolutions. Both are built on demand, for the CPU
at hand, and run one core."""

import os
import pathlib
import re
import subprocess

from layers import Shape
from timing import last_cores, over_rounds

HERE = pathlib.Path(__file__).resolve().parent
COMPILER = "clang++-22"


class Unavailable(Exception):
    """The text says why."""


def cpu_flags() -> set[str]:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^(?:flags|Features)\s*:(.*)", text, re.M)
    return set(found[1].split()) if found else set()


def build(source: pathlib.Path, folder: pathlib.Path, *flags: str) -> pathlib.Path:
    """Compiles unless that was done since the source changed."""
    program = folder / source.stem
    sources = [*source.parent.glob("*.h"), source]
    newest = max(file.stat().st_mtime for file in sources)
    if program.exists() and program.stat().st_mtime > newest:
        return program
    folder.mkdir(parents=True, exist_ok=True)
    compiler = os.environ.get("CXX", COMPILER)
    command = [compiler, "-O3", "-std=c++20", "-Wno-unknown-pragmas",
               "-march=native", source, "-o", program, *flags]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"{compiler} is missing") from None
    if result.returncode:
        error = re.search(r".*error: .*", result.stderr)
        raise Unavailable(f"{source.name} does not build: "
                          f"{error[0] if error else result.stderr[-200:]}")
    return program


def run_pinned(*command) -> str:
    cores = last_cores(1)
    return subprocess.run(
        [str(word) for word in command], check=True, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: os.sched_setaffinity(0, cores)).stdout


class Kernels:
    """Times by (shape, kernel); a kernel's name begins with its widths, as
    `1x2 planes`, or is int8, which serves all of them."""

    def __init__(self):
        self.rounds: dict[tuple[str, str], list[float]] = {}

    def add(self, shape: str, kernel: str, ms: float):
        self.rounds.setdefault((shape, kernel), []).append(ms)

    def best(self, shape: Shape, width: str) -> tuple[float, str] | None:
        """The fastest kernel for a layer of these widths."""
        return min(((over_rounds([{"median": ms} for ms in times]), kernel)
                    for (name, kernel), times in self.rounds.items()
                    if name == str(shape) and kernel.split()[0] in (width, "int8")),
                   default=None)


class RoofKernels(Kernels):
    """The programs `conv` and `conv_vbmi` of the folder of hand-written kernels,
    which print a table of ResNet-18's layers."""

    def __init__(self, source: pathlib.Path, folder: pathlib.Path):
        super().__init__()
        flags, self.programs, self.wrong = cpu_flags(), [], set()
        if {"avx512vbmi", "avx512_vpopcntdq", "avx512_bitalg"} <= flags:
            self.programs.append((build(source / "conv_vbmi.cpp", folder),
                                  self.read_columns))
        if "avx512_vnni" in flags:
            self.programs.append((build(source / "conv.cpp", folder), self.read_cells))
        if not self.programs:
            raise Unavailable("there are none for this CPU")

    def measure(self):
        for program, read in self.programs:
            output = run_pinned(program, 1)
            self.wrong.update(re.findall(r"^WRONG .*", output, re.M))
            read(output)

    def read_columns(self, output: str):
        """A row a layer, a column a kernel: `ms MAC/cycle tile`."""
        lines = [line.split("|") for line in output.splitlines() if "|" in line]
        kernels = [cell.strip() for cell in lines[0][1:]]
        for first, *cells in lines[1:]:
            shape = re.sub(r"\s+x\d+\s*$", "", first).strip()
            for kernel, cell in zip(kernels, cells):
                if len(words := cell.split()) == 3:
                    self.add(shape, kernel, float(words[0]))

    def read_cells(self, output: str):
        """A row a layer, in each cell `kernel tile rate MAC/cyc X ms`. They write
        codes of two bits, which int8 there stands for others only if nothing
        else does."""
        hertz = float(re.search(r"core ([\d.]+) GHz", output)[1]) * 1e9
        kernels = {"lut": ["1x2 lut"], "int8": ["int8"] if len(self.programs) == 1
                   else ["1x2 bytes", "2x2 bytes"]}
        for line in output.splitlines():
            if not line.startswith("resnet "):
                continue
            first, *cells = line.split("|")
            shape = re.sub(r"\s+[\d.]+ MMAC\s*$", "", first.removeprefix("resnet "))
            products = Shape.parse(shape).multiply_adds
            for cell in cells:
                found = re.search(r"(lut|int8) .* ([\d.]+) MAC/cyc +([\d.]+) ms", cell)
                if found:
                    # Printed in whole microseconds; the rate says the rest.
                    ms, exact = float(found[3]), 1e3 * products / float(found[2]) / hertz
                    ms = min(max(exact, ms - 5e-4), ms + 5e-4)
                    for kernel in kernels[found[1]]:
                        self.add(shape, kernel, ms)


class OneDnnKernels(Kernels):
    def __init__(self, folder: pathlib.Path, shapes: list[Shape], seconds: float):
        super().__init__()
        self.shapes, self.seconds = shapes, seconds
        self.program = build(HERE / "onednn_layers.cpp", folder, "-ldnnl")
        self.version = ""

    def measure(self):
        arguments = [",".join(map(str, shape)) for shape in self.shapes]
        *lines, version = run_pinned(self.program, self.seconds, *arguments).splitlines()
        self.version = version.removeprefix("version ")
        for shape, line in zip(self.shapes, lines):
            self.add(str(shape), "int8", float(line.split()[0]))
