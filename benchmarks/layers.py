# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The time of one compiled layer, again and again on the same codes.

A layer is what stands between the codes that it reads and those that it writes:
products, sums over windows where weights have an offset, batch normalization,
quantizer and packing as the next layer wants it. The loops of the network around
it (cases.py; `dorefa-compile --emit=loops`) are compiled twice more: the
`feed` ends behind the measured layer and leaves its codes in the workspace; the
`loop` does nothing but repeat the layer's steps in that workspace. A call of a
network with no step at all is subtracted. So weights, thresholds and codes are
as hot as in a hand-written kernel's loop over one layer, and nothing else is in
the time. As there, the least time of a round counts.
"""

import pathlib
import re

import dorefa
import numpy as np
from bound_call import allocate_workspace, bind
from cases import Case, write_network
from timing import time_calls


# Multiply-adds in a sample, some 50 microseconds' worth.
SAMPLE_MULTIPLY_ADDS = 1e8

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
    # A layer that reads the image brings it into its own layout, too.
    first = next(i for i, name in enumerate(names) if name != "codes")
    behind = names.index("next")

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

    def __init__(self, case: Case, width: str, scratch: pathlib.Path,
                 **options):
        self.case, self.width = case, width
        self.repeat = max(1, round(SAMPLE_MULTIPLY_ADDS / case.multiply_adds))
        self.rounds: list[float] = []
        source, packed, loops = (scratch / f"layer.{suffix}"
                                 for suffix in ("onnx", "packed.mlir", "loops.mlir"))
        write_network(case, width, source)
        dorefa.compile(source, packed, emit="packed", **options)
        dorefa.compile(packed, loops, emit="loops", **options)
        self.schedule = find_schedule(packed.read_text())
        models = {}
        for name, text in edit_steps(loops.read_text(), self.repeat).items():
            edited, library = scratch / f"{name}.mlir", scratch / f"{name}.so"
            edited.write_text(text)
            dorefa.compile(edited, library, **options)
            models[name] = dorefa.load(library)
        image = np.random.default_rng(0).random((1, *case.image), dtype=np.float32)
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
