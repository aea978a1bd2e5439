//===- Run.c - The functions of a compiled network's ABI --------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks of arguments and the loop over the images of a batch. A call of
// dorefa_images takes a group of them, as many as it likes. While there are about
// as many images as threads, or more, each thread takes whole images, in a part
// of the workspace of its own; the images that remain are computed by all threads
// together, in one part that has temporary memory for all of them behind it:
//
//   part:  | pointers to the first image's tensors | workspace of dorefa_images |
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include <stddef.h>

/// The start of model memory.
typedef struct MemoryHeader {
  uint64_t magic;
  uint64_t hash;
} MemoryHeader;

static const uint64_t preparedMagic = 0x6461657261666472u;

static uint64_t alignUp(uint64_t bytes) {
  return (bytes + (DOREFA_ALIGNMENT - 1)) & ~(uint64_t)(DOREFA_ALIGNMENT - 1);
}

static int isAligned(const void *pointer) {
  return ((uintptr_t)pointer & (DOREFA_ALIGNMENT - 1)) == 0;
}

/// Whether run takes this leading extent.
static int isBatch(int64_t batch) {
  if (dorefa_artifact.fixed_batch != 0)
    return batch == dorefa_artifact.fixed_batch;
  return batch > 0;
}

/// How many threads there are beside the caller's.
static uint64_t moreThreads(const dorefa_executor *executor) {
  if (!executor || executor->threads <= 1 || !executor->parallel_for)
    return 0;
  return (uint64_t)executor->threads - 1;
}

/// Images [begin, end) in `count` groups of about one size, of `most` at most. A
/// larger batch has no smaller `most`, so that its workspace is enough for all
/// smaller ones.
typedef struct Groups {
  int64_t begin;
  int64_t end;
  int64_t count;
  int64_t most;
} Groups;

static int64_t groupStart(const Groups *groups, int64_t i) {
  return groups->begin + (groups->end - groups->begin) * i / groups->count;
}

static int64_t atMost(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t divideUp(int64_t a, int64_t b) {
  return a / b + (a % b != 0);
}

/// Of `images`, those that go to one thread each: all but a rest that would leave
/// half of the threads without one. Each thread gets as many groups.
static Groups separateImages(int64_t images, const dorefa_executor *executor) {
  int64_t threads = (int64_t)moreThreads(executor) + 1;
  int64_t rest = images % threads;
  int64_t most = dorefa_artifact.group_images;
  Groups groups = {0, rest <= threads / 2 ? images - rest : images, 0, 0};
  if (threads == 1)
    groups.end = 0;
  groups.count =
      atMost(groups.end, threads * divideUp(groups.end, threads * most));
  groups.most = atMost(divideUp(groups.end, threads), most);
  return groups;
}

/// The others.
static Groups sharedImages(int64_t images, const Groups *separate) {
  int64_t rest = images - separate->end, most = dorefa_artifact.group_images;
  Groups groups = {separate->end, images, divideUp(rest, most),
                   atMost(rest, most)};
  return groups;
}

/// Bytes of a tensor from one image of dorefa_images to the next: what it reads
/// or writes, but 0 for an input that all images share.
static uint64_t unitBytes(const dorefa_tensor *tensor) {
  if (dorefa_artifact.fixed_batch == 0)
    return tensor->rank > 0 && tensor->shape[0] < 0 ? tensor->image_bytes : 0;
  return tensor->image_bytes / (uint64_t)dorefa_artifact.fixed_batch *
         (uint64_t)dorefa_artifact.unit_images;
}

static uint64_t tensorCount(void) {
  return (uint64_t)dorefa_artifact.num_inputs +
         (uint64_t)dorefa_artifact.num_outputs;
}

static uint64_t pointerBytes(void) {
  return alignUp(tensorCount() * sizeof(void *));
}

/// Bytes of workspace for the largest group, on one thread; 0 without any.
static uint64_t groupBytes(const Groups *groups) {
  if (groups->count == 0)
    return 0;
  return pointerBytes() + alignUp(dorefa_artifact.image_workspace_bytes +
                                  (uint64_t)(groups->most - 1) *
                                      dorefa_artifact.slice_bytes);
}

uint64_t dorefa_artifact_workspace_bytes(int64_t batch,
                                         const dorefa_executor *executor) {
  if (!isBatch(batch))
    return 0;
  int64_t images = batch / dorefa_artifact.unit_images;
  Groups separate = separateImages(images, executor);
  Groups shared = sharedImages(images, &separate);
  uint64_t more = moreThreads(executor);
  uint64_t parts = (more + 1) * groupBytes(&separate);
  if (shared.count == 0)
    return parts;
  uint64_t bytes = groupBytes(&shared) + more * dorefa_artifact.thread_bytes;
  return parts > bytes ? parts : bytes;
}

int32_t dorefa_artifact_prepare(void *memory, uint64_t bytes) {
  if (!memory)
    return DOREFA_ERROR_NULL;
  if (!isAligned(memory))
    return DOREFA_ERROR_ALIGNMENT;
  if (bytes < dorefa_artifact.model_memory_bytes ||
      bytes < DOREFA_MEMORY_HEADER_BYTES)
    return DOREFA_ERROR_SIZE;

  uint64_t *words = (uint64_t *)memory;
  for (uint64_t i = 0; i < dorefa_artifact.model_memory_bytes / 8; ++i)
    words[i] = 0;
  uint8_t *packed = (uint8_t *)memory;
  for (uint64_t i = dorefa_artifact.model_memory_bytes & ~(uint64_t)7;
       i < dorefa_artifact.model_memory_bytes; ++i)
    packed[i] = 0;

  dorefa_pack(packed + DOREFA_MEMORY_HEADER_BYTES);
  MemoryHeader *header = (MemoryHeader *)memory;
  header->magic = preparedMagic;
  header->hash = dorefa_artifact.hash;
  return DOREFA_OK;
}

/// What all images of one run share.
typedef struct Batch {
  const uint8_t *packed;
  uint8_t *workspace;
  const void *const *inputs;
  void *const *outputs;
  Groups separate;
} Batch;

/// Computes group `i` in a part of the workspace.
static void runGroup(const Batch *batch, const Groups *groups, int64_t i,
                     uint8_t *part, const dorefa_executor *executor) {
  const void **inputs = (const void **)part;
  void **outputs = (void **)part + dorefa_artifact.num_inputs;
  int64_t first = groupStart(groups, i);
  for (int32_t k = 0; k < dorefa_artifact.num_inputs; ++k)
    inputs[k] = (const uint8_t *)batch->inputs[k] +
                (uint64_t)first * unitBytes(&dorefa_artifact.inputs[k]);
  for (int32_t k = 0; k < dorefa_artifact.num_outputs; ++k)
    outputs[k] = (uint8_t *)batch->outputs[k] +
                 (uint64_t)first * unitBytes(&dorefa_artifact.outputs[k]);
  dorefa_images(batch->packed, part + pointerBytes(), inputs, outputs,
                groupStart(groups, i + 1) - first, executor);
}

/// The same in the part of `thread`, which has nobody to share work with.
static void runSeparately(void *context, int64_t i, int32_t thread) {
  const Batch *batch = (const Batch *)context;
  const Groups *groups = &batch->separate;
  runGroup(batch, groups, i,
           batch->workspace + (uint64_t)thread * groupBytes(groups), 0);
}

int32_t dorefa_artifact_run(const void *memory, void *workspace,
                            uint64_t workspace_bytes, int64_t batch,
                            const void *const *inputs, void *const *outputs,
                            const dorefa_executor *executor) {
  if (!memory || !workspace || (!inputs && dorefa_artifact.num_inputs) ||
      (!outputs && dorefa_artifact.num_outputs))
    return DOREFA_ERROR_NULL;
  for (int32_t k = 0; k < dorefa_artifact.num_inputs; ++k)
    if (!inputs[k])
      return DOREFA_ERROR_NULL;
  for (int32_t k = 0; k < dorefa_artifact.num_outputs; ++k)
    if (!outputs[k])
      return DOREFA_ERROR_NULL;
  if (!isAligned(memory) || !isAligned(workspace))
    return DOREFA_ERROR_ALIGNMENT;
  if (!isBatch(batch))
    return DOREFA_ERROR_BATCH;
  if (workspace_bytes < dorefa_artifact_workspace_bytes(batch, executor))
    return DOREFA_ERROR_SIZE;
  const MemoryHeader *header = (const MemoryHeader *)memory;
  if (header->magic != preparedMagic || header->hash != dorefa_artifact.hash)
    return DOREFA_ERROR_UNPREPARED;

  int64_t images = batch / dorefa_artifact.unit_images;
  if (moreThreads(executor) == 0)
    executor = 0;
  Batch context = {(const uint8_t *)memory + DOREFA_MEMORY_HEADER_BYTES,
                   (uint8_t *)workspace, inputs, outputs,
                   separateImages(images, executor)};
  if (context.separate.count > 0)
    executor->parallel_for(executor->self, runSeparately, &context,
                           context.separate.count);
  Groups shared = sharedImages(images, &context.separate);
  for (int64_t i = 0; i < shared.count; ++i)
    runGroup(&context, &shared, i, context.workspace, executor);
  return DOREFA_OK;
}

const char *dorefa_artifact_status_text(int32_t status) {
  switch (status) {
  case DOREFA_OK:
    return "success";
  case DOREFA_ERROR_NULL:
    return "a required pointer is null";
  case DOREFA_ERROR_ALIGNMENT:
    return "model memory or workspace is not aligned to 64 bytes";
  case DOREFA_ERROR_SIZE:
    return "model memory or workspace is too small";
  case DOREFA_ERROR_BATCH:
    return "the batch is not positive, or not the one the model is fixed to";
  case DOREFA_ERROR_UNPREPARED:
    return "model memory was not prepared for this model";
  default:
    return "unknown status";
  }
}
