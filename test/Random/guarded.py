# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a compiled network in memory that ends where it may read and write.

Model memory, workspace, inputs and outputs each end at a page that nobody may
touch, and begin in the first page behind such a one, so that a load or store
behind the end kills the process. What a run has not written is 0xff: NaN, or
the largest code.
"""

import ctypes
import mmap

import dorefa
import numpy as np
from dorefa import model as package

_libc = ctypes.CDLL(None, use_errno=True)
_PROT_NONE = 0


def _forbid(address: int) -> None:
    if _libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE),
                      _PROT_NONE) != 0:
        raise OSError(ctypes.get_errno(), "mprotect")


def allocate(size: int) -> np.ndarray:
    """Bytes between two pages; as the ABI rounds sizes up, they are aligned."""
    pages = -(-size // mmap.PAGESIZE)
    mapping = mmap.mmap(-1, (pages + 2) * mmap.PAGESIZE)
    last = (pages + 1) * mmap.PAGESIZE
    whole = np.frombuffer(mapping, np.uint8)
    whole[:] = 0xff
    _forbid(whole.ctypes.data)
    _forbid(whole.ctypes.data + last)
    return whole[last - size:last]


def empty(shape, dtype) -> np.ndarray:
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return allocate(size).view(dtype).reshape(shape)


def copy(array: np.ndarray) -> np.ndarray:
    guarded = empty(array.shape, array.dtype)
    guarded[...] = array
    return guarded


def load(library, threads: int) -> dorefa.Model:
    package._allocate = allocate
    return dorefa.load(library, threads)


def run(model: dorefa.Model, inputs: dict[str, np.ndarray]
        ) -> dict[str, np.ndarray]:
    batch, arrays = model._read_inputs(
        [copy(inputs[spec.name]) for spec in model.inputs])
    outputs = {spec.name: empty(spec.for_batch(batch), spec.dtype)
               for spec in model.outputs}
    workspace = allocate(
        model._model.workspace_bytes(batch, model._executor_address))
    model._check(model._model.run(
        model._memory.ctypes.data, workspace.ctypes.data, workspace.size, batch,
        package._get_pointers(arrays),
        package._get_pointers(list(outputs.values())),
        model._executor_address))
    return outputs
