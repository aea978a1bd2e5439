# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that what pages name is there.

    check_names.py SOURCE PAGE...

In backquotes outside of blocks: a path that begins with a folder of SOURCE must
exist (patterns may be used; `...`, `<...>` and names with a capital X stand for
something to fill in), and a name in camelCase must occur in the sources. Links
to other pages must lead to one.
"""

import pathlib
import re
import sys

FOLDERS = ("benchmarks", "docs", "examples", "include", "lib", "python",
           "scripts", "test", "tools")
SOURCES = ("*.h", "*.cpp", "*.td", "*.c", "*.py")


def is_placeholder(name: str) -> bool:
    return "..." in name or "<" in name or re.search(r"\bX|[a-z]X", name)


def check(source: pathlib.Path, page: pathlib.Path, text: str) -> list[str]:
    prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(),
                   flags=re.MULTILINE | re.DOTALL)
    missing = [link for link in re.findall(r"\]\(([^)#:]+)\)", prose)
               if not (page.parent / link).exists()]
    for name in re.findall(r"`([^`\s]+)`", prose):
        if is_placeholder(name):
            continue
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./*-]+", name):
            if not list(source.glob(name.rstrip("/"))):
                missing.append(name)
        elif re.fullmatch(r"[a-z]+[A-Z]\w+|(\w+::)+\w+", name):
            if name.split("::")[-1] not in text:
                missing.append(name)
    return [f"{page}: there is no '{name}'" for name in missing]


def main() -> int:
    source, *pages = map(pathlib.Path, sys.argv[1:])
    text = "".join(path.read_text() for folder in ("include", "lib", "test")
                   for pattern in SOURCES
                   for path in (source / folder).rglob(pattern))
    errors = [error for page in pages for error in check(source, page, text)]
    print(*errors, sep="\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
