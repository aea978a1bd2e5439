# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Calls of a compiled network with everything bound ahead, as the other
runtimes have it: what is timed is the network, not Python."""

import ctypes
from collections.abc import Callable

import numpy as np
from dorefa.model import Model


def allocate_workspace(model: Model, batch: int) -> np.ndarray:
    return model._get_workspace(batch)


def bind(model: Model, image: np.ndarray,
         workspace: np.ndarray | None = None) -> Callable[[], None]:
    """A function that runs the network on the image, in a workspace that may be
    another network's; its result stays in memory of its own."""
    batch = image.shape[0]
    if (expected := model.inputs[0].for_batch(batch)) != image.shape:
        raise ValueError(f"it reads {list(expected)}, but not {list(image.shape)}")
    if workspace is None:
        workspace = allocate_workspace(model, batch)
    results = [np.empty(spec.for_batch(batch), spec.dtype)
               for spec in model.outputs]
    arrays = [(ctypes.c_void_p * len(group))(*(a.ctypes.data for a in group))
              for group in ([image], results)]
    arguments = (model._memory.ctypes.data, workspace.ctypes.data, workspace.size,
                 batch, *arrays, model._executor_address)
    function, check = model._model.run, model._check

    def run(kept=(image, results, workspace, model)) -> None:
        check(function(*arguments))

    return run
