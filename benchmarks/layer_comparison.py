# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled layers beside hand-written kernels, oneDNN and onnxruntime, all of
which take turns round by round."""

import os
import pathlib
import tempfile

import cases
import dorefa
import kernels
from layers import CompiledLayer
from runtimes import RESTRICTIONS
from timing import last_cores, over_rounds

# By the names that rows have for them.
Opened = dict[str, kernels.Kernels]


def open_kernels(arguments) -> Opened:
    def open_onednn():
        return kernels.OneDnnKernels(
            arguments.build, arguments.layers, arguments.layer_seconds,
            RESTRICTIONS.get(arguments.level, {}))

    def open_stem():
        return kernels.OnnxRuntimeStem(arguments.layer_seconds)

    def open_roof():
        return kernels.RoofKernels(arguments.roof, arguments.build,
                                   only_avx2=arguments.level == "x86-64-v3")

    wanted = {}
    if arguments.roof:
        wanted["roof"] = open_roof
    else:
        print("roof kernels are left out: no --roof")
    if not arguments.no_onednn:
        wanted["onednn"] = open_onednn
    if cases.Stem() in arguments.layers:
        wanted["onnxruntime"] = open_stem
    opened = {}
    for name, open_kernel in wanted.items():
        if arguments.level in RESTRICTIONS and name == "onnxruntime":
            print(f"{name} is left out of layers: it cannot be restricted to "
                  f"{arguments.level}")
            continue
        try:
            opened[name] = open_kernel()
        except kernels.Unavailable as reason:
            print(f"{name} is left out of layers: {reason}")
    return opened


def compile_layers(arguments) -> list[CompiledLayer]:
    compiled = []
    several = arguments.level == "portable" or "," in arguments.level
    target = "native" if several else arguments.level
    chosen = [(case, width) for case in arguments.layers
              for width in case.widths(arguments.widths)]
    for case, width in sorted(chosen, key=lambda pair: pair[1]):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                compiled.append(CompiledLayer(
                    case, width, pathlib.Path(scratch), target=target,
                    engine=arguments.engine))
            except dorefa.CompileError as error:
                print(f"{case} at {width} is left out: {error}", flush=True)
    return compiled


def open_bandwidth(arguments) -> kernels.ReadBandwidth | None:
    try:
        return kernels.ReadBandwidth(arguments.build, arguments.layer_seconds)
    except kernels.Unavailable as reason:
        print(f"the speed of memory is left out: {reason}")
        return None


def take_turns(compiled: list[CompiledLayer], others: list, rounds: int,
               seconds: float):
    cores = os.sched_getaffinity(0)
    for _ in range(rounds):
        for other in others:
            other.measure()
        os.sched_setaffinity(0, last_cores(1))
        for layer in compiled:
            layer.measure(seconds)
        os.sched_setaffinity(0, cores)


def make_row(layer: CompiledLayer, opened: Opened,
             memory: kernels.ReadBandwidth | None) -> dict:
    ms = over_rounds([{"least": time} for time in layer.rounds], "least")
    byte_count = cases.byte_count(layer.case, layer.width)
    row = {"layer": str(layer.case), "width": layer.width,
           "schedule": layer.schedule, "ms": ms, "bytes": byte_count,
           "gmacs": layer.case.multiply_adds / ms / 1e6,
           "gigabytes": byte_count / ms / 1e6, "rounds": layer.rounds}
    for name in ("roof", "onednn", "onnxruntime"):
        best = opened[name].best(layer.case, layer.width) if name in opened else None
        row[f"{name}_ms"], row[f"{name}_kernel"] = best or (None, None)
        row[f"to_{name}"] = ms / best[0] if best else None
    bandwidth = memory.of(byte_count) if memory else None
    row["of_bandwidth"] = row["gigabytes"] / bandwidth if bandwidth else None
    return row


def sum_layers(rows: list[dict]) -> list[dict]:
    """Over the quantized layers of ResNet-18, where all of them were measured."""
    counts = {str(case): count for case, count in cases.RESNET18.items()}
    sums = []
    for width in dict.fromkeys(row["width"] for row in rows):
        chosen = [row for row in rows
                  if row["width"] == width and row["layer"] in counts]
        if len(chosen) < len(counts):
            continue
        entry = {"width": width}
        for key in ("ms", "roof_ms", "onednn_ms"):
            known = all(row[key] is not None for row in chosen)
            entry[key] = sum(counts[row["layer"]] * row[key]
                             for row in chosen) if known else None
        for name in ("roof", "onednn"):
            time = entry[f"{name}_ms"]
            entry[f"to_{name}"] = entry["ms"] / time if time else None
        sums.append(entry)
    return sums


def measure(arguments) -> dict:
    """The part of the results that is about layers."""
    opened, memory = open_kernels(arguments), open_bandwidth(arguments)
    compiled = compile_layers(arguments)
    take_turns(compiled, [*opened.values(), *([memory] if memory else [])],
               arguments.rounds, arguments.layer_seconds)
    rows = [make_row(layer, opened, memory) for layer in compiled]
    roof = opened.get("roof")
    for line in getattr(roof, "wrong", ()):
        print(f"roof: {line}")
    return {
        "layers": rows, "sums": sum_layers(rows),
        "kernels": {name: [{"layer": case, "kernel": kernel, "ms": times}
                           for (case, kernel), times in kernel_.rounds.items()]
                    for name, kernel_ in opened.items()},
        "onednn": opened["onednn"].version if "onednn" in opened else None,
        "bandwidth": memory.rates() if memory else {}}
