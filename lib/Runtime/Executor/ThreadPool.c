//===- ThreadPool.c - Threads for compiled networks ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Workers sleep until the job's number grows, take indices from one counter
// until none is left, and report back.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/thread_pool.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct Pool Pool;

typedef struct Worker {
  Pool *pool;
  int32_t thread; ///< from 1; the calling thread is 0
  pthread_t handle;
} Worker;

typedef struct Job {
  void (*body)(void *context, int64_t i, int32_t thread);
  void *context;
  int64_t count;
} Job;

struct Pool {
  dorefa_executor executor; ///< first: a pool is found by its executor
  pthread_mutex_t turn;     ///< held by the caller of parallel_for
  pthread_mutex_t lock;     ///< guards what follows
  pthread_cond_t changed;
  Job job;
  uint64_t jobNumber;
  int32_t numBusy;
  bool ending;
  atomic_int_fast64_t next; ///< the next index of the job
  int32_t numWorkers;
  Worker workers[];
};

static void work(Pool *pool, const Job *job, int32_t thread) {
  int64_t i;
  while ((i = atomic_fetch_add(&pool->next, 1)) < job->count)
    job->body(job->context, i, thread);
}

static void *runWorker(void *argument) {
  Worker *worker = argument;
  Pool *pool = worker->pool;
  uint64_t done = 0;
  pthread_mutex_lock(&pool->lock);
  while (true) {
    while (!pool->ending && pool->jobNumber == done)
      pthread_cond_wait(&pool->changed, &pool->lock);
    if (pool->ending)
      break;
    done = pool->jobNumber;
    Job job = pool->job;
    pthread_mutex_unlock(&pool->lock);
    work(pool, &job, worker->thread);
    pthread_mutex_lock(&pool->lock);
    if (--pool->numBusy == 0)
      pthread_cond_broadcast(&pool->changed);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

static void parallelFor(void *self,
                        void (*body)(void *context, int64_t i, int32_t thread),
                        void *context, int64_t count) {
  Pool *pool = self;
  Job job = {body, context, count};
  pthread_mutex_lock(&pool->turn);
  pthread_mutex_lock(&pool->lock);
  pool->job = job;
  atomic_store(&pool->next, 0);
  pool->numBusy = pool->numWorkers;
  ++pool->jobNumber;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);

  work(pool, &job, 0);

  pthread_mutex_lock(&pool->lock);
  while (pool->numBusy != 0)
    pthread_cond_wait(&pool->changed, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
  pthread_mutex_unlock(&pool->turn);
}

dorefa_executor *dorefa_thread_pool_create(int32_t threads) {
  if (threads < 1 || threads > 65536)
    return NULL;
  size_t numWorkers = (size_t)threads - 1;
  Pool *pool = calloc(1, sizeof(Pool) + numWorkers * sizeof(Worker));
  if (!pool)
    return NULL;
  pool->executor.self = pool;
  pool->executor.threads = threads;
  pool->executor.parallel_for = parallelFor;
  pthread_mutex_init(&pool->turn, NULL);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->changed, NULL);
  for (size_t i = 0; i < numWorkers; ++i) {
    Worker *worker = &pool->workers[i];
    worker->pool = pool;
    worker->thread = (int32_t)i + 1;
    if (pthread_create(&worker->handle, NULL, runWorker, worker) != 0) {
      dorefa_thread_pool_destroy(&pool->executor);
      return NULL;
    }
    ++pool->numWorkers;
  }
  return &pool->executor;
}

void dorefa_thread_pool_destroy(dorefa_executor *executor) {
  if (!executor)
    return;
  Pool *pool = executor->self;
  pthread_mutex_lock(&pool->lock);
  pool->ending = true;
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->lock);
  for (int32_t i = 0; i < pool->numWorkers; ++i)
    pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->lock);
  pthread_mutex_destroy(&pool->turn);
  free(pool);
}
