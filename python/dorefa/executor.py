# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Threads that share the work of a network.

The compiler's own pool is used where its library is found: beside the compiler.
Elsewhere Python's threads do the same; handing a part to one of them takes
longer than a small layer, so that they are for batches.
"""

import concurrent.futures
import ctypes
import functools
import itertools
import operator
import os
import weakref

from dorefa import abi
from dorefa.compiler import find_compiler


def count_threads(threads: int | None) -> int:
    """The number asked for, else that of the environment, else one."""
    if threads is None:
        text = os.environ.get("DOREFA_THREADS") or "1"
        if not text.isdecimal() or int(text) < 1:
            raise ValueError("DOREFA_THREADS: expected a number from 1, but got "
                             f"'{text}'")
        return int(text)
    try:
        threads = operator.index(threads)
    except TypeError:
        raise TypeError("expected a number of threads, but got "
                        f"{threads!r}") from None
    if threads < 1:
        raise ValueError(f"expected at least 1 thread, but got {threads}")
    return threads


@functools.cache
def find_pool_library() -> ctypes.CDLL | None:
    """The compiler's own pool; None where only Python's threads are left."""
    try:
        folder = find_compiler().resolve().parents[1]
        library = ctypes.CDLL(os.fspath(folder / "lib/dorefa/libdorefa_threads.so"))
    except OSError:
        return None
    library.dorefa_thread_pool_create.restype = ctypes.c_void_p
    library.dorefa_thread_pool_create.argtypes = [ctypes.c_int32]
    library.dorefa_thread_pool_destroy.restype = None
    library.dorefa_thread_pool_destroy.argtypes = [ctypes.c_void_p]
    return library


class _Pool:
    """The compiler's threads."""

    def __init__(self, library: ctypes.CDLL, threads: int):
        self.address = library.dorefa_thread_pool_create(threads)
        if not self.address:
            raise OSError(f"cannot start {threads} threads")
        weakref.finalize(self, library.dorefa_thread_pool_destroy, self.address)


class _PythonThreads:
    """A dorefa_executor over Python's threads: compiled code runs without the
    interpreter's lock, so that they run at the same time."""

    def __init__(self, threads: int):
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


def create_executor(threads: int) -> _Pool | _PythonThreads | None:
    """An object with the `address` of a dorefa_executor; None for one thread."""
    if threads == 1:
        return None
    library = find_pool_library()
    return _Pool(library, threads) if library else _PythonThreads(threads)
