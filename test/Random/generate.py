# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random small networks of quantized layers.

Network I of seed S is one row of a covering array (covering.py) over what
networks differ in (columns.py): quantizer, product, what stands behind it, and
up to three further layers with values drawn from other rows. Extents are tiny;
channels are odd.

    generate.py --seed S --index I -o FILE.onnx
"""

import argparse
import dataclasses
import functools
import math
import pathlib
import random

import numpy as np
import onnx
from onnx import TensorProto, helper

import columns
from covering import Row, Space
from geometry import Geometry, choose_extents, make_geometry
from writer import QONNX, Value, Writer, make_grid, make_weight, quantize

BATCH = 3  # images that networks of any batch are tested on
GROUPS_BATCH = 10  # where groups of 9 are larger than tiles
FIXED_BATCH = 2


@dataclasses.dataclass(frozen=True)
class Network:
    """What is needed to write a network once more, or a smaller one."""

    seed: int
    index: int
    row: Row
    further: tuple[Row, ...]  # of the layers behind

    def describe(self) -> str:
        words = [f"{name}={value}" for name, value in self.row.items()]
        return f"{' '.join(words)}; {len(self.further)} further layers"


@functools.lru_cache(maxsize=2)
def make_rows(seed: int, count: int) -> tuple[Space, list[Row]]:
    """At least `count` rows that hold every pair."""
    space = columns.make_space()
    source = random.Random(seed)
    rows = space.cover(source)
    while len(rows) < count:
        rows.append(space.sample(source))
    return space, rows


def make_networks(seed: int, count: int) -> list[Network]:
    _, rows = make_rows(seed, count)
    networks = []
    for index, row in enumerate(rows):
        source = random.Random(f"{seed} {index}")
        further = tuple(source.choice(rows)
                        for _ in range(source.choice([0, 0, 1, 1, 2, 3])))
        networks.append(Network(seed, index, row, further))
    return networks


class Builder:
    """Writes one network into a writer."""

    def __init__(self, writer: Writer):
        self.writer = writer
        self.random = writer.random

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def conv(self, x: Value, row: Row, outputs: int, groups: int,
             geometry: Geometry) -> Value:
        shape = (outputs, x.channels // groups, *geometry.kernel)
        weight = make_weight(self.writer, shape, row)
        size = x.size * self._gain(weight)
        inputs = [x, weight.name]
        if row["norm"] == "bias":
            inputs.append(self.writer.constant(
                0.3 * size * self.random.standard_normal(outputs)))
        name = self.writer.node("Conv", inputs, group=groups,
                                **geometry.attributes())
        return Value(name, (outputs, *geometry.output(x.spatial)), size)

    def _gain(self, weight) -> float:
        values = weight.values.reshape(-1)
        fan_in = values.size / weight.values.shape[0]
        return float(np.sqrt(fan_in * np.mean(values ** 2))) + 1e-3

    def dense(self, x: Value, row: Row, outputs: int, use_gemm: bool) -> Value:
        inputs, = x.shape
        transposed = self.chance(0.5)
        shape = (outputs, inputs) if transposed else (inputs, outputs)
        weight = make_weight(self.writer, shape, row, 0 if transposed else 1)
        size = x.size * float(np.sqrt(inputs * np.mean(weight.values ** 2)))
        bias = self.writer.constant(
            0.3 * (size + 1e-3) * self.random.standard_normal(outputs))
        if use_gemm:
            operands = [x, weight.name] + [bias] * (row["norm"] == "bias")
            factors = {}
            if self.chance(0.3):
                factors = {"alpha": 0.75, "beta": float(self.random.choice([1, 0.5]))}
            name = self.writer.node("Gemm", operands, transB=int(transposed),
                                    **factors)
        else:
            matrix = weight.name
            if transposed:
                matrix = self.writer.node("Transpose", [matrix], perm=[1, 0])
            name = self.writer.node("MatMul", [x, matrix])
            if row["norm"] == "bias":
                name = self.writer.node("Add", [name, bias])
        return Value(name, (outputs,), size + 1e-3)

    def norm(self, x: Value, row: Row) -> Value:
        if row["norm"] not in ("positive", "mixed"):
            return x
        count = x.channels
        slope = self.random.uniform(0.5, 1.5, count)
        if row["norm"] == "mixed":
            slope *= self.random.choice([1, -1, 0], count, p=[0.5, 0.4, 0.1])
        parameters = [slope, 0.5 * self.random.standard_normal(count),
                      0.3 * x.size * self.random.standard_normal(count),
                      x.size ** 2 * self.random.uniform(0.5, 2, count)]
        names = [self.writer.constant(value) for value in parameters]
        name = self.writer.node("BatchNormalization", [x, *names],
                                epsilon=1e-4)
        return Value(name, x.shape, 1.0)

    def pool(self, x: Value, operator: str, kernel: int, stride: int,
             pad: int = 0) -> Value:
        rank = len(x.spatial)
        geometry = Geometry((kernel,) * rank, (stride,) * rank,
                            (pad,) * (2 * rank), (1,) * rank)
        attributes = geometry.attributes()
        del attributes["dilations"]
        if operator == "AveragePool":
            attributes["count_include_pad"] = int(self.random.integers(2))
        name = self.writer.node(operator, [x], **attributes)
        return Value(name, (x.channels, *geometry.output(x.spatial)), x.size)

    def follow(self, x: Value, row: Row, quantizer: Row) -> Value:
        """What stands behind a product: norm, pool and quantizer."""
        kind = row["pool"]
        if kind == "max_of_reals":
            x = self.pool(x, "MaxPool", 2, 2)
        x = self.norm(x, row)
        if quantizer["spelling"] == "none" and self.chance(0.5):
            x = Value(self.writer.node("Relu", [x]), x.shape, x.size)
        x = quantize(self.writer, x, quantizer)
        if kind == "max":
            x = self.pool(x, "MaxPool", 2, 2)
        elif kind == "max_overlapping":
            x = self.pool(x, "MaxPool", 3, 2, 1)
        elif kind == "average":
            x = self.pool(x, "AveragePool", *[(2, 2), (2, 1), (3, 2, 1)][
                self.random.integers(3)])
        return x

    def flatten(self, x: Value) -> Value:
        if len(x.shape) == 1:
            return x
        name = self.writer.node("Flatten", [x], axis=1)
        return Value(name, (math.prod(x.shape),), x.size)

    def first(self, row: Row, quantizer: Row) -> Value:
        """The layer that the row is about, with its quantizers."""
        operator = row["operator"]
        if operator in columns.DENSE:
            x = quantize(self.writer, self.writer.input((row["inputs"],)), row)
            x = self.dense(x, row, row["outputs"], operator == "gemm")
            return self.follow(x, row, quantizer)
        rank = 1 if operator == "conv1d" else 2
        geometry = make_geometry(row, rank, self.random)
        groups = row["groups"]
        if groups == "channels":
            groups = channels = row["inputs"]
            outputs = channels * int(self.random.integers(1, 3))
        else:
            channels, outputs = row["inputs"] * groups, row["outputs"] * groups
        cost = outputs * channels // groups * math.prod(geometry.kernel)
        least = {"none": 1, "max": 2, "max_of_reals": 2}.get(row["pool"], 3)
        extents = choose_extents(geometry, least, cost, self.random)
        x = self._first_input(row, (channels, *extents), quantizer)
        y = self.conv(x, row, outputs, groups, geometry)
        y = self._residual(x, y, row, quantizer, groups, geometry)
        return self.follow(y, row, quantizer)

    def _first_input(self, row: Row, shape: tuple[int, ...],
                     other: Row) -> Value:
        operator = row["operator"]
        if not operator.startswith("concat") or shape[0] < 3:
            return quantize(self.writer, self.writer.input(shape), row)
        last = shape[0] // 2
        parts = [shape[0] - last, last]
        if operator == "concat_mixed":
            parts = [1, shape[0] - last - 1, last]
        values = [self.writer.input((part, *shape[1:])) for part in parts]
        # Values of unequal scales have no common codes.
        grid = make_grid(self.writer, values[0], row)
        if self.chance(0.3):
            grid = None
        values[:2] = [quantize(self.writer, value, row, grid)
                      for value in values[:2]]
        x = self._concat(values[:2])
        if operator == "concat_mixed":
            # A block of other codes joins those that are joined already.
            mixed = make_grid(self.writer, values[2], other)
            if grid and self.chance(0.7):
                mixed = dataclasses.replace(mixed, scale=grid.scale)
            x = self._concat([x, quantize(self.writer, values[2], other, mixed)])
        return x

    def _concat(self, parts: list[Value]) -> Value:
        name = self.writer.node("Concat", parts, axis=1)
        channels = sum(part.channels for part in parts)
        return Value(name, (channels, *parts[0].spatial), parts[0].size)

    def reduce(self, x: Value) -> Value:
        """The sum or mean along channels, columns or both; beside x itself."""
        axes = [[1], [-1], [1, 2], [1, len(x.shape)]][self.random.integers(4)]
        operator = str(self.random.choice(["ReduceSum", "ReduceMean"]))
        self.writer.opset = max(self.writer.opset, 18)
        name = self.writer.node(operator, [x, self.writer.constant(axes, np.int64)],
                                keepdims=1)
        if not self.chance(0.5):
            kept = [extent for i, extent in enumerate(x.shape)
                    if i + 1 not in axes and i - len(x.shape) not in axes]
            return Value(self.writer.node("Flatten", [name], axis=1),
                         (math.prod(kept),), x.size)
        return Value(self.writer.node("Sub", [x, name]), x.shape, 2 * x.size)

    def product_of_codes(self, x: Value) -> Value:
        """Channels by channels, of the same codes; beside x itself."""
        shape = self.writer.constant([0, x.channels, -1], np.int64)
        rows = self.writer.node("Reshape", [x, shape])
        columns_ = self.writer.node("Transpose", [rows], perm=[0, 2, 1])
        name = self.writer.node("MatMul", [rows, columns_])
        size = x.size ** 2 * math.sqrt(math.prod(x.spatial))
        if self.chance(0.5):
            mean = self.writer.constant([-1], np.int64)
            self.writer.opset = max(self.writer.opset, 18)
            mean = self.writer.node("ReduceMean", [rows, mean], keepdims=1)
            name = self.writer.node("Add", [name, mean])
        return Value(name, (x.channels, x.channels), size + 1e-3)

    def _residual(self, x: Value, y: Value, row: Row, other: Row, groups: int,
                  geometry: Geometry) -> Value:
        operator = row["operator"]
        if operator == "add_products":
            mixed = {**row, **{name: value for name, value in other.items()
                               if name.startswith("weight")}}
            z = (self.conv(x, mixed, y.channels, groups, geometry)
                 if self.chance(0.5) else self._projection(y, mixed, other))
        elif operator == "add_codes":
            z = x
            if x.shape != y.shape or self.chance(0.3):
                z = quantize(self.writer, self.writer.input(y.shape), other)
        elif operator == "add_floats":
            z = self.writer.input(y.shape)
        else:
            return y
        operands = [y, z] if self.chance(0.5) else [z, y]
        return Value(self.writer.node("Add", operands), y.shape,
                     math.hypot(y.size, z.size))

    def _projection(self, y: Value, row: Row, quantizer: Row) -> Value:
        """Of y's shape, the product of an input of its own with its pixels."""
        rank, stride = len(y.spatial), int(self.random.integers(1, 4))
        groups = int(self.random.choice(
            [count for count in (1, 2, 3, y.channels)
             if y.channels % count == 0]))
        channels = groups * int(self.random.integers(1, 1 + max(2, 40 // groups)))
        extents = [(extent - 1) * stride + int(self.random.integers(1, 1 + stride))
                   for extent in y.spatial]
        x = quantize(self.writer, self.writer.input((channels, *extents)), quantizer)
        return self.conv(x, row, y.channels, groups, Geometry(
            (1,) * rank, (stride,) * rank, (0,) * 2 * rank, (1,) * rank))

    def further(self, x: Value, row: Row, quantizer: Row) -> Value:
        """One more layer behind x, with the row's widths."""
        row = {**row, "pool": "none"}
        outputs = row["outputs"] if row["outputs"] != "inputs" else 7
        if len(x.shape) == 1 or math.prod(x.shape) < 200 and self.chance(0.4):
            x = self.flatten(x)
            x = self.dense(x, row, outputs, self.chance(0.5))
        else:
            rank = len(x.spatial)
            geometry = make_geometry({**row, "dilation": 1}, rank, self.random)
            if min(geometry.output(x.spatial)) < 1 or self.chance(0.3):
                geometry = Geometry((1,) * rank, (1,) * rank, (0,) * 2 * rank,
                                    (1,) * rank)
            groups = x.channels if row["groups"] == "channels" else 1
            if groups > 1:
                outputs = x.channels
            y = self.conv(x, row, outputs, groups, geometry)
            if y.shape == x.shape and self.chance(0.5):
                name = self.writer.node("Add", [x, y])
                y = Value(name, y.shape, math.hypot(x.size, y.size))
            x = y
        return self.follow(x, row, quantizer)

    def build(self, network: Network) -> None:
        row = network.row
        rows = [row, *network.further]
        # Each layer's output is quantized as the next one's row says; the
        # last output is real or codes.
        quantizers = [*network.further, rows[-1]]
        x = self.first(row, quantizers[0])
        if row["operator"] == "global_average":
            name = self.writer.node("GlobalAveragePool", [x])
            x = Value(name, (x.channels, 1, 1), x.size)
            if self.chance(0.5):
                x = quantize(self.writer, x, quantizers[0])
        if row["operator"] in ("reduce", "product_of_codes"):
            x = getattr(self, row["operator"])(x)
            if self.chance(0.7):  # a quantizer hides most of what it reads
                self.writer.output(x)
            x = quantize(self.writer, x, quantizers[0])
        if row["operator"] in ("global_average", "flatten"):
            x = self.dense(self.flatten(x), rows[-1],
                           int(self.random.integers(1, 20)), self.chance(0.5))
        for layer, quantizer in zip(network.further, quantizers[1:]):
            x = self.further(x, layer, quantizer)
        self.writer.output(x)


def write(networks: list[Network]) -> onnx.ModelProto:
    """One file with the networks side by side. All have the same batch."""
    writers = []
    for network in networks:
        source = np.random.default_rng([network.seed, network.index])
        writer = Writer(f"n{network.index}.", source)
        Builder(writer).build(network)
        writers.append(writer)
    batch = (FIXED_BATCH if networks[0].row["batch"] == "fixed" else "N")

    def tensors(shapes):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT,
                                              [batch, *shape])
                for name, shape in shapes.items()]

    graph = helper.make_graph(
        [node for writer in writers for node in writer.nodes], "random",
        [tensor for writer in writers for tensor in tensors(writer.inputs)],
        [tensor for writer in writers for tensor in tensors(writer.outputs)],
        [value for writer in writers for value in writer.initializers])
    opset = max(writer.opset for writer in writers)
    return helper.make_model(
        graph, ir_version=10, opset_imports=[helper.make_opsetid("", opset),
                                             helper.make_opsetid(QONNX, 1)])


def make_inputs(networks: list[Network], model: onnx.ModelProto
                ) -> dict[str, np.ndarray]:
    """Inputs for as many images as are tested, or for the fixed batch."""
    free = GROUPS_BATCH if networks[0].row["batch"] == "groups" else BATCH
    rows = {network.index: network.row for network in networks}
    inputs = {}
    for value in model.graph.input:
        index = int(value.name[1:value.name.index(".")])
        source = np.random.default_rng([networks[0].seed, index, len(inputs)])
        batch, *shape = value.type.tensor_type.shape.dim
        count = batch.dim_value or free
        array = source.standard_normal(
            (count, *(dim.dim_value for dim in shape)), dtype=np.float32)
        if rows[index]["scale"] == "power_of_two":
            # Many of these lie between two codes.
            array = np.round(array * 16) / 16
        if index % 16 == 0:
            special = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
            array.flat[source.integers(0, array.size, 4)] = special
        inputs[value.name] = array
    return inputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--index", type=int, required=True)
    parser.add_argument("-o", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    networks = make_networks(arguments.seed, arguments.count)
    network = networks[arguments.index]
    print(network.describe())
    model = write([network])
    onnx.save(model, arguments.o)
    np.savez(arguments.o.with_suffix(".npz"), **make_inputs([network], model))


if __name__ == "__main__":
    main()
