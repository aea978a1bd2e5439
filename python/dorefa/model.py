# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loads what the compiler built, and runs it."""

from __future__ import annotations

import _ctypes
import ctypes
import dataclasses
import functools
import json
import os
import pathlib
import struct
import threading
import weakref
from collections.abc import Mapping, Sequence

import numpy as np

from dorefa import abi
from dorefa.executor import count_threads, create_executor


class LoadError(Exception):
    """A file is not a network that this package can run."""


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """An input or output; the first extent is -1 if any batch will do."""

    name: str
    dtype: np.dtype
    shape: tuple[int, ...]

    def for_batch(self, batch: int) -> tuple[int, ...]:
        return tuple(batch if extent < 0 else extent for extent in self.shape)

    def __str__(self) -> str:
        extents = ("batch" if extent < 0 else str(extent)
                   for extent in self.shape)
        return f"{self.dtype}[{', '.join(extents)}]"


def _read_specs(tensors, count: int) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(tensor.name.decode(), abi.ELEMENT_TYPES[tensor.element_type],
                   tuple(tensor.shape[:tensor.rank]))
        for tensor in tensors[:count])


def _allocate(size: int) -> np.ndarray:
    """Bytes aligned as the ABI demands."""
    buffer = np.empty(size + abi.ALIGNMENT, np.uint8)
    start = -buffer.ctypes.data % abi.ALIGNMENT
    return buffer[start:start + size]


def _is_cut_off(content: bytes) -> bool:
    """Whether the file ends before what its headers say. The dynamic loader maps
    what they say, and the process would die where the file has no bytes."""
    if len(content) < 64 or not content.startswith(b"\x7fELF\x02\x01"):
        return False  # The loader says what it is instead.
    segments, sections = struct.unpack_from("<2Q", content, 32)
    segment_size, num_segments, section_size, num_sections = (
        struct.unpack_from("<4H", content, 54))
    end = segments + segment_size * num_segments
    if max(end, sections + section_size * num_sections) > len(content):
        return True
    # Offset and size of each segment's bytes.
    return segment_size >= 40 and any(
        sum(struct.unpack_from("<Q16xQ", content, header + 8)) > len(content)
        for header in range(segments, end, segment_size))


def _open_library(path: pathlib.Path) -> tuple[ctypes.CDLL, int]:
    """Opens the file's present content: the dynamic loader would give back a
    library that it knows by the same path, even if the file is another one
    now."""
    descriptor = os.memfd_create(path.name)
    try:
        content = path.read_bytes()
        if _is_cut_off(content):
            raise LoadError(f"{path}: the file is cut off")
        with open(descriptor, "wb", closefd=False) as copy:
            copy.write(content)
        return ctypes.CDLL(f"/proc/self/fd/{descriptor}"), descriptor
    except LoadError:
        os.close(descriptor)
        raise
    except OSError as error:
        os.close(descriptor)
        # The loader knows the copy, its reader the file.
        reason = error.strerror or str(error).split(": ", 1)[-1]
        raise LoadError(f"{path}: {reason}") from error


def _find_model(library: ctypes.CDLL, path: pathlib.Path) -> abi.ModelStruct:
    """The variant for this CPU."""
    try:
        get_model = library.dorefa_get_model
    except AttributeError:
        raise LoadError(f"{path}: not a compiled network: it has no "
                        "dorefa_get_model") from None
    get_model.restype = ctypes.POINTER(abi.ModelStruct)
    if found := get_model():
        return found.contents
    reason = ctypes.create_string_buffer(1024)
    library.dorefa_get_error(reason, ctypes.c_uint64(len(reason)))
    raise LoadError(f"{path}: {reason.value.decode()}")


def _close_library(handle: int, descriptor: int) -> None:
    _ctypes.dlclose(handle)
    os.close(descriptor)


class Model:
    """A compiled network: a function on arrays.

    May be called from several threads at once. `variant` is the one of
    `variants`, all that the file holds, that suits this CPU best; the
    environment variable DOREFA_VARIANT names another.
    """

    name: str
    compiler: str
    target: str
    variant: str
    variants: tuple[str, ...]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def __init__(self, path: str | os.PathLike, threads: int | None = None):
        path = pathlib.Path(path)
        self._executor = create_executor(count_threads(threads))
        library, descriptor = _open_library(path)
        weakref.finalize(self, _close_library, library._handle, descriptor)
        self._model = _find_model(library, path)
        if self._model.abi_version != abi.VERSION:
            raise LoadError(
                f"{path}: expected version {abi.VERSION} of the interface, but "
                f"got {self._model.abi_version}: compile the network again")
        self.name = self._model.name.decode()
        self.compiler = self._model.compiler.decode()
        self.target = self._model.target.decode()
        self.variant = self._model.variant.decode()
        self.variants = tuple(
            name.decode()
            for name in self._model.variants[:self._model.num_variants])
        self.inputs = _read_specs(self._model.inputs, self._model.num_inputs)
        self.outputs = _read_specs(self._model.outputs, self._model.num_outputs)
        self._local = threading.local()
        self._memory = _allocate(self._model.model_memory_bytes)
        self._check(self._model.prepare(self._memory.ctypes.data,
                                        self._memory.size))

    @functools.cached_property
    def report(self) -> dict:
        """What the compiler made of the network, for each variant."""
        return json.loads(self._model.report)

    @property
    def layers(self) -> list[dict]:
        """What the compiler made of each layer in this variant."""
        variants = self.report["variants"]
        return variants[self.variants.index(self.variant)]["layers"]

    def __call__(self, *arrays, **named) -> np.ndarray | dict[str, np.ndarray]:
        """Runs the network on inputs in their order, or by their names.

        Returns the output's array, or a dictionary if there are several.
        """
        batch, inputs = self._read_inputs(self._bind(arrays, named))
        outputs = [np.empty(spec.for_batch(batch), spec.dtype)
                   for spec in self.outputs]
        workspace = self._get_workspace(batch)
        self._check(self._model.run(
            self._memory.ctypes.data, workspace.ctypes.data, workspace.size,
            batch, _get_pointers(inputs), _get_pointers(outputs),
            self._executor_address))
        if len(outputs) == 1:
            return outputs[0]
        return {spec.name: array for spec, array in zip(self.outputs, outputs)}

    def __repr__(self) -> str:
        def describe(specs: Sequence[TensorSpec]) -> str:
            return ", ".join(f"{spec.name}: {spec}" for spec in specs)

        return (f"<network '{self.name}': ({describe(self.inputs)}) -> "
                f"({describe(self.outputs)})>")

    @property
    def _executor_address(self) -> int | None:
        return self._executor.address if self._executor else None

    def _check(self, status: int) -> None:
        if status:
            raise RuntimeError(self._model.status_text(status).decode())

    def _bind(self, arrays: Sequence, named: Mapping) -> list:
        """The arrays in the order of the inputs."""
        names = [spec.name for spec in self.inputs]
        if len(arrays) > len(names):
            raise TypeError(f"expected at most {len(names)} arrays, but got "
                            f"{len(arrays)}")
        bound = dict(zip(names, arrays))
        for name, array in named.items():
            if name not in names:
                raise TypeError(f"unknown input '{name}': expected one of "
                                f"{', '.join(names)}")
            if name in bound:
                raise TypeError(f"input '{name}' is given twice")
            bound[name] = array
        for name in names:
            if name not in bound:
                raise TypeError(f"input '{name}' is missing")
        return [bound[name] for name in names]

    def _read_inputs(self, arrays: Sequence) -> tuple[int, list[np.ndarray]]:
        """The batch, and the arrays as the network reads them."""
        batch = self._model.fixed_batch or None
        inputs = []
        for spec, array in zip(self.inputs, arrays):
            array = _as_array(spec, array)
            if spec.shape and spec.shape[0] < 0:
                if batch not in (None, array.shape[0]):
                    raise ValueError(f"input '{spec.name}': expected a batch "
                                     f"of {batch}, but got {array.shape[0]}")
                batch = array.shape[0]
            inputs.append(array)
        return batch or 1, inputs

    def _get_workspace(self, batch: int) -> np.ndarray:
        """Memory of the calling thread."""
        size = self._model.workspace_bytes(batch, self._executor_address)
        workspace = getattr(self._local, "workspace", None)
        if workspace is None or workspace.size < size:
            workspace = self._local.workspace = _allocate(size)
        return workspace


def _as_array(spec: TensorSpec, value) -> np.ndarray:
    """Numbers become the input's type; an array must have it already."""
    if isinstance(value, np.ndarray) and value.dtype != spec.dtype:
        raise TypeError(f"input '{spec.name}': expected {spec.dtype}, but got "
                        f"{value.dtype}")
    # ascontiguousarray would make an array of one dimension of a number.
    array = np.asarray(value, spec.dtype, order="C")
    expected = spec.for_batch(array.shape[0] if array.ndim else 0)
    if array.shape != expected or 0 in array.shape:
        raise ValueError(f"input '{spec.name}': expected {spec}, but got "
                         f"{array.dtype}{list(array.shape)}")
    return array


def _get_pointers(arrays: Sequence[np.ndarray]):
    return (ctypes.c_void_p * len(arrays))(
        *(array.ctypes.data for array in arrays))


def load(path: str | os.PathLike, threads: int | None = None) -> Model:
    """Loads a shared library that the compiler wrote.

    That many threads share the images of a batch and the work of one image; the
    result does not depend on their number. None stands for the environment
    variable DOREFA_THREADS, or 1 where that is not set.
    """
    return Model(path, threads)
