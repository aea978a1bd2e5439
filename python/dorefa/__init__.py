# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compile low-bit neural networks and run them on NumPy arrays.

    import dorefa
    dorefa.compile("net.onnx", "net.so")
    net = dorefa.load("net.so")
    scores = net(images)
"""

from dorefa.compiler import CompileError, CompileOptions, compile, find_compiler
from dorefa.model import LoadError, Model, TensorSpec, load

__all__ = [
    "CompileError",
    "CompileOptions",
    "LoadError",
    "Model",
    "TensorSpec",
    "compile",
    "find_compiler",
    "load",
]
