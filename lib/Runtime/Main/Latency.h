//===- Latency.h - The time of one image --------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// `--repeat`: how long one image takes.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_LATENCY_H
#define DOREFA_RUNTIME_MAIN_LATENCY_H

#include "Session.h"

/// Runs the first unit `repeat` times and prints the shortest and the median
/// time.
bool printLatency(Session *session, const DataSet *inputs,
                  const DataSet *outputs, int64_t repeat, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_LATENCY_H
