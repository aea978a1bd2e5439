# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a float twin as an int8 network for LiteRT.

The quantization is LiteRT's own: batch normalizations folded and ReLU fused,
activations int8 with a range measured on random images, weights int8 without
an offset and with a scale per channel, input and output float. Where ONNX pads
both ends alike and LiteRT's SAME more at the far one, it is SAME: it costs the
same, and is how networks for LiteRT are trained.
"""

import dataclasses
import pathlib

import flatbuffers
import numpy as np
import onnx
import onnxruntime
from ai_edge_litert import schema_py_generated as lite
from float_layers import Layer, read_layers

OPERATORS, TYPES = lite.BuiltinOperator, lite.TensorType
OPTIONS, PADDING = lite.BuiltinOptions, lite.Padding
CALIBRATION_IMAGES = 4

# The first versions with int8, and with scales per channel in products.
VERSIONS = {OPERATORS.CONV_2D: 5, OPERATORS.FULLY_CONNECTED: 4,
            OPERATORS.MAX_POOL_2D: 2, OPERATORS.ADD: 2, OPERATORS.MEAN: 2,
            OPERATORS.QUANTIZE: 1, OPERATORS.DEQUANTIZE: 2}


def find_ranges(model: onnx.ModelProto, layers: list[Layer]):
    """The extents and the least and greatest element of every value, of one
    image."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    names = [layer.output for layer in layers]
    copy.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in names)
    session = onnxruntime.InferenceSession(copy.SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    image = session.get_inputs()[0]
    shape = [1, *image.shape[1:]]
    ranges = {image.name: (shape, 0.0, 1.0)}
    for index in range(CALIBRATION_IMAGES):
        values = np.random.default_rng(index).random(shape, dtype=np.float32)
        for name, array in zip(names, session.run(names, {image.name: values})):
            _, low, high = ranges.get(name, (None, 0.0, 0.0))
            ranges[name] = (list(array.shape), min(low, float(array.min())),
                            max(high, float(array.max())))
    return ranges


@dataclasses.dataclass
class Value:
    """A quantized activation: its tensor's number and its quantization."""

    index: int
    shape: list[int]
    scale: float = 0.0
    zero: int = 0


class LiteWriter:
    def __init__(self, ranges, batch: int):
        self.ranges, self.batch = ranges, batch
        self.buffers = [lite.BufferT()]
        self.tensors, self.operators, self.codes, self.values = [], [], [], {}

    def tensor(self, name, shape, element, scale=None, zero=None, axis=0,
               data=None) -> int:
        buffer = 0
        if data is not None:
            stored = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.buffers.append(lite.BufferT(data=stored))
            buffer = len(self.buffers) - 1
        quantization = None if scale is None else lite.QuantizationParametersT(
            scale=np.atleast_1d(np.float32(scale)),
            zeroPoint=np.atleast_1d(np.int64(zero)), quantizedDimension=axis)
        self.tensors.append(lite.TensorT(
            shape=np.array(shape, np.int32), type=element, buffer=buffer,
            name=name, quantization=quantization))
        return len(self.tensors) - 1

    def operator(self, code, inputs, output, kind=OPTIONS.NONE, options=None):
        if code not in self.codes:
            self.codes.append(code)
        self.operators.append(lite.OperatorT(
            opcodeIndex=self.codes.index(code), inputs=inputs, outputs=[output],
            builtinOptionsType=kind, builtinOptions=options))

    def value(self, name: str, like: Value | None = None) -> Value:
        """A new activation, with `like`'s quantization or its own range's."""
        extents, low, high = self.ranges[name]
        shape = [self.batch, *extents[2:], extents[1]]
        scale = like.scale if like else max(high - low, 1e-6) / 255
        zero = like.zero if like else int(round(-128 - low / scale))
        self.values[name] = Value(
            self.tensor(name, shape, TYPES.INT8, scale, zero), shape, scale, zero)
        return self.values[name]

    def product(self, layer: Layer, x: Value) -> tuple[Value, list[int]]:
        """The output and the operands of a convolution or dense layer."""
        weight, bias = layer.weight, layer.bias
        if weight.ndim == 4:
            weight = weight.transpose(0, 2, 3, 1)
        elif len(x.shape) == 4:             # flattened, channels last here
            channels = x.shape[3]
            weight = weight.reshape(len(weight), channels, *x.shape[1:3])
            weight = weight.transpose(0, 2, 3, 1).reshape(len(bias), -1)
        axes = tuple(range(1, weight.ndim))
        scale = np.maximum(np.abs(weight).max(axis=axes), 1e-6) / 127
        codes = np.rint(weight / scale.reshape(-1, *[1] * len(axes)))
        zeros = np.zeros(len(scale))
        operands = [x.index, self.tensor(
            layer.output + ".weight", weight.shape, TYPES.INT8, scale, zeros,
            data=codes.astype(np.int8)), self.tensor(
            layer.output + ".bias", bias.shape, TYPES.INT32, scale * x.scale, zeros,
            data=np.rint(bias / (scale * x.scale)).astype(np.int32))]
        return self.value(layer.output), operands

    def padding(self, layer: Layer, x: Value, output: Value) -> int:
        if not any(layer.pads):
            return PADDING.VALID
        expected = [-(-extent // layer.stride) for extent in x.shape[1:3]]
        if output.shape[1:3] != expected:
            raise ValueError(f"{layer.output}: LiteRT cannot pad so")
        return PADDING.SAME

    def conv(self, layer, x):
        output, operands = self.product(layer, x)
        self.operator(OPERATORS.CONV_2D, operands, output.index,
                      OPTIONS.Conv2DOptions, lite.Conv2DOptionsT(
                          padding=self.padding(layer, x, output),
                          strideW=layer.stride, strideH=layer.stride,
                          fusedActivationFunction=int(layer.relu)))

    def dense(self, layer, x):
        output, operands = self.product(layer, x)
        self.operator(OPERATORS.FULLY_CONNECTED, operands, output.index,
                      OPTIONS.FullyConnectedOptions, lite.FullyConnectedOptionsT(
                          fusedActivationFunction=int(layer.relu)))

    def max_pool(self, layer, x):
        output = self.value(layer.output, like=x)
        self.operator(OPERATORS.MAX_POOL_2D, [x.index], output.index,
                      OPTIONS.Pool2DOptions, lite.Pool2DOptionsT(
                          padding=self.padding(layer, x, output),
                          strideW=layer.stride, strideH=layer.stride,
                          filterWidth=layer.kernel, filterHeight=layer.kernel))

    def add(self, layer, x, y):
        output = self.value(layer.output)
        self.operator(OPERATORS.ADD, [x.index, y.index], output.index,
                      OPTIONS.AddOptions, lite.AddOptionsT(
                          fusedActivationFunction=int(layer.relu)))

    def average(self, layer, x):
        axes = self.tensor(layer.output + ".axes", [2], TYPES.INT32,
                           data=np.array([1, 2], np.int32))
        output = self.value(layer.output)
        self.operator(OPERATORS.MEAN, [x.index, axes], output.index,
                      OPTIONS.ReducerOptions, lite.ReducerOptionsT(keepDims=True))

    def flatten(self, layer, x):
        # A dense layer reads any shape, and its weights follow the order.
        self.values[layer.output] = x

    def finish(self, layers: list[Layer], image: str) -> bytes:
        x = self.value(image)
        source = self.tensor("input", x.shape, TYPES.FLOAT32)
        self.operator(OPERATORS.QUANTIZE, [source], x.index)
        for layer in layers:
            getattr(self, layer.kind)(
                layer, *(self.values[name] for name in layer.inputs))
        scores = self.values[layers[-1].output]
        result = self.tensor("output", scores.shape, TYPES.FLOAT32)
        self.operator(OPERATORS.DEQUANTIZE, [scores.index], result)
        graph = lite.SubGraphT(tensors=self.tensors, inputs=[source],
                               outputs=[result], operators=self.operators)
        model = lite.ModelT(
            version=3, subgraphs=[graph], buffers=self.buffers,
            operatorCodes=[lite.OperatorCodeT(
                builtinCode=code, deprecatedBuiltinCode=code,
                version=VERSIONS[code])
                for code in self.codes])
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def write(float_twin: pathlib.Path, path: pathlib.Path, batch: int):
    model = onnx.load(float_twin)
    layers = read_layers(model)
    writer = LiteWriter(find_ranges(model, layers), batch)
    path.write_bytes(writer.finish(layers, model.graph.input[0].name))
