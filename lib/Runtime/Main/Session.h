//===- Session.h - A model that is ready to run -------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A network with the memory and threads that the ABI asks of its caller.
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_RUNTIME_MAIN_SESSION_H
#define DOREFA_RUNTIME_MAIN_SESSION_H

#include "DataSet.h"

typedef struct Session {
  const dorefa_model *model;
  dorefa_executor *executor; ///< null: one thread
  void *memory;
  void *workspace;
  uint64_t workspaceBytes;
} Session;

/// Allocates and prepares model memory and starts the threads. The caller
/// closes the session, also after a failure.
bool openSession(const dorefa_model *model, int64_t threads, Session *session,
                 Failure *failure);
void closeSession(Session *session);

/// Runs `count` units from unit `first` on in one call; only 1 if the model's
/// batch is fixed.
bool runUnits(Session *session, const DataSet *inputs, const DataSet *outputs,
              uint64_t first, uint64_t count, Failure *failure);

/// Runs all units, at most `batch` in a call, or as many as suit if it is 0.
/// A run of more than a second shows its progress on a terminal.
bool runAll(Session *session, const DataSet *inputs, const DataSet *outputs,
            int64_t batch, Failure *failure);

#endif // DOREFA_RUNTIME_MAIN_SESSION_H
