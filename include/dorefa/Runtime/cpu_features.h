//===- cpu_features.h - What a CPU must have to run code --------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instruction sets beyond the baseline of x86-64 that code generation uses
// without being asked, one bit each. The compiler reads from this list what a
// target needs, the runtime what a CPU has. Other architectures have no bits.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_CPU_FEATURES_H
#define DOREFA_RUNTIME_CPU_FEATURES_H

/// F(name of LLVM, word of CPUID, bit, state that the system must save). A
/// feature's bit in a mask is its place in the list; new ones go to the end.
#define DOREFA_X86_FEATURES(F)                                                 \
  F("sse3", LEAF_1_ECX, 0, SSE)                                                \
  F("ssse3", LEAF_1_ECX, 9, SSE)                                               \
  F("cx16", LEAF_1_ECX, 13, SSE)                                               \
  F("sse4.1", LEAF_1_ECX, 19, SSE)                                             \
  F("sse4.2", LEAF_1_ECX, 20, SSE)                                             \
  F("movbe", LEAF_1_ECX, 22, SSE)                                              \
  F("popcnt", LEAF_1_ECX, 23, SSE)                                             \
  F("sahf", LEAF_80000001_ECX, 0, SSE)                                         \
  F("lzcnt", LEAF_80000001_ECX, 5, SSE)                                        \
  F("sse4a", LEAF_80000001_ECX, 6, SSE)                                        \
  F("tbm", LEAF_80000001_ECX, 21, SSE)                                         \
  F("bmi", LEAF_7_EBX, 3, SSE)                                                 \
  F("bmi2", LEAF_7_EBX, 8, SSE)                                                \
  F("pclmul", LEAF_1_ECX, 1, SSE)                                              \
  F("gfni", LEAF_7_ECX, 8, SSE)                                                \
  F("avx", LEAF_1_ECX, 28, AVX)                                                \
  F("fma", LEAF_1_ECX, 12, AVX)                                                \
  F("f16c", LEAF_1_ECX, 29, AVX)                                               \
  F("xop", LEAF_80000001_ECX, 11, AVX)                                         \
  F("fma4", LEAF_80000001_ECX, 16, AVX)                                        \
  F("avx2", LEAF_7_EBX, 5, AVX)                                                \
  F("vpclmulqdq", LEAF_7_ECX, 10, AVX)                                         \
  F("avxvnni", LEAF_7_1_EAX, 4, AVX)                                           \
  F("avxifma", LEAF_7_1_EAX, 23, AVX)                                          \
  F("avxvnniint8", LEAF_7_1_EDX, 4, AVX)                                       \
  F("avxneconvert", LEAF_7_1_EDX, 5, AVX)                                      \
  F("avxvnniint16", LEAF_7_1_EDX, 10, AVX)                                     \
  F("avx512f", LEAF_7_EBX, 16, AVX512)                                         \
  F("avx512dq", LEAF_7_EBX, 17, AVX512)                                        \
  F("avx512ifma", LEAF_7_EBX, 21, AVX512)                                      \
  F("avx512cd", LEAF_7_EBX, 28, AVX512)                                        \
  F("avx512bw", LEAF_7_EBX, 30, AVX512)                                        \
  F("avx512vl", LEAF_7_EBX, 31, AVX512)                                        \
  F("avx512vbmi", LEAF_7_ECX, 1, AVX512)                                       \
  F("avx512vbmi2", LEAF_7_ECX, 6, AVX512)                                      \
  F("avx512vnni", LEAF_7_ECX, 11, AVX512)                                      \
  F("avx512bitalg", LEAF_7_ECX, 12, AVX512)                                    \
  F("avx512vpopcntdq", LEAF_7_ECX, 14, AVX512)                                 \
  F("avx512vp2intersect", LEAF_7_EDX, 8, AVX512)                               \
  F("avx512fp16", LEAF_7_EDX, 23, AVX512)                                      \
  F("avx512bf16", LEAF_7_1_EAX, 5, AVX512)                                     \
  F("egpr", LEAF_7_1_EDX, 21, APX)

#endif // DOREFA_RUNTIME_CPU_FEATURES_H
