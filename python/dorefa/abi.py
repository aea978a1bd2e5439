# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The structures of dorefa_model.h, for ctypes."""

import ctypes

import numpy as np

VERSION = 2
ALIGNMENT = 64

# By the numbers of dorefa_element_type.
ELEMENT_TYPES = {
    1: np.dtype(np.float32),
    2: np.dtype(np.uint8),
    3: np.dtype(np.int8),
    4: np.dtype(np.uint16),
    5: np.dtype(np.int16),
    6: np.dtype(np.int32),
    7: np.dtype(np.int64),
    9: np.dtype(np.bool_),
}


class TensorStruct(ctypes.Structure):
    """dorefa_tensor"""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("element_type", ctypes.c_int32),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("image_bytes", ctypes.c_uint64),
    ]


WORKSPACE_BYTES = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_int64,
                                   ctypes.c_void_p)
PREPARE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint64)
RUN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p,
                       ctypes.c_uint64, ctypes.c_int64, ctypes.c_void_p,
                       ctypes.c_void_p, ctypes.c_void_p)
STATUS_TEXT = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int32)


BODY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32)
PARALLEL_FOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, BODY, ctypes.c_void_p,
                                ctypes.c_int64)


class ExecutorStruct(ctypes.Structure):
    """dorefa_executor"""

    _fields_ = [
        ("self", ctypes.c_void_p),
        ("threads", ctypes.c_int32),
        ("parallel_for", PARALLEL_FOR),
    ]


class ModelStruct(ctypes.Structure):
    """dorefa_model"""

    _fields_ = [
        ("abi_version", ctypes.c_uint32),
        ("struct_bytes", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("compiler", ctypes.c_char_p),
        ("target", ctypes.c_char_p),
        ("num_inputs", ctypes.c_int32),
        ("num_outputs", ctypes.c_int32),
        ("inputs", ctypes.POINTER(TensorStruct)),
        ("outputs", ctypes.POINTER(TensorStruct)),
        ("fixed_batch", ctypes.c_int64),
        ("model_memory_bytes", ctypes.c_uint64),
        ("report", ctypes.c_char_p),
        ("report_bytes", ctypes.c_uint64),
        ("workspace_bytes", WORKSPACE_BYTES),
        ("prepare", PREPARE),
        ("run", RUN),
        ("status_text", STATUS_TEXT),
        ("variant", ctypes.c_char_p),
        ("num_variants", ctypes.c_int32),
        ("variants", ctypes.POINTER(ctypes.c_char_p)),
    ]
