//===- artifact.h - Between compiled code and its runtime -------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled network consists of generated code and of lib/Runtime/Artifact,
// which is linked to it as LLVM bitcode. This is the interface between the two;
// the outside sees dorefa_model.h alone. All names here have hidden visibility,
// and the compiler internalises them after linking, so that several networks
// can be linked into one program.
//
// For each variant of the network, by code for the CPUs of that variant:
//
//   generated:  dorefa_artifact, dorefa_images, dorefa_pack
//   runtime:    dorefa_artifact_run, _prepare, _workspace_bytes, _status_text
//               (fields of the generated dorefa_model), dorefa_pack_digits,
//               dorefa_artifact_run_step and the functions of dorefa_math.h
//               (called by generated code)
//
// and once, by code for every CPU of the architecture:
//
//   generated:  dorefa_artifact_variants, and the functions that the outside
//               sees, which call
//   runtime:    dorefa_artifact_get_model, dorefa_artifact_get_error
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_ARTIFACT_H
#define DOREFA_RUNTIME_ARTIFACT_H

#include "dorefa/Runtime/dorefa_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes at the start of model memory that belong to the runtime. Generated
/// code gets the pointer behind them, which is aligned like model memory.
#define DOREFA_MEMORY_HEADER_BYTES 64u

/// Facts of one variant. In LLVM IR, on every 64-bit target:
///   { i64, i64, i64, i64, i64, i64, i64, i64, i32, i32, ptr, ptr }
typedef struct dorefa_artifact_info {
  uint64_t hash;               ///< differs between networks and between
                               ///< packings of one network
  uint64_t model_memory_bytes; ///< the header included; the same number as in
                               ///< dorefa_model
  uint64_t image_workspace_bytes; ///< what dorefa_images needs for one image on
                                  ///< one thread
  uint64_t slice_bytes;           ///< what it needs for each image more
  uint64_t thread_bytes;          ///< what it needs behind that for each thread
                                  ///< more
  int64_t fixed_batch;            ///< 0, or the only batch that run takes
  int64_t unit_images;            ///< what is one image to dorefa_images: 1, or
                                  ///< the whole fixed batch
  int64_t group_images;           ///< how many of these it takes at most
  int32_t num_inputs;
  int32_t num_outputs;
  const dorefa_tensor *inputs;  ///< their shapes and image_bytes are read
  const dorefa_tensor *outputs;
} dorefa_artifact_info;

extern const dorefa_artifact_info dorefa_artifact;

/// Computes `images` images, 1 to `group_images`. `memory` is packed
/// and lies behind the header, `workspace` is aligned to DOREFA_ALIGNMENT and
/// belongs to this call. `inputs` and `outputs` hold one pointer a tensor to
/// the first of them; inputs and outputs are not aligned beyond their element.
/// The threads of `executor` share the work; null is one thread.
void dorefa_images(const uint8_t *memory, uint8_t *workspace,
                   const void *const *inputs, void *const *outputs,
                   int64_t images, const dorefa_executor *executor);

/// Does the items [begin, end) of a step on the buffers `arguments`, with the
/// temporary memory of `thread`.
typedef void dorefa_step_part(void *const *arguments, int64_t begin,
                              int64_t end, int64_t thread);

/// Has all of a step's items done in parts of at least `least`, one a thread of
/// `executor` if there are enough; null is one thread.
void dorefa_artifact_run_step(const dorefa_executor *executor,
                              dorefa_step_part *part, void *const *arguments,
                              int64_t items, int64_t least);

/// Fills model memory behind the header, which is all zero at entry.
void dorefa_pack(uint8_t *memory);

uint64_t dorefa_artifact_workspace_bytes(int64_t batch,
                                         const dorefa_executor *executor);
int32_t dorefa_artifact_prepare(void *memory, uint64_t bytes);
int32_t dorefa_artifact_run(const void *memory, void *workspace,
                            uint64_t workspace_bytes, int64_t batch,
                            const void *const *inputs, void *const *outputs,
                            const dorefa_executor *executor);
const char *dorefa_artifact_status_text(int32_t status);

/// One network, compiled for one kind of CPU. In LLVM IR: { ptr, i64 }
typedef struct dorefa_variant {
  const dorefa_model *model;
  uint64_t features; ///< what the CPU must have: bits of cpu_features.h
} dorefa_variant;

/// The best variant comes last. In LLVM IR: { ptr, i32 }
typedef struct dorefa_variant_table {
  const dorefa_variant *variants;
  int32_t count; ///< at least 1
} dorefa_variant_table;

extern const dorefa_variant_table dorefa_artifact_variants;

/// What this CPU has and its system supports, in bits of cpu_features.h.
uint64_t dorefa_cpu_features(void);

/// LLVM's name of such a bit.
const char *dorefa_cpu_feature_name(uint32_t bit);

/// The last variant that a CPU with these features can run; or, if `wanted` is
/// neither null nor empty, the one of that name. Null if there is none.
const dorefa_model *dorefa_choose_variant(const dorefa_variant_table *table,
                                          uint64_t features,
                                          const char *wanted);

/// Says why that is null, as dorefa_get_error does.
uint64_t dorefa_explain_choice(const dorefa_variant_table *table,
                               uint64_t features, const char *wanted,
                               char *text, uint64_t bytes);

/// Both for this CPU and the environment of this process.
const dorefa_model *dorefa_artifact_get_model(void);
uint64_t dorefa_artifact_get_error(char *text, uint64_t bytes);

/// Spreads bit-packed codes over a packed layout. The source holds the codes
/// of a tensor in row-major order, `bits` bits each and no gaps, bit i of the
/// whole at bit (i mod 8) of byte i / 8. Bit b of the code at `index` goes to
/// the destination's bit
///
///   offset + plane[b] + sum over digits of
///       index[digit.dim] / digit.divisor % digit.modulus * digit.stride
///
/// and is combined with what is there by "or": the destination is zero, or
/// holds pad values where no code goes.
///
/// `layout` is one array of i64, which LLVM IR emits as a plain constant:
///
///   [0]  bits, 1 to 32
///   [1]  rank, 0 or more; extents are positive
///   [2]  number of digits
///   [3]  offset in bits
///   [4 .. 4 + rank)         extents, outermost first
///   then for each digit     dim, divisor, modulus, stride in bits
///   then for each code bit  plane[b] in bits, b = 0 .. bits - 1
///
/// Example: 1-bit weights [out][in], 64 inputs a word, words of 8 outputs side
/// by side: digits (in, 1, 64, 1), (in, 64, in/64, 512), (out, 1, 8, 64),
/// (out, 8, out/8, 8*in); plane [0].
void dorefa_pack_digits(uint8_t *destination, const uint8_t *source,
                        const int64_t *layout);

#ifdef __cplusplus
}
#endif

#endif // DOREFA_RUNTIME_ARTIFACT_H
