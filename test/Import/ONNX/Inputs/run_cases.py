"""Runs ONNX's own test cases of single operators and compares the results.

    run_cases.py TRANSLATE INTERPRET FOLDER CASE...

All inputs but the first become constants, since that is what shapes, axes and
the like are in networks. The second input stays one with a CASE that ends in
`+`. Prints a line for each case that differs, then how many agree.
"""

import pathlib
import subprocess
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper

# The cases warn about what they provoke.
warnings.simplefilter("ignore")
from onnx.backend.test.case.node import collect_testcases


def run(command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stderr.strip() if result.returncode else None


def check(case, kept, translate, interpret, folder):
    """What is wrong with a case, or None."""
    inputs, expected = case.data_sets[0]
    model, feeds = case.model, {}
    for i, (info, value) in enumerate(zip(model.graph.input, inputs)):
        if i < kept:
            feeds[info.name] = value
        else:
            tensor = numpy_helper.from_array(np.asarray(value), info.name)
            model.graph.initializer.append(tensor)
    path = folder / f"{case.name}.onnx"
    onnx.save(model, path)
    np.savez(folder / "in.npz", **feeds)
    error = run([translate, "--import-onnx", "--batch=fixed", path, "-o",
                 f"{path}.mlir"])
    error = error or run([interpret, f"{path}.mlir",
                          f"--inputs={folder / 'in.npz'}", "-o",
                          folder / "out.npz"])
    if error:
        return error
    results = np.load(folder / "out.npz")
    for info, value in zip(model.graph.output, expected):
        if not np.allclose(results[info.name].astype(np.float64),
                           np.asarray(value).astype(np.float64),
                           rtol=1e-5, atol=1e-6, equal_nan=True):
            return f"output {info.name} differs"
    return None


def main(translate, interpret, folder, *names):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"test_" + name.rstrip("+"): 1 + name.count("+") for name in names}
    cases = [case for case in collect_testcases(None) if case.name in kept]
    agreeing = 0
    for case in cases:
        problem = check(case, kept[case.name], translate, interpret, folder)
        if problem:
            print(f"{case.name}: {problem}")
        else:
            agreeing += 1
    print(agreeing, "of", len(kept), "cases agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
