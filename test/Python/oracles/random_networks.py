# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small networks of random layers, quantizers and geometry.

Each node is run in the other runtime while the network is written, so that
scales fit what they quantize.
"""

import numpy as np
import onnx
from nodes import Runner, attributes
from onnx import TensorProto, helper, numpy_helper

QONNX = "qonnx.custom_op.general"
MODES = ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP",
         "HALF_DOWN"]


class Builder:
    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.model = helper.make_model(
            helper.make_graph([], f"random{seed}", [], []), ir_version=10,
            opset_imports=[helper.make_opsetid("", 21),
                           helper.make_opsetid(QONNX, 1)])
        self.runner = Runner(self.model)
        self.values = {}

    def integer(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def choose(self, options):
        return options[self.integer(0, len(options) - 1)]

    def constant(self, value, dtype=np.float32) -> str:
        name = f"c{len(self.model.graph.initializer)}"
        array = np.asarray(value, dtype)
        self.model.graph.initializer.append(numpy_helper.from_array(array, name))
        self.values[name] = array
        return name

    def node(self, operator: str, inputs: list[str], domain="", **given) -> str:
        return self.nodes(operator, inputs, 1, domain, **given)[0]

    def nodes(self, operator: str, inputs: list[str], outputs: int, domain="",
              **given) -> list[str]:
        """A node with several outputs."""
        name = f"{operator.lower()}{len(self.model.graph.node)}"
        names = [name + "_" * i for i in range(outputs)]
        node = helper.make_node(operator, inputs, names, name=name,
                                domain=domain, **given)
        self.model.graph.node.append(node)
        self.runner.run(node, self.values)
        return names

    def shape(self, x: str) -> tuple[int, ...]:
        return self.values[x].shape

    # Quantizers.

    def step(self, x: str, levels: float) -> float:
        """A scale for which most of x has a code."""
        reach = float(np.quantile(np.abs(self.values[x]), 0.97)) or 1.0
        return reach / levels * self.random.uniform(0.8, 1.2)

    def per_channel(self, scale: float, channels: int, shape) -> np.ndarray:
        scales = scale * self.random.uniform(0.6, 1.5, channels)
        return scales.reshape(shape)

    def quant(self, x: str, weight=False) -> str:
        bits, signed = self.integer(1, 8), weight or self.chance(0.5)
        narrow = self.chance(0.3) and bits > 1
        scale = self.step(x, 2.0 ** (bits - 1) if signed else 2.0 ** bits - 1)
        if weight and self.chance(0.4):
            channels = self.shape(x)[0]
            scale = self.per_channel(scale, channels,
                                     [channels] + [1] * (len(self.shape(x)) - 1))
        zero = self.integer(-2, 3) if self.chance(0.25) and bits > 2 else 0
        return self.node(
            "Quant", [x, self.constant(scale), self.constant(zero),
                      self.constant(bits)], QONNX, signed=int(signed),
            narrow=int(narrow), rounding_mode=self.choose(MODES))

    def bipolar(self, x: str, weight=False) -> str:
        return self.node("BipolarQuant", [x, self.constant(
            self.random.uniform(0.2, 1.5))], QONNX)

    def multi_threshold(self, x: str) -> str:
        channels = self.choose([1, self.shape(x)[1]])
        count = self.integer(1, 7)
        reach = 2 * self.step(x, 1)
        rows = np.sort(self.random.uniform(-reach, reach, (channels, count)))
        scale, bias = self.choose([(1.0, 0.0), (2.0, -1.0), (0.5, 0.0),
                                   (1.0, -2.0)])
        layout = "NCHW" if len(self.shape(x)) == 4 else "NC"
        return self.node("MultiThreshold", [x, self.constant(rows)], QONNX,
                         out_dtype="UINT8", out_scale=scale, out_bias=bias,
                         data_layout=layout)

    def linear(self, x: str, weight=False) -> str:
        """QuantizeLinear, perhaps Clip, DequantizeLinear."""
        dtype = self.choose([np.int8] if weight else [np.uint8, np.int8])
        axis = {}
        scale = self.step(x, 127 if weight else 200)
        zero = 0 if weight else self.integer(0, 5)
        if weight and self.chance(0.5):
            channels = self.shape(x)[0]
            scale, zero = self.per_channel(scale, channels, [channels]), [0] * channels
            axis = {"axis": 0}
        parameters = [self.constant(scale), self.constant(zero, dtype)]
        q = self.node("QuantizeLinear", [x, *parameters], **axis)
        if self.chance(0.4):
            q = self.node("Clip", [q, self.constant(-7 if dtype == np.int8 else 0, dtype),
                                   self.constant(100, dtype)])
        return self.node("DequantizeLinear", [q, *parameters], **axis)

    def spelled_out(self, x: str, weight=False) -> str:
        return self.choose([self.clip_and_round, self.round_and_clip, self.sign,
                            self.where])(x, weight)

    def round_and_clip(self, x: str, weight: bool) -> str:
        levels = 2 ** self.integer(1, 5) - 1
        scale = self.constant(self.step(x, levels))
        x = self.node("Div", [x, scale])
        if self.chance(0.3):
            x = self.node("Add", [x, self.constant(0.5)])
        x = self.node(self.choose(["Round", "Floor", "Ceil"]), [x])
        low = -levels if weight or self.chance(0.5) else 0
        x = self.node("Clip", [x, self.constant(low), self.constant(levels)])
        return self.node("Mul", [x, scale]) if self.chance(0.7) else x

    def sign(self, x: str, weight: bool) -> str:
        return self.node("Sign", [x])

    def where(self, x: str, weight: bool) -> str:
        test = self.choose(["Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
        boundary = 0 if self.chance(0.5) else self.step(x, 2)
        test = self.node(test, [x, self.constant(boundary)])
        scale = self.random.uniform(0.3, 1.5)
        values = [scale, -scale if weight else self.choose([-scale, 0])]
        if self.chance(0.4):
            values.reverse()
        return self.node("Where", [test, *map(self.constant, values)])

    def clip_and_round(self, x: str, weight: bool) -> str:
        levels = 2 ** self.integer(1, 5) - 1
        if weight or self.chance(0.5):
            scale = self.constant(self.step(x, levels))
            x = self.node("Div", [x, scale])
            low = -levels if weight or self.chance(0.5) else 0
            x = self.node("Clip", [x, self.constant(low), self.constant(levels)])
            return self.node("Mul", [self.node("Round", [x]), scale])
        x = self.node("Clip", [x, self.constant(0), self.constant(1)])
        x = self.node("Mul", [x, self.constant(levels)])
        x = self.node(self.choose(["Round", "Round", "Floor", "Ceil"]), [x])
        return self.node("Div", [x, self.constant(levels)])

    def again(self, x: str) -> str:
        """The last quantizer once more, of what may be its codes still."""
        last = next((node for node in reversed(self.model.graph.node)
                     if node.op_type in ("Quant", "BipolarQuant")), None)
        if last is None:
            return x
        given = attributes(last)
        scale = np.mean(self.values[last.input[1]])
        return self.node(last.op_type, [x, self.constant(scale),
                                        *last.input[2:]], QONNX, **given)

    def quantize(self, x: str) -> str:
        return self.choose([self.quant, self.quant, self.bipolar,
                            self.multi_threshold, self.linear,
                            self.spelled_out])(x)

    def weight(self, *shape: int) -> str:
        w = self.constant(0.5 * self.random.standard_normal(shape))
        quantize = self.choose([self.quant, self.bipolar, self.linear,
                                self.spelled_out, None])
        return quantize(w, weight=True) if quantize else w

    # Layers.

    def conv(self, x: str) -> str:
        channels, *space = self.shape(x)[1:]
        groups = self.choose([1, 1, 1] + [g for g in (2, channels)
                                          if channels % g == 0])
        kernel = [self.integer(1, min(3, n)) for n in space]
        dilations = [self.integer(1, 2) if 2 * (k - 1) < n else 1
                     for k, n in zip(kernel, space)]
        given = {"strides": [self.integer(1, 2) for _ in space]}
        if self.chance(0.2):
            given["auto_pad"] = self.choose(["SAME_UPPER", "SAME_LOWER", "VALID"])
            given["dilations"] = [1 for _ in space]
        else:
            given["pads"] = [self.integer(0, 2) for _ in range(2 * len(space))]
            given["dilations"] = dilations
        outputs = groups * self.integer(1, 4)
        w = self.weight(outputs, channels // groups, *kernel)
        bias = []
        if self.chance(0.4):
            bias = [self.constant(self.random.standard_normal(outputs))]
        return self.node("Conv", [x, w, *bias], group=groups,
                         kernel_shape=kernel, **given)

    def dense(self, x: str) -> str:
        inputs, outputs = self.shape(x)[1], self.integer(2, 9)
        if self.chance(0.5):
            return self.node("MatMul", [x, self.weight(inputs, outputs)])
        bias = self.constant(self.random.standard_normal(outputs))
        given = {"transB": 1}
        if self.chance(0.3):
            given |= {"alpha": 0.75, "beta": 1.5}
        return self.node("Gemm", [x, self.weight(outputs, inputs), bias], **given)

    def batch_norm(self, x: str) -> str:
        channels = self.shape(x)[1]
        scale = self.random.uniform(-1.5, 1.5, channels)
        return self.node("BatchNormalization", [
            x, self.constant(scale),
            self.constant(self.random.standard_normal(channels)),
            self.constant(self.random.standard_normal(channels)),
            self.constant(self.random.uniform(0.1, 2.0, channels))])

    def pool(self, x: str) -> str:
        space = self.shape(x)[2:]
        if self.chance(0.2):
            return self.node("GlobalAveragePool", [x])
        kernel = [self.integer(1, min(3, n)) for n in space]
        pads = [self.integer(0, k - 1) for k in kernel + kernel]
        given = {"kernel_shape": kernel, "pads": pads,
                 "strides": [self.integer(1, 2) for _ in space]}
        if self.chance(0.6):
            return self.node("MaxPool", [x], **given)
        return self.node("AveragePool", [x], **given,
                         count_include_pad=self.integer(0, 1))

    def pointwise(self, x: str) -> str:
        kind = self.choose(["Relu", "LeakyRelu", "Add", "Mul", "Sub", "Clip",
                            "Tanh", "Neg", "Norm", "Min", "Max"])
        shape = [1, self.shape(x)[1]] + [1] * (len(self.shape(x)) - 2)
        if kind == "Norm":
            return self.batch_norm(x)
        if kind in ("Relu", "Tanh", "Neg"):
            return self.node(kind, [x])
        if kind == "LeakyRelu":
            return self.node(kind, [x], alpha=0.125)
        if kind == "Clip":
            return self.node(kind, [x, self.constant(-0.5), self.constant(2)])
        values = self.random.uniform(0.3, 2.0, self.choose([(), shape]))
        return self.node(kind, [x, self.constant(values)])

    def move(self, x: str) -> str:
        """Other positions for the elements, or some of them."""
        shape = self.shape(x)
        rank, channels = len(shape), shape[1]
        axis = self.integer(1, rank - 1)
        extent = shape[axis]
        kinds = ["Transpose", "Slice", "Gather", "Split", "Pad", "Resize"]
        if rank == 4 and channels % 4 == 0:
            kinds += ["DepthToSpace"] * 2
        if rank == 4 and shape[2] % 2 == shape[3] % 2 == 0:
            kinds += ["SpaceToDepth"]
        kind = self.choose(kinds)
        if kind == "Transpose":
            order = [0, *(1 + self.random.permutation(rank - 1))]
            return self.node(kind, [x], perm=[int(i) for i in order])
        if kind == "Slice":
            low = self.integer(0, extent - 1)
            bounds = [low, self.integer(low + 1, extent), axis]
            return self.node(kind, [x, *(self.constant([i], np.int64)
                                         for i in bounds)])
        if kind == "Gather":
            indices = self.random.integers(0, extent, self.integer(1, extent))
            return self.node(kind, [x, self.constant(indices, np.int64)],
                             axis=axis)
        if kind == "Split":
            if extent == 1:
                return x
            low = self.integer(1, extent - 1)
            parts = self.nodes(kind, [x, self.constant([low, extent - low],
                                                       np.int64)], 2, axis=axis)
            return self.node("Concat", parts[::-1], axis=axis)
        if kind == "Pad":
            pads = [0, 0, *(self.integer(0, 1) for _ in range(rank - 2))] * 2
            return self.node(kind, [x, self.constant(pads, np.int64)])
        if kind == "Resize":
            scales = [1, 1, *(self.integer(1, 2) for _ in range(rank - 2))]
            return self.node(kind, [x, "", self.constant(scales)], mode="nearest",
                             coordinate_transformation_mode="asymmetric",
                             nearest_mode="floor")
        return self.node(kind, [x], blocksize=2)

    def join(self, x: str) -> str:
        """x and one or two layers from it, added or side by side."""
        y = self.quantize(self.node("Conv", [
            x, self.weight(self.shape(x)[1], self.shape(x)[1],
                           *[1] * (len(self.shape(x)) - 2))]))
        return (self.node("Add", [x, y]) if self.chance(0.6) else
                self.node("Concat", [x, y], axis=1))

    def network(self) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
        rank = self.choose([1, 2, 2])
        shape = (1, self.integer(1, 4), *[self.integer(5, 9)] * rank)
        image = self.random.standard_normal(shape).astype(np.float32)
        self.values["image"] = image
        x = self.quantize("image") if self.chance(0.6) else "image"
        for _ in range(self.integer(1, 3)):
            x = self.conv(x)
            for step in (self.pool, self.pointwise, self.pointwise):
                if self.chance(0.4):
                    x = step(x)
            x = self.quantize(x)
            if self.chance(0.3):
                x = self.join(x)
            for step in (self.pool, self.move):
                if self.chance(0.3):
                    x = step(x)
            if self.chance(0.3):
                x = self.again(x) if self.chance(0.7) else self.quantize(x)
        x = self.quantize(self.dense(self.node("Flatten", [x])))
        x = self.dense(x)
        if self.chance(0.3):
            x = self.node(self.choose(["Softmax", "Sigmoid"]), [x])
        graph = self.model.graph
        graph.input.append(helper.make_tensor_value_info(
            "image", TensorProto.FLOAT, shape))
        graph.output.append(helper.make_tensor_value_info(
            x, TensorProto.FLOAT, self.shape(x)))
        return self.model, {"image": image}
