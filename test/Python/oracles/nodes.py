# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Single nodes of a model, executed by onnxruntime or by qonnx.

Quantizers of QONNX are functions of the package qonnx; everything else runs in
onnxruntime without optimizations, one node at a time. Values with elements of
less than a byte have no NumPy form here: the node that makes them runs together
with the one that reads them.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from qonnx.custom_op.general.bipolar_quant import binary_quant
from qonnx.custom_op.general.intquant import int_quant
from qonnx.custom_op.general.multithreshold import multithreshold

QONNX_DOMAINS = {"qonnx.custom_op.general", "onnx.brevitas",
                 "finn.custom_op.general", "finn"}
SUB_BYTE = {onnx.TensorProto.INT4, onnx.TensorProto.UINT4,
            getattr(onnx.TensorProto, "INT2", -1),
            getattr(onnx.TensorProto, "UINT2", -1)}


def attributes(node: onnx.NodeProto) -> dict:
    values = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value
            for name, value in values.items()}


def is_qonnx(node: onnx.NodeProto) -> bool:
    return node.domain in QONNX_DOMAINS


def channel_axis(node: onnx.NodeProto, rank: int) -> int:
    """The dimension that a MultiThreshold counts as channels."""
    layout = attributes(node).get("data_layout") or ""
    return layout.index("C") if "C" in layout else min(1, rank - 1)


def run_qonnx(node: onnx.NodeProto, inputs: list[np.ndarray]) -> np.ndarray:
    given = attributes(node)
    if node.op_type in ("Quant", "IntQuant"):
        x, scale, zero, bits = inputs
        result = int_quant(x, scale, zero, np.asarray(bits).reshape(()),
                           given.get("signed", 1), given.get("narrow", 0),
                           given.get("rounding_mode", "ROUND"))
    elif node.op_type == "BipolarQuant":
        result = binary_quant(*inputs)
    elif node.op_type == "MultiThreshold":
        axis = channel_axis(node, inputs[0].ndim)
        result = multithreshold(inputs[0].swapaxes(axis, 1), inputs[1],
                                given.get("out_scale", 1.0),
                                given.get("out_bias", 0.0)).swapaxes(axis, 1)
    else:
        raise NotImplementedError(f"qonnx operator {node.op_type}")
    return np.asarray(result, np.float32)


class Runner:
    """Executes the nodes of one model in their order."""

    def __init__(self, model: onnx.ModelProto):
        self.model = model
        self.initializers = {t.name: t for t in model.graph.initializer}
        self.deferred = {}  # name of a sub-byte value -> node that makes it
        self.sub_byte = {name for name, tensor in self.initializers.items()
                         if tensor.data_type in SUB_BYTE}

    def constants(self) -> dict[str, np.ndarray]:
        """All initializers; those of sub-byte elements as plain integers."""
        arrays = {name: numpy_helper.to_array(tensor)
                  for name, tensor in self.initializers.items()}
        return {name: array.astype(np.int64) if name in self.sub_byte else array
                for name, array in arrays.items()}

    def makes_sub_byte(self, node: onnx.NodeProto) -> bool:
        if node.op_type == "QuantizeLinear":
            return (len(node.input) > 2 and node.input[2] in self.sub_byte
                    or attributes(node).get("output_dtype") in SUB_BYTE)
        if node.op_type == "Constant":
            tensor = attributes(node).get("value")
            return tensor is not None and tensor.data_type in SUB_BYTE
        return (node.op_type not in ("DequantizeLinear", "Cast") and
                any(name in self.sub_byte for name in node.input[:1]))

    def run(self, node: onnx.NodeProto, values: dict[str, np.ndarray]) -> bool:
        """Adds the node's outputs to the values; False if it is deferred."""
        if is_qonnx(node):
            inputs = [values[name] for name in node.input if name]
            values[node.output[0]] = run_qonnx(node, inputs)
            return True
        if self.makes_sub_byte(node):
            self.deferred[node.output[0]] = node
            self.sub_byte.add(node.output[0])
            return False
        nodes, pending = [], [node]
        while pending:
            current = pending.pop()
            nodes.insert(0, current)
            pending += [self.deferred[name] for name in current.input
                        if name in self.deferred]
        made = {name for n in nodes for name in n.output}
        needed = {name for n in nodes for name in n.input if name} - made
        inputs = {name: values[name] for name in needed
                  if name not in self.sub_byte}
        constants = [self.initializers[name] for name in needed
                     if name in self.sub_byte]
        outputs = [name for name in node.output if name]
        results = run_onnxruntime(self.model, nodes, inputs, constants, outputs)
        values.update(zip(outputs, results))
        return True


def run_onnxruntime(model, nodes, inputs, constants, outputs):
    def describe(name, array):
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor_value_info(name, kind, None)

    graph = helper.make_graph(
        nodes, "nodes", [describe(n, a) for n, a in inputs.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs], constants)
    opsets = [o for o in model.opset_import if o.domain in ("", "ai.onnx")]
    single = helper.make_model(graph, opset_imports=opsets,
                               ir_version=max(model.ir_version, 8))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        single.SerializeToString(), options, ["CPUExecutionProvider"])
    return session.run(outputs, {n: np.asarray(a) for n, a in inputs.items()})
