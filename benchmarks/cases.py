# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The layers that are measured alone, and networks around them:

    image -> quantizer -> measured -> next -> scores
"""

import dataclasses
import pathlib
import re
from typing import ClassVar

import make_networks
import onnx


@dataclasses.dataclass(frozen=True)
class Convolution:
    """Of `inputs` to `outputs` channels; `size` is the output's extent."""

    kernel: int
    stride: int
    inputs: int
    outputs: int
    size: int

    def __str__(self) -> str:
        stride = f"/{self.stride}" if self.stride > 1 else ""
        return (f"{self.kernel}x{self.kernel}{stride} "
                f"{self.inputs}-{self.outputs} @{self.size}")

    @property
    def image(self) -> tuple[int, ...]:
        return (self.inputs, *[self.size * self.stride] * 2)

    @property
    def weights(self) -> int:
        return self.kernel**2 * self.inputs * self.outputs

    @property
    def multiply_adds(self) -> int:
        return self.weights * self.size**2

    @property
    def codes(self) -> int:
        """Read and written."""
        return self.size**2 * (self.stride**2 * self.inputs + self.outputs)

    def widths(self, chosen: list[str]) -> list[str]:
        return chosen

    def measured(self, writer: make_networks.Writer, x: str) -> str:
        return writer.conv(x, "measured", self.outputs, self.kernel, self.stride,
                           pad=self.kernel // 2)

    def next(self, writer: make_networks.Writer, x: str) -> str:
        return writer.conv(x, "next", self.outputs, 3, pad=1)


class Stem(Convolution):
    """ResNet-18's first layer, in float."""

    def __init__(self):
        super().__init__(kernel=7, stride=2, inputs=3, outputs=64, size=112)

    def __str__(self) -> str:
        return "stem"

    def widths(self, chosen: list[str]) -> list[str]:
        return ["f32"]

    def measured(self, writer, x):
        return writer.conv(x, "measured", self.outputs, self.kernel, self.stride,
                           pad=self.kernel // 2, is_float=True)


@dataclasses.dataclass(frozen=True)
class Dense:
    """One image's, as AlexNet-DoReFa has them: bound by the read of weights."""

    inputs: int
    outputs: int
    WIDTH: ClassVar[str] = "1x2"

    def __str__(self) -> str:
        return f"dense {self.inputs}-{self.outputs}"

    @property
    def image(self) -> tuple[int, ...]:
        return (self.inputs,)

    @property
    def weights(self) -> int:
        return self.inputs * self.outputs

    @property
    def multiply_adds(self) -> int:
        return self.weights

    @property
    def codes(self) -> int:
        return self.inputs + self.outputs

    def widths(self, chosen: list[str]) -> list[str]:
        return [width for width in chosen if width == self.WIDTH]

    def measured(self, writer: make_networks.Writer, x: str) -> str:
        return writer.dense(x, "measured", self.outputs)

    def next(self, writer: make_networks.Writer, x: str) -> str:
        return writer.dense(x, "next", 256)


Case = Convolution | Dense


def parse(text: str) -> Case:
    if text == "stem":
        return Stem()
    if found := re.fullmatch(r"dense (\d+)-(\d+)", text):
        return Dense(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d+)x\1(?:/(\d+))? (\d+)-(\d+) @(\d+)", text):
        return Convolution(*(int(group or 1) for group in found.groups()))
    raise ValueError("expected a layer such as '3x3/2 64-128 @28', 'dense 512-256' "
                     f"or 'stem', but got '{text}'")


# The quantized convolutions of ResNet-18, and how many it has of each.
RESNET18 = {parse(text): count for text, count in {
    "3x3 64-64 @56": 4, "3x3/2 64-128 @28": 1, "3x3 128-128 @28": 3,
    "3x3/2 128-256 @14": 1, "3x3 256-256 @14": 3, "3x3/2 256-512 @7": 1,
    "3x3 512-512 @7": 3, "1x1/2 64-128 @28": 1, "1x1/2 128-256 @14": 1,
    "1x1/2 256-512 @7": 1}.items()}

DEFAULT = [*RESNET18, Stem(), Dense(9216, 4096), Dense(4096, 4096)]

WIDTHS = ["1x1", "1x2", "1x4", "2x2", "4x4", "8x8"]


def bits(width: str) -> tuple[int, int]:
    """Of weights and activations."""
    return (32, 2) if width == "f32" else tuple(map(int, width.split("x")))


def byte_count(case: Case, width: str) -> float:
    """Of weights and codes, each at its width."""
    weight_bits, code_bits = bits(width)
    return (case.weights * weight_bits + case.codes * code_bits) / 8


def write_network(case: Case, width: str, path: pathlib.Path):
    weight_bits, activation_bits = bits(width)
    writer = make_networks.Writer(weight_bits if width != "f32" else 1,
                                  activation_bits, seed=1,
                                  sample=1 if isinstance(case, Convolution) else 4)
    image = x = writer.input("image", case.image)
    if width != "f32":
        x = writer.activation(x, "codes")
    x = writer.batch_norm(case.measured(writer, x), "measured.norm")
    x = writer.activation(x, "measured.act")
    x = writer.batch_norm(case.next(writer, x), "next.norm")
    x = writer.activation(x, "next.act")
    onnx.save(writer.finish("layer", image, x, batch=1), path)


def write_stem_twin(path: pathlib.Path):
    """The stem for a float runtime: convolution, batch normalization, ReLU."""
    writer = make_networks.FloatWriter(seed=1)
    image = writer.input("image", Stem().image)
    x = writer.batch_norm(Stem().measured(writer, image), "measured.norm")
    x = writer.activation(x, "measured.act")
    onnx.save(writer.finish("stem", image, x, batch=1), path)
