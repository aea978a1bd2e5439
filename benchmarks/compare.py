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

import cases  # noqa: E402
import layer_comparison  # noqa: E402
import machine  # noqa: E402
import networks  # noqa: E402
import report  # noqa: E402
import runtimes  # noqa: E402
from dorefa import executor  # noqa: E402


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
                        type=cases.parse, default=cases.DEFAULT,
                        help="such as '3x3/2 64-128 @28', 'dense 4096-4096' or stem; "
                        "none to skip them (default: all of ResNet-18, and AlexNet's "
                        "dense ones)")
    parser.add_argument("--widths", nargs="+", metavar="WxA", default=cases.WIDTHS)
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
                        help="what to compile for; x86-64-v3, forced by DOREFA_VARIANT "
                        "or alone, restricts peers as well")
    parser.add_argument("--engine", default="", help="wherever it is possible")
    parser.add_argument("--build", type=pathlib.Path, metavar="FOLDER",
                        default=ROOT / "build/benchmarks",
                        help="where kernels are built")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="where everything goes (default: FOLDER of --build)")
    parser.add_argument("--svg", type=pathlib.Path, metavar="FOLDER",
                        help="draw charts there, such as docs/")
    arguments = parser.parse_args()
    # Of a file for several targets, the one that runs.
    arguments.level = os.environ.get("DOREFA_VARIANT") or arguments.target
    return arguments


def require_pool(threads: list[int]):
    """Python's threads would be measured in place of the compiler's pool."""
    if max(threads) > 1 and executor.find_pool_library() is None:
        sys.exit("compare.py: error: several threads are measured with the "
                 "compiler's pool, but lib/dorefa/libdorefa_threads.so does not lie "
                 "beside its folder bin: build all of it (scripts/build.sh)")


def find_peers(arguments) -> list[str]:
    """Those that are here, and can be restricted to the target."""
    restricted = arguments.level in runtimes.RESTRICTIONS
    peers = []
    for name in arguments.peers:
        version = runtimes.PEERS[name].version()
        if restricted and runtimes.PEERS[name].package != runtimes.RESTRICTABLE:
            print(f"{name} is left out: it cannot be restricted to {arguments.level}")
        elif version is None:
            print(f"{name} is left out: {runtimes.PEERS[name].package} is not installed")
        else:
            peers.append(name)
    return peers


def measure_networks(arguments, results: dict):
    peers = find_peers(arguments)
    results["versions"] = sorted({runtimes.PEERS[name].version() for name in peers})
    print(", ".join(results["versions"]))
    environment = runtimes.RESTRICTIONS.get(arguments.level, {})
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
    if results["networks"]:
        print("\n" + report.threads_table(results["networks"]))
        print("\n" + report.compiled_table(preparation.compiled))


def draw(arguments, results: dict):
    import charts
    arguments.svg.mkdir(parents=True, exist_ok=True)
    title = machine.title(results["machine"])
    if results["networks"]:
        charts.draw_networks(results["networks"], title,
                             arguments.svg / "networks.svg")
    if results["layers"]:
        charts.draw_layers(results["layers"], title, arguments.svg / "layers.svg")
        charts.draw_roofline(results["layers"], results["bandwidth"], title,
                             arguments.svg / "roofline.svg")


def main():
    arguments = parse_arguments()
    if arguments.folder:
        require_pool(arguments.threads)
    warnings.simplefilter("ignore")
    results = {"machine": machine.describe(), "networks": [], "layers": []}
    print(machine.text(results["machine"]))
    if arguments.folder:
        measure_networks(arguments, results)
    if arguments.layers:
        results.update(layer_comparison.measure(arguments))
        print("\n" + report.layer_tables(results))
    file = arguments.json or arguments.build / "compare.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nall of it: {file}")
    if arguments.svg:
        draw(arguments, results)


if __name__ == "__main__":
    main()
