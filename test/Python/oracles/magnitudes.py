# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Real layers in binary64, with the size of what was added up on the way.

A value is a pair: the number, and the sum of the absolute values of the
products and constants that it was added up from, scaled by every factor since.
The rounding errors of any order of evaluation in binary32 are a small multiple
of 2^-24 times the second. Weights have a size, too: those of 2q - 1 may be near
0, but what is rounded on the way to them is near 1.
"""

import dataclasses

import numpy as np
from nodes import attributes
from numpy.lib.stride_tricks import sliding_window_view


@dataclasses.dataclass
class Sized:
    value: np.ndarray
    size: np.ndarray

    @staticmethod
    def exact(array) -> "Sized":
        value = np.asarray(array).astype(np.float64)
        return Sized(value, np.abs(value))


def _padding(given, rank, shape, kernel, strides, dilations):
    mode = given.get("auto_pad", "NOTSET")
    if mode in ("NOTSET", ""):
        pads = given.get("pads", [0] * 2 * rank)
        return list(zip(pads[:rank], pads[rank:]))
    if mode == "VALID":
        return [(0, 0)] * rank
    pairs = []
    for n, k, s, d in zip(shape, kernel, strides, dilations):
        total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        small = total // 2
        pairs.append((small, total - small) if mode == "SAME_UPPER"
                     else (total - small, small))
    return pairs


def windows(x, kernel, given, fill=0.0):
    """The windows of a convolution or pool: N x C x output x kernel."""
    rank = len(kernel)
    strides = given.get("strides", [1] * rank)
    dilations = given.get("dilations", [1] * rank)
    pads = _padding(given, rank, x.shape[2:], kernel, strides, dilations)
    x = np.pad(x, [(0, 0), (0, 0), *pads], constant_values=fill)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    view = sliding_window_view(x, reach, axis=tuple(range(2, 2 + rank)))
    index = (slice(None), slice(None), *(slice(None, None, s) for s in strides),
             *(slice(None, None, d) for d in dilations))
    return view[index]


def convolve(x, w, given):
    rank, groups = w.ndim - 2, given.get("group", 1)
    view = windows(x, w.shape[2:], given)
    taps = list(range(20, 20 + rank))
    space = list(range(10, 10 + rank))
    parts = [np.einsum(part, [0, 1, *space, *taps], weight, [2, 1, *taps],
                       [0, 2, *space], optimize=True)
             for part, weight in zip(np.split(view, groups, axis=1),
                                     np.split(w, groups, axis=0))]
    return np.concatenate(parts, axis=1)


def _column(array, rank):
    return np.reshape(array, (1, -1, *[1] * (rank - 2)))


def conv(node, x, w, bias=None):
    given = attributes(node)
    result = Sized(convolve(x.value, w.value, given),
                   convolve(x.size, w.size, given))
    if bias is not None:
        result = add(node, result, Sized(*(_column(part, result.value.ndim) for
                                           part in (bias.value, bias.size))))
    return result


def matmul(node, x, w):
    return Sized(x.value @ w.value, x.size @ w.size)


def gemm(node, a, b, c=None):
    given = attributes(node)
    turn = [(lambda m: m.T) if given.get(f"trans{which}", 0) else (lambda m: m)
            for which in "AB"]
    alpha, beta = given.get("alpha", 1.0), given.get("beta", 1.0)
    value = alpha * (turn[0](a.value) @ turn[1](b.value))
    size = abs(alpha) * (turn[0](a.size) @ turn[1](b.size))
    if c is not None:
        value, size = value + beta * c.value, size + abs(beta) * c.size
    return Sized(value, size)


def add(node, a, b):
    return Sized(a.value + b.value, a.size + b.size)


def sub(node, a, b):
    return Sized(a.value - b.value, a.size + b.size)


def mul(node, a, b):
    return Sized(a.value * b.value, a.size * b.size)


def div(node, a, b):
    return Sized(a.value / b.value, a.size / np.abs(b.value))


def batch_norm(node, x, gamma, beta, mean, variance):
    epsilon = np.float64(np.float32(attributes(node).get("epsilon", 1e-5)))
    a = gamma.value / np.sqrt(variance.value + epsilon)
    a, beta, mean = (_column(v, x.value.ndim) for v in (a, beta.value, mean.value))
    return Sized(a * (x.value - mean) + beta,
                 np.abs(a) * x.size + np.abs(beta) + np.abs(mean * a))


def average_pool(node, x):
    given = attributes(node)
    kernel = given["kernel_shape"]
    taps = tuple(range(-len(kernel), 0))
    count = int(np.prod(kernel))
    if not given.get("count_include_pad", 0):
        count = windows(np.ones_like(x.value), kernel, given).sum(axis=taps)
    return Sized(windows(x.value, kernel, given).sum(axis=taps) / count,
                 windows(x.size, kernel, given).sum(axis=taps) / count)


def max_pool(node, x):
    given = attributes(node)
    kernel = given["kernel_shape"]
    taps = tuple(range(-len(kernel), 0))
    return Sized(windows(x.value, kernel, given, -np.inf).max(axis=taps),
                 windows(x.size, kernel, given).max(axis=taps))


def global_average(node, x):
    axes = tuple(range(2, x.value.ndim))
    return Sized(x.value.mean(axis=axes, keepdims=True),
                 x.size.mean(axis=axes, keepdims=True))


def reduction(function):
    def reduce(node, x, axes=None):
        given = attributes(node)
        axes = given.get("axes") if axes is None else axes.value.astype(int)
        axes = tuple(range(x.value.ndim)) if axes is None else tuple(axes)
        keep = bool(given.get("keepdims", 1))
        return Sized(function(x.value, axis=axes, keepdims=keep),
                     function(x.size, axis=axes, keepdims=keep))
    return reduce


def clip(node, x, low=None, high=None):
    given = attributes(node)
    value = x.value
    low = given.get("min") if low is None else low.value
    high = given.get("max") if high is None else high.value
    value = value if low is None else np.maximum(value, low)
    return Sized(value if high is None else np.minimum(value, high), x.size)


def softmax(node, x):
    axis = attributes(node).get("axis", -1)
    e = np.exp(x.value - x.value.max(axis=axis, keepdims=True))
    value = e / e.sum(axis=axis, keepdims=True)
    return Sized(value, value * (1 + x.size.max(axis=axis, keepdims=True)))


def pointwise(function, slope=lambda x: 1.0):
    """A function whose derivative is at most slope(x)."""
    def apply(node, x):
        value = function(x.value)
        return Sized(value, np.maximum(np.abs(value), x.size * slope(x.value)))
    return apply


def leaky_relu(node, x):
    alpha = attributes(node).get("alpha", 0.01)
    factor = np.where(x.value < 0, alpha, 1.0)
    return Sized(factor * x.value, np.abs(factor) * x.size)


def power(node, x, y):
    value = x.value ** y.value
    with np.errstate(all="ignore"):
        slope = np.nan_to_num(np.abs(y.value * x.value ** (y.value - 1)))
    return Sized(value, np.maximum(np.abs(value), slope * x.size))


def resize(node, x, region, scales):
    """To the nearest, by whole factors."""
    value, size = x.value, x.size
    for axis, factor in enumerate(scales.value.astype(int)):
        value, size = (np.repeat(part, factor, axis) for part in (value, size))
    return Sized(value, size)


def where(node, condition, a, b):
    chosen = condition.value.astype(bool)
    return Sized(np.where(chosen, a.value, b.value),
                 np.where(chosen, a.size, b.size))


def pick(function):
    def choose(node, a, b):
        return Sized(function(a.value, b.value), np.maximum(a.size, b.size))
    return choose


OPERATORS = {
    "Conv": conv, "MatMul": matmul, "Gemm": gemm, "Add": add, "Sub": sub,
    "Mul": mul, "Div": div, "BatchNormalization": batch_norm,
    "AveragePool": average_pool, "MaxPool": max_pool,
    "GlobalAveragePool": global_average, "ReduceMean": reduction(np.mean),
    "ReduceSum": reduction(np.sum), "Clip": clip, "Softmax": softmax,
    "Relu": pointwise(lambda x: np.maximum(x, 0)),
    "Neg": pointwise(np.negative), "Abs": pointwise(np.abs),
    "Tanh": pointwise(np.tanh), "Sign": pointwise(np.sign),
    "Round": pointwise(np.rint), "Floor": pointwise(np.floor),
    "Ceil": pointwise(np.ceil),
    "Sigmoid": pointwise(lambda x: 1 / (1 + np.exp(-x))),
    "Exp": pointwise(np.exp, np.exp),
    "Sqrt": pointwise(np.sqrt, lambda x: 0.5 / np.sqrt(np.maximum(x, 1e-30))),
    "LeakyRelu": leaky_relu, "Pow": power, "Where": where, "Resize": resize,
    "Max": pick(np.maximum), "Min": pick(np.minimum),
}

# What only moves elements: executed on the numbers and on the sizes.
MOVES = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity",
         "Concat", "Slice", "Gather", "Split", "Pad", "Expand", "Dropout",
         "DepthToSpace", "SpaceToDepth"}
