# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small networks that are written node by node."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "qonnx.custom_op.general"


class SumNetwork:
    """Nodes, Quant and others, whose values are no codes but real sums."""

    def __init__(self):
        self.nodes, self.inputs, self.outputs = [], {}, []
        self.values = {"one": np.float32(1), "zero": np.float32(0)}

    def quantize(self, name: str, bits: int, signed: bool,
                 zero: float | np.ndarray = 0.0) -> str:
        result = f"{name}.{bits}{'s' if signed else 'u'}"
        self.values[f"{bits}"] = np.float32(bits)
        zero_name = "zero"
        if np.any(zero):
            zero_name = self.weights(np.asarray(zero))
            result += f".{zero_name}"
        if not any(result in node.output for node in self.nodes):
            self.nodes.append(helper.make_node(
                "Quant", [name, "one", zero_name, f"{bits}"], [result],
                domain=DOMAIN, signed=int(signed), narrow=0,
                rounding_mode="ROUND"))
        return result

    def quantize_signs(self, name: str) -> str:
        """-1 and 1."""
        result = f"{name}.signs"
        self.nodes.append(helper.make_node("BipolarQuant", [name, "one"], [result],
                                           domain=DOMAIN))
        return result

    def weights(self, array: np.ndarray) -> str:
        name = f"w{len(self.values)}"
        self.values[name] = array.astype(np.float32)
        return name

    def node(self, operator: str, inputs: list[str], **attributes) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name,
                                           **attributes))
        return name

    def save(self, path, batch: int | str):
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
                   for name in self.outputs]
        graph = helper.make_graph(
            self.nodes, "sums",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *shape])
             for name, shape in self.inputs.items()], outputs,
            [numpy_helper.from_array(value, name)
             for name, value in self.values.items()])
        model = helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)])
        onnx.save(onnx.shape_inference.infer_shapes(model), path)
