# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads a float twin as layers: batch normalizations folded into the products
in front of them, and ReLU joined with what it follows."""

import dataclasses

import numpy as np
import onnx
from onnx import helper, numpy_helper


@dataclasses.dataclass
class Layer:
    """`kind` is conv, dense, max_pool, add, average or flatten; `output` is the
    value behind everything that was joined."""

    kind: str
    inputs: list[str]
    output: str
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    relu: bool = False
    stride: int = 1
    kernel: int = 1
    pads: tuple[int, ...] = (0, 0, 0, 0)


KINDS = {"MaxPool": "max_pool", "Add": "add", "GlobalAveragePool": "average",
         "Flatten": "flatten"}


class _Reader:
    def __init__(self, model: onnx.ModelProto):
        self.constants = {tensor.name: numpy_helper.to_array(tensor)
                          for tensor in model.graph.initializer}
        self.layers: dict[str, Layer] = {}
        for node in model.graph.node:
            self.attributes = {attribute.name: helper.get_attribute_value(attribute)
                               for attribute in node.attribute}
            self.read(node)

    def read(self, node):
        operator, output = node.op_type, node.output[0]
        if operator in KINDS:
            self.append(KINDS[operator], list(node.input), output)
        elif operator == "Conv":
            self.product("conv", node, self.constants[node.input[1]])
        elif operator in ("Gemm", "MatMul"):
            weight = self.constants[node.input[1]]
            rows = self.attributes.get("transB", 0)
            self.product("dense", node, weight if rows else weight.T)
        elif operator == "BatchNormalization":
            self.fold(node)
        elif operator == "Relu":
            self.join(node).relu = True
        elif operator == "Transpose" and node.input[0] in self.constants:
            self.constants[output] = self.constants[node.input[0]].T
        else:
            raise ValueError(f"{operator} is in no float twin")

    def append(self, kind, inputs, output, **others):
        if kernel := self.attributes.get("kernel_shape"):
            others.update(kernel=kernel[0], stride=self.attributes["strides"][0],
                          pads=tuple(self.attributes["pads"]))
        self.layers[output] = Layer(kind, inputs, output, **others)

    def product(self, kind, node, weight):
        bias = (self.constants[node.input[2]] if len(node.input) > 2
                else np.zeros(len(weight), np.float32))
        self.append(kind, [node.input[0]], node.output[0], weight=weight, bias=bias)

    def join(self, node) -> Layer:
        """The layer that the node joins, which has the node's output then."""
        layer = self.layers.pop(node.input[0])
        layer.output = node.output[0]
        self.layers[layer.output] = layer
        return layer

    def fold(self, node):
        scale, bias, mean, variance = (self.constants[name]
                                       for name in node.input[1:])
        factor = scale / np.sqrt(variance + self.attributes["epsilon"])
        layer = self.join(node)
        layer.weight = layer.weight * factor.reshape(
            -1, *[1] * (layer.weight.ndim - 1))
        layer.bias = (layer.bias - mean) * factor + bias


def read_layers(model: onnx.ModelProto) -> list[Layer]:
    return list(_Reader(model).layers.values())
