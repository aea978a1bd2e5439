# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tables of a measurement, as text."""


def table(header: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell, readable as Markdown too."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]

    def line(cells, fill=" "):
        return "| " + " | ".join(
            cell.ljust(width, fill) if not index else cell.rjust(width, fill)
            for index, (cell, width) in enumerate(zip(cells, widths))) + " |"

    return "\n".join([line(header), line(["-"] * len(header), "-"),
                      *map(line, rows)])


def number(value: float | None, digits: int = 3) -> str:
    """To so many significant digits."""
    if value is None:
        return "-"
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text else text


def networks_table(result: dict) -> str:
    """One setting of one group: milliseconds and ratios."""
    threads = f"{result['threads']} thread" + "s" * (result["threads"] > 1)
    title = f"{result['network']}, batch {result['batch']}, {threads}"
    rows = [[program["program"], number(program["ms"]), number(program["to_int8"]),
             number(program["to_fp32"])] for program in result["programs"]]
    return table([title, "ms", "to fastest int8", "to onnxruntime fp32"], rows)


def threads_table(results: list[dict]) -> str:
    """How much faster the compiled networks are on several threads."""
    times = {(result["network"], program["program"], result["batch"],
              result["threads"]): program["ms"]
             for result in results for program in result["programs"]
             if program["kind"] == "ours"}
    rows = [[f"{network} {program.removeprefix('ours ')}", str(batch), str(threads),
             number(times[network, program, batch, 1] / ms)]
            for (network, program, batch, threads), ms in times.items()
            if threads > 1 and (network, program, batch, 1) in times]
    return table(["network", "batch", "threads", "speed over one"], rows) if rows else ""


def compiled_table(compiled: dict[str, dict]) -> str:
    """Of the files, the network for any batch."""
    return table(["network", "compile s", "MB"],
                 [[name, number(facts["compile_seconds"], 2),
                   number(facts["bytes"] / 1e6)] for name, facts in compiled.items()])


def layers_table(rows: list[dict]) -> str:
    """Convolutions of codes."""
    return table(
        ["layer", "width", "schedule", "us", "GMAC/s", "roof us", "roof kernel",
         "to roof", "oneDNN int8 us", "to oneDNN"],
        [[row["layer"], row["width"], row["schedule"], number(1e3 * row["ms"]),
          f"{row['gmacs']:.0f}", number(scaled(row["roof_ms"])),
          row["roof_kernel"] or "-", number(row["to_roof"]),
          number(scaled(row["onednn_ms"])), number(row["to_onednn"])]
         for row in rows])


def dense_table(rows: list[dict]) -> str:
    return table(
        ["layer", "width", "schedule", "us", "GB/s", "of read bandwidth", "roof us",
         "to roof"],
        [[row["layer"], row["width"], row["schedule"], number(1e3 * row["ms"]),
          number(row["gigabytes"]), number(row["of_bandwidth"]),
          number(scaled(row["roof_ms"])), number(row["to_roof"])] for row in rows])


def stem_table(rows: list[dict]) -> str:
    return table(
        ["layer", "schedule", "us", "GMAC/s", "onnxruntime fp32 us", "to onnxruntime"],
        [[row["layer"], row["schedule"], number(1e3 * row["ms"]),
          f"{row['gmacs']:.0f}", number(scaled(row["onnxruntime_ms"])),
          number(row["to_onnxruntime"])] for row in rows])


def sums_table(sums: list[dict]) -> str:
    return table(
        ["ResNet-18's quantized layers", "ms", "roof ms", "to roof",
         "oneDNN int8 ms", "to oneDNN"],
        [[row["width"], *(number(row[key]) for key in (
            "ms", "roof_ms", "to_roof", "onednn_ms", "to_onednn"))]
         for row in sums])


def layer_tables(results: dict) -> str:
    """All tables of layers that have a row."""
    dense, stem, others = [], [], []
    for row in results["layers"]:
        kind = dense if row["layer"].startswith("dense") else (
            stem if row["layer"] == "stem" else others)
        kind.append(row)
    tables = ((layers_table, others), (sums_table, results["sums"]),
              (dense_table, dense), (stem_table, stem))
    return "\n\n".join(write(rows) for write, rows in tables if rows)


def scaled(ms: float | None) -> float | None:
    return None if ms is None else 1e3 * ms
