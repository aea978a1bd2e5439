# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The time of one quantized layer, by weight and activation width and engine.

    .venv/bin/python benchmarks/layers.py [--shapes 128x28x3 ...]
        [--widths 1x2 ...] [--engines auto lookup planes bytes] [--reference CMD]

A layer is a convolution of C to C channels on S x S pixels with batch
normalization and the next quantizer, padded: what stands between the codes
that it reads and those that it writes. Its time is the difference between
chains of MANY and FEW such layers by the difference of their numbers, so that
the float ends cancel; of each chain the least time of all rounds counts.
Programs take turns on one core, round by round.

--reference runs a command once a round and reads its lines `NAME | lut ... X ms`
as the times of hand-written kernels for the same shapes, by the shape's
`KxK C-C @S`; the last columns compare with it.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

import dorefa  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import helper, numpy_helper  # noqa: E402
from timing import time_calls  # noqa: E402

QONNX = "qonnx.custom_op.general"
FEW, MANY = 2, 10


def chain(channels, size, kernel, weight_bits, activation_bits, layers):
    """A network of `layers` quantized convolutions behind one quantizer."""
    random = np.random.default_rng(0)
    nodes, constants = [], []

    def constant(name, value):
        constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    constant("zero", 0.0)
    constant("scale.a", 1.0 / (2**activation_bits - 1))
    constant("bits.a", activation_bits)
    constant("scale.w", 1.0 if weight_bits == 1 else 2.0 / (2**weight_bits - 1))
    constant("bits.w", weight_bits)
    one = constant("one", 1.0)

    def activation(value, name):
        clipped = f"{name}.clip"
        nodes.append(helper.make_node("Clip", [value, "zero", one], [clipped], name=clipped))
        nodes.append(helper.make_node(
            "Quant", [clipped, "scale.a", "zero", "bits.a"], [name], name=name,
            domain=QONNX, signed=0, narrow=0, rounding_mode="ROUND"))
        return name

    value = activation("x", "q0")
    for i in range(1, layers + 1):
        shape = (channels, channels, kernel, kernel)
        weight = constant(f"w{i}", random.uniform(-1, 1, shape))
        if weight_bits == 1:
            nodes.append(helper.make_node(
                "BipolarQuant", [weight, "scale.w"], [f"wq{i}"], domain=QONNX))
        else:
            nodes.append(helper.make_node(
                "Quant", [weight, "scale.w", "zero", "bits.w"], [f"wq{i}"],
                domain=QONNX, signed=1, narrow=1, rounding_mode="ROUND"))
        nodes.append(helper.make_node(
            "Conv", [value, f"wq{i}"], [f"c{i}"], name=f"c{i}",
            pads=[kernel // 2] * 4, kernel_shape=[kernel, kernel]))
        deviation = np.sqrt(channels) * kernel * 0.4
        statistics_ = [random.uniform(0.8, 1.2, channels),
                       random.uniform(0.3, 0.7, channels),
                       random.normal(0, deviation / 4, channels),
                       np.full(channels, deviation**2)]
        names = [constant(f"bn{i}.{j}", v) for j, v in enumerate(statistics_)]
        nodes.append(helper.make_node(
            "BatchNormalization", [f"c{i}", *names], [f"b{i}"], name=f"b{i}"))
        value = activation(f"b{i}", f"q{i}")
    shape = [1, channels, size, size]
    graph = helper.make_graph(
        nodes, "chain",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, shape)],
        constants)
    return helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 13), helper.make_opsetid(QONNX, 1)])


def compile_pair(scratch, shape, widths, engine):
    """Networks of FEW and MANY layers, or None where the engine cannot."""
    networks = []
    for layers in (FEW, MANY):
        path = scratch / f"{'x'.join(map(str, shape + widths))}-{layers}.onnx"
        if not path.exists():
            onnx.save(chain(*shape, *widths, layers), path)
        library = path.with_suffix(f".{engine}.so")
        try:
            dorefa.compile(path, library, engine=engine)
        except dorefa.CompileError:
            return None
        networks.append(dorefa.load(library))
    return networks


def read_reference(command):
    """Times of hand-written layers, by `KxK C-C @S`, in milliseconds."""
    output = subprocess.run(command, shell=True, check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    line = re.compile(r"(\dx\d \d+-\d+ @\d+).*?\| lut .*?([\d.]+) ms")
    return {found[1]: float(found[2]) for found in map(line.search, output.splitlines()) if found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", nargs="+", metavar="CxSxK",
                        default=["64x56x3", "128x28x3", "256x14x3", "512x7x3"])
    parser.add_argument("--widths", nargs="+", metavar="WxA",
                        default=["1x1", "1x2", "1x4", "2x2", "4x4", "8x8"])
    parser.add_argument("--engines", nargs="+", default=["auto"])
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reference", metavar="CMD")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    header = ["layer", "width", "engine", "us", "GMAC/s"]
    if arguments.reference:
        header += ["reference us", "speed / reference"]
    print("| " + " | ".join(header) + " |\n|" + " --- |" * len(header))
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        for shape in (tuple(map(int, s.split("x"))) for s in arguments.shapes):
            for widths in (tuple(map(int, w.split("x"))) for w in arguments.widths):
                for engine in arguments.engines:
                    pair = compile_pair(pathlib.Path(folder), shape, widths, engine)
                    if pair:
                        cases.append((shape, widths, engine, pair))
        times = [[] for _ in cases]
        references = {}
        for _ in range(arguments.rounds):
            for (shape, _, _, pair), measured in zip(cases, times):
                image = np.random.default_rng(0).random((1, shape[0], shape[1], shape[1]),
                                                        dtype=np.float32)
                measured.append([min(time_calls(run, image, arguments.seconds))
                                 for run in pair])
            if arguments.reference:
                for name, reference in read_reference(arguments.reference).items():
                    references.setdefault(name, []).append(reference)
    for (shape, widths, engine, _), measured in zip(cases, times):
        channels, size, kernel = shape
        few, many = map(min, zip(*measured))
        ms = (many - few) / (MANY - FEW)
        name = f"{kernel}x{kernel} {channels}-{channels} @{size}"
        row = [name, "x".join(map(str, widths)), engine, f"{1e3 * ms:.1f}",
               f"{channels**2 * kernel**2 * size**2 / ms / 1e6:.0f}"]
        if name in references:
            reference = min(references[name])
            row += [f"{1e3 * reference:.1f}", f"{reference / ms:.2f}"]
        elif arguments.reference:
            row += ["", ""]
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
