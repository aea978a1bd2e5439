# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the commands of a page and compares what the page quotes.

    run_page.py PAGE SOURCE TOOLS SCRATCH [SECTION]

The blocks marked ```sh run one after the other in one shell, which starts in a
folder that looks like the root of a built clone: SOURCE with TOOLS as
build/bin. Each must succeed. A block of QUOTATIONS behind one of them quotes
its output: the pieces between `...` must occur in the output, in that
order. Names of SSA values, registers and labels, blanks and line ends do not
count, nor do lines that are comments (`//`) in the quotation. A block marked
```python whose first line names a file (`# name.py`) is written to it; one
marked ```c likewise (`/* name.c */`). What other blocks hold is not looked at. With
SECTION only the part below that heading counts.
"""

import pathlib
import re
import subprocess
import sys

MARK = "@@@ end of block"
QUOTATIONS = ("text", "mlir", "llvm", "asm")


def read_blocks(page: str) -> list[tuple[str, str, int]]:
    """Mark, text and first line of each fenced block."""
    return [(match[1], match[2], page.count("\n", 0, match.start()) + 2)
            for match in re.finditer(r"^```(\w+)\n(.*?)^```$", page,
                                     re.MULTILINE | re.DOTALL)]


def get_section(page: str, title: str) -> str:
    """The page with empty lines in place of all but a section."""
    before, heading, rest = page.partition(f"\n## {title}\n")
    assert heading, f"no section {title}"
    return re.sub(r"[^\n]", "", before) + "\n\n" + rest.partition("\n## ")[0]


def normalize(text: str) -> str:
    text = re.sub(r"%[\w.$-]+(#\d+)?(:\d+)?", "%", text)
    text = re.sub(r"\.LBB\d+_\d+", ".LBB", text)
    return re.sub(r"\s+", " ", text)


def compare(quoted: str, output: str) -> str | None:
    """What of a quotation the output lacks."""
    lines = [line for line in quoted.splitlines()
             if not line.lstrip().startswith("//")]
    text, at = normalize(output), 0
    for piece in "\n".join(lines).split("..."):
        piece = normalize(piece).strip()
        found = text.find(piece, at)
        if found < 0:
            return piece
        at = found + len(piece)
    return None


def make_clone(root: pathlib.Path, source: pathlib.Path, tools: pathlib.Path):
    (root / "build").mkdir(parents=True, exist_ok=True)
    links = [(entry.name, entry) for entry in source.iterdir()
             if entry.name not in ("build", ".git")]
    for name, entry in [*links, ("build/bin", tools),
                        ("build/lib", tools.parent / "lib")]:
        if not (root / name).is_symlink():
            (root / name).symlink_to(entry.resolve())


def get_command(kind: str, text: str) -> str:
    if kind == "sh":
        return text
    name = re.match(r"(?:#|/\*) ([\w.]+)", text)
    if kind not in ("python", "c") or not name:
        return ""
    return f"cat >{name[1]} <<'@@@'\n{text}@@@\n"


def main() -> int:
    page, source, tools, root = map(pathlib.Path, sys.argv[1:5])
    make_clone(root, source, tools)
    text = page.read_text()
    for section in sys.argv[5:]:
        text = get_section(text, section)
    blocks = read_blocks(text)
    script = "".join(f"{get_command(kind, text)}\necho '{MARK}' $?\n"
                     for kind, text, _ in blocks)
    result = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script],
                            cwd=root, text=True, errors="replace",
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    outputs = re.split(rf"{MARK} 0\n", result.stdout)
    output = ""
    for i, (kind, text, line) in enumerate(blocks):
        if i >= len(outputs) - 1:
            print(f"{page}:{line}: the command failed:\n{text}{outputs[-1]}")
            return 1
        if get_command(kind, text):
            output = outputs[i]
        elif (kind in QUOTATIONS
              and (missing := compare(text, output)) is not None):
            print(f"{page}:{line}: the output does not have (any more)\n"
                  f"  {missing}\nfrom where the rest was found in\n{output}")
            return 1
    print(f"{page.name}: {len(blocks)} blocks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
