//===- StepWork.h - how much there is to do in a step ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A rough estimate, good enough to tell steps that threads should share from
// those where waking a thread would take longer than the work.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_CONVERSION_DOREFATOLOOPS_STEPWORK_H
#define DOREFA_CONVERSION_DOREFATOLOOPS_STEPWORK_H

#include "Steps.h"

namespace mlir::dorefa::loops {

/// About how many nanoseconds one thread takes for a step.
int64_t estimateWork(const Step &step);

} // namespace mlir::dorefa::loops

#endif // DOREFA_CONVERSION_DOREFATOLOOPS_STEPWORK_H
