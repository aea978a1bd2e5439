# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the innermost loops of products keep in registers stays there.

A network of few small layers is compiled to assembly in each register tile of
the cost table that a target is chosen by; no CPU of that kind is needed. In the
innermost loops no vector goes to the stack or comes from it; with the 16 registers of
AVX2, which tiles fill, a sum or two may wait there.

Plain loops of depthwise layers hold a window's weights, and read those on the
stack that no register is left for. With the 32 registers of AVX-512 they write
nothing there, with the 16 of AVX2 few sums.
"""

import concurrent.futures
import json
import pathlib
import re
import subprocess

import onnx
import pytest
from Models.network_writer import Writer

COSTS = pathlib.Path(__file__).parents[2] / "lib/Engine/Costs"
# Targets, the cost table of each, and where others check the rest, its engines.
TARGETS = {"x86-64-v4-vbmi": ("zen5",), "x86-64-v4-vnni": ("cascadelake",),
           "x86-64-v4": ("skylake-avx512", "bytes", "planes"),
           "x86-64-v3": ("avx2",), "alderlake": ("avxvnni", "bytes")}
AVX2_TARGETS = ("x86-64-v3", "alderlake")
# Widths of weights and codes; a cost table's row may have its own, but that of
# transformed operands.
WIDTHS = {"quad": ["1x4", "2x4"], "planes": ["1x2", "2x2"],
          "bytes": ["4x4", "8x8"], "fma": ["f32"],
          "winograd": ["8x8", "4x4", "2x2"]}


# Sums of 16 bits, and of 32.
DEPTHWISE_WIDTHS = ["1x2", "4x4", "8x8"]


class FloatWriter(Writer):
    def activation(self, x, name):
        return self.node("Relu", [x], name, self.samples[x].clip(0))

    def conv(self, *arguments, **attributes):
        return super().conv(*arguments, **attributes, is_float=True)


def make_writer(width: str) -> Writer:
    if width == "f32":
        return FloatWriter(1, 1, seed=0, sample=1)
    return Writer(*map(int, width.split("x")), seed=0, sample=1)


def write_network(width: str, path: pathlib.Path):
    """A 3x3 convolution, one whose result another is added to, and a 1x1."""
    writer = make_writer(width)
    image = writer.input("image", (64, 3, 14))
    codes = writer.activation(image, "codes")
    x = writer.batch_norm(writer.conv(codes, "first", 256, 3, pad=1), "first.norm")
    x = writer.activation(x, "first.act")
    x = writer.batch_norm(writer.conv(x, "second", 256, 3, pad=1), "second.norm")
    short = writer.batch_norm(writer.conv(codes, "short", 256, 1), "short.norm")
    x = writer.activation(writer.add(x, short, "sum"), "sum.act")
    x = writer.flatten(writer.average(writer.conv(x, "third", 256, 1), "average"),
                       "scores")
    onnx.save(writer.finish("tiles", image, x, batch=1), path)


def write_depthwise(width: str, path: pathlib.Path):
    """Depthwise layers: 3x3, 3x3 behind a pool, 5x5, and one of reals."""
    writer = make_writer(width)
    image = writer.input("image", (64, 3, 56))
    x = writer.activation(image, "codes")
    for name, kernel in (("three", 3), ("pooled", 3), ("five", 5)):
        x = writer.conv(x, name, 64, kernel, pad=kernel // 2, groups=64)
        if name == "pooled":
            x = writer.max_pool(x, f"{name}.pool", 2, 2)
        x = writer.activation(writer.batch_norm(x, f"{name}.norm"), f"{name}.act")
    x = writer.conv(x, "reals", 64, 3, pad=1, groups=64)
    x = writer.flatten(writer.average(x, "average"), "scores")
    onnx.save(writer.finish("depthwise", image, x, batch=1), path)


def find_functions(assembly: str) -> dict[str, list[str]]:
    """The lines of each function."""
    functions, lines = {}, []
    for line in assembly.splitlines():
        if found := re.match(r'("?)([A-Za-z_][^"]*)\1:', line):
            lines = functions.setdefault(found[2], [])
        else:
            lines.append(line)
    return functions


class Flow:
    """The blocks of a function, and which follow each."""

    def __init__(self, lines: list[str]):
        self.blocks, labels = [[]], {}
        for line in lines:
            if found := re.match(r"(\.L\w+):", line):
                self.blocks.append([])
                labels[found[1]] = len(self.blocks) - 1
            elif re.match(r"\s+[a-z]", line):
                self.blocks[-1].append(line.strip())
                if re.match(r"\s+(j|ret)", line):
                    self.blocks.append([])
        self.next = []
        for i, block in enumerate(self.blocks):
            words = block[-1].split() if block else ["none"]
            # A jump elsewhere is a call in the end.
            jumps = [labels[word] for word in words[1:2]
                     if words[0][0] == "j" and word in labels]
            falls = words[0] != "jmp" and not words[0].startswith("ret")
            ends = i + 1 < len(self.blocks)
            self.next.append(jumps + [i + 1] * (falls and ends))

    def reach(self, start: int, without: int = -1) -> set[int]:
        reached, waiting = set(), [start]
        while waiting:
            at = waiting.pop()
            if at not in reached and at != without:
                reached.add(at)
                waiting += self.next[at]
        return reached

    def find_innermost_loops(self) -> list[set[int]]:
        """Natural loops that hold no other."""
        before = [[] for _ in self.blocks]
        everywhere = self.reach(0)
        for i in everywhere:
            for follower in self.next[i]:
                before[follower].append(i)
        loops = {}
        for header in {j for i in everywhere for j in self.next[i]}:
            dominated = everywhere - self.reach(0, without=header)
            loop = {header}
            waiting = [i for i in before[header] if i in dominated]
            if not waiting:
                continue
            while waiting:
                at = waiting.pop()
                if at not in loop:
                    loop.add(at)
                    waiting += before[at]
            loops[header] = loop
        return [loop for header, loop in loops.items()
                if not any(other in loop for other in loops if other != header)]


def find_spills(lines: list[str], stores_only: bool = False) -> list[str]:
    """Loads and stores of vectors on the stack in innermost loops."""
    has_frame = any(re.search(r"movq\s+%rsp, %rbp", line) for line in lines)
    # What has an index is an array.
    place = r"\((%rsp|%rbp)\)" if has_frame else r"\(%rsp\)"
    if stores_only:
        place += "$"
    stack = re.compile(place)
    flow = Flow(lines)
    return [line for loop in flow.find_innermost_loops() for block in loop
            for line in flow.blocks[block]
            if re.search(r"%[yz]mm", line) and stack.search(line)
            and "broadcast" not in line]


def find_cases(target: str) -> list[tuple[str, str, str]]:
    """Engine, tile and width."""
    family, *engines = TARGETS[target]
    table = json.loads((COSTS / f"{family}.json").read_text())
    cases = {}
    for row in table["tiles"]:
        if engines and row["engine"] not in engines:
            continue
        widths = WIDTHS.get(row["engine"], [])
        if row["engine"] == "winograd":
            pass
        elif "weights" in row:
            widths = [f"{row['weights']}x{row['inputs']}"]
        elif "inputs" in row:
            widths = [f"{weights}x{row['inputs']}" for weights in (1, 2)]
        for width in widths:
            cases[row["engine"], f"{row['vectors']}x{row['pixels']}", width] = None
    return list(cases)


def find_spilled(text: str, most: int = 0, **options) -> dict[str, int]:
    """Spills of each step that has more than `most`."""
    return {name: len(spills) for name, lines in find_functions(text).items()
            if name.startswith("step.")
            and len(spills := find_spills(lines, **options)) > most}


@pytest.fixture(scope="module")
def compile_to_assembly(tools, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    for width in sorted({case[2] for target in TARGETS
                         for case in find_cases(target)}):
        write_network(width, folder / f"{width}.onnx")

    def run(target: str, engine: str, tile: str, width: str) -> str:
        path = folder / f"{target}-{engine}-{tile}-{width}.s"
        # Float layers have one engine.
        chosen = [] if engine == "fma" else [f"--engine={engine}"]
        subprocess.run(
            [tools / "dorefa-compile", folder / f"{width}.onnx", *chosen,
             f"--target={target}", f"--tile={tile}", "--emit=asm", "-o", path],
            check=True)
        return path.read_text()

    return run


@pytest.mark.parametrize("target", TARGETS)
def test_innermost_loops_keep_vectors_in_registers(compile_to_assembly, target):
    cases = find_cases(target)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = list(pool.map(lambda case: compile_to_assembly(target, *case),
                              cases))
    most = 4 if target in AVX2_TARGETS else 0
    spilled = {case: found for case, text in zip(cases, texts)
               if (found := find_spilled(text, most))}
    assert not spilled


@pytest.mark.parametrize("width", DEPTHWISE_WIDTHS)
def test_depthwise_loops_leave_the_stack_alone(width, tools, tmp_path):
    write_depthwise(width, network := tmp_path / "network.onnx")
    spilled = {}
    for target in TARGETS:
        path = tmp_path / f"{target}.s"
        subprocess.run([tools / "dorefa-compile", network, f"--target={target}",
                        "--emit=asm", "-o", path], check=True)
        # Ten of two hundred instructions and more.
        most = 10 if target in AVX2_TARGETS else 0
        if found := find_spilled(path.read_text(), most, stores_only=True):
            spilled[target] = found
    assert not spilled


def test_stores_are_told_from_loads():
    store = "\tvmovups\t%ymm1, 64(%rsp)"
    load = "\tvpmullw\t32(%rsp), %ymm1, %ymm1"
    lines = [".LBB0_1:", load, store, "\tjne\t.LBB0_1", "\tretq"]
    assert find_spills(lines, stores_only=True) == [store.strip()]
    assert len(find_spills(lines)) == 2


@pytest.mark.parametrize("outside", [True, False])
def test_spills_are_found_in_innermost_loops(outside):
    spill, none = "\tvmovups\t%zmm1, 64(%rsp)", "\tvaddps\t(%rdi), %zmm1, %zmm1"
    lines = [".LBB0_1:", spill if outside else none, ".LBB0_2:",
             none if outside else spill, "\tjne\t.LBB0_2", "\tjne\t.LBB0_1",
             "\tretq"]
    assert find_spills(lines) == ([] if outside else [spill.strip()])
