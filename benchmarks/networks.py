# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole networks on one thread and one image, beside onnxruntime.

    .venv/bin/python benchmarks/make_networks.py FOLDER
    .venv/bin/python benchmarks/networks.py FOLDER [--seconds 0.25] [--rounds 7]

FOLDER holds the low-bit networks NAME_wWaA.onnx and, for onnxruntime, their
twins of the same shape: NAME_int8.onnx (QDQ, unsigned activations) and
NAME_fp32.onnx. The trained CNV of examples/ runs beside cnv_int8 and cnv_fp32.

All programs of a row take turns on one core, round by round; a time is the
median of the rounds' medians, so that what else the machine does hits all of
them alike. Ratios compare within a row, never between runs.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

import dorefa  # noqa: E402
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
from timing import time_calls  # noqa: E402

CNV = ROOT / "examples/cifar10/cnv_w1a1_cifar10.onnx"


def rows(folder: pathlib.Path):
    """Low-bit network and the name that its twins share."""
    for path in sorted(folder.glob("*_w*a*.onnx")):
        name = path.stem.rsplit("_", 1)[0]
        if (folder / f"{name}_int8.onnx").exists():
            yield path, name
    if (folder / "cnv_int8.onnx").exists():
        yield CNV, "cnv"


def open_session(path: pathlib.Path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda image: session.run(None, {name: image})


def measure_row(path, name, folder, scratch, arguments) -> list[float]:
    library = scratch / f"{path.stem}.so"
    start = time.perf_counter()
    dorefa.compile(path, library)
    compile_seconds = time.perf_counter() - start
    network = dorefa.load(library)
    shape = [max(extent, 1) for extent in network.inputs[0].shape]
    image = np.random.default_rng(0).random(shape, dtype=np.float32)
    runs = [network] + [open_session(folder / f"{name}_{kind}.onnx")
                        for kind in ("int8", "fp32")]
    for run in runs:
        run(image)
    rounds = [[statistics.median(time_calls(run, image, arguments.seconds))
               for run in runs]
              for _ in range(arguments.rounds)]
    return [statistics.median(times) for times in zip(*rounds)] + [
        compile_seconds, library.stat().st_size / 1e6]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=0.25,
                        help="of each program in each round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="*", default=[],
                        help="networks by the names of their files")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    print(f"onnxruntime {onnxruntime.__version__}, one thread, one image, ms")
    print("| network | ours | int8 | fp32 | int8 / ours | fp32 / ours "
          "| compile s | MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        for path, name in rows(arguments.folder):
            if arguments.only and path.stem not in arguments.only:
                continue
            ours, int8, fp32, seconds, size = measure_row(
                path, name, arguments.folder, pathlib.Path(scratch), arguments)
            print(f"| {path.stem} | {ours:.3f} | {int8:.3f} | {fp32:.3f} "
                  f"| {int8 / ours:.2f} | {fp32 / ours:.2f} "
                  f"| {seconds:.1f} | {size:.2f} |", flush=True)


if __name__ == "__main__":
    main()
