"""Imports the models of a test file, one after another.

    import_models.py TEST TRANSLATE FOLDER

A model begins with a line `# === NAME [options of the tool]`; its text, in
ONNX's own syntax, follows up to the next such line. Prints for each the name,
then what `TRANSLATE --import-onnx` printed, errors included, then its exit
code if that is not 0.
"""

import pathlib
import re
import subprocess
import sys

import onnx
import onnx.parser


def models(text):
    """Pairs of a header (name and options) and a model's text."""
    parts = re.split(r"^# === (.*)$", text, flags=re.MULTILINE)
    for header, body in zip(parts[1::2], parts[2::2]):
        lines = [line for line in body.splitlines() if not line.startswith("#")]
        yield header.split(), "\n".join(lines)


def main(test, translate, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for (name, *options), text in models(pathlib.Path(test).read_text()):
        path = folder / f"{name}.onnx"
        onnx.save(onnx.parser.parse_model(text), path)
        print(f"=== {name}", flush=True)
        result = subprocess.run(
            [translate, "--import-onnx", *options, path.name], cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        print(result.stdout, end="")
        if result.returncode != 0:
            print("exit code", result.returncode, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
