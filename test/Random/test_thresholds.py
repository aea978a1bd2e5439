# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Thresholds of reals, in rows shorter and longer than vectors: a value that is no
number meets none, infinite ones all or none."""

import numpy as np
import pytest

from on_targets import check_on_targets
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
    inputs = {}
    for name, shape in net.inputs.items():
        values = random.normal(0, 1, [6, *shape]).astype(np.float32)
        values[0], values[1], values[2] = np.nan, np.inf, -np.inf
        values[3].flat[::2] = np.nan
        inputs[name] = values
    check_on_targets(tools, tmp_path, net, inputs)
