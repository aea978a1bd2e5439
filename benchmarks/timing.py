# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The clock of the benchmarks, and what they make of its times."""

import os
import statistics
import time


def time_calls(run, seconds: float) -> list[float]:
    """The times of calls of `run()` in a row, in milliseconds: as many as begin
    within `seconds`, but at least three."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return times


def summarize(times: list[float]) -> dict[str, float]:
    """What a round keeps of its times."""
    return {"median": statistics.median(times), "least": min(times)}


def over_rounds(rounds: list[dict[str, float]], what: str = "median") -> float:
    """The median over rounds, so that what else the machine does in one of them
    does not count."""
    return statistics.median(times[what] for times in rounds)


def last_cores(count: int) -> set[int]:
    """The cores that programs of `count` threads are pinned to."""
    return set(sorted(os.sched_getaffinity(0))[-count:])
