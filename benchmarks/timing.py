# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The clock of the benchmarks."""

import time


def time_calls(run, image, seconds: float) -> list[float]:
    """The times of calls of `run(image)` in a row, in milliseconds: as many as
    begin within `seconds`, but at least three."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run(image)
        times.append(1e3 * (time.perf_counter() - start))
    return times
