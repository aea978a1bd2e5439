//===- CpuFeatures.c - What this CPU has ------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CPUID says what the CPU can do, XCR0 which registers the system saves when it
// changes threads; an instruction set is there if both have it.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/cpu_features.h"
#include "dorefa/Runtime/artifact.h"

#define NAME(name, word, bit, state) name,
static const char names[][20] = {DOREFA_X86_FEATURES(NAME)};

const char *dorefa_cpu_feature_name(uint32_t bit) {
  return bit < sizeof(names) / sizeof(names[0]) ? names[bit] : "a feature";
}

#ifdef __x86_64__
#include <cpuid.h>

/// Words of CPUID's answers that the list of features refers to.
typedef enum Word {
  LEAF_1_ECX,
  LEAF_7_EBX,
  LEAF_7_ECX,
  LEAF_7_EDX,
  LEAF_7_1_EAX,
  LEAF_7_1_EDX,
  LEAF_80000001_ECX,
  NUM_WORDS
} Word;

/// Bits of XCR0 for the registers of an instruction set.
enum { SSE = 0, AVX = 0x6, AVX512 = 0xe6, APX = 0x80000 };

typedef struct Feature {
  uint8_t word, bit;
  uint32_t state;
} Feature;

#define FEATURE(name, word, bit, state) {word, bit, state},
static const Feature features[] = {DOREFA_X86_FEATURES(FEATURE)};

static uint32_t readSavedState(uint32_t leaf1) {
  if (!(leaf1 >> 27 & 1)) // XGETBV is not there
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

uint64_t dorefa_cpu_features(void) {
  uint32_t words[NUM_WORDS] = {0};
  uint32_t eax, ebx, ecx, edx;
  uint32_t last = __get_cpuid_max(0, 0);
  if (last >= 1) {
    __cpuid(1, eax, ebx, ecx, edx);
    words[LEAF_1_ECX] = ecx;
  }
  if (last >= 7) {
    __cpuid_count(7, 0, eax, ebx, ecx, edx);
    words[LEAF_7_EBX] = ebx;
    words[LEAF_7_ECX] = ecx;
    words[LEAF_7_EDX] = edx;
    if (eax >= 1) {
      __cpuid_count(7, 1, eax, ebx, ecx, edx);
      words[LEAF_7_1_EAX] = eax;
      words[LEAF_7_1_EDX] = edx;
    }
  }
  if (__get_cpuid_max(0x80000000u, 0) >= 0x80000001u) {
    __cpuid(0x80000001u, eax, ebx, ecx, edx);
    words[LEAF_80000001_ECX] = ecx;
  }
  uint32_t saved = readSavedState(words[LEAF_1_ECX]);
  uint64_t mask = 0;
  for (uint32_t i = 0; i < sizeof(features) / sizeof(features[0]); ++i)
    if ((words[features[i].word] >> features[i].bit & 1) &&
        (saved & features[i].state) == features[i].state)
      mask |= UINT64_C(1) << i;
  return mask;
}
#else
uint64_t dorefa_cpu_features(void) { return 0; }
#endif
