# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles random networks and compares them with the interpreter.

Networks that are compiled with the same options lie side by side in one file,
so that the start of a program is paid once. A file that fails as a whole is
taken apart. Compiled code runs in a process of its own, which may crash, in
memory that it must not leave.
"""

import dataclasses
import os
import pathlib
import subprocess
import tempfile
import traceback

import numpy as np
import onnx

import guarded
from generate import BATCH, Network, make_inputs, write

TIMEOUT = 120
FILE_NETWORKS = 8


@dataclasses.dataclass(frozen=True)
class Outcome:
    index: int
    error: str = ""  # empty: outputs and codes are equal


class StepFailed(Exception):
    """A tool refused the file, or ended otherwise than it should."""


def run_tool(*words) -> None:
    try:
        result = subprocess.run(words, capture_output=True, text=True,
                                errors="replace", timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{words[0].name}: no end after {TIMEOUT} s") from None
    if result.returncode != 0:
        text = "\n".join(line for line in result.stderr.splitlines()
                         if ": remark: " not in line)[:1500]
        raise StepFailed(f"{pathlib.Path(words[0]).name}: "
                         f"status {result.returncode}: {text}")


def _run_library(library: pathlib.Path, inputs: dict[str, np.ndarray],
                 batches: list[int], threads: int, output: pathlib.Path) -> None:
    model = guarded.load(library, threads)
    results = {}
    for batch in batches:
        outputs = guarded.run(model, {name: array[:batch]
                                      for name, array in inputs.items()})
        for name, array in outputs.items():
            results[f"{batch} {name}"] = array
    np.savez(output, **results)


def run_library(library: pathlib.Path, inputs: dict[str, np.ndarray],
                batches: list[int], threads: int = 1
                ) -> dict[tuple[int, str], np.ndarray]:
    """The outputs for the first images, for each number of them."""
    output = library.with_suffix(".found.npz")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _run_library(library, inputs, batches, threads, output)
            status = 0
        except BaseException:  # a forked process must not go on
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise StepFailed(f"compiled code: signal {os.WTERMSIG(status)}")
    if status != 0:
        raise StepFailed("compiled code: the run failed")
    found = {}
    with np.load(output) as file:
        for key in file.files:
            batch, name = key.split(" ", 1)
            found[int(batch), name] = file[key]
    return found


def find_difference(name: str, expected: np.ndarray, found: np.ndarray) -> str:
    """What differs, or nothing. Zeros of both signs are equal, NaNs are too."""
    if expected.shape != found.shape or expected.dtype != found.dtype:
        return (f"'{name}': expected {expected.dtype}{list(expected.shape)}, "
                f"but got {found.dtype}{list(found.shape)}")
    differs = expected != found
    if expected.dtype.kind == "f":
        differs &= ~(np.isnan(expected) & np.isnan(found))
    if not differs.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(differs)[0])
    return (f"'{name}' differs in {differs.sum()} of {differs.size} elements, "
            f"the first at {list(first)}: expected {expected[first]}, but got "
            f"{found[first]}")


def compare(indices: list[int], expected: dict[str, np.ndarray],
            found: dict[tuple[int, str], np.ndarray]) -> list[Outcome]:
    """Values belong to the network whose number their name begins with."""
    errors = {index: "" for index in indices}
    for (batch, name), array in found.items():
        index = int(name[1:name.index(".")])
        if not errors[index]:
            if name not in expected:
                errors[index] = f"'{name}' is no output of the interpreter"
            else:
                errors[index] = find_difference(
                    f"{name}, {batch} images", expected[name][:batch], array)
    names = {name for _, name in found}
    for name in expected.keys() - names:
        errors[int(name[1:name.index(".")])] = f"'{name}' is no output"
    return [Outcome(index, error) for index, error in errors.items()]


@dataclasses.dataclass(frozen=True)
class Workshop:
    """The tools, and the steps from a file to its outputs."""

    tools: pathlib.Path
    folder: pathlib.Path

    def interpret(self, model: pathlib.Path, inputs: pathlib.Path,
                  taps: bool) -> dict[str, np.ndarray]:
        graph = model.with_suffix(".graph.mlir")
        run_tool(self.tools / "dorefa-compile", model, "--emit=graph",
                 *["--taps"] * taps, "-o", graph)
        output = model.with_suffix(".expected.npz")
        run_tool(self.tools / "dorefa-interpret", graph, f"--inputs={inputs}",
                 "-o", output)
        with np.load(output) as file:
            return {name: file[name] for name in file.files}

    def compile(self, model: pathlib.Path, row: dict) -> pathlib.Path:
        library = model.with_suffix(".so")
        run_tool(self.tools / "dorefa-compile", model, *get_options(row), "-o",
                 library)
        return library


def get_options(row: dict) -> list[str]:
    options = [f"--target={row['target']}"]
    if row["engine"] != "auto":
        options.append(f"--engine={row['engine']}")
    if row["tile"] != "auto":
        options.append(f"--tile={row['tile']}")
    if row["threads"] > 1:  # they share whatever they can
        options.append("--least-part-work=1")
    if row["batch"] == "groups":
        options.append("--group-images=9")
    return options + ["--taps"] * (row["taps"] == "yes")


def save(network: Network, folder: pathlib.Path) -> str:
    """Writes one network with its inputs; how to compare it by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"network-{network.seed}-{network.index}.onnx"
    content = write([network])
    onnx.save(content, model)
    inputs = model.with_suffix(".npz")
    np.savez(inputs, **make_inputs([network], content))
    # It compares the codes of all layers whatever the outputs are.
    options = [option for option in get_options(network.row)
               if option != "--taps"]
    return " ".join(["dorefa-compile", str(model), *options,
                     f"--verify={inputs}"])


def check_file(workshop: Workshop, networks: list[Network]) -> list[Outcome]:
    """Checks networks with the same options as one file."""
    row = networks[0].row
    taps = row["taps"] == "yes"
    indices = [network.index for network in networks]
    model = workshop.folder / f"networks{'_'.join(map(str, indices))}.onnx"
    content = write(networks)
    onnx.save(content, model)
    inputs = make_inputs(networks, content)
    np.savez(model.with_suffix(".npz"), **inputs)
    try:
        expected = workshop.interpret(model, model.with_suffix(".npz"), taps)
        library = workshop.compile(model, row)
        batch = len(next(iter(inputs.values())))
        batches = {"fixed": [batch], "free": range(1, BATCH + 1),
                   "groups": [1, 2, 9, batch]}[row["batch"]]
        found = run_library(library, inputs, list(batches), row["threads"])
    except StepFailed as failure:
        if len(networks) == 1:
            return [Outcome(indices[0], str(failure))]
        return [outcome for network in networks
                for outcome in check_file(workshop, [network])]
    return compare(indices, expected, found)


def check(tools: pathlib.Path, networks: list[Network]) -> list[Outcome]:
    with tempfile.TemporaryDirectory(prefix="dorefa-random-") as folder:
        return check_file(Workshop(tools, pathlib.Path(folder)), networks)


def group(networks: list[Network]) -> list[list[Network]]:
    """Networks that can share a file."""
    shared = {}
    for network in networks:
        key = [str(network.row[name])
               for name in ("engine", "tile", "target", "batch", "taps",
                            "threads")]
        shared.setdefault(tuple(key), []).append(network)
    return [members[i:i + FILE_NETWORKS] for members in shared.values()
            for i in range(0, len(members), FILE_NETWORKS)]


# What a network becomes simpler by, most first.
_SIMPLER = [
    ("operator", "conv2d"), ("pool", "none"), ("norm", "none"),
    ("groups", 1), ("dilation", 1), ("stride", "1x1"), ("pads", "none"),
    ("kernel", "1x1"), ("inputs", 1), ("inputs", 5), ("outputs", 1),
    ("outputs", 5), ("weight_spelling", "quant"), ("weight_scale", "tensor"),
    ("spelling", "quant"), ("rounding", "ROUND"), ("scale", "power_of_two"),
    ("batch", "free"), ("target", "native"), ("engine", "auto"), ("tile", "auto"),
    ("threads", 1), ("taps", "no"),
]


def _simplify(network: Network, space) -> list[Network]:
    smaller = [dataclasses.replace(network, further=network.further[:i]
                                   + network.further[i + 1:])
               for i in range(len(network.further))]
    for name, value in _SIMPLER:
        row = {**network.row, name: value}
        if row["operator"] == "conv2d" and row["outputs"] == "inputs":
            row.update(outputs=row["inputs"], groups=1)
        if network.row[name] != value and space.is_legal(row):
            smaller.append(dataclasses.replace(network, row=row))
    return smaller


def shrink(tools: pathlib.Path, network: Network, space) -> Network:
    """A network that fails too and of which nothing can be taken away."""
    while True:
        for smaller in _simplify(network, space):
            if check(tools, [smaller])[0].error:
                network = smaller
                break
        else:
            return network
