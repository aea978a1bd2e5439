# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Networks written node by node, on every target that this CPU can run."""

import itertools
import pathlib

import numpy as np

from columns import find_targets
from compare import Workshop, find_difference, run_library
from sum_network import SumNetwork


def check_on_targets(tools: pathlib.Path, folder: pathlib.Path, net: SumNetwork,
                     inputs: dict[str, np.ndarray], *, batch: int | str = "N",
                     engine: str = "auto", tile: str = "auto",
                     threads: tuple[int, ...] = (1,), inspect=lambda library: None):
    """That each target's outputs are the interpreter's, bit for bit. Targets take
    these numbers of threads by turns; `inspect` gets each library."""
    model, workshop = folder / "net.onnx", Workshop(tools, folder)
    net.save(model, batch)
    np.savez(model.with_suffix(".npz"), **inputs)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    images = len(next(iter(inputs.values())))
    for target, count in zip(find_targets(), itertools.cycle(threads)):
        library = workshop.compile(model, {
            "target": target, "engine": engine, "tile": tile, "threads": count,
            "taps": "no", "batch": "free"})
        found = run_library(library, inputs, [images], count)
        assert not [difference for name in net.outputs
                    if (difference := find_difference(
                        name, expected[name], found[images, name]))], target
        inspect(library)
