# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rates of a cost table (lib/Engine/Costs/*.json), measured on this machine.

    benchmarks/cost_table.py lib/Engine/Costs/zen5.json --ghz 4.15

Compiles one layer, a 3x3 convolution of 128 channels at 28 x 28 (of 256 where a
block has more than 128; for reals the first one of ResNet-18; of a few pixels more
where tiles would not divide its rows), in each register tile of FORMS, and writes
multiply-adds a cycle into the file, rounded. The clock only scales the figures: what
is chosen depends on their ratios.
"""

import argparse
import itertools
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

import cases  # noqa: E402
import dorefa  # noqa: E402
from layers import CompiledLayer  # noqa: E402

SHAPE, WIDE_SHAPE = ("3x3 128-128", 28), ("3x3 256-256", 14)
# Output channels of a vector where it is not 16.
VECTOR = {"lookup": 64, "lookup64": 64}

# Engine: tiles, the widths of weights and codes that are measured, and what of
# these a row names; a rate is of any width that it does not name. One for all
# widths is that of the first, times its planes (planes: of both).
BOTH, INPUTS = ("weights", "inputs"), ("inputs",)
# Codes of tables that are constant, and of those that are built.
CONSTANT, BUILT = ["1x1", "1x2"], ["1x3", "1x4", "1x5", "1x6"]
WIDE = {
    "lookup": [(["2x7"], CONSTANT, BOTH),
               (["1x14", "1x7", "2x4"], CONSTANT, INPUTS),
               (["1x7", "2x4"], BUILT, INPUTS)],
    "lookup64": [(["2x4", "4x2", "1x8"], ["1x2", "2x2", "1x1"], BOTH)],
    "quad": [(["4x2", "2x4"], ["1x4"], ())],
    "planes": [(["4x4", "4x2", "2x7", "1x14"], ["2x2", "1x1", "1x2"], BOTH)],
    "bytes": [(["2x14", "4x6", "2x7", "1x14"], ["4x4"], ())],
    # Of words and of bytes.
    "winograd": [(["2x14", "2x7", "4x6", "4x4", "1x14"], ["8x8", "2x2"], BOTH)],
    "fma": [(["4x6", "4x4", "2x14", "2x8", "1x14"], ["f32"], ())],
}
# Without VNNI, where bytes and words have forms by their widths.
PAIRS = WIDE | {
    "bytes": [(["2x14", "4x6", "2x7", "1x14"], ["4x4"], BOTH),
              (["2x7", "1x14"], ["6x6"], BOTH),
              (["2x12", "2x7", "1x14"], ["7x7"], BOTH),
              (["2x12", "4x6", "1x14"], ["8x8"], BOTH)],
    "winograd": [(["2x14", "2x7", "4x6", "4x4", "1x14"], ["8x8", "4x4", "2x2"],
                  BOTH)],
}
# For 16 registers, of which a sum takes two or more.
NARROW = {
    "lookup": [(["2x4", "2x5"], CONSTANT, BOTH),
               (["1x7", "1x8", "1x4"], ["1x1", "2x1"], BOTH),
               (["1x4", "1x5"], ["2x2"], BOTH),
               (["1x4", "2x2"], CONSTANT + BUILT, INPUTS)],
    "planes": [(["1x1"], ["1x2"], ())],
    # Of each form in which sums of two products are used.
    "bytes": [(["1x6", "1x4", "2x2", "1x2", "4x1"], ["4x4", "8x8"], BOTH),
              (["1x3", "1x2", "4x1"], ["6x6"], BOTH),
              (["1x4", "2x2", "1x2", "4x1"], ["7x7"], BOTH)],
    # Of words, and of bytes in two of those forms.
    "winograd": [(["1x4", "2x2", "1x3", "1x2"], ["8x8", "4x4", "2x2"], BOTH)],
    "fma": [(["1x6", "1x4", "2x3", "2x2", "4x1"], ["f32"], ())],
}
FORMS = {"wide": WIDE, "pairs": PAIRS, "narrow": NARROW}
# Pixels of a row that are one of a tile, where it is not one.
SQUARE = {"winograd": 2}
# The part of multiply-adds that an engine does, and the widths for which rows of
# transformed operands stand.
DONE = {"winograd": 16 / 36}
RATED = {("winograd", "4x4"): (6, 6), ("winograd", "2x2"): (4, 4)}


def measure(engine: str, tile: str, width: str, rounds: int, target: str,
            ghz: float) -> float:
    vectors, pixels = map(int, tile.split("x"))
    shape, size = SHAPE if vectors * VECTOR.get(engine, 16) <= 128 else WIDE_SHAPE
    pixels *= SQUARE.get(engine, 1)
    size = -(-size // pixels) * pixels
    case = cases.parse("stem" if width == "f32" else f"{shape} @{size}")
    with tempfile.TemporaryDirectory() as scratch:
        layer = CompiledLayer(
            case, width, pathlib.Path(scratch), tile=f"{tile}x1", target=target,
            engine="" if width == "f32" else engine)
        for _ in range(rounds):
            layer.measure(0.05)
    done = case.multiply_adds * DONE.get(engine, 1)
    return done / (min(layer.rounds) * ghz * 1e6)


def rows(engine: str, arguments):
    for tiles, widths, named in FORMS[arguments.form][engine]:
        for width, tile in itertools.product(widths, tiles):
            weights, inputs = cases.bits(width)
            try:
                rate = measure(engine, tile, width, arguments.rounds,
                               arguments.target, arguments.ghz)
            except dorefa.CompileError as error:
                print(f"{engine} {tile} at {width} is left out: {error}")
                continue
            vectors, pixels = map(int, tile.split("x"))
            row: dict = {"engine": engine}
            if engine == "planes" and width == widths[0]:
                rate *= weights * inputs
            else:
                rated = RATED.get((engine, width), (weights, inputs))
                row |= {name: bits for name, bits in zip(BOTH, rated)
                        if name in named}
            row |= {"vectors": vectors, "pixels": pixels, "rate": round(rate, 1)}
            print(json.dumps(row), flush=True)
            yield row


def write(path: pathlib.Path, table: dict):
    tiles = table.pop("tiles")
    head = json.dumps(table, indent=2)[:-2]
    lines = ",\n".join("    " + json.dumps(tile) for tile in tiles)
    path.write_text(f'{head},\n  "tiles": [\n{lines}\n  ]\n}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--ghz", type=float, required=True, help="the clock")
    parser.add_argument("--target", default="native")
    parser.add_argument("--form", choices=FORMS, default="wide",
                        help="narrow: for 16 registers; pairs: without VNNI")
    parser.add_argument("--engines", nargs="+", choices=WIDE)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    table = json.loads(arguments.table.read_text())
    for engine in FORMS[arguments.form]:
        if arguments.engines and engine not in arguments.engines:
            continue
        measured = list(rows(engine, arguments))
        if measured:
            table["tiles"] = [tile for tile in table["tiles"]
                              if tile["engine"] != engine] + measured
    write(arguments.table, table)


if __name__ == "__main__":
    main()
