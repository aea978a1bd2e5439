# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks beside other runtimes.

A group is the compiled networks of one topology, by their widths, and what the
peers make of their twins. All its programs take turns, round by round, at each
batch and number of threads; ratios are between programs of a group.
"""

import contextlib
import dataclasses
import importlib
import pathlib
import re
import time

import dorefa
import onnx
import runtimes
from timing import last_cores, over_rounds
from worker import Worker

ROOT = pathlib.Path(__file__).resolve().parent.parent
CNV = ROOT / "examples/cifar10/cnv_w1a1_cifar10.onnx"
BINARY_WIDTH = "w1a1"


@dataclasses.dataclass
class Program:
    """Something to measure: `name` in tables, `runtime` in runtimes.py."""

    name: str
    runtime: str
    kind: str
    path: pathlib.Path
    rounds: list[dict[str, float]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Group:
    name: str
    networks: list[pathlib.Path]
    folder: pathlib.Path

    def twin(self, kind: str) -> pathlib.Path:
        return self.folder / f"{self.name}_{kind}.onnx"

    def label(self, network: pathlib.Path) -> str:
        return re.search(r"_(w\d+a\d+)", network.stem)[1]

    def shape(self, batch: int) -> list[int]:
        tensor = onnx.load(self.networks[0], load_external_data=False).graph.input[0]
        extents = [extent.dim_value for extent in tensor.type.tensor_type.shape.dim]
        return [batch, *extents[1:]]


def find_groups(folder: pathlib.Path, only: list[str]) -> list[Group]:
    """The networks of the folder that have twins there, and the trained CNV;
    `only` names topologies or networks."""
    groups: dict[str, Group] = {}
    for path in [*sorted(folder.glob("*_w*a*.onnx")), CNV]:
        name = path.stem.split("_")[0]
        group = groups.setdefault(name, Group(name, [], folder))
        wanted = not only or name in only or path.stem in only
        # A trained network stands for one of the same widths.
        known = [group.label(other) for other in group.networks]
        if wanted and group.twin("int8").exists() and group.label(path) not in known:
            group.networks.append(path)
    return [group for group in groups.values() if group.networks]


def set_batch(source: pathlib.Path, path: pathlib.Path, batch: int | str):
    """The same network for another batch, which may be a name: any batch."""
    model = onnx.load(source)
    del model.graph.value_info[:]
    constants = {tensor.name for tensor in model.graph.initializer}
    for value in [*model.graph.input, *model.graph.output]:
        if value.name not in constants:
            extent = value.type.tensor_type.shape.dim[0]
            extent.Clear()
            if isinstance(batch, int):
                extent.dim_value = batch
            else:
                extent.dim_param = batch
    onnx.save(model, path)


class Preparation:
    """Makes the files that programs open, in a folder of its own."""

    def __init__(self, scratch: pathlib.Path, **options):
        self.scratch, self.options = scratch, options
        self.compiled: dict[str, dict] = {}

    def clear(self):
        """A group's files are of no use to the next one."""
        for file in self.scratch.iterdir():
            file.unlink()

    def compile(self, network: pathlib.Path) -> pathlib.Path:
        """One library for any batch; says how long it took."""
        library = self.scratch / f"{network.stem}.so"
        if not library.exists():
            free = self.scratch / network.name
            set_batch(network, free, "N")
            start = time.perf_counter()
            dorefa.compile(free, library, **self.options)
            self.compiled[network.stem] = {
                "compile_seconds": time.perf_counter() - start,
                "bytes": library.stat().st_size}
            free.unlink()
        return library

    def peer_file(self, group: Group, kind: str, batch: int) -> pathlib.Path | None:
        """What a peer reads, or None where there is no such network."""
        suffix = {"tflite": ".tflite", "binary": ".xml"}.get(kind, ".onnx")
        path = self.scratch / f"{group.name}_{kind}_{batch}{suffix}"
        if path.exists():
            return path
        if kind == "tflite":
            writer = importlib.import_module("lite_model")
            writer.write(group.twin("fp32"), path, batch)
        elif kind == "binary":
            labels = map(group.label, group.networks)
            if group.name != "resnet18" or BINARY_WIDTH not in labels:
                return None
            topology = importlib.import_module("make_networks").resnet18
            importlib.import_module("binary_resnet").write(topology, path, batch)
        else:
            set_batch(group.twin(kind), path, batch)
        return path

    def programs(self, group: Group, batch: int, peers: list[str]) -> list[Program]:
        """Absent packages are the caller's to leave out."""
        programs = []

        def add(name: str, runtime: str, kind: str, make_file):
            try:
                if path := make_file():
                    programs.append(Program(name, runtime, kind, path))
            except (ValueError, dorefa.CompileError) as error:
                print(f"{name} of {group.name} is left out: {error}", flush=True)

        for network in group.networks:
            add(f"ours {group.label(network).upper()}", "compiled", "ours",
                lambda: self.compile(network))
        for name in peers:
            runtime = runtimes.PEERS[name]
            add(name, name, runtime.kind,
                lambda: self.peer_file(group, runtime.file, batch))
        return programs


def take_turns(programs: list[Program], shape: list[int], threads: int,
               rounds: int, seconds: float, environment: dict[str, str]):
    """Measures all programs; drops those that fail, and says so."""
    failed = []

    def fail(program: Program, message: str):
        print(f"{program.name} of {program.path.stem} is left out: {message}",
              flush=True)
        failed.append(program)

    with contextlib.ExitStack() as stack:
        workers = []
        for program in programs:
            worker = stack.enter_context(Worker(
                program.runtime, program.path, shape, threads,
                last_cores(threads), environment))
            workers.append((program, worker))
            if message := worker.wait():
                fail(program, message)
        for _ in range(rounds):
            for program, worker in workers:
                if program in failed:
                    continue
                times = worker.measure(seconds)
                if message := times.get("error"):
                    fail(program, message)
                else:
                    program.rounds.append(times)
    return [program for program in programs if program not in failed]


def summarize(programs: list[Program]) -> list[dict]:
    """Milliseconds, and ratios to the fastest int8 peer and to float32."""
    times = {program.name: over_rounds(program.rounds) for program in programs}

    int8 = min((times[program.name] for program in programs
                if program.kind == "int8"), default=None)
    fp32 = times.get("onnxruntime-fp32")
    return [{"program": program.name, "kind": program.kind,
             "ms": times[program.name],
             "to_int8": times[program.name] / int8 if int8 else None,
             "to_fp32": times[program.name] / fp32 if fp32 else None,
             "rounds": program.rounds} for program in programs]


def measure_group(group: Group, preparation: Preparation, peers: list[str],
                  batches: list[int], threads: list[int], rounds: int,
                  seconds: float, environment: dict[str, str]) -> list[dict]:
    results = []
    for batch in batches:
        for count in threads:
            programs = preparation.programs(group, batch, peers)
            programs = take_turns(programs, group.shape(batch), count, rounds,
                                  seconds, environment)
            results.append({"network": group.name, "batch": batch,
                            "threads": count, "programs": summarize(programs)})
    return results
