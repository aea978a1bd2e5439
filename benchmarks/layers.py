# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The time of one compiled layer, again and again on the same codes.

A layer is what stands between the codes that it reads and those that it writes:
products, sums over windows where weights have an offset, batch normalization,
quantizer and packing as the next layer wants it. The network around it is

    image -> quantizer -> measured -> next -> scores

and its loops (`dorefa-compile --emit=loops`) are compiled twice more: the
`feed` ends behind the measured layer and leaves its codes in the workspace; the
`loop` does nothing but repeat the layer's steps in that workspace. A call of a
network with no step at all is subtracted. So weights, thresholds and codes are
as hot as in a hand-written kernel's loop over one layer, and nothing else is in
the time. As there, the least time of a round counts.
"""

import pathlib
import re
from typing import NamedTuple

import dorefa
import make_networks
import numpy as np
import onnx
from bound_call import allocate_workspace, bind
from timing import time_calls


class Shape(NamedTuple):
    """A convolution of `inputs` to `outputs` channels; `size` is the output's."""

    kernel: int
    stride: int
    inputs: int
    outputs: int
    size: int

    def __str__(self) -> str:
        stride = f"/{self.stride}" if self.stride > 1 else ""
        return (f"{self.kernel}x{self.kernel}{stride} "
                f"{self.inputs}-{self.outputs} @{self.size}")

    @staticmethod
    def parse(text: str) -> "Shape":
        found = re.fullmatch(r"(\d+)x\1(?:/(\d+))? ?(\d+)-(\d+) ?@(\d+)", text)
        if not found:
            raise ValueError(f"expected a shape such as '3x3/2 64-128 @28', "
                             f"but got '{text}'")
        kernel, stride, *others = (int(group or 1) for group in found.groups())
        return Shape(kernel, stride, *others)

    @property
    def multiply_adds(self) -> int:
        return self.kernel**2 * self.inputs * self.outputs * self.size**2


# The quantized convolutions of ResNet-18, and how many it has of each.
RESNET18 = {Shape.parse(text): count for text, count in {
    "3x3 64-64 @56": 4, "3x3/2 64-128 @28": 1, "3x3 128-128 @28": 3,
    "3x3/2 128-256 @14": 1, "3x3 256-256 @14": 3, "3x3/2 256-512 @7": 1,
    "3x3 512-512 @7": 3, "1x1/2 64-128 @28": 1, "1x1/2 128-256 @14": 1,
    "1x1/2 256-512 @7": 1}.items()}

WIDTHS = ["1x1", "1x2", "1x4", "2x2", "4x4", "8x8"]

# Multiply-adds in a sample, some 50 microseconds' worth.
SAMPLE_MULTIPLY_ADDS = 1e8


def write_network(shape: Shape, weight_bits: int, activation_bits: int,
                  path: pathlib.Path):
    writer = make_networks.Writer(weight_bits, activation_bits, seed=1, sample=1)
    size = shape.size * shape.stride
    image = writer.input("image", (shape.inputs, size, size))
    x = writer.activation(image, "codes")
    x = writer.conv(x, "measured", shape.outputs, shape.kernel, shape.stride,
                    pad=shape.kernel // 2)
    x = writer.activation(writer.batch_norm(x, "measured.norm"), "measured.act")
    x = writer.conv(x, "next", shape.outputs, 3, pad=1)
    x = writer.activation(writer.batch_norm(x, "next.norm"), "next.act")
    onnx.save(writer.finish("layer", image, x, batch=1), path)


NETWORK = re.compile(r"^  func\.func @dorefa_network\(.*?^  \}", re.M | re.S)
STEP = re.compile(r"^ *call @step\.([\w.]+)\(.*\n", re.M)


def edit_steps(loops: str, repeat: int) -> dict[str, str]:
    """The texts of `feed`, `loop` and `empty`, the network without a step."""
    network = NETWORK.search(loops)
    steps = list(STEP.finditer(network[0])) if network else []
    names = [step[1].split(".")[0].rstrip("_0123456789") for step in steps]
    if "measured" not in names or "next" not in names:
        raise ValueError("the loops of a layer have another form than expected: "
                         f"their steps are {', '.join(names) or 'none'}")
    first, behind = names.index("measured"), names.index("next")

    def keep(kept: slice, count: int) -> str:
        """The network with these steps alone, `count` times."""
        body = STEP.sub("", network[0])
        # Short for func.call only where a function is around it.
        calls = "".join(step[0] for step in steps[kept]).replace(
            " call @", " func.call @")
        end = body.rindex("    return")
        body = body[:end] + f"""    %none = arith.constant 0 : index
    %all = arith.constant {count} : index
    %one = arith.constant 1 : index
    scf.for %i = %none to %all step %one {{
{calls}    }}
""" + body[end:]
        return loops[:network.start()] + body + loops[network.end():]

    return {"feed": keep(slice(behind), 1),
            "loop": keep(slice(first, behind), repeat),
            "empty": keep(slice(0), 1)}


class CompiledLayer:
    """The layer's loop, bound to a workspace with codes."""

    def __init__(self, shape: Shape, width: str, scratch: pathlib.Path,
                 **options):
        self.shape, self.width = shape, width
        self.repeat = max(1, round(SAMPLE_MULTIPLY_ADDS / shape.multiply_adds))
        self.rounds: list[float] = []
        source, packed, loops = (scratch / f"layer.{suffix}"
                                 for suffix in ("onnx", "packed.mlir", "loops.mlir"))
        write_network(shape, *map(int, width.split("x")), source)
        dorefa.compile(source, packed, emit="packed", **options)
        dorefa.compile(packed, loops, emit="loops", **options)
        self.schedule = find_schedule(packed.read_text())
        models = {}
        for name, text in edit_steps(loops.read_text(), self.repeat).items():
            edited, library = scratch / f"{name}.mlir", scratch / f"{name}.so"
            edited.write_text(text)
            dorefa.compile(edited, library, **options)
            models[name] = dorefa.load(library)
        image = np.random.default_rng(0).random(
            (1, shape.inputs, *[shape.size * shape.stride] * 2), dtype=np.float32)
        workspace = allocate_workspace(models["feed"], 1)
        bind(models["feed"], image, workspace)()
        self._empty, self._loop = (bind(models[name], image, workspace)
                                   for name in ("empty", "loop"))

    def measure(self, seconds: float):
        """A round: the milliseconds of one time through the layer."""
        empty = min(time_calls(self._empty, seconds / 10))
        loop = min(time_calls(self._loop, seconds))
        self.rounds.append((loop - empty) / self.repeat)


def find_schedule(packed: str) -> str:
    """The measured layer's engine and tile, which are the first's."""
    found = re.search(r"#dorefa\.schedule<(\w+)(?: vectors (\d+) pixels (\d+))?",
                      packed)
    if not found:
        return ""
    return " ".join(filter(None, [found[1], found[2] and f"{found[2]}x{found[3]}"]))
