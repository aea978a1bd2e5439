"""Prints functions of random recognised graphs, as MLIR text.

Usage: random_graphs.py SEED COUNT

Each function takes no arguments: its inputs are constants behind an identity
transpose, which no pass looks through.
"""

import random
import struct
import sys

ROUNDINGS = ["half_even", "half_even", "half_even", "half_up", "half_down", "up",
             "down", "ceil", "floor"]


def tensor(shape, element, code=None):
    dims = "x".join(map(str, shape)) + ("x" if shape else "")
    return f"tensor<{dims}{element}{f', #dorefa.code<{code}>' if code else ''}>"


def nested(values, shape):
    if not shape:
        return values[0]
    size = len(values) // shape[0]
    parts = [nested(values[i * size:(i + 1) * size], shape[1:])
             for i in range(shape[0])]
    return "[" + ", ".join(parts) + "]"


def real(value):
    """A binary32 as its bits, so that nothing is rounded on the way."""
    return "0x%08X" % struct.unpack("<I", struct.pack("<f", value))[0]


class Value:
    def __init__(self, name, shape, code=None):
        self.name, self.shape, self.code = name, list(shape), code

    @property
    def type(self):
        return tensor(self.shape, "i8" if self.code else "f32", self.code)


class Function:
    def __init__(self, name, rng):
        self.name, self.rng = name, rng
        self.lines, self.count = [], 0

    def emit(self, text):
        name = f"%v{self.count}"
        self.count += 1
        self.lines.append(f"  {name} = {text}")
        return name

    # Constants

    def floats(self, shape, values):
        total = 1
        for extent in shape:
            total *= extent
        texts = [real(values()) for _ in range(total)]
        type_ = tensor(shape, "f32")
        return self.emit(f"arith.constant dense<{nested(texts, shape)}> : {type_}"), type_

    def integers(self, shape, values):
        total = 1
        for extent in shape:
            total *= extent
        texts = [str(values()) for _ in range(total)]
        type_ = tensor(shape, "i32")
        return self.emit(f"arith.constant dense<{nested(texts, shape)}> : {type_}"), type_

    def codes(self, shape, code):
        rng, bits = self.rng, int(code[1:])
        low = -(1 << bits - 1) if code[0] == "s" else 0
        high = low + (1 << bits) - 1
        total = 1
        for extent in shape:
            total *= extent
        texts = []
        for _ in range(total):
            value = rng.randint(low, high)
            texts.append(str(value - 256 if value > 127 else value))
        type_ = tensor(shape, "i8", code)
        name = self.emit(f"arith.constant dense<{nested(texts, shape)}> : {type_}")
        return Value(name, shape, code)

    def random_code(self, widths=(1, 1, 2, 2, 3, 4)):
        bits = self.rng.choice(widths)
        return self.rng.choice("uus" if bits > 1 else "u") + str(bits)

    def scalar(self):
        rng = self.rng
        return rng.choice([0.25, 0.5, 1.0, -1.0, 1.5, rng.uniform(-2, 2), rng.uniform(0, 1), 3.0])

    def hide(self, value):
        permutation = ", ".join(map(str, range(len(value.shape))))
        name = self.emit(f"dorefa.transpose {value.name} permutation [{permutation}] : "
                         f"{value.type} to {value.type}")
        return Value(name, value.shape, value.code)

    # Between codes and reals

    def dequantize(self, value, axis=None, scale_axis=None, step=None, zero_axis=None):
        rng = self.rng
        scale_shape = [value.shape[scale_axis]] if scale_axis is not None else []
        zero_shape = [value.shape[zero_axis]] if zero_axis is not None else []
        scale, scale_type = self.floats(scale_shape, lambda: rng.choice([0.125, 0.5, 1.0, 0.1, 1 / 3, 0.7]))
        zero, zero_type = self.integers(zero_shape, lambda: rng.choice([0, 0, 0, 1, 2, 3, -1]))
        step = step or rng.choice([1, 1, 2])
        axis = next((a for a in (axis, scale_axis, zero_axis) if a is not None), 0)
        text = f" axis {axis}" if axis else ""
        result = Value("", value.shape)
        result.name = self.emit(
            f"dorefa.dequantize {value.name}, {scale}, {zero}{text} {{step = {step} : i64}} : "
            f"{value.type}, {scale_type}, {zero_type} to {result.type}")
        return result

    def quantize(self, value):
        rng = self.rng
        if len(value.shape) > 1 and rng.random() < 0.25:
            count = rng.randint(1, 3)
            rows = rng.choice([1, value.shape[1]])
            name, type_ = self.floats([rows, count], lambda: rng.choice([0, 1, -1, 0.5, rng.uniform(-4, 4)]))
            result = Value("", value.shape, rng.choice(["u2", "u2", "u4"]))
            result.name = self.emit(f"dorefa.quantize_thresholds {value.name}, {name} axis 1 : "
                                    f"{value.type}, {type_} to {result.type}")
            return result
        if rng.random() < 0.15:
            result = Value("", value.shape, "u1")
            result.name = self.emit(f"dorefa.quantize sign {value.name} : {value.type} to {result.type}")
            return result
        code = self.random_code((1, 2, 2, 3, 4, 8))
        low = -(1 << int(code[1:]) - 1) if code[0] == "s" else 0
        narrow = f" {{min = {low + 1} : i64}}" if code != "u1" and rng.random() < 0.3 else ""
        result = Value("", value.shape, code)
        result.name = self.emit(f"dorefa.quantize {rng.choice(ROUNDINGS)} {value.name}{narrow} : "
                                f"{value.type} to {result.type}")
        return result

    # Contractions

    def conv(self, value, coded=True, channels=None, same=False):
        """`value` is a code tensor; convolves its reals."""
        rng = self.rng
        inputs = value.shape[1]
        spatial = value.shape[2:]
        groups = rng.choice([1, 1, inputs])
        outputs = channels or groups * rng.randint(1, 3)
        if outputs % groups:
            groups = 1
        kernel = [rng.choice([1, 3]) if same else rng.randint(1, min(3, extent)) for extent in spatial]
        strides = [1 if same else rng.randint(1, 2) for _ in spatial]
        if same:
            begins = [k // 2 for k in kernel]
            ends = begins
        else:
            begins = [rng.randint(0, k - 1) for k in kernel]
            ends = [rng.randint(0, k - 1) for k in kernel]
        weight = self.codes([outputs, inputs // groups] + kernel, self.random_code())
        if rng.random() < 0.5:
            weight_real = self.dequantize(weight, scale_axis=0, zero_axis=rng.choice([None, 0]))
        else:
            weight_real = self.dequantize(weight)
        if not coded:
            name, _ = self.floats(weight.shape, lambda: rng.uniform(-1, 1))
            weight_real = Value(name, weight.shape)
        depthwise = groups == inputs and inputs > 1
        input_real = self.dequantize(value, scale_axis=1 if depthwise and rng.random() < 0.5 else None,
                                     axis=1, zero_axis=rng.choice([None, None, 1]))
        dilations = [2 if not same and rng.random() < 0.2 and extent + b + e > 2 * (k - 1) else 1
                     for extent, b, e, k in zip(spatial, begins, ends, kernel)]
        extents = [(extent + b + e - d * (k - 1) - 1) // s + 1
                   for extent, b, e, k, s, d in zip(spatial, begins, ends, kernel, strides, dilations)]
        geometry = (f"<strides = {strides}, pads = {begins + ends}, dilations = {dilations}"
                    f"{f', groups = {groups}' if groups > 1 else ''}>")
        result = Value("", [value.shape[0], outputs] + extents)
        result.name = self.emit(f"dorefa.conv {input_real.name}, {weight_real.name} geometry {geometry} : "
                                f"{input_real.type}, {weight_real.type} to {result.type}")
        return result

    def matmul(self, value, coded=True):
        rng = self.rng
        depth = 1
        for extent in value.shape[1:]:
            depth *= extent
        if len(value.shape) > 2:
            flat = Value("", [value.shape[0], depth], value.code)
            flat.name = self.emit(f"dorefa.reshape {value.name} : {value.type} to {flat.type}")
            value = flat
        columns = rng.randint(1, 4)
        if coded:
            weight = self.dequantize(self.codes([depth, columns], self.random_code()),
                                     scale_axis=rng.choice([None, 1]))
        else:
            name, _ = self.floats([depth, columns], lambda: rng.uniform(-1, 1))
            weight = Value(name, [depth, columns])
        left = self.dequantize(value)
        result = Value("", [value.shape[0], columns])
        result.name = self.emit(f"dorefa.matmul {left.name}, {weight.name} : "
                                f"{left.type}, {weight.type} to {result.type}")
        return result

    def average(self, value):
        """Of a code tensor: an average pool or a mean."""
        rng = self.rng
        source = self.dequantize(value, axis=1, scale_axis=rng.choice([None, 1]),
                                 zero_axis=rng.choice([None, 1]))
        rank = len(value.shape) - 2
        if rng.random() < 0.3:
            result = Value("", value.shape[:2] + [1] * rank)
            axes = list(range(2, 2 + rank))
            result.name = self.emit(f"dorefa.reduce {rng.choice(['mean', 'sum'])} {source.name} axes {axes} : "
                                    f"{source.type} to {result.type}")
            return result
        kind = rng.choice(["average", "average", "sum"])
        counted = " count_padding" if kind == "average" and rng.random() < 0.5 else ""
        return self.pool(source, kind, counted)

    def pool(self, value, kind, counted=""):
        rng = self.rng
        spatial = value.shape[2:]
        kernel = [rng.randint(1, min(3, extent)) for extent in spatial]
        if rng.random() < 0.6:
            strides, pads = kernel, [0] * 2 * len(spatial)
        else:
            strides = [rng.randint(1, 2) for _ in spatial]
            pads = [rng.randint(0, k - 1) for k in kernel] * 2
        rank = len(spatial)
        extents = [(extent + pads[i] + pads[rank + i] - kernel[i]) // strides[i] + 1
                   for i, extent in enumerate(spatial)]
        result = Value("", value.shape[:2] + extents, value.code)
        result.name = self.emit(
            f"dorefa.pool {kind} {value.name} window <kernel = {kernel}, strides = {strides}, "
            f"pads = {pads}, dilations = {[1] * rank}>{counted} : {value.type} to {result.type}")
        return result

    # Elementwise

    def constant(self, shape, values):
        """A constant of a tensor's shape: uniform, one a channel, or full."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            name = self.emit(f"arith.constant dense<{real(values())}> : {tensor(shape, 'f32')}")
            return name
        if kind < 0.9 and len(shape) > 1:
            small = [1, shape[1]] + [1] * (len(shape) - 2)
            name, type_ = self.floats(small, values)
            return self.emit(f"dorefa.broadcast {name} : {type_} to {tensor(shape, 'f32')}")
        return self.floats(shape, values)[0]

    def elementwise(self, value):
        rng = self.rng
        type_ = value.type

        def result(text):
            return Value(self.emit(text), value.shape)

        kind = rng.choice(["norm", "norm", "norm", "add", "sub", "rsub", "mul", "div", "relu",
                           "leaky", "round", "clip", "tanh", "neg", "sigmoid", "abs"])
        if kind == "norm":
            channels = [value.shape[1]]
            wild = [float("nan"), 0.0, 0.0] if rng.random() < 0.2 else []
            gamma, vector = self.floats(channels, lambda: rng.choice([1.0, -1.0, 0.5, rng.uniform(-2, 2)] + wild))
            beta, _ = self.floats(channels, lambda: rng.uniform(-2, 2))
            mean, _ = self.floats(channels, lambda: rng.uniform(-2, 2))
            variance, _ = self.floats(channels, lambda: rng.uniform(0.1, 4))
            return result(f"dorefa.batch_norm {value.name}, {gamma}, {beta}, {mean}, {variance} "
                          f"epsilon 1.0e-5 : {type_}, {vector}")
        if kind in ("add", "sub", "mul", "div", "rsub"):
            positive = (lambda: rng.choice([0.5, 2.0, 3.0, -1.0, 0.3])) if kind == "div" else self.scalar
            other = self.constant(value.shape, positive)
            op = "sub" if kind == "rsub" else kind
            left, right = (other, value.name) if kind == "rsub" else (value.name, other)
            return result(f"arith.{op}f {left}, {right} : {type_}")
        zero = self.emit(f"arith.constant dense<0.0> : {type_}")
        if kind == "relu":
            return result(f"arith.maximumf {value.name}, {zero} : {type_}")
        if kind == "clip":
            one = self.emit(f"arith.constant dense<{rng.choice(['1.0', '3.0'])}> : {type_}")
            low = self.emit(f"arith.maximumf {value.name}, {zero} : {type_}")
            return result(f"arith.minimumf {low}, {one} : {type_}")
        if kind == "leaky":
            alpha = self.emit(f"arith.constant dense<{rng.choice(['0.1', '0.01', '-0.5'])}> : {type_}")
            test = self.emit(f"arith.cmpf olt, {value.name}, {zero} : {type_}")
            scaled = self.emit(f"arith.mulf {alpha}, {value.name} : {type_}")
            return result(f"arith.select {test}, {scaled}, {value.name} : "
                          f"{tensor(value.shape, 'i1')}, {type_}")
        unary = {"round": "math.roundeven", "tanh": "math.tanh", "neg": "arith.negf",
                 "abs": "math.absf", "sigmoid": "dorefa.sigmoid"}
        return result(f"{unary[kind]} {value.name} : {type_}")

    def add(self, left, right):
        return Value(self.emit(f"arith.addf {left.name}, {right.name} : {left.type}"), left.shape)

    def chain(self, value, longest=4):
        for _ in range(self.rng.randint(0, longest)):
            value = self.elementwise(value)
        return value

    def concat(self, left, right):
        """Codes of one type with scales of their own, then their reals."""
        shape = list(left.shape)
        shape[1] *= 2
        joined = Value("", shape, left.code)
        joined.name = self.emit(f"dorefa.concat {left.name}, {right.name} axis 1 : "
                                f"{left.type}, {right.type} to {joined.type}")
        return self.dequantize(joined, scale_axis=1, zero_axis=1)

    # Networks

    def build(self):
        rng = self.rng
        spatial = rng.choice([[6, 6], [4, 5], [7]])
        shape = [rng.choice([1, 1, 2]), rng.randint(1, 4)] + spatial
        results = []
        if rng.random() < 0.3:
            wild = [float("nan"), float("inf"), -float("inf")] if rng.random() < 0.3 else []
            name, _ = self.floats(shape, lambda: rng.choice([rng.uniform(-4, 4)] * 20 + wild))
            x = self.hide(Value(name, shape))
            codes = self.quantize(self.chain(x))
        else:
            codes = self.hide(self.codes(shape, self.random_code((1, 2, 2, 4, 8))))
        for _ in range(rng.randint(1, 3)):
            kind = rng.choice(["conv", "conv", "conv", "block", "stream", "average", "real", "codes",
                               "concat", "pool"])
            if len(codes.shape) > 2 and any(extent < 2 for extent in codes.shape[2:]):
                break
            if kind == "conv":
                value = self.conv(codes)
                if rng.random() < 0.4:
                    value = self.chain(self.pool(self.chain(value, 2), rng.choice(["max", "max", "min"])), 2)
                codes = self.quantize(self.chain(value))
            elif kind == "block":
                value = self.conv(codes, channels=3, same=True)
                other = self.conv(codes, channels=3, same=True)
                value, other = self.chain(value, 2), self.chain(other, 2)
                if rng.random() < 0.3:
                    results.append(other)
                codes = self.quantize(self.chain(self.add(value, other), 2))
            elif kind == "stream":
                first = self.chain(self.conv(codes, channels=3, same=True), 2)
                second = self.quantize(first)
                value = self.chain(self.conv(second, channels=3, same=True), 2)
                skipped = first if rng.random() < 0.5 else self.dequantize(second, scale_axis=rng.choice([None, 1]))
                codes = self.quantize(self.chain(self.add(value, skipped), 2))
            elif kind == "average":
                codes = self.quantize(self.chain(self.average(codes)))
            elif kind == "real":
                codes = self.quantize(self.chain(self.conv(codes, coded=False)))
            elif kind == "codes":
                left, right = self.dequantize(codes), self.dequantize(codes, axis=1, scale_axis=1)
                codes = self.quantize(self.chain(self.add(left, self.chain(right, 1))))
            elif kind == "concat":
                codes = self.quantize(self.chain(self.concat(codes, codes)))
            else:
                codes = self.pool(codes, "max")
            if rng.random() < 0.2:
                results.append(codes)
        if rng.random() < 0.5:
            value = self.chain(self.matmul(codes, coded=rng.random() < 0.8), 3)
            results.append(self.quantize(value) if rng.random() < 0.5 else value)
        results.append(codes)
        names = ", ".join(value.name for value in results)
        types = ", ".join(value.type for value in results)
        self.lines.append(f"  return {names} : {types}")
        body = "\n".join(self.lines)
        return f"func.func @{self.name}() -> ({types}) {{\n{body}\n}}\n"


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    print(f"// seed {seed}")
    for i in range(count):
        print(Function(f"net{seed}_{i}", random.Random(f"{seed} {i}")).build())


if __name__ == "__main__":
    main()
