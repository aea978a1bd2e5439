//===- thread_pool.h - Threads for compiled networks --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The default executor: a fixed number of threads that share the images of a
// batch and the work of an image. Needs libc with POSIX threads and nothing of the
// compiler. The thread that calls takes part; calls from several threads take
// turns. A thread without work looks for some for 50 microseconds and then sleeps;
// where the process has fewer processors than the pool has threads, it sleeps at
// once.
//
//   dorefa_executor *pool = dorefa_thread_pool_create(4);
//   model->run(..., pool);
//   dorefa_thread_pool_destroy(pool);
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_THREAD_POOL_H
#define DOREFA_THREAD_POOL_H

#include "dorefa/Runtime/dorefa_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Null if `threads` is not positive or the system gives no threads or memory.
dorefa_executor *dorefa_thread_pool_create(int32_t threads);

/// Ends the threads; no call may be running. Null is allowed.
void dorefa_thread_pool_destroy(dorefa_executor *pool);

#ifdef __cplusplus
}
#endif

#endif // DOREFA_THREAD_POOL_H
