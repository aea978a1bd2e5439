//===- Session.c - A model that is ready to run -------------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One allocation of model memory, and a workspace that grows with the largest
// call. All images go through in calls of a batch; without one a call has 32
// images a thread, enough to keep all threads busy.
//
//===----------------------------------------------------------------------===//

#define _DEFAULT_SOURCE
#include "Session.h"
#include "Clock.h"
#include "dorefa/Runtime/thread_pool.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/// A large page of the usual systems.
#define LARGE_PAGE ((size_t)2 << 20)

/// Memory of several large pages is asked to consist of them: weights are read
/// from end to end, where each small page costs a translation.
static void *allocateAligned(uint64_t bytes) {
  void *memory = NULL;
  if (bytes > SIZE_MAX - LARGE_PAGE)
    return NULL;
  size_t size = bytes ? (size_t)bytes : DOREFA_ALIGNMENT;
  bool isLarge = size >= 2 * LARGE_PAGE;
  if (posix_memalign(&memory, isLarge ? LARGE_PAGE : DOREFA_ALIGNMENT, size))
    return NULL;
#ifdef MADV_HUGEPAGE
  // A mere advice: it may have no effect.
  if (isLarge)
    (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

static bool check(const Session *session, int32_t status, Failure *failure) {
  return status == DOREFA_OK ||
         fail(failure, "%s", session->model->status_text(status));
}

bool openSession(const dorefa_model *model, int64_t threads, Session *session,
                 Failure *failure) {
  memset(session, 0, sizeof(*session));
  session->model = model;
  session->memory = allocateAligned(model->model_memory_bytes);
  if (!session->memory)
    return fail(failure, "not enough memory for the weights");
  if (threads > 1) {
    session->executor = dorefa_thread_pool_create((int32_t)threads);
    if (!session->executor)
      return fail(failure, "cannot start %" PRId64 " threads", threads);
  }
  return check(session,
               model->prepare(session->memory, model->model_memory_bytes),
               failure);
}

void closeSession(Session *session) {
  dorefa_thread_pool_destroy(session->executor);
  free(session->memory);
  free(session->workspace);
  memset(session, 0, sizeof(*session));
}

/// Makes the workspace large enough for a call with this batch.
static bool reserve(Session *session, int64_t batch, Failure *failure) {
  uint64_t bytes = session->model->workspace_bytes(batch, session->executor);
  if (session->workspace && bytes <= session->workspaceBytes)
    return true;
  free(session->workspace);
  session->workspace = allocateAligned(bytes);
  session->workspaceBytes = bytes;
  return session->workspace ||
         fail(failure, "not enough memory for the workspace");
}

/// One pointer a tensor, to unit `first`.
static const void **pointersFrom(const dorefa_model *model,
                                 const DataSet *inputs, uint64_t first) {
  const void **pointers =
      calloc((size_t)inputs->numTensors + 1, sizeof(void *));
  for (int32_t i = 0; pointers && i < inputs->numTensors; ++i)
    pointers[i] = inputs->buffers[i] +
                  (isSharedInput(model, &model->inputs[i])
                       ? 0
                       : first * model->inputs[i].image_bytes);
  return pointers;
}

static void **pointersTo(const dorefa_model *model, const DataSet *outputs,
                         uint64_t first) {
  void **pointers = calloc((size_t)outputs->numTensors + 1, sizeof(void *));
  for (int32_t i = 0; pointers && i < outputs->numTensors; ++i)
    pointers[i] = outputs->buffers[i] + first * model->outputs[i].image_bytes;
  return pointers;
}

bool runUnits(Session *session, const DataSet *inputs, const DataSet *outputs,
              uint64_t first, uint64_t count, Failure *failure) {
  const dorefa_model *model = session->model;
  int64_t batch = (int64_t)(count * unitImages(model));
  if (!reserve(session, batch, failure))
    return false;
  const void **from = pointersFrom(model, inputs, first);
  void **to = pointersTo(model, outputs, first);
  bool ok = from && to
                ? check(session,
                        model->run(session->memory, session->workspace,
                                   session->workspaceBytes, batch,
                                   from, to, session->executor),
                        failure)
                : fail(failure, "not enough memory");
  free(from);
  free(to);
  return ok;
}

bool runAll(Session *session, const DataSet *inputs, const DataSet *outputs,
            int64_t batch, Failure *failure) {
  const dorefa_model *model = session->model;
  uint64_t threads =
      session->executor ? (uint64_t)session->executor->threads : 1;
  uint64_t perCall = batch ? (uint64_t)batch : 64 * threads;
  if (model->fixed_batch > 0)
    perCall = 1;
  bool ok = true, shown = false;
  double next = secondsNow() + 1.0;
  for (uint64_t first = 0; ok && first < inputs->units; first += perCall) {
    uint64_t left = inputs->units - first;
    ok = runUnits(session, inputs, outputs, first,
                  left < perCall ? left : perCall, failure);
    if (secondsNow() >= next && isatty(STDERR_FILENO)) {
      next = secondsNow() + 0.2;
      shown = true;
      fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " images",
              first * unitImages(model), inputs->units * unitImages(model));
    }
  }
  if (shown)
    fprintf(stderr, "\r\033[K");
  return ok;
}
