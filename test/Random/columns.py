# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What random networks differ in, and what cannot be combined."""

import platform

from covering import Space, forbid

FLOAT = 32  # the width of a value without codes
DENSE = ["matmul", "gemm"]
BITS = list(range(1, 9))
CHANNELS = [1, 3, 5, 16, 17, 33, 64, 65, 128]

# Instruction sets, by the names of /proc/cpuinfo, that code for a target uses.
_V3 = {"avx2", "fma", "bmi2", "movbe", "f16c"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
_VNNI = _V4 | {"avx512_vnni"}
_VBMI = _VNNI | {"avx512vbmi", "avx512_vbmi2", "avx512_vpopcntdq",
                 "avx512_bitalg"}
_TARGETS = {"x86-64-v3": _V3, "x86-64-v4": _V4, "x86-64-v4-vnni": _VNNI,
            "x86-64-v4-vbmi": _VBMI}


def find_targets() -> list[str]:
    """The targets whose code this machine can run."""
    flags = set()
    if platform.machine() == "x86_64":
        with open("/proc/cpuinfo") as info:
            for line in info:
                if line.startswith("flags"):
                    flags = set(line.split())
                    break
    return ["native"] + [name for name, needed in _TARGETS.items()
                         if needed <= flags]


def make_columns(targets: list[str]) -> dict[str, list]:
    return {
        "operator": ["conv2d", "conv1d", "depthwise", "grouped", *DENSE,
                     "add_products", "add_codes", "add_floats",
                     "global_average", "concat", "concat_mixed", "flatten",
                     "reduce", "product_of_codes"],
        "weight_bits": [*BITS, FLOAT],
        "weight_scheme": ["bipolar", "grid", "signed", "narrow", "zero_point",
                          "real"],
        "weight_spelling": ["quant", "dequantize_linear", "integers",
                            "constant"],
        "weight_scale": ["tensor", "channel"],
        "bits": [*BITS, FLOAT],
        "scheme": ["unsigned", "signed", "zero_point", "bipolar", "real"],
        "spelling": ["quant", "bipolar_quant", "thresholds", "quantize_linear",
                     "clip_round", "floor", "where", "none"],
        "rounding": ["ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP",
                     "HALF_DOWN", "-"],
        "scale": ["power_of_two", "real"],
        "kernel": ["1x1", "2x2", "3x3", "5x5", "1x3", "3x2", "-"],
        "stride": ["1x1", "2x2", "3x3", "2x1"],
        "pads": ["none", "symmetric", "asymmetric", "same_upper"],
        "dilation": [1, 2],
        "groups": [1, 2, 3, "channels"],
        "pool": ["none", "max", "max_overlapping", "max_of_reals", "average"],
        "norm": ["none", "bias", "positive", "mixed"],
        "inputs": CHANNELS,
        "outputs": [*CHANNELS, "inputs"],
        "engine": ["auto", "lookup", "lookup64", "quad", "planes", "bytes",
                   "winograd", "direct"],
        "tile": ["auto", "1x1", "1x8x2", "2x7x3", "4x2", "4x4x2", "3x5"],
        "target": targets,
        # Free, with all dense layers in groups of images.
        "batch": ["free", "fixed", "groups"],
        "threads": [1, 2, 3, 7],
        "taps": ["no", "yes"],
    }


def _except(columns: dict[str, list], name: str, *values):
    return name, [value for value in columns[name] if value not in values]


def make_space(targets: list[str] | None = None) -> Space:
    columns = make_columns(targets or find_targets())

    def other(name, *values):
        return _except(columns, name, *values)

    def only_with(name, values, column, allowed, reason):
        """The values of a column stand beside the allowed ones only."""
        return forbid((name, values), other(column, *allowed), reason)

    windows = [("kernel", ["-"]), ("stride", ["1x1"]), ("pads", ["none"]),
               ("dilation", [1]), ("pool", ["none"])]
    rules = [only_with("operator", DENSE, name, values,
                       "a matrix product has no window")
             for name, values in windows]
    rules += [forbid(("kernel", ["-"]), other(name, *values),
                     "a matrix product has no window")
              for name, values in windows[1:]]
    rules += [
        only_with("kernel", ["-"], "operator", DENSE,
                  "a convolution has a window"),
        only_with("operator", ["depthwise"], "groups", ["channels"],
                  "depthwise: a group for each channel"),
        only_with("groups", ["channels"], "operator", ["depthwise"],
                  "depthwise: a group for each channel"),
        only_with("operator", ["grouped"], "groups", [2, 3],
                  "grouped: some groups"),
        only_with("groups", [2, 3], "operator", ["grouped"],
                  "grouped: some groups"),
        only_with("operator", ["depthwise"], "outputs", ["inputs"],
                  "depthwise: as many outputs as inputs, or twice"),
        only_with("outputs", ["inputs"], "operator", ["depthwise"],
                  "depthwise: as many outputs as inputs, or twice"),
        forbid(("groups", ["channels"]), other("outputs", "inputs"),
               "depthwise: as many outputs as inputs, or twice"),
        forbid(("groups", [1, 2, 3]), ("outputs", ["inputs"]),
               "depthwise: as many outputs as inputs, or twice"),
        forbid(("groups", ["channels", 2, 3]), ("kernel", ["-"]),
               "a matrix product has no groups"),
        forbid(("outputs", ["inputs"]), ("kernel", ["-"]),
               "a matrix product has no groups"),
        forbid(("operator", ["conv1d"]), ("kernel", ["1x3", "3x2"]),
               "one dimension has no uneven window"),
        forbid(("operator", ["conv1d"]), ("stride", ["2x1"]),
               "one dimension has no uneven window"),
    ]
    rules += _weight_rules(only_with) + _activation_rules(only_with)
    rules += _engine_rules(columns, only_with)
    return Space(columns, rules)


def _engine_rules(columns: dict[str, list], only_with) -> list:
    tables = "this engine takes fewer widths, channels or targets"
    squares = "3x3 windows of stride 1 alone"
    vbmi = ["native", "x86-64-v4-vbmi"]
    coding = ["lookup", "lookup64", "quad", "winograd"]

    def coded(name, *values):
        return only_with("engine", coding, *_except(columns, name, *values),
                         tables)

    return [
        coded("weight_spelling", "constant"),
        coded("weight_scheme", "real"),
        coded("spelling", "none"),
        coded("scheme", "real"),
        only_with("engine", ["lookup64"], *_except(
            columns, "operator", "depthwise", "grouped"), tables),
        only_with("engine", ["lookup64"], *_except(
            columns, "outputs", "inputs"), tables),
        only_with("engine", ["lookup64"], "weight_bits", [1, 2], tables),
        only_with("engine", ["lookup64"], "bits", [1, 2], tables),
        only_with("engine", ["lookup64"], "inputs", [64, 128], tables),
        only_with("engine", ["lookup64"], "groups", [1], tables),
        only_with("engine", ["lookup64"], "target", vbmi, tables),
        only_with("engine", ["lookup", "quad"], "weight_bits", BITS[:7], tables),
        only_with("engine", ["lookup", "quad"], "bits", BITS[:6], tables),
        only_with("engine", ["quad"], "target", vbmi, tables),
        only_with("engine", ["winograd"], "weight_bits", BITS, tables),
        only_with("engine", ["winograd"], "bits", BITS, tables),
        only_with("engine", ["winograd"], "kernel", ["3x3"], squares),
        only_with("engine", ["winograd"], "stride", ["1x1"], squares),
        only_with("engine", ["winograd"], "dilation", [1], squares),
        only_with("engine", ["winograd"], "groups", [1], squares),
        only_with("engine", ["winograd"], "operator", *_except(
            columns, "operator", "conv1d", "depthwise", "grouped",
            *DENSE)[1:], squares),
        only_with("engine", ["winograd"], "outputs", *_except(
            columns, "outputs", "inputs")[1:], squares),
        only_with("engine", ["winograd"], "inputs",
                  [count for count in CHANNELS if count >= 16], squares),
    ]


def _weight_rules(only_with) -> list:
    real = "real weights have neither codes nor scale"
    sign = "two values need one bit, and one bit has no narrow range"
    one_bit = "the sign as signed codes of one bit is a rule of Quant"
    return [
        only_with("weight_bits", [FLOAT], "weight_scheme", ["real"], real),
        only_with("weight_scheme", ["real"], "weight_bits", [FLOAT], real),
        only_with("weight_bits", [FLOAT], "weight_spelling", ["constant"], real),
        only_with("weight_spelling", ["constant"], "weight_bits", [FLOAT], real),
        only_with("weight_scheme", ["real"], "weight_spelling", ["constant"],
                  real),
        only_with("weight_spelling", ["constant"], "weight_scheme", ["real"],
                  real),
        only_with("weight_bits", [FLOAT], "weight_scale", ["tensor"], real),
        only_with("weight_scheme", ["real"], "weight_scale", ["tensor"], real),
        only_with("weight_spelling", ["constant"], "weight_scale", ["tensor"],
                  real),
        only_with("weight_scheme", ["bipolar"], "weight_bits", [1], sign),
        only_with("weight_scheme", ["narrow"], "weight_bits", BITS[1:], sign),
        only_with("weight_scheme", ["signed"], "weight_bits", BITS[1:], one_bit),
    ]


def _activation_rules(only_with) -> list:
    real = "an operand without quantizer"
    sign = "two values need one bit"
    modes = "only Quant has rounding modes"
    signs = ["quant", "bipolar_quant", "thresholds", "where"]
    levels = ["quant", "thresholds", "quantize_linear", "clip_round", "floor"]
    return [
        only_with("bits", [FLOAT], "scheme", ["real"], real),
        only_with("scheme", ["real"], "bits", [FLOAT], real),
        only_with("bits", [FLOAT], "spelling", ["none"], real),
        only_with("spelling", ["none"], "bits", [FLOAT], real),
        only_with("scheme", ["real"], "spelling", ["none"], real),
        only_with("spelling", ["none"], "scheme", ["real"], real),
        only_with("bits", [FLOAT], "rounding", ["-"], real),
        only_with("scheme", ["real"], "rounding", ["-"], real),
        only_with("scheme", ["bipolar"], "bits", [1], sign),
        only_with("scheme", ["signed"], "bits", BITS[1:], sign),
        only_with("spelling", ["bipolar_quant", "where"], "bits", [1], sign),
        only_with("spelling", ["bipolar_quant", "where"], "scheme", ["bipolar"],
                  sign),
        only_with("scheme", ["bipolar"], "spelling", signs, sign),
        only_with("scheme", ["unsigned", "signed", "zero_point"], "spelling",
                  levels, sign),
        only_with("rounding", ["ROUND", "CEIL", "FLOOR", "UP", "DOWN",
                               "HALF_UP", "HALF_DOWN"], "spelling", ["quant"],
                  modes),
        only_with("spelling", ["quant"], "rounding",
                  ["ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP",
                   "HALF_DOWN"], modes),
    ]
