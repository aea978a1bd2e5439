# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random networks: compiled code against the interpreter, bit for bit.

    run_random.py [--seed S] [--count N]       all of them
    run_random.py --seed S --index I           one of them
    run_random.py --save FOLDER                write those that fail

Prints the seed, which pairs of properties occurred, and for each network that
fails the command that repeats it and a smaller network that fails too. Ends
with `N passed, N failed`. Needs numpy, onnx and the built tools; DOREFA_BUILD
names their folder.
"""

import argparse
import concurrent.futures
import functools
import multiprocessing
import os
import pathlib
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "python"))

from compare import Outcome, check, group, save, shrink  # noqa: E402
from covering import describe_coverage  # noqa: E402
from generate import Network, make_networks, make_rows  # noqa: E402

SEED = 1
COUNT = 500
MOST_SHRUNK = 3


def run_all(tools: pathlib.Path, networks: list[Network],
            jobs: int | None = None) -> Iterator[Outcome]:
    """The outcomes, as they come, of `jobs` processes."""
    # A process that runs foreign code is forked from the workers, which for
    # that must have one thread.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
            jobs or os.cpu_count(), mp_context=context) as pool:
        for outcomes in pool.map(functools.partial(check, tools),
                                 group(networks)):
            yield from outcomes


def describe_all(seed: int, count: int) -> str:
    """The seed and the coverage; the networks fail if a pair is missing."""
    space, rows = make_rows(seed, count)
    table, missing = describe_coverage(space, rows)
    assert not missing, table
    return f"random networks: {len(rows)}, seed {seed}\n{table}"


def describe_failure(network: Network, count: int, outcome: Outcome) -> str:
    path = pathlib.Path(__file__).resolve()
    return (f"network {network.index} failed: {outcome.error}\n"
            f"  repeat: {sys.executable} {path} --seed {network.seed} --count "
            f"{count} --index {network.index}\n  {network.describe()}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--index", type=int, nargs="*",
                        help="run these networks only")
    parser.add_argument("--jobs", type=int, help="processes; default: one a CPU")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--save", type=pathlib.Path, metavar="FOLDER",
                        help="write networks that fail, with their inputs")
    arguments = parser.parse_args()
    tools = pathlib.Path(os.environ.get("DOREFA_BUILD") or ROOT / "build") / "bin"

    networks = make_networks(arguments.seed, arguments.count)
    if arguments.index:
        networks = [networks[index] for index in arguments.index]
    else:
        print(describe_all(arguments.seed, arguments.count), flush=True)
    by_index = {network.index: network for network in networks}
    failed = []
    for outcome in run_all(tools, networks, arguments.jobs):
        if outcome.error:
            failed.append(outcome.index)
            network = by_index[outcome.index]
            print(describe_failure(network, arguments.count, outcome),
                  flush=True)
            if arguments.save:
                print(f"  alone: {save(network, arguments.save)}", flush=True)
    space, _ = make_rows(arguments.seed, arguments.count)
    for index in [] if arguments.no_shrink else failed[:MOST_SHRUNK]:
        smaller = shrink(tools, by_index[index], space)
        print(f"network {index}, smaller: {smaller.describe()}\n  fails: "
              f"{check(tools, [smaller])[0].error}", flush=True)
        if arguments.save:
            folder = arguments.save / "smaller"
            print(f"  alone: {save(smaller, folder)}", flush=True)
    print(f"{len(networks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
