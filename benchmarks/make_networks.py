# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the networks that networks.py measures, for a batch of one image.

    .venv/bin/python benchmarks/make_networks.py FOLDER [--only NAME ...]

Of each network, by NAME (resnet18, alexnet, svhn, mobilenet, cnv):
NAME_wWaA.onnx, low-bit with the first and last layer in float; NAME_fp32.onnx,
its twin with ReLU and no quantizers; NAME_int8.onnx, onnxruntime's own
quantization of that twin. CNV has only twins, as a trained one is in examples/.
Weights are random, always the same. All files together take 1 GB.
"""

import argparse
import pathlib
import sys
import tempfile
from collections.abc import Callable
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from Models.network_writer import Writer  # noqa: E402
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat,  # noqa: E402
                                      QuantType, quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: E402

CALIBRATION_IMAGES = 8


class FloatWriter(Writer):
    """Writes the float twin: ReLU where the low-bit network clips to [0, 1],
    and no quantizers."""

    def __init__(self, seed: int):
        super().__init__(weight_bits=32, activation_bits=32, seed=seed)

    def weight(self, name, shape, is_float):
        return super().weight(name, shape, is_float=True)

    def clip(self, x, name):
        return self.node("Relu", [x], name, np.maximum(self.samples[x], 0))

    def activation(self, x, name):
        return self.clip(x, name)

    def pooled_activation(self, x, index, kernel, stride, pads=(0, 0, 0, 0)):
        # The same values in either order; but runtimes join a ReLU with the
        # convolution in front of it.
        return self.max_pool(self.activation(x, f"act{index}"), f"pool{index}",
                             kernel, stride, pads)


def resnet18(w: Writer, x: str) -> str:
    """ResNet-18 for ImageNet, with a convolution on the shortcuts that change
    the number of channels."""
    x = w.conv(x, "stem", 64, 7, stride=2, pad=3, is_float=True)        # 112
    x = w.activation(w.batch_norm(x, "stem.norm"), "stem.act")
    x = w.max_pool(x, "stem.pool", 3, 2, (1, 1, 1, 1))                  # 56
    for stage, channels in enumerate((64, 128, 256, 512)):              # to 7
        for block in range(2):
            name = f"stage{stage}.block{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            y = w.conv(x, name + ".conv0", channels, 3, stride, pad=1)
            y = w.activation(w.batch_norm(y, name + ".norm0"), name + ".act0")
            y = w.conv(y, name + ".conv1", channels, 3, pad=1)
            y = w.batch_norm(y, name + ".norm1")
            if stride != 1:
                x = w.conv(x, name + ".shortcut", channels, 1, stride)
                x = w.batch_norm(x, name + ".shortcut.norm")
            x = w.activation(w.add(y, x, name + ".sum"), name + ".act1")
    x = w.flatten(w.average(x, "average"), "flat")
    return w.dense(x, "scores", 1000, bias=True, is_float=True)


def alexnet(w: Writer, x: str) -> str:
    """DoReFa-Net's AlexNet: no local response normalization, batch
    normalization instead, and two groups in three of the convolutions."""
    x = w.conv(x, "conv0", 96, 12, stride=4, bias=True, is_float=True)  # 54
    x = w.activation(x, "act0")
    x = w.batch_norm(w.conv(x, "conv1", 256, 5, pad=2, groups=2), "norm1")
    x = w.pooled_activation(x, 1, 3, 2, (0, 0, 1, 1))                   # 27
    x = w.batch_norm(w.conv(x, "conv2", 384, 3, pad=1), "norm2")
    x = w.pooled_activation(x, 2, 3, 2, (1, 1, 1, 1))                   # 14
    x = w.batch_norm(w.conv(x, "conv3", 384, 3, pad=1, groups=2), "norm3")
    x = w.activation(x, "act3")
    x = w.batch_norm(w.conv(x, "conv4", 256, 3, pad=1, groups=2), "norm4")
    x = w.flatten(w.pooled_activation(x, 4, 3, 2), "flat")              # 6
    x = w.batch_norm(w.dense(x, "dense5", 4096), "norm5")
    x = w.batch_norm(w.dense(w.activation(x, "act5"), "dense6", 4096), "norm6")
    x = w.clip(x, "clip6")
    return w.dense(x, "scores", 1000, bias=True, is_float=True)


def svhn(w: Writer, x: str) -> str:
    """Model A of DoReFa-Net's experiments on street view house numbers."""
    x = w.conv(x, "conv0", 48, 5, bias=True, is_float=True)             # 36
    x = w.pooled_activation(x, 0, 2, 2)                                 # 18
    x = w.batch_norm(w.conv(x, "conv1", 64, 3, pad=1), "norm1")
    x = w.activation(x, "act1")
    x = w.batch_norm(w.conv(x, "conv2", 64, 3, pad=1), "norm2")
    x = w.pooled_activation(x, 2, 2, 2)                                 # 9
    for layer, pad in ((3, 0), (4, 1), (5, 0)):                         # 7, 7, 5
        x = w.batch_norm(w.conv(x, f"conv{layer}", 128, 3, pad=pad),
                         f"norm{layer}")
        x = w.activation(x, f"act{layer}")
    x = w.batch_norm(w.conv(x, "conv6", 512, 5), "norm6")               # 1
    x = w.flatten(w.clip(x, "clip6"), "flat")
    return w.dense(x, "scores", 10, bias=True, is_float=True)


def mobilenet(w: Writer, x: str) -> str:
    """MobileNet (arXiv 1704.04861) of width 1."""
    x = w.conv(x, "stem", 32, 3, stride=2, pad=1, is_float=True)        # 112
    x = w.activation(w.batch_norm(x, "stem.norm"), "stem.act")
    channels = 32
    for block, (outputs, stride) in enumerate([
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
            *[(512, 1)] * 5, (1024, 2), (1024, 1)]):                    # to 7
        name = f"block{block}"
        x = w.conv(x, name + ".depthwise", channels, 3, stride, pad=1,
                   groups=channels)
        x = w.activation(w.batch_norm(x, name + ".norm0"), name + ".act0")
        x = w.conv(x, name + ".pointwise", outputs, 1)
        x = w.activation(w.batch_norm(x, name + ".norm1"), name + ".act1")
        channels = outputs
    x = w.flatten(w.average(x, "average"), "flat")
    return w.dense(x, "scores", 1000, bias=True, is_float=True)


def cnv(w: Writer, x: str) -> str:
    """The CNV that lies in examples/cifar10, 32 pixels down to one."""
    for layer, channels in enumerate((64, 64, 128, 128, 256, 256)):
        x = w.batch_norm(w.conv(x, f"conv{layer}", channels, 3), f"norm{layer}")
        x = w.activation(x, f"act{layer}")
        if layer in (1, 3):
            x = w.max_pool(x, f"pool{layer}", 2, 2)
    x = w.flatten(x, "flat")
    for layer in (6, 7):
        x = w.batch_norm(w.dense(x, f"dense{layer}", 512), f"norm{layer}")
        x = w.activation(x, f"act{layer}")
    return w.dense(x, "scores", 10)


class Network(NamedTuple):
    write: Callable[[Writer, str], str]
    image_size: int
    widths: list[tuple[int, int]]

    def model(self, writer: Writer, name: str) -> onnx.ModelProto:
        image = writer.input("image", (3, self.image_size, self.image_size))
        return writer.finish(name, image, self.write(writer, image), batch=1)


NETWORKS = {
    "resnet18": Network(resnet18, 224, [(1, 1), (1, 2), (1, 4), (2, 2), (4, 4),
                                        (8, 8)]),
    "alexnet": Network(alexnet, 224, [(1, 2)]),
    "svhn": Network(svhn, 40, [(1, 2)]),
    "mobilenet": Network(mobilenet, 224, [(1, 2), (4, 4), (8, 8)]),
    "cnv": Network(cnv, 32, []),
}


class RandomImages(CalibrationDataReader):
    def __init__(self, size: int):
        random = np.random.default_rng(2)
        self.images = iter([
            {"image": random.random((1, 3, size, size), dtype=np.float32)}
            for _ in range(CALIBRATION_IMAGES)])

    def get_next(self):
        return next(self.images, None)


def quantize(float_twin: pathlib.Path, path: pathlib.Path, image_size: int):
    """The int8 twin: all layers, batch normalizations folded, weights signed
    with a scale per channel, activations unsigned."""
    with tempfile.TemporaryDirectory() as scratch:
        folded = pathlib.Path(scratch) / "folded.onnx"
        quant_pre_process(float_twin, folded, skip_symbolic_shape=True)
        quantize_static(folded, path, RandomImages(image_size),
                        quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8,
                        weight_type=QuantType.QInt8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", choices=NETWORKS, default=NETWORKS)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)

    for name in arguments.only:
        network = NETWORKS[name]

        def save(kind: str, writer: Writer) -> pathlib.Path:
            path = arguments.folder / f"{name}_{kind}.onnx"
            onnx.save(network.model(writer, path.stem), path)
            print(path, flush=True)
            return path

        for weight_bits, activation_bits in network.widths:
            save(f"w{weight_bits}a{activation_bits}",
                 Writer(weight_bits, activation_bits, seed=1))
        float_twin = save("fp32", FloatWriter(seed=1))
        int8_twin = arguments.folder / f"{name}_int8.onnx"
        quantize(float_twin, int8_twin, network.image_size)
        print(int8_twin, flush=True)


if __name__ == "__main__":
    main()
