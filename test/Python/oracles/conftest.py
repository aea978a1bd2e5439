# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One tally for the whole run, printed at its end."""

import layerwise
import pytest

TALLY = pytest.StashKey[layerwise.Tally]()


@pytest.fixture(scope="session")
def tally(request) -> layerwise.Tally:
    return request.config.stash.setdefault(TALLY, layerwise.Tally())


def pytest_terminal_summary(terminalreporter, config):
    if TALLY in config.stash:
        terminalreporter.write_line(
            f"interpreter against onnxruntime and qonnx: {config.stash[TALLY]}")
