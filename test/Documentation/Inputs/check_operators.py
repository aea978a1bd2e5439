# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the operators that a page lists with the importer's tables.

    check_operators.py PAGE IMPORTER-FOLDER

Names in backquotes between `<!-- operators` and `<!-- end of operators -->`
are listed; the importer has those of the tables `Operator operators[]` at the
end of its files whose function imports them (those that refuse do not count).
"""

import pathlib
import re
import sys


def find_listed(page: str) -> set[str]:
    part = page[page.index("<!-- operators"):page.index("<!-- end of operators")]
    return set(re.findall(r"`(\w+)`", part))


def find_imported(folder: pathlib.Path) -> set[str]:
    names = set()
    for path in folder.glob("*Operators.cpp"):
        for table in re.findall(r"Operator operators\[\] = \{(.*?)\};",
                                path.read_text(), re.DOTALL):
            names |= set(re.findall(r'\{"(\w+)",\s*import', table))
    return names


def main() -> int:
    page, folder = map(pathlib.Path, sys.argv[1:])
    listed, imported = find_listed(page.read_text()), find_imported(folder)
    for name in sorted(listed - imported):
        print(f"{page}: '{name}' is listed, but not imported")
    for name in sorted(imported - listed):
        print(f"{page}: '{name}' is imported, but not listed")
    return 1 if listed != imported or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
