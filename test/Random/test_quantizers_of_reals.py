# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizers of reals behind products, whose codes another product reads: at ties and
beside them, at infinity and what is no number, with bounds in front that are nearer
or farther than the codes' own."""

import numpy as np
import pytest

from on_targets import check_on_targets
from sum_network import DOMAIN, SumNetwork

ODD = [np.nan, np.inf, -np.inf, 3e38, -3e38, 3e9, -3e9, 0.0, -0.0, 1e-40]


def make_reals(shape: list[int], scale: float) -> np.ndarray:
    """Halves of a scale and their neighbours, random ones, and odd ones."""
    random = np.random.default_rng(3)
    ties = (random.integers(-300, 600, [6, *shape]) + 0.5).astype(np.float32)
    values = (ties * np.float32(scale)).astype(np.float32)
    for image, toward in ((1, np.inf), (2, -np.inf)):
        values[image] = np.nextafter(values[image], np.float32(toward))
    values[3] = random.normal(100 * scale, 100 * scale, shape)
    values[4].flat[::3] = np.resize(ODD, values[4].flat[::3].shape)
    values[5] = np.resize(ODD, shape)
    return values


@pytest.mark.parametrize("channels", [16, 20, 64])
@pytest.mark.parametrize("bits, signed, scale", [
    (8, False, 1 / 255), (8, True, 0.0371), (8, False, 1.0), (4, False, 1 / 15),
    (4, True, 0.3), (2, False, 1 / 3), (7, True, 2.0**-7), (9, False, 1 / 511)])
def test_codes(bits, signed, scale, channels, tools, tmp_path):
    net = SumNetwork()
    net.inputs = {"x": [channels, 5, 7], "real": [channels, 5, 7]}
    random = np.random.default_rng(bits)
    scale_name = net.weights(np.asarray(scale))
    width = net.weights(np.asarray(bits))

    def convolve(codes: str) -> str:
        weights = net.weights(random.normal(0, 2, [channels, channels, 1, 1]))
        return net.node("Conv", [codes, net.quantize(weights, 2, True)],
                        kernel_shape=[1, 1])

    def quantize_reals(reals: str) -> str:
        return net.node("Quant", [reals, scale_name, "zero", width], domain=DOMAIN,
                        signed=int(signed), narrow=0, rounding_mode="ROUND")

    # Sums that are 0 leave the reals as they are.
    nothing = net.node("Mul", [convolve(net.quantize("x", 2, False)), "zero"])
    reals = net.node("Add", [nothing, "real"])
    lowest = -(2**(bits - 1)) * signed
    highest = 2**(bits - signed) - 1
    variants = [reals, net.node("Relu", [reals])]
    for part in (0.5, 1.0, 1.5):
        low, high = (net.weights(np.asarray(part * scale * end))
                     for end in (lowest, highest))
        variants.append(net.node("Clip", [reals, low, high]))
    for variant in variants:
        codes = quantize_reals(variant)
        net.outputs += [codes, convolve(codes)]
    inputs = {"x": random.normal(1, 1, [6, *net.inputs["x"]]).astype(np.float32),
              "real": make_reals(net.inputs["real"], scale)}
    check_on_targets(tools, tmp_path, net, inputs)
