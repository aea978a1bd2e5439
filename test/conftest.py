# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What all Python tests share: where the tools and the networks are.

The environment says what differs from a plain clone with a release build:
DOREFA_BUILD, the build folder, and DOREFA_SHARED, a folder with further
trained networks (`models`) and data sets (`data`).
"""

import os
import pathlib
import re

import pytest
from sanitizer_options import SANITIZER_OPTIONS

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("DOREFA_BUILD") or ROOT / "build")


def pytest_configure():
    cache = BUILD / "CMakeCache.txt"
    if cache.exists() and re.search(r"^LLVM_USE_SANITIZER:\w+=.",
                                    cache.read_text(), re.MULTILINE):
        os.environ.update(SANITIZER_OPTIONS)


@pytest.fixture(scope="session")
def tools() -> pathlib.Path:
    """The folder of dorefa-opt, dorefa-translate and dorefa-compile."""
    folder = BUILD / "bin"
    assert folder.is_dir(), f"{folder} is missing: build first (scripts/build.sh)"
    return folder


@pytest.fixture(scope="session")
def examples() -> pathlib.Path:
    return ROOT / "examples"


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """The folder DOREFA_SHARED; skips the test where there is none."""
    folder = os.environ.get("DOREFA_SHARED")
    if not folder or not (pathlib.Path(folder) / "models").is_dir():
        pytest.skip("needs the folder of further networks: set DOREFA_SHARED")
    return pathlib.Path(folder)
