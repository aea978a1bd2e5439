# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizers of a model: from values to codes and back, and their boundaries.

A boundary is a real at which a quantizer steps from one code to the next. Its
input is given in the units of the code, as (x / scale + zero point).
"""

import numpy as np
from magnitudes import Sized
from nodes import attributes, channel_axis

HALF_MODES = {"ROUND", "HALF_EVEN", "HALF_UP", "HALF_DOWN"}
ROUNDINGS = {"Round": "ROUND", "Floor": "FLOOR", "Ceil": "CEIL"}


class Quantizer:
    """A node whose output has codes. `find` gives the arrays of constants."""

    def __init__(self, node, source, given, mode):
        self.node = node
        self.source = source  # the name of the quantized real
        self.given = given    # numbers that the kind needs
        self.mode = mode

    def codes(self, output: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def values(self, codes: np.ndarray) -> np.ndarray:
        """The declared float32 value of each code."""
        raise NotImplementedError

    def in_code_units(self, x: Sized) -> Sized:
        return x

    def distance(self, v: np.ndarray) -> np.ndarray:
        """How far each real is from the nearest boundary."""
        if self.mode in HALF_MODES:
            return np.abs(np.abs(v - np.floor(v)) - 0.5)
        return np.abs(v - np.rint(v))


class Linear(Quantizer):
    """Quant, and QuantizeLinear with DequantizeLinear."""

    def __init__(self, node, source, scale, zero, mode):
        super().__init__(node, source, (scale, zero), mode)

    def codes(self, output):
        scale, zero = (a.astype(np.float64) for a in self.given)
        return np.rint(output / scale + zero).astype(np.int64)

    def values(self, codes):
        scale, zero = self.given
        integers = (codes - zero.astype(np.float64)).astype(np.float32)
        return (integers * scale.astype(np.float32)).astype(np.float32)

    def in_code_units(self, x):
        scale, zero = (a.astype(np.float64) for a in self.given)
        return Sized(x.value / scale + zero, x.size / scale + np.abs(zero))


class Bipolar(Quantizer):
    """+1 in units of the scale where the input is at least 0, else -1."""

    def __init__(self, node, source, scale, zero=np.zeros(())):
        super().__init__(node, source, (scale, zero), "SIGN")

    def codes(self, output):
        scale, zero = self.given
        return (output / scale + zero > 0).astype(np.int64)

    def values(self, codes):
        scale, zero = self.given
        return ((2 * codes - 1 - zero) * scale).astype(np.float32)

    def in_code_units(self, x):
        scale, zero = (a.astype(np.float64) for a in self.given)
        return Sized(x.value / scale + zero, x.size / scale + np.abs(zero))

    def distance(self, v):
        return np.abs(v)


class Thresholds(Quantizer):
    def __init__(self, node, source, thresholds):
        given = attributes(node)
        scale = np.float32(given.get("out_scale", 1.0))
        bias = np.float32(given.get("out_bias", 0.0))
        super().__init__(node, source, (thresholds, scale, bias), "COUNT")

    def codes(self, output):
        _, scale, bias = self.given
        return np.rint((output.astype(np.float64) - bias) / scale).astype(np.int64)

    def values(self, codes):
        _, scale, bias = self.given
        return codes.astype(np.float32) * scale + bias

    def distance(self, v):
        thresholds = self.given[0].astype(np.float64)
        axis = channel_axis(self.node, v.ndim)
        last = np.moveaxis(v, axis, -1)[..., None]
        return np.moveaxis(np.abs(last - thresholds).min(axis=-1), -1, axis)


class Sign(Quantizer):
    """-1, 0 or 1: the code is the value."""

    def __init__(self, node, source):
        super().__init__(node, source, None, "SIGN")

    def codes(self, output):
        return output.astype(np.int64)

    def values(self, codes):
        return codes.astype(np.float32)

    def distance(self, v):
        return np.abs(v)


class Choice(Quantizer):
    """Where a real is compared with a constant: code 1 is the larger value."""

    def __init__(self, node, source, boundary, values):
        super().__init__(node, source, (boundary, values), "SIGN")

    def codes(self, output):
        return (output == np.maximum(*self.given[1])).astype(np.int64)

    def values(self, codes):
        return np.where(codes == 1, np.maximum(*self.given[1]),
                        np.minimum(*self.given[1])).astype(np.float32)

    def distance(self, v):
        return np.abs(v - self.given[0].astype(np.float64))


class Rounded(Quantizer):
    """Round, Floor, Ceil: the code is the value."""

    def __init__(self, node, source):
        super().__init__(node, source, None, ROUNDINGS[node.op_type])

    def codes(self, output):
        return output.astype(np.int64)

    def values(self, codes):
        return codes.astype(np.float32)


def _along(array, axis, rank):
    """A scale a channel in the shape that broadcasts."""
    array = np.asarray(array)
    if array.ndim != 1 or array.size == 1:
        return array.reshape(()) if array.size == 1 else array
    shape = [1] * rank
    shape[axis] = array.size
    return array.reshape(shape)


def find_quantizer(node, producers, values, rank) -> Quantizer | None:
    """The quantizer that ends in this node, or None."""
    def constant(name):
        return np.asarray(values[name])

    if node.op_type in ("Quant", "IntQuant"):
        x, scale, zero, bits = node.input
        if constant(bits) == 1 and attributes(node).get("signed", 1):
            return Bipolar(node, x, constant(scale), constant(zero))
        mode = attributes(node).get("rounding_mode", "ROUND").upper()
        return Linear(node, x, constant(scale), constant(zero), mode)
    if node.op_type == "BipolarQuant":
        return Bipolar(node, node.input[0], constant(node.input[1]))
    if node.op_type == "MultiThreshold":
        return Thresholds(node, node.input[0], constant(node.input[1]))
    if node.op_type in ROUNDINGS:
        return Rounded(node, node.input[0])
    if node.op_type == "Sign":
        return Sign(node, node.input[0])
    if node.op_type == "Where":
        test = producers[node.input[0]]
        return Choice(node, test.input[0], constant(test.input[1]),
                      [constant(name) for name in node.input[1:]])
    if node.op_type == "Clip":
        before = producers.get(node.input[0])
        if before is not None and before.op_type in ROUNDINGS:
            return Rounded(before, before.input[0])
    if node.op_type == "DequantizeLinear":
        axis = attributes(node).get("axis", 1)
        scale = _along(constant(node.input[1]), axis, rank)
        zero = np.zeros((), np.int64)
        if len(node.input) > 2 and node.input[2] in values:
            zero = _along(constant(node.input[2]), axis, rank)
        before = producers.get(node.input[0])
        while before is not None and before.op_type in ("Clip", "Identity"):
            before = producers.get(before.input[0])
        if before is not None and before.op_type == "QuantizeLinear":
            return Linear(node, before.input[0], scale, zero, "ROUND")
    return None
