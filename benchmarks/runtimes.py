# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Opens a network in this compiler's runtime or in another one, each with the
settings that are fastest for one caller.

Every function gets the network's file, the array that it shall read and the
number of threads, and returns a function without arguments that runs it once.
Inputs are bound ahead, wherever a runtime can, and outputs stay with it.

The precision of OpenVINO: what is float in a float network is binary32 for
`openvino-fp32`, as it is for all others; `openvino-bf16` and `openvino-int8`
are at OpenVINO's default, which computes float nodes in bfloat16 where the CPU
can. Of its int8 network everything is quantized, so that this is its fastest
setting and changes no layer of weight.
"""

import importlib.metadata
import pathlib
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

Run = Callable[[], object]


def open_compiled(path: str, image: np.ndarray, threads: int) -> Run:
    import bound_call
    import dorefa
    return bound_call.bind(dorefa.load(path, threads=threads), image)


def open_onnxruntime(path: str, image: np.ndarray, threads: int) -> Run:
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input(session.get_inputs()[0].name, image)
    binding.bind_output(session.get_outputs()[0].name)
    return lambda: session.run_with_iobinding(binding)


def open_openvino(precision: str):
    def open_model(path: str, image: np.ndarray, threads: int) -> Run:
        import openvino
        settings = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
                    "INFERENCE_NUM_THREADS": threads,
                    "ENABLE_CPU_PINNING": False}
        if precision:
            settings["INFERENCE_PRECISION_HINT"] = precision
        compiled = openvino.Core().compile_model(path, "CPU", settings)
        request = compiled.create_infer_request()
        request.set_input_tensor(openvino.Tensor(image, shared_memory=True))
        return request.infer

    return open_model


def open_litert(path: str, image: np.ndarray, threads: int) -> Run:
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_path=path, num_threads=threads)
    interpreter.allocate_tensors()
    channels_last = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"],
                           channels_last)
    return interpreter.invoke


class Runtime(NamedTuple):
    """`kind` is ours, int8, binary, fp32 or bf16; `package` is what pip installs;
    `file` says which network it opens."""

    kind: str
    package: str
    file: str
    open: Callable[[str, np.ndarray, int], Run]

    def version(self) -> str | None:
        """None where the package is absent."""
        if not self.package:
            return ""
        try:
            return f"{self.package} {importlib.metadata.version(self.package)}"
        except importlib.metadata.PackageNotFoundError:
            return None


OURS = Runtime("ours", "", "library", open_compiled)

PEERS = {
    "onnxruntime-int8": Runtime("int8", "onnxruntime", "int8", open_onnxruntime),
    "openvino-int8": Runtime("int8", "openvino", "int8", open_openvino("")),
    "litert-int8": Runtime("int8", "ai-edge-litert", "tflite", open_litert),
    "openvino-binary": Runtime("binary", "openvino", "binary", open_openvino("f32")),
    "openvino-binary-bf16": Runtime("binary", "openvino", "binary", open_openvino("")),
    "onnxruntime-fp32": Runtime("fp32", "onnxruntime", "fp32", open_onnxruntime),
    "openvino-fp32": Runtime("fp32", "openvino", "fp32", open_openvino("f32")),
    "openvino-bf16": Runtime("bf16", "openvino", "fp32", open_openvino("")),
}

# What keeps oneDNN, in OpenVINO and alone, from instructions that a target has
# not. The others have no such switch.
RESTRICTIONS = {"x86-64-v3": {"ONEDNN_MAX_CPU_ISA": "AVX2"}}
RESTRICTABLE = "openvino"
