# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random networks and seeded errors; see generate.py and run_random.py.

DOREFA_RANDOM_SEED and DOREFA_RANDOM_COUNT replace the seed and the number of
networks.
"""

import os
import pathlib
import random
import subprocess

import numpy as np
import onnx
import pytest
import run_random
from columns import make_space
from compare import Workshop, compare, run_library, run_tool, save
from generate import BATCH, make_inputs, make_networks, make_rows, write

SEED = int(os.environ.get("DOREFA_RANDOM_SEED", run_random.SEED))
COUNT = int(os.environ.get("DOREFA_RANDOM_COUNT", run_random.COUNT))

# An error, and the stage in whose result it is made.
MISCOMPILES = [("threshold", "layers"), ("planes", "layers"),
               ("border", "packed"), ("window-sum", "packed"),
               ("rounding", "graph"), ("channels", "layers"),
               ("pool", "layers"), ("zero-point", "layers"),
               ("residual", "layers"), ("accumulator", "layers")]


def test_rules_exclude_what_no_row_can_hold():
    """Each pair that is not forbidden with a reason occurs."""
    space, rows = make_rows(SEED, COUNT)
    assert len(rows) >= COUNT
    assert all(space.is_legal(row) for row in rows)
    held = {pair for row in rows for pair in space.pairs_of(row)}
    assert held == space.feasible_pairs()


def test_pair_without_reason_is_an_error():
    """A value that nothing can stand beside must not go unnoticed."""
    space = make_space(["native"])
    for other in space.columns["spelling"]:
        pair = space.pair("pool", "max", "spelling", other)
        space.reasons[pair] = "for this test"
    with pytest.raises(ValueError, match="no rule says why"):
        space.cover(random.Random(SEED))


def test_saved_networks_run_alone(tools, tmp_path):
    network = next(network for network in make_networks(SEED, COUNT)
                   if network.row["target"] == "native")
    program, *words = save(network, tmp_path).split()
    result = subprocess.run([tools / program, *words], capture_output=True,
                            text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("are equal to the interpreter's\n")


@pytest.fixture(scope="session")
def outcomes(tools, request) -> dict[int, str]:
    """The error of each network, empty where there is none."""
    networks = make_networks(SEED, COUNT)
    errors = {outcome.index: outcome.error
              for outcome in run_random.run_all(tools, networks)}
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n" + run_random.describe_all(SEED, COUNT))
    return errors


@pytest.mark.parametrize("index", range(COUNT))
def test_random_network(index, outcomes):
    assert not outcomes[index], (
        f"{outcomes[index]}\nrepeat: test/Random/run_random.py --seed {SEED} "
        f"--count {COUNT} --index {index}")


class Sample:
    """Some networks in one file, and what the interpreter says of them."""

    # Networks whose codes and outputs show each of the errors.
    NETWORKS = 40

    def __init__(self, tools: pathlib.Path, folder: pathlib.Path):
        self.workshop = Workshop(tools, folder)
        networks = [network for network in make_networks(SEED, COUNT)
                    if network.row["batch"] == "free"][:self.NETWORKS]
        self.indices = [network.index for network in networks]
        self.model = folder / "networks.onnx"
        content = write(networks)
        onnx.save(content, self.model)
        self.inputs = make_inputs(networks, content)
        inputs = folder / "inputs.npz"
        np.savez(inputs, **self.inputs)
        self.expected = self.workshop.interpret(self.model, inputs, taps=False)

    def count_differences(self, engine: str, stage: str, passes: list[str]
                          ) -> int:
        """In how many networks compiled code differs from the interpreter if
        the passes are run on the result of the stage."""
        compiler = self.workshop.tools / "dorefa-compile"
        before = self.model.with_suffix(f".{stage}.mlir")
        after = self.model.with_suffix(".changed.mlir")
        library = self.model.with_suffix(".so")
        options = [f"--engine={engine}"] if engine else []
        run_tool(compiler, self.model, f"--emit={stage}", *options,
                 "-o", before)
        run_tool(self.workshop.tools / "dorefa-test-opt", before, *passes,
                 "--mlir-print-debuginfo", "-o", after)
        run_tool(compiler, after, *options, "-o", library)
        found = run_library(library, self.inputs, [BATCH])
        return sum(bool(outcome.error)
                   for outcome in compare(self.indices, self.expected, found))


@pytest.fixture(scope="module")
def sample(tools, tmp_path_factory) -> Sample:
    return Sample(tools, tmp_path_factory.mktemp("miscompiles"))


@pytest.mark.parametrize("stage", sorted({stage for _, stage in MISCOMPILES}))
def test_stages_by_hand_change_nothing(stage, sample):
    assert sample.count_differences("planes", stage, []) == 0


@pytest.mark.parametrize("kind, stage", MISCOMPILES)
def test_miscompile_is_found(kind, stage, sample):
    """As a difference of values: a refusal or a crash is an exception."""
    passes = [f"--dorefa-test-miscompile=kind={kind}"]
    assert sample.count_differences("planes", stage, passes) > 0
