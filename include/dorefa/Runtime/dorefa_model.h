//===- dorefa_model.h - C ABI of a compiled network -------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled network is one constant `dorefa_model` and the functions it
// points to. It has no global state, allocates nothing, and needs libc only:
// the caller owns the workspace, the model memory and the executor. All
// functions are re-entrant; one model memory may serve any number of runs at
// the same time, each with a workspace of its own.
//
// One file may hold several variants of the network, each compiled for another
// kind of x86-64 CPU. All give the same bits. dorefa_get_model returns the best
// one that the CPU can run, or null if there is none. Files for aarch64 and
// riscv64 hold one variant and are not checked against the CPU.
//
//   const dorefa_model *m = dorefa_get_model();     // from the .so; not null?
//   void *memory = aligned_alloc(64, m->model_memory_bytes);
//   m->prepare(memory, m->model_memory_bytes);      // packs the weights, once
//   uint64_t n = m->workspace_bytes(batch, NULL);
//   void *workspace = aligned_alloc(64, n);
//   m->run(memory, workspace, n, batch, inputs, outputs, NULL);
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_MODEL_H
#define DOREFA_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Grows with every change of the structures or the meaning of a function.
#define DOREFA_ABI_VERSION 2u

/// Alignment in bytes that model memory and workspace must have. Large pages
/// (madvise) make models of many megabytes faster.
#define DOREFA_ALIGNMENT 64u

/// Element types by the numbers of ONNX's TensorProto.DataType.
typedef enum dorefa_element_type {
  DOREFA_FLOAT32 = 1,
  DOREFA_UINT8 = 2,
  DOREFA_INT8 = 3,
  DOREFA_UINT16 = 4,
  DOREFA_INT16 = 5,
  DOREFA_INT32 = 6,
  DOREFA_INT64 = 7,
  DOREFA_BOOL = 9
} dorefa_element_type;

typedef enum dorefa_status {
  DOREFA_OK = 0,
  DOREFA_ERROR_NULL = 1,         ///< a required pointer is null
  DOREFA_ERROR_ALIGNMENT = 2,    ///< memory is not aligned to DOREFA_ALIGNMENT
  DOREFA_ERROR_SIZE = 3,         ///< model memory or workspace is too small
  DOREFA_ERROR_BATCH = 4,        ///< not positive, or the batch is fixed
  DOREFA_ERROR_UNPREPARED = 5    ///< model memory was not filled by prepare
} dorefa_status;

/// One input or output: row-major, contiguous, in the model's declared layout.
typedef struct dorefa_tensor {
  const char *name;       ///< as in the ONNX file
  int32_t element_type;   ///< a dorefa_element_type
  int32_t rank;
  const int64_t *shape;   ///< `rank` extents; shape[0] is -1 if the batch is
                          ///< chosen at run time. An input without a -1 is the
                          ///< same for all images then
  uint64_t image_bytes;   ///< bytes for batch 1 (or for the fixed batch)
} dorefa_tensor;

/// Runs `body(context, i, thread)` for every i in [0, count), in any order and on
/// any threads, and returns when all are done. `thread` is in [0, threads), and of
/// one call never the same for two bodies at a time. A run makes a call for the
/// images of a batch, or one for each layer of those that threads share.
typedef struct dorefa_executor {
  void *self;
  int32_t threads;
  void (*parallel_for)(void *self,
                       void (*body)(void *context, int64_t i, int32_t thread),
                       void *context, int64_t count);
} dorefa_executor;

typedef struct dorefa_model {
  uint32_t abi_version;   ///< DOREFA_ABI_VERSION of the compiler
  uint32_t struct_bytes;  ///< sizeof(dorefa_model) of the compiler
  const char *name;       ///< the model file's, without its suffix
  const char *compiler;   ///< name and version of the compiler
  const char *target;     ///< triple, cpu and features
  int32_t num_inputs;
  int32_t num_outputs;
  const dorefa_tensor *inputs;
  const dorefa_tensor *outputs;
  int64_t fixed_batch;    ///< 0 if the batch is chosen at run time, else the
                          ///< only leading extent that `run` takes
  uint64_t model_memory_bytes;
  const char *report;     ///< the compile report as JSON
  uint64_t report_bytes;

  /// Bytes of workspace that `run` needs for `batch` on `executor` (null: one
  /// thread); 0 if the batch is not one that `run` takes.
  uint64_t (*workspace_bytes)(int64_t batch, const dorefa_executor *executor);

  /// Fills `memory` (model_memory_bytes, aligned) from the stored weights.
  int32_t (*prepare)(void *memory, uint64_t bytes);

  /// Runs the network on `batch` images. `inputs` and `outputs` hold one
  /// pointer a tensor, with no alignment beyond the element's own. The result
  /// does not depend on batch, executor or number of threads.
  int32_t (*run)(const void *memory, void *workspace, uint64_t workspace_bytes,
                 int64_t batch, const void *const *inputs,
                 void *const *outputs, const dorefa_executor *executor);

  /// What a dorefa_status means, in English.
  const char *(*status_text)(int32_t status);

  const char *variant;    ///< the name of this variant, as `--target` has it
  int32_t num_variants;   ///< how many the file holds
  const char *const *variants; ///< the names of all, the best one last
} dorefa_model;

/// The best variant that this CPU can run. If the environment variable
/// DOREFA_VARIANT is set and not empty, it is the variant of that name and no
/// other. Null if there is none, or if the CPU cannot run it. It asks the CPU
/// each time: call it once.
///
/// Model memory belongs to the variant that filled it. This and
/// dorefa_get_error are the only symbols of a shared library. In an object file
/// (`.o`) their names are `<model>_get_model` and `<model>_get_error`, so that
/// several networks link into one program.
const dorefa_model *dorefa_get_model(void);

/// Why dorefa_get_model returns null, in English: writes a line of at most
/// `bytes` bytes with the 0 at its end to `text`, and returns the length of the
/// whole. 0 and the empty line if it does not return null.
uint64_t dorefa_get_error(char *text, uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif // DOREFA_MODEL_H
