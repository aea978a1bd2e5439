//===- ThreadPool.c - Threads for compiled networks ---------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A network hands out a job for each of its steps, every few microseconds. So
// workers look for the next job for a short while before they sleep, and all
// that a job needs is atomic:
//
//   ticket      | number of the job | indices that nobody has taken |
//   unfinished  indices that are not done
//
// Who subtracts 1 from the ticket has taken an index. A job ends when its
// indices are done, whether or not every worker has looked at it. What a worker
// reads of a job belongs to the ticket that it then takes an index from: the
// caller writes the next job only when this one has no index left.
//
//===----------------------------------------------------------------------===//

#define _GNU_SOURCE
#include "dorefa/Runtime/thread_pool.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// How long a thread looks for work before it sleeps.
static const int64_t patienceNanoseconds = 50000;

typedef void Body(void *context, int64_t i, int32_t thread);
typedef struct Pool Pool;

typedef struct Worker {
  Pool *pool;
  int32_t thread; ///< from 1; the calling thread is 0
  pthread_t handle;
} Worker;

struct Pool {
  dorefa_executor executor; ///< first: a pool is found by its executor
  pthread_mutex_t turn;     ///< held by the caller of parallel_for
  pthread_mutex_t lock;     ///< held while going to sleep and waking others
  pthread_cond_t newJob, jobDone;
  bool isPatient; ///< every thread has a processor of its own
  int32_t numWorkers;

  _Alignas(64) _Atomic uint64_t ticket;
  _Atomic(Body *) body;
  _Atomic(void *) context;
  atomic_bool ending;
  atomic_int sleepers; ///< workers that wait for newJob
  _Alignas(64) _Atomic uint32_t unfinished;
  atomic_bool callerSleeps; ///< waits for jobDone

  _Alignas(64) Worker workers[];
};

static uint32_t jobOf(uint64_t ticket) { return (uint32_t)(ticket >> 32); }

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanosecondsNow(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

typedef bool Condition(Pool *pool, uint32_t job);

static bool hasNewJob(Pool *pool, uint32_t job) {
  return jobOf(atomic_load(&pool->ticket)) != job ||
         atomic_load(&pool->ending);
}

static bool isJobDone(Pool *pool, uint32_t job) {
  (void)job;
  return atomic_load(&pool->unfinished) == 0;
}

/// Looks for a condition, but not for long; whether it holds.
static bool spin(Pool *pool, Condition *holds, uint32_t job) {
  if (holds(pool, job))
    return true;
  if (!pool->isPatient)
    return false;
  int64_t end = nanosecondsNow() + patienceNanoseconds;
  do {
    for (int i = 0; i < 32; ++i) {
      relax();
      if (holds(pool, job))
        return true;
    }
  } while (nanosecondsNow() < end);
  return false;
}

/// Waits until there is another job than `job`.
static void awaitJob(Pool *pool, uint32_t job) {
  if (spin(pool, hasNewJob, job))
    return;
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->sleepers, 1);
  while (!hasNewJob(pool, job))
    pthread_cond_wait(&pool->newJob, &pool->lock);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->lock);
}

static void awaitEnd(Pool *pool) {
  if (spin(pool, isJobDone, 0))
    return;
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->callerSleeps, true);
  while (!isJobDone(pool, 0))
    pthread_cond_wait(&pool->jobDone, &pool->lock);
  atomic_store(&pool->callerSleeps, false);
  pthread_mutex_unlock(&pool->lock);
}

static void finishIndex(Pool *pool) {
  if (atomic_fetch_sub(&pool->unfinished, 1) != 1 ||
      !atomic_load(&pool->callerSleeps))
    return;
  pthread_mutex_lock(&pool->lock);
  pthread_cond_signal(&pool->jobDone);
  pthread_mutex_unlock(&pool->lock);
}

/// Takes indices of the current job until none is left; the job's number.
static uint32_t work(Pool *pool, int32_t thread) {
  uint64_t ticket = atomic_load(&pool->ticket);
  while ((uint32_t)ticket != 0) {
    Body *body = atomic_load(&pool->body);
    void *context = atomic_load(&pool->context);
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1))
      continue;
    body(context, (uint32_t)ticket - 1, thread);
    finishIndex(pool);
    ticket = atomic_load(&pool->ticket);
  }
  return jobOf(ticket);
}

static void *runWorker(void *argument) {
  Worker *worker = argument;
  Pool *pool = worker->pool;
  uint32_t done = 0;
  while (true) {
    awaitJob(pool, done);
    if (atomic_load(&pool->ending))
      return NULL;
    done = work(pool, worker->thread);
  }
}

static void wakeWorkers(Pool *pool) {
  if (atomic_load(&pool->sleepers) == 0)
    return;
  pthread_mutex_lock(&pool->lock);
  pthread_cond_broadcast(&pool->newJob);
  pthread_mutex_unlock(&pool->lock);
}

static void parallelFor(void *self, Body *body, void *context, int64_t count) {
  Pool *pool = self;
  // A ticket counts no more; nobody has so many images.
  if (count < 2 || count > UINT32_MAX || pool->numWorkers == 0) {
    for (int64_t i = 0; i < count; ++i)
      body(context, i, 0);
    return;
  }
  pthread_mutex_lock(&pool->turn);
  uint64_t number = jobOf(atomic_load(&pool->ticket)) + (uint64_t)1;
  atomic_store(&pool->body, body);
  atomic_store(&pool->context, context);
  atomic_store(&pool->unfinished, (uint32_t)count);
  atomic_store(&pool->ticket, number << 32 | (uint64_t)count);
  wakeWorkers(pool);
  work(pool, 0);
  awaitEnd(pool);
  pthread_mutex_unlock(&pool->turn);
}

/// Whether this process may use so many processors.
static bool hasProcessors(int32_t threads) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof(set), &set) == 0 &&
         CPU_COUNT(&set) >= threads;
}

dorefa_executor *dorefa_thread_pool_create(int32_t threads) {
  if (threads < 1 || threads > 65536)
    return NULL;
  size_t numWorkers = (size_t)threads - 1;
  size_t bytes = sizeof(Pool) + numWorkers * sizeof(Worker);
  Pool *pool = aligned_alloc(_Alignof(Pool), (bytes + 63) / 64 * 64);
  if (!pool)
    return NULL;
  memset(pool, 0, bytes);
  pool->executor.self = pool;
  pool->executor.threads = threads;
  pool->executor.parallel_for = parallelFor;
  pool->isPatient = hasProcessors(threads);
  pthread_mutex_init(&pool->turn, NULL);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->newJob, NULL);
  pthread_cond_init(&pool->jobDone, NULL);
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
  atomic_store(&pool->ending, true);
  pthread_cond_broadcast(&pool->newJob);
  pthread_mutex_unlock(&pool->lock);
  for (int32_t i = 0; i < pool->numWorkers; ++i)
    pthread_join(pool->workers[i].handle, NULL);
  pthread_cond_destroy(&pool->jobDone);
  pthread_cond_destroy(&pool->newJob);
  pthread_mutex_destroy(&pool->lock);
  pthread_mutex_destroy(&pool->turn);
  free(pool);
}
