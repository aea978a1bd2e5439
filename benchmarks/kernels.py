# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What compiled layers are measured against: hand-written kernels (the roof),
oneDNN's int8 convolutions and the speed of memory, by programs which are built on
demand for the CPU at hand, and onnxruntime's float stem. All run on one core."""

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


def build(source: pathlib.Path, folder: pathlib.Path, *flags: str,
          machine: str = "native") -> pathlib.Path:
    """Compiles unless that was done since the source changed."""
    program = folder / source.stem
    sources = [*source.parent.glob("*.h"), source]
    newest = max(file.stat().st_mtime for file in sources)
    if program.exists() and program.stat().st_mtime > newest:
        return program
    folder.mkdir(parents=True, exist_ok=True)
    compiler = os.environ.get("CXX", COMPILER)
    command = [compiler, "-O3", "-std=c++20", "-Wno-unknown-pragmas",
               f"-march={machine}", source, "-o", program, *flags]
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
    """The programs of the folder of hand-written kernels. With AVX-512 that are
    `conv` and `conv_vbmi`, which print tables of ResNet-18's layers, and `fc`,
    which prints AlexNet's dense ones; else, or where only AVX2 is to be used,
    `gemm_avx2`: products alone, of operands that were packed before."""

    def __init__(self, source: pathlib.Path, folder: pathlib.Path,
                 only_avx2: bool = False):
        super().__init__()
        flags, self.programs, self.wrong = cpu_flags(), [], set()

        def add(name: str, read, **options):
            program = build(source / f"{name}.cpp", folder, **options)
            self.programs.append((program, read))

        if "avx2" in flags and (only_avx2 or "avx512_vnni" not in flags):
            add("gemm_avx2", self.read_products, machine="haswell")
            return
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

    def read_products(self, output: str):
        """Lines of `WxA MxNxK kernel MAC/cycle ... ms`; of a layer's product, or of
        some of its pixels."""
        for width, outputs, pixels, depth, kernel, ms in re.findall(
                r"^(\dx\d) +(\d+)x(\d+)x(\d+) +(\S.*?)  +.* ([\d.]+) *$", output,
                re.M):
            # The last figure is that of the fastest run.
            name = "int8" if "maddwd" in kernel else f"{width} {kernel}"
            for case in cases.RESNET18:
                if (case.kernel == 3 and case.outputs == int(outputs) and
                        9 * case.inputs == int(depth) and "fma" not in kernel):
                    self.add(str(case), name,
                             float(ms) * case.size**2 / int(pixels))

    def read_dense(self, output: str):
        for inputs, outputs, microseconds in re.findall(
                r"^fc\d (\d+)x(\d+) .*? warm .*? ([\d.]+) us", output, re.M):
            self.add(f"dense {inputs}-{outputs}", "1x2 lut", float(microseconds) / 1e3)


class ReadBandwidth:
    """Gigabytes a second at which memory of a size is read, again and again."""

    SIZES = [1024 * kilobytes for kilobytes in (16, 128, 512, 2304, 4736, 16384, 131072)]

    def __init__(self, folder: pathlib.Path, seconds: float):
        self.program = build(HERE / "read_bandwidth.cpp", folder)
        self.seconds = seconds
        self.rounds: dict[int, list[float]] = {}

    def measure(self):
        for line in run_pinned(self.program, self.seconds, *self.SIZES).splitlines():
            size, rate = line.split()
            self.rounds.setdefault(int(size), []).append(float(rate))

    def rates(self) -> dict[int, float]:
        return {size: over_rounds([{"median": rate} for rate in rates])
                for size, rates in self.rounds.items()}

    def of(self, byte_count: float) -> float | None:
        """Of the next larger size, or the largest."""
        rates = self.rates()
        larger = [size for size in rates if size >= byte_count]
        return rates[min(larger, default=max(rates))] if rates else None


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
