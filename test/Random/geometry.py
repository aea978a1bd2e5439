# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Windows of random convolutions and pools, and the images they slide over."""

import dataclasses
import math

import numpy as np

from covering import Row

MAX_EXTENT = 12
MAX_MULTIPLY_ADDS = 150_000


@dataclasses.dataclass(frozen=True)
class Geometry:
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]  # begins, then ends
    dilations: tuple[int, ...]
    auto_pad: bool = False

    def output(self, extents: tuple[int, ...]) -> tuple[int, ...]:
        if self.auto_pad:
            return tuple(-(-extent // stride)
                         for extent, stride in zip(extents, self.strides))
        rank = len(extents)
        return tuple(
            (extent + self.pads[i] + self.pads[rank + i] - self.reach(i))
            // self.strides[i] + 1 for i, extent in enumerate(extents))

    def reach(self, i: int) -> int:
        return (self.kernel[i] - 1) * self.dilations[i] + 1

    def attributes(self) -> dict:
        padding = ({"auto_pad": "SAME_UPPER"} if self.auto_pad
                   else {"pads": self.pads})
        return dict(kernel_shape=self.kernel, strides=self.strides,
                    dilations=self.dilations, **padding)


def make_geometry(row: Row, rank: int, source: np.random.Generator) -> Geometry:
    def extents(text):
        numbers = [int(word) for word in text.split("x")]
        return tuple(numbers[:rank])

    kernel = extents(row["kernel"]) if row["kernel"] != "-" else (1,) * rank
    pads = [0] * (2 * rank)
    if row["pads"] == "symmetric":
        pads = [int(source.integers(1, 3))] * (2 * rank)
    elif row["pads"] == "asymmetric":
        pads = [int(pad) for pad in source.integers(0, 3, 2 * rank)]
        pads[0] = pads[-1] + 1 if pads[0] == pads[-1] else pads[0]
    return Geometry(kernel, extents(row["stride"]), tuple(pads),
                    (row["dilation"],) * rank, row["pads"] == "same_upper")


def choose_extents(geometry: Geometry, least: int, cost: int,
                   source: np.random.Generator) -> tuple[int, ...]:
    """Extents of an image whose output has at least `least` positions in each
    dimension; few enough where each position of the output costs much."""
    rank = len(geometry.kernel)
    choices = [[extent for extent in range(1, MAX_EXTENT + 8)
                if geometry.output((extent,) * rank)[i] >= least]
               for i in range(rank)]
    for _ in range(20):
        image = tuple(int(source.choice(list_[:8])) for list_ in choices)
        if cost * math.prod(geometry.output(image)) <= MAX_MULTIPLY_ADDS:
            return image
    return tuple(list_[0] for list_ in choices)
