# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes ONNX graphs node by node, and quantizers in all their spellings.

A value knows its shape without the batch and roughly how large its elements
are, so that the scales of the quantizers behind it make every code occur.
"""

import dataclasses

import numpy as np
from onnx import TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"
FLOAT = 32


@dataclasses.dataclass(frozen=True)
class Value:
    name: str
    shape: tuple[int, ...]  # without the batch
    size: float  # root mean square of the elements, roughly

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def spatial(self) -> tuple[int, ...]:
        return self.shape[1:]


def column(vector: np.ndarray, rank: int) -> np.ndarray:
    """One element a channel, in a shape that broadcasts without the batch."""
    return vector.reshape(-1, *[1] * (rank - 1))


class Writer:
    """Collects the nodes of one network; all its names begin with `prefix`."""

    def __init__(self, prefix: str, random: np.random.Generator):
        self.prefix = prefix
        self.random = random
        self.nodes, self.initializers = [], []
        self.inputs: dict[str, tuple[int, ...]] = {}
        self.outputs: dict[str, tuple[int, ...]] = {}
        self.opset = 17
        self._count = 0

    def fresh(self, what: str) -> str:
        self._count += 1
        return f"{self.prefix}{what}{self._count}"

    def node(self, operator: str, inputs: list, domain: str = "",
             **attributes) -> str:
        output = self.fresh(operator.lower())
        names = [value.name if isinstance(value, Value) else value
                 for value in inputs]
        self.nodes.append(helper.make_node(operator, names, [output],
                                           name=output, domain=domain,
                                           **attributes))
        return output

    def constant(self, value, dtype=np.float32) -> str:
        name = self.fresh("constant")
        array = np.ascontiguousarray(value, dtype)
        if np.ndim(value) == 0:
            array = array.reshape(())
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def narrow_constant(self, value: int, element_type: int) -> str:
        """A scalar of one of the types narrower than a byte."""
        name = self.fresh("constant")
        self.initializers.append(
            helper.make_tensor(name, element_type, [], [value]))
        return name

    def input(self, shape: tuple[int, ...]) -> Value:
        name = self.fresh("input")
        self.inputs[name] = shape
        return Value(name, shape, 1.0)

    def output(self, value: Value) -> None:
        self.outputs[value.name] = value.shape

    def arithmetic(self, operator: str, x: Value, constant) -> str:
        return self.node(operator, [x, self.constant(constant)])


@dataclasses.dataclass(frozen=True)
class Grid:
    """The integers that a quantizer rounds to, and what they stand for: code q
    for (q - zero) * scale."""

    low: int
    high: int
    zero: int
    scale: np.ndarray  # of rank 0, or in a shape that broadcasts


def make_scale(writer: Writer, size, levels: float, kind: str):
    """A scale with which `levels` steps make up `size`, roughly."""
    scale = np.maximum(np.asarray(size, np.float64) / levels, 1e-3)
    if kind == "power_of_two":
        return np.exp2(np.round(np.log2(scale))).astype(np.float32)
    return (scale * writer.random.uniform(0.8, 1.25, scale.shape)).astype(
        np.float32)


def make_grid(writer: Writer, x: Value, row: dict) -> Grid:
    """The grid of an activation's quantizer."""
    bits, scheme = row["bits"], row["scheme"]
    count = 2 ** bits - 1
    if scheme == "unsigned":
        low, high, zero, levels = 0, count, 0, 0.5 * count
    elif scheme == "signed":
        low, high, zero, levels = -(count + 1) // 2, count // 2, 0, 0.25 * count
    elif scheme == "zero_point":
        zero = int(writer.random.integers(1, count + 1))
        low, high, levels = 0, count, 0.3 * count
    else:
        low, high, zero, levels = -1, 1, 0, 1
    return Grid(low, high, zero,
                make_scale(writer, x.size, max(levels, 0.5), row["scale"]))


def _quantizer_node(writer, x, grid, row):
    unsigned = row["scheme"] in ("unsigned", "zero_point")
    inputs = [x, writer.constant(grid.scale), writer.constant(grid.zero),
              writer.constant(row["bits"])]
    return writer.node(writer.random.choice(["Quant", "IntQuant"]), inputs,
                       QONNX, signed=int(not unsigned), narrow=0,
                       rounding_mode=row["rounding"])


def _thresholds(writer, x, grid, row):
    if row["scheme"] == "bipolar":
        points, scale, bias = np.zeros(1), 2 * grid.scale, -grid.scale
    else:
        steps = np.arange(grid.low, grid.high) + 0.5 - grid.zero
        points, scale = steps * grid.scale, grid.scale
        bias = (grid.low - grid.zero) * grid.scale
    channels = int(writer.random.choice([1, x.channels]))
    table = np.repeat(points[None, :], channels, axis=0)
    if channels > 1:
        table = table + writer.random.uniform(
            -0.5, 0.5, (channels, 1)) * float(grid.scale)
    attributes = {"out_scale": float(scale)}
    if bias != 0:
        attributes["out_bias"] = float(bias)
    if len(x.shape) == 2:  # else the last dimension would hold the channels
        attributes["data_layout"] = "NCW"
    return writer.node("MultiThreshold", [x, writer.constant(table)], QONNX,
                       **attributes)


def _quantize_linear(writer, x, grid, row):
    signed = grid.low < 0
    scale = writer.constant(grid.scale)
    if row["bits"] == 4 and writer.random.random() < 0.5:
        writer.opset = max(writer.opset, 21)
        zero = writer.narrow_constant(
            grid.zero, TensorProto.INT4 if signed else TensorProto.UINT4)
        codes = writer.node("QuantizeLinear", [x, scale, zero])
        return writer.node("DequantizeLinear", [codes, scale, zero])
    dtype = np.int8 if signed else np.uint8
    zero = writer.constant(grid.zero, dtype)
    codes = writer.node("QuantizeLinear", [x, scale, zero])
    if row["bits"] < 8:
        codes = writer.node("Clip", [codes, writer.constant(grid.low, dtype),
                                     writer.constant(grid.high, dtype)])
    return writer.node("DequantizeLinear", [codes, scale, zero])


def _clip_round(writer, x, grid, row):
    """Clip-Mul-Round-Div, or Div-Round-Clip-Mul; Floor(v + 1/2) for Round."""
    low, high = grid.low - grid.zero, grid.high - grid.zero
    is_floor = row["spelling"] == "floor"
    clip_first = writer.random.random() < 0.5

    def clip(value):
        return writer.node("Clip", [value, writer.constant(low),
                                    writer.constant(high)])

    value = writer.arithmetic("Div", x, grid.scale)
    if clip_first:
        value = clip(value)
    if is_floor:
        value = writer.node("Add", [value, writer.constant(0.5)])
        value = clip(writer.node("Floor", [value]))
    else:
        value = writer.node("Round", [value])
        if not clip_first:
            value = clip(value)
    return writer.node("Mul", [value, writer.constant(grid.scale)])


def _where(writer, x, grid, row):
    operator = writer.random.choice(["GreaterOrEqual", "Greater"])
    condition = writer.node(operator, [x, writer.constant(0)])
    return writer.node("Where", [condition, writer.constant(grid.scale),
                                 writer.constant(-grid.scale)])


def _bipolar(writer, x, grid, row):
    return writer.node("BipolarQuant", [x, writer.constant(grid.scale)], QONNX)


_ACTIVATIONS = {
    "quant": _quantizer_node, "bipolar_quant": _bipolar,
    "thresholds": _thresholds, "quantize_linear": _quantize_linear,
    "clip_round": _clip_round, "floor": _clip_round, "where": _where,
}


def quantize(writer: Writer, x: Value, row: dict, grid: Grid | None = None
             ) -> Value:
    """The activation's quantizer that the row describes, of grid `grid` where
    one is given."""
    if row["spelling"] == "none":
        return x
    grid = grid or make_grid(writer, x, row)
    name = _ACTIVATIONS[row["spelling"]](writer, x, grid, row)
    scale = float(np.max(grid.scale))
    reach = max(abs(grid.low - grid.zero), abs(grid.high - grid.zero)) * scale
    return Value(name, x.shape, min(x.size, reach))


@dataclasses.dataclass(frozen=True)
class Weight:
    name: str
    values: np.ndarray  # what it stands for, roughly


def _weight_grid(writer, row):
    """Lowest and highest code, and zero point."""
    bits, scheme = row["weight_bits"], row["weight_scheme"]
    count = 2 ** bits - 1
    if scheme == "bipolar":
        return -1, 1, 0
    if scheme in ("signed", "narrow"):
        return (-(count + 1) // 2 + (scheme == "narrow"), count // 2, 0)
    if scheme == "zero_point":
        return 0, count, int(writer.random.integers(1, count + 1))
    return 0, count, 0


def make_weight(writer: Writer, shape: tuple[int, ...], row: dict,
                axis: int = 0) -> Weight:
    """A weight as the row describes it; `axis` is that of its outputs."""
    random = writer.random
    if row["weight_spelling"] == "constant":
        values = random.standard_normal(shape).astype(np.float32)
        return Weight(writer.constant(values), values)
    low, high, zero = _weight_grid(writer, row)
    codes = random.integers(low, high + 1, shape)
    if row["weight_scheme"] == "bipolar":
        codes = random.choice([-1, 1], shape)
    channels = row["weight_scale"] == "channel"
    scale = make_scale(writer, np.ones(shape[axis] if channels else ()),
                       max(high - low, 1), row["scale"])
    wide = scale
    if channels:
        wide = scale.reshape([-1 if i == axis else 1
                              for i in range(len(shape))])
        if row["weight_scheme"] == "zero_point":
            zero = random.integers(low, high + 1, wide.shape)
    if row["weight_spelling"] == "quant":
        name = _weight_quant(writer, codes, low, zero, wide, row)
    else:
        name = _weight_integers(writer, codes, low, zero, scale, wide, axis,
                                row)
    values = (codes - zero) * wide
    if row["weight_scheme"] == "grid":
        name = writer.node("Mul", [name, writer.constant(2)])
        one = (high - low) * wide
        name = writer.node("Sub", [name, writer.constant(one)])
        values = 2 * codes * wide - one
    return Weight(name, values.astype(np.float32))


def _weight_quant(writer, codes, low, zero, scale, row):
    """The codes as what rounds to them; not always in the middle."""
    noise = writer.random.uniform(-0.4, 0.4, codes.shape)
    reals = writer.constant((codes - zero + noise) * scale)
    if row["weight_scheme"] == "bipolar":
        return writer.node("BipolarQuant", [reals, writer.constant(scale)],
                           QONNX)
    inputs = [reals, writer.constant(scale), writer.constant(zero),
              writer.constant(row["weight_bits"])]
    return writer.node("Quant", inputs, QONNX, signed=int(low < 0),
                       narrow=int(row["weight_scheme"] == "narrow"),
                       rounding_mode="ROUND")


def _weight_integers(writer, codes, low, zero, scale, wide, axis, row):
    dtype = np.int8 if low < 0 else np.uint8
    stored = writer.constant(codes, dtype)
    if row["weight_spelling"] == "dequantize_linear":
        zeros = np.full(np.shape(scale), np.ravel(zero))
        return writer.node("DequantizeLinear",
                           [stored, writer.constant(scale),
                            writer.constant(zeros, dtype)], axis=axis)
    name = writer.node("Cast", [stored], to=TensorProto.FLOAT)
    if np.any(zero):
        name = writer.node("Sub", [name, writer.constant(zero)])
    return writer.node("Mul", [name, writer.constant(wide)])
