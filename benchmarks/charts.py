# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws a measurement as SVG. The same figures give the same file."""

import pathlib

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({
    "svg.hashsalt": "dorefa", "svg.fonttype": "none", "font.size": 8, "axes.spines.top": False,
    "axes.spines.right": False, "axes.axisbelow": True})

import matplotlib.pyplot as plt  # noqa: E402

COLORS = {"ours": "#c44e52", "int8": "#4c72b0", "binary": "#8172b3",
          "fp32": "#909090", "bf16": "#c8c8c8", "roof": "#55a868", "oneDNN int8": "#4c72b0"}


def save(figure, path: pathlib.Path):
    figure.savefig(path, format="svg", bbox_inches="tight",
                   metadata={"Date": None, "Creator": None})
    plt.close(figure)


def draw_networks(results: list[dict], machine: str, path: pathlib.Path):
    """A row of bars for each program, a panel for each network and setting:
    time by the fastest int8 peer's."""
    results = [result for result in results
               if any(program["to_int8"] for program in result["programs"])]
    if not results:
        return
    columns = len({(result["batch"], result["threads"]) for result in results})
    lines = -(-len(results) // columns)
    heights = [max(len(result["programs"])
                   for result in results[line * columns:(line + 1) * columns])
               for line in range(lines)]
    figure, panels = plt.subplots(
        lines, columns, squeeze=False, layout="constrained",
        figsize=(3.6 * columns, 0.2 * sum(heights) + lines),
        gridspec_kw={"height_ratios": heights})
    for panel in panels.flat[len(results):]:
        panel.remove()
    for panel, result in zip(panels.flat, results):
        draw_ratios(panel, result)
    figure.suptitle("Time by the fastest int8 peer's: shorter is faster\n" + machine)
    save(figure, path)


def draw_ratios(panel, result: dict):
    programs = result["programs"]
    ratios = [program["to_int8"] for program in programs]
    bars = panel.barh([program["program"] for program in programs], ratios,
                      color=[COLORS[program["kind"]] for program in programs])
    panel.bar_label(bars, [f"{ratio:.2f}" for ratio in ratios], padding=2)
    panel.axvline(1, color="black", linewidth=0.6)
    panel.invert_yaxis()
    panel.set_xlim(0, 1.15 * max(ratios))
    panel.set_title(f"{result['network']}, batch {result['batch']}, "
                    f"threads {result['threads']}")


def draw_layers(rows: list[dict], machine: str, path: pathlib.Path):
    """A panel for each pair of widths: multiply-adds a second, a group of bars a
    layer."""
    rows = [row for row in rows if "@" in row["layer"]]
    widths = list(dict.fromkeys(row["width"] for row in rows))
    if not widths:
        return
    figure, panels = plt.subplots(len(widths), 1, squeeze=False, layout="constrained",
                                  figsize=(9, 1.6 * len(widths) + 1), sharex=True)
    for panel, width in zip(panels.flat, widths):
        chosen = [row for row in rows if row["width"] == width]
        kinds = {"ours": [row["gmacs"] for row in chosen]}
        for kind, key in (("roof", "to_roof"), ("oneDNN int8", "to_onednn")):
            if any(row[key] for row in chosen):
                kinds[kind] = [row["gmacs"] * (row[key] or 0) for row in chosen]
        for index, (kind, rates) in enumerate(kinds.items()):
            places = [place + 0.27 * (index - (len(kinds) - 1) / 2)
                      for place in range(len(chosen))]
            panel.bar(places, rates, width=0.25, color=COLORS[kind], label=kind)
        panel.set_xticks(range(len(chosen)), [row["layer"] for row in chosen],
                         rotation=20, ha="right")
        panel.set_ylabel("GMAC/s")
        panel.set_title(f"W{width[0]}A{width[2]}", loc="left")
        panel.grid(axis="y", linewidth=0.3)
    figure.legend(*panels.flat[0].get_legend_handles_labels(), ncols=3,
                  loc="outside lower center", frameon=False)
    figure.suptitle("Layers of ResNet-18, one thread: longer is faster\n" + machine)
    save(figure, path)


def draw_roofline(rows: list[dict], bandwidth: dict, machine: str,
                  path: pathlib.Path):
    """Multiply-adds a second by multiply-adds for a byte of weights and codes. A
    slope is a speed of memory; a dash the best hand-written kernel for a layer."""
    rows = [row for row in rows if row["width"] != "f32"]
    if not rows:
        return
    figure, panel = plt.subplots(figsize=(8, 5), layout="constrained")
    intensities = [row["gmacs"] / row["gigabytes"] for row in rows]
    ends = [min(intensities) / 1.5, max(intensities) * 1.5]
    top = 2 * max(row["gmacs"] for row in rows)
    shown = float("inf")
    for size, rate in sorted((int(size), rate) for size, rate in bandwidth.items()):
        if rate > 0.7 * shown:      # the same level of memory
            continue
        shown = rate
        panel.plot(ends, [rate * end for end in ends], color="#909090", linewidth=0.7)
        corner = min(ends[1], top / rate)
        panel.annotate(f"{size >> 10} KiB: {rate:.0f} GB/s", (corner, rate * corner),
                       ha="left", va="bottom", rotation=30, fontsize=6, color="#606060")
    for width in dict.fromkeys(row["width"] for row in rows):
        chosen = [row for row in rows if row["width"] == width]
        places = [row["gmacs"] / row["gigabytes"] for row in chosen]
        dots = panel.scatter(places, [row["gmacs"] for row in chosen], s=14,
                             label=f"W{width[0]}A{width[2]}", zorder=3)
        limits = [(place, row["gmacs"] * row["to_roof"])
                  for place, row in zip(places, chosen) if row["to_roof"]]
        if limits:
            panel.scatter(*zip(*limits), marker="_", s=40, zorder=2,
                          color=dots.get_facecolor())
    panel.set(xscale="log", yscale="log", xlim=ends, xlabel="MAC / byte",
              ylabel="GMAC/s",
              ylim=(min(row["gmacs"] for row in rows) / 2, top))
    panel.legend(frameon=False, loc="lower right")
    figure.suptitle("Layers, one thread; dashes: hand-written kernels\n" + machine)
    save(figure, path)
