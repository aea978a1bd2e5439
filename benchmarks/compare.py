# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiled networks and layers beside other runtimes, in one run.

    pip install -r benchmarks/requirements.txt
    benchmarks/make_networks.py FOLDER
    benchmarks/compare.py FOLDER [--roof KERNELS]

FOLDER holds low-bit networks NAME_wWaA.onnx and their twins of the same shape,
NAME_fp32.onnx and NAME_int8.onnx (QDQ, unsigned activations); KERNELS the
sources of hand-written kernels that layers are compared with. A peer whose
package, compiler or CPU is absent is left out, and a line says so.

All programs of a network take turns on pinned cores, round by round; a time is
the median of the rounds' medians, so that what else the machine does hits all
of them alike. Of a layer, where a call is short, the least time of each round
counts, as hand-written kernels have it. Ratios are within this run.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

import kernels  # noqa: E402
import layers  # noqa: E402
import machine  # noqa: E402
import networks  # noqa: E402
import report  # noqa: E402
import runtimes  # noqa: E402
from timing import last_cores, over_rounds  # noqa: E402

# What keeps a peer from instructions that the forced target has not; the others
# have no such switch and are left out.
RESTRICTED = {"x86-64-v3": {"peers": ["openvino"],
                            "environment": {"ONEDNN_MAX_CPU_ISA": "AVX2"}}}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, nargs="?",
                        help="networks and twins; without it only layers are measured")
    parser.add_argument("--only", nargs="*", default=[], metavar="NETWORK",
                        help="resnet18, or resnet18_w1a2")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--peers", nargs="*", choices=list(runtimes.PEERS),
                        default=list(runtimes.PEERS))
    parser.add_argument("--layers", nargs="*", metavar="SHAPE",
                        type=layers.Shape.parse, default=list(layers.RESNET18),
                        help="such as '3x3/2 64-128 @28'; none to skip them "
                        "(default: all of ResNet-18)")
    parser.add_argument("--widths", nargs="+", metavar="WxA", default=layers.WIDTHS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.25,
                        help="of each network in each round")
    parser.add_argument("--layer-seconds", type=float, default=0.05,
                        help="of each layer in each round")
    parser.add_argument("--roof", type=pathlib.Path, metavar="KERNELS",
                        default=os.environ.get("DOREFA_ROOF"),
                        help="folder of hand-written kernels (default: DOREFA_ROOF)")
    parser.add_argument("--no-onednn", action="store_true")
    parser.add_argument("--target", default="native",
                        help="what to compile for; x86-64-v3 restricts peers as well")
    parser.add_argument("--engine", default="", help="wherever it is possible")
    parser.add_argument("--build", type=pathlib.Path, metavar="FOLDER",
                        default=ROOT / "build/benchmarks",
                        help="where kernels are built")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="where everything goes (default: FOLDER of --build)")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FOLDER",
                        help="draw charts there, such as docs/")
    return parser.parse_args()


def find_peers(arguments) -> list[str]:
    """Those that are here, and can be restricted to the target."""
    restriction = RESTRICTED.get(arguments.target)
    peers = []
    for name in arguments.peers:
        version = runtimes.PEERS[name].version()
        if restriction and runtimes.PEERS[name].package not in restriction["peers"]:
            print(f"{name} is left out: it cannot be restricted to {arguments.target}")
        elif version is None:
            print(f"{name} is left out: {runtimes.PEERS[name].package} is not installed")
        else:
            peers.append(name)
    return peers


def measure_networks(arguments, results: dict):
    peers = find_peers(arguments)
    results["versions"] = sorted({runtimes.PEERS[name].version() for name in peers})
    print(", ".join(results["versions"]))
    environment = RESTRICTED.get(arguments.target, {}).get("environment", {})
    with tempfile.TemporaryDirectory() as scratch:
        preparation = networks.Preparation(
            pathlib.Path(scratch), target=arguments.target, engine=arguments.engine)
        for group in networks.find_groups(arguments.folder, arguments.only):
            for result in networks.measure_group(
                    group, preparation, peers, arguments.batches, arguments.threads,
                    arguments.rounds, arguments.seconds, environment):
                results["networks"].append(result)
                print("\n" + report.networks_table(result), flush=True)
            preparation.clear()
    results["compiled"] = preparation.compiled
    print("\n" + report.threads_table(results["networks"]))


def open_kernels(arguments) -> dict[str, kernels.Kernels]:
    opened = {}
    if arguments.roof:
        try:
            opened["roof"] = kernels.RoofKernels(arguments.roof, arguments.build)
        except kernels.Unavailable as reason:
            print(f"roof kernels are left out: {reason}")
    else:
        print("roof kernels are left out: no --roof")
    if not arguments.no_onednn:
        try:
            opened["onednn"] = kernels.OneDnnKernels(
                arguments.build, arguments.layers, arguments.layer_seconds)
        except kernels.Unavailable as reason:
            print(f"oneDNN is left out: {reason}")
    return opened


def measure_layers(arguments, results: dict):
    opened = open_kernels(arguments)
    compiled, cores = [], os.sched_getaffinity(0)
    for width in arguments.widths:
        for shape in arguments.layers:
            with tempfile.TemporaryDirectory() as scratch:
                compiled.append(layers.CompiledLayer(
                    shape, width, pathlib.Path(scratch), target=arguments.target,
                    engine=arguments.engine))
    for _ in range(arguments.rounds):
        for kernel in opened.values():
            kernel.measure()
        os.sched_setaffinity(0, last_cores(1))
        for layer in compiled:
            layer.measure(arguments.layer_seconds)
        os.sched_setaffinity(0, cores)
    results["layers"] = [layer_row(layer, opened) for layer in compiled]
    results["kernels"] = {name: [{"layer": shape, "kernel": kernel, "ms": times}
                                 for (shape, kernel), times in kernel_.rounds.items()]
                          for name, kernel_ in opened.items()}
    for line in getattr(opened.get("roof"), "wrong", ()):
        print(f"roof: {line}")
    if "onednn" in opened:
        print(f"oneDNN {opened['onednn'].version}")


def layer_row(layer: layers.CompiledLayer, opened: dict[str, kernels.Kernels]) -> dict:
    ms = over_rounds([{"least": time} for time in layer.rounds], "least")
    row = {"layer": str(layer.shape), "width": layer.width,
           "schedule": layer.schedule, "ms": ms,
           "gmacs": layer.shape.multiply_adds / ms / 1e6, "rounds": layer.rounds}
    for name in ("roof", "onednn"):
        best = opened[name].best(layer.shape, layer.width) if name in opened else None
        row[f"{name}_ms"], row[f"{name}_kernel"] = best or (None, None)
        row[f"to_{name}"] = ms / best[0] if best else None
    return row


def sum_layers(rows: list[dict]) -> list[dict]:
    """Over the whole network, where all of its layers were measured."""
    counts = {str(shape): count for shape, count in layers.RESNET18.items()}
    sums = []
    for width in dict.fromkeys(row["width"] for row in rows):
        chosen = [row for row in rows if row["width"] == width]
        if {row["layer"] for row in chosen} != set(counts):
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


def draw(arguments, results: dict):
    import charts
    title = machine.text(results["machine"])
    if results["networks"]:
        charts.draw_networks(results["networks"], title,
                             arguments.svg / "networks.svg")
    if results["layers"]:
        charts.draw_layers(results["layers"], title, arguments.svg / "layers.svg")


def main():
    arguments = parse_arguments()
    warnings.simplefilter("ignore")
    results = {"machine": machine.describe(), "networks": [], "layers": []}
    print(machine.text(results["machine"]))
    if arguments.folder:
        measure_networks(arguments, results)
    if arguments.layers:
        measure_layers(arguments, results)
        print("\n" + report.layers_table(results["layers"]))
        if sums := sum_layers(results["layers"]):
            results["sums"] = sums
            print("\n" + report.sums_table(sums))
    file = arguments.json or arguments.build / "compare.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nall of it: {file}")
    if arguments.svg:
        draw(arguments, results)


if __name__ == "__main__":
    main()
