# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the compiler, which is the program dorefa-compile."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import subprocess
import warnings
from collections.abc import Mapping, Sequence


class CompileError(Exception):
    """The compiler refused the model; the text is the compiler's."""


@dataclasses.dataclass(frozen=True)
class CompileOptions:
    """What to compile for, and how: the options of dorefa-compile.

    `target` is native, x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-vbmi,
    aarch64, riscv64, riscv64-v, riscv64-v-zvbb or a cpu's name; several of them, in
    a sequence or with commas between, make a variant each, and portable those for
    every x86-64 of level v3 and up. `triple`, `cpu` and `features` are LLVM's names
    and say it more exactly. `engine` makes layers use one engine wherever it can,
    `tile` one register tile ("4x2": vectors x pixels, or "4x2x3": in so many
    passes). `tune` measures both on this machine; a path names the file that keeps
    the times. `strict` refuses to fall back on floating point. `taps` makes the
    codes of each quantizer outputs. `shape` replaces the shapes of inputs: {"image":
    (1, 3, 224, 224)}. `emit` asks for another result than the output's suffix stands
    for.
    """

    target: str | Sequence[str] = "native"
    triple: str = ""
    cpu: str = ""
    features: str = ""
    engine: str = ""
    tile: str = ""
    tune: bool | str | os.PathLike = False
    strict: bool = False
    taps: bool = False
    emit: str = ""
    shape: Mapping[str, Sequence[int]] = dataclasses.field(default_factory=dict)

    def arguments(self) -> list[str]:
        """The options as words of a command line."""
        targets = [self.target] if isinstance(self.target, str) else self.target
        words = [f"--target={','.join(targets)}"]
        for name in ("triple", "cpu", "features", "engine", "tile", "emit"):
            if value := getattr(self, name):
                words.append(f"--{name}={value}")
        if self.tune is True:
            words.append("--tune")
        elif self.tune:
            words.append(f"--tune={os.fspath(self.tune)}")
        for name in ("strict", "taps"):
            if getattr(self, name):
                words.append(f"--{name}")
        for name, extents in self.shape.items():
            words.append(f"--shape={name}={'x'.join(map(str, extents))}")
        return words


def find_compiler() -> pathlib.Path:
    """The program: DOREFA_COMPILE, else from PATH, else from a source tree."""
    if chosen := os.environ.get("DOREFA_COMPILE"):
        return pathlib.Path(chosen)
    if found := shutil.which("dorefa-compile"):
        return pathlib.Path(found)
    tree = pathlib.Path(__file__).resolve().parents[2]
    build = pathlib.Path(os.environ.get("DOREFA_BUILD") or tree / "build")
    if (program := build / "bin" / "dorefa-compile").exists():
        return program
    raise FileNotFoundError(
        "dorefa-compile is neither in PATH nor named by DOREFA_COMPILE")


def compile(model: str | os.PathLike, output: str | os.PathLike,
            options: CompileOptions | None = None, **changes) -> pathlib.Path:
    """Compiles the ONNX file `model` and writes `output`.

    The suffix says what is written: `.so` a shared library for `load`, `.o` an
    object file, none a program. `changes` are fields of CompileOptions that
    replace those of `options`. What the compiler remarks becomes a warning,
    but for the progress of `tune`.
    Returns the output's path.
    """
    options = dataclasses.replace(options or CompileOptions(), **changes)
    output = pathlib.Path(output)
    result = subprocess.run(
        [find_compiler(), os.fspath(model), "-o", output, *options.arguments()],
        capture_output=True, text=True, check=False)
    message = "\n".join(line for line in result.stderr.splitlines()
                        if not line.startswith("tuning ")).strip()
    if result.returncode != 0:
        raise CompileError(
            message or f"dorefa-compile ended with status {result.returncode}")
    if message:
        warnings.warn(message, stacklevel=2)
    return output
