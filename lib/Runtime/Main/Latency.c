//===- Latency.c - The time of one image --------------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One unit is run again and again, after one run to warm the caches. The
// minimum says what the code can do, the median what the machine gives.
//
//===----------------------------------------------------------------------===//

#include "Latency.h"
#include "Clock.h"
#include <inttypes.h>
#include <stdlib.h>

static int compareTimes(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

bool printLatency(Session *session, const DataSet *inputs,
                  const DataSet *outputs, int64_t repeat, Failure *failure) {
  double *times = malloc((size_t)repeat * sizeof(double));
  if (!times)
    return fail(failure, "not enough memory");
  bool ok = runUnits(session, inputs, outputs, 0, 1, failure); // warm caches
  for (int64_t i = 0; ok && i < repeat; ++i) {
    double start = secondsNow();
    ok = runUnits(session, inputs, outputs, 0, 1, failure);
    times[i] = secondsNow() - start;
  }
  if (ok) {
    qsort(times, (size_t)repeat, sizeof(double), compareTimes);
    bool isShort = times[0] < 1e-3;
    const char *unit = isShort ? "us" : "ms";
    double scale = isShort ? 1e6 : 1e3;
    printf("latency %.3f %s minimum, %.3f %s median (%" PRId64
           " runs, batch %" PRIu64 ")\n",
           scale * times[0], unit, scale * times[repeat / 2], unit, repeat,
           unitImages(session->model));
  }
  free(times);
  return ok;
}
