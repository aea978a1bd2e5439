# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Thresholds of reals, in rows shorter and longer than vectors: a value that is no
number meets none, infinite ones all or none."""

import numpy as np
import pytest

from columns import find_targets
from compare import Workshop, find_difference, run_library
from sum_network import DOMAIN, SumNetwork


@pytest.mark.parametrize("channels", [1, 3, 5, 12, 16, 20, 40])
def test_reals(channels, tools, tmp_path):
    random = np.random.default_rng(channels)
    net = SumNetwork()
    net.inputs = {"row": [channels], "image": [channels, 3, 7]}
    for steps in (1, 3, 7, 15):
        thresholds = net.weights(np.sort(random.normal(0, 1, [channels, steps])))
        net.outputs += [net.node("MultiThreshold", [name, thresholds],
                                 domain=DOMAIN, out_dtype="UINT4")
                        for name in net.inputs]
    model, workshop = tmp_path / "net.onnx", Workshop(tools, tmp_path)
    net.save(model, "N")
    inputs = {}
    for name, shape in net.inputs.items():
        values = random.normal(0, 1, [6, *shape]).astype(np.float32)
        values[0], values[1], values[2] = np.nan, np.inf, -np.inf
        values[3].flat[::2] = np.nan
        inputs[name] = values
    np.savez(model.with_suffix(".npz"), **inputs)
    expected = workshop.interpret(model, model.with_suffix(".npz"), taps=False)
    for target in find_targets():
        library = workshop.compile(model, {
            "target": target, "engine": "auto", "tile": "auto", "threads": 1,
            "taps": "no", "batch": "free"})
        found = run_library(library, inputs, [6])
        assert not [difference for name in net.outputs
                    if (difference := find_difference(
                        name, expected[name], found[6, name]))], target
