# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Threads that share the images of a batch."""

import concurrent.futures
import ctypes
import itertools

from dorefa import abi


class Executor:
    """A dorefa_executor over Python's threads: compiled code runs without the
    interpreter's lock, so that they run at the same time."""

    def __init__(self, threads: int):
        if threads < 1:
            raise ValueError(f"expected at least 1 thread, but got {threads}")
        self._pool = concurrent.futures.ThreadPoolExecutor(threads)
        # The structure points to the callback, and must not outlive it.
        self._callback = abi.PARALLEL_FOR(self._parallel_for)
        self._struct = abi.ExecutorStruct(None, threads, self._callback)

    @property
    def address(self) -> int:
        return ctypes.addressof(self._struct)

    def _parallel_for(self, _, body, context, count: int) -> None:
        indices = itertools.count()

        def work(thread: int) -> None:
            while (index := next(indices)) < count:
                body(context, index, thread)

        list(self._pool.map(work, range(min(self._struct.threads, count))))
