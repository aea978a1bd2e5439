# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiled layers are measured against: hand-written kernels (the roof) and
oneDNN's int8 convolutions, which are built on demand for the CPU at hand, and
onnxruntime's float stem. All run on one core."""

import os
import pathlib
import re
import subprocess
import tempfile

import cases
from timing import last_cores, over_rounds
from worker import Worker

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


def run_pinned(*command, environment: dict[str, str] | None = None) -> str:
    cores = last_cores(1)
    return subprocess.run(
        [str(word) for word in command], check=True, text=True,
        stdout=subprocess.PIPE, env={**os.environ, **(environment or {}), "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: os.sched_setaffinity(0, cores)).stdout


class Kernels:
    """Times by (layer, kernel); a kernel's name begins with its widths, as
    `1x2 planes`, or is int8, which serves all codes."""

    def __init__(self):
        self.rounds: dict[tuple[str, str], list[float]] = {}

    def add(self, case: str, kernel: str, ms: float):
        self.rounds.setdefault((case, kernel), []).append(ms)

    def best(self, case: cases.Case, width: str) -> tuple[float, str] | None:
        """The fastest kernel for a layer of these widths."""
        return min(((over_rounds([{"median": ms} for ms in times]), kernel)
                    for (name, kernel), times in self.rounds.items()
                    if name == str(case) and kernel.split()[0] in (width, "int8")),
                   default=None)


class RoofKernels(Kernels):
    """The programs `conv` and `conv_vbmi` of the folder of hand-written kernels,
    which print a table of ResNet-18's layers, and `fc`, which prints AlexNet's
    dense ones and how fast memory is read."""

    def __init__(self, source: pathlib.Path, folder: pathlib.Path):
        super().__init__()
        flags, self.programs, self.wrong = cpu_flags(), [], set()
        self.gigabytes: dict[int, list[float]] = {}

        def add(name: str, read):
            self.programs.append((build(source / f"{name}.cpp", folder), read))

        self.has_vbmi = {"avx512vbmi", "avx512_vpopcntdq", "avx512_bitalg"} <= flags
        if self.has_vbmi:
            add("conv_vbmi", self.read_columns)
        if "avx512_vnni" in flags:
            add("conv", self.read_cells)
            add("fc", self.read_dense)
        if not self.programs:
            raise Unavailable("there are none for this CPU")

    def measure(self):
        for program, read in self.programs:
            output = run_pinned(program, 1)
            self.wrong.update(re.findall(r"^WRONG .*", output, re.M))
            read(output)

    def bandwidth(self, byte_count: float) -> float | None:
        """Gigabytes a second, read again and again, of so many bytes."""
        sizes = sorted(self.gigabytes)
        size = next((size for size in sizes if size >= byte_count), None)
        if size is None:
            size = sizes[-1] if sizes else None
        return None if size is None else over_rounds(
            [{"median": rate} for rate in self.gigabytes[size]])

    def read_columns(self, output: str):
        """A row a layer, a column a kernel: `ms MAC/cycle tile`."""
        lines = [line.split("|") for line in output.splitlines() if "|" in line]
        names = [cell.strip() for cell in lines[0][1:]]
        for first, *cells in lines[1:]:
            case = re.sub(r"\s+x\d+\s*$", "", first).strip()
            for name, cell in zip(names, cells):
                if len(words := cell.split()) == 3:
                    self.add(case, name, float(words[0]))

    def read_cells(self, output: str):
        """A row a layer, in each cell `kernel tile rate MAC/cyc X ms`. They write
        codes of two bits: int8 stands for other widths only if nothing else
        does."""
        hertz = float(re.search(r"core ([\d.]+) GHz", output)[1]) * 1e9
        names = {"lut": ["1x2 lut"],
                 "int8": ["1x2 bytes", "2x2 bytes"] if self.has_vbmi else ["int8"]}
        for line in output.splitlines():
            if not line.startswith("resnet "):
                continue
            first, *cells = line.removeprefix("resnet ").split("|")
            case = cases.parse(re.sub(r"\s+[\d.]+ MMAC\s*$", "", first))
            for cell in cells:
                if found := re.search(r"(lut|int8) .* ([\d.]+) MAC/cyc +([\d.]+) ms",
                                      cell):
                    # Printed in whole microseconds; the rate says the rest.
                    ms = float(found[3])
                    exact = 1e3 * case.multiply_adds / float(found[2]) / hertz
                    for name in names[found[1]]:
                        self.add(str(case), name, min(max(exact, ms - 5e-4), ms + 5e-4))

    def read_dense(self, output: str):
        for kilobytes, rate in re.findall(r"read +(\d+) KB: +([\d.]+) GB/s", output):
            self.gigabytes.setdefault(1024 * int(kilobytes), []).append(float(rate))
        for inputs, outputs, microseconds in re.findall(
                r"^fc\d (\d+)x(\d+) .*? warm .*? ([\d.]+) us", output, re.M):
            self.add(f"dense {inputs}-{outputs}", "1x2 lut", float(microseconds) / 1e3)


class OneDnnKernels(Kernels):
    def __init__(self, folder: pathlib.Path, chosen: list[cases.Case], seconds: float,
                 environment: dict[str, str]):
        super().__init__()
        self.environment = environment
        self.convolutions = [case for case in chosen
                             if type(case) is cases.Convolution]
        self.seconds, self.version = seconds, ""
        self.program = build(HERE / "onednn_layers.cpp", folder, "-ldnnl")

    def measure(self):
        arguments = [f"{case.kernel},{case.stride},{case.inputs},{case.outputs},"
                     f"{case.size}" for case in self.convolutions]
        *lines, version = run_pinned(self.program, self.seconds, *arguments,
                                     environment=self.environment).splitlines()
        self.version = version.removeprefix("version ")
        for case, line in zip(self.convolutions, lines):
            self.add(str(case), "int8", float(line.split()[0]))


class OnnxRuntimeStem(Kernels):
    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = seconds
        folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(folder.name) / "stem.onnx"
        cases.write_stem_twin(path)
        self.worker = Worker("onnxruntime-fp32", path, [1, *cases.Stem().image], 1,
                             last_cores(1))
        if message := self.worker.wait():
            raise Unavailable(message)
        folder.cleanup()

    def measure(self):
        self.add("stem", "f32", self.worker.measure(self.seconds)["least"])
