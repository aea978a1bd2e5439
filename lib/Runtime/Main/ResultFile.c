//===- ResultFile.c - What a run computed, for programs -----------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Outputs as .npy, or as a .npz archive with one .npy file for each. Headers
// are made beforehand, so that writing only copies them and the outputs' own
// buffers. The path is checked before the network runs.
//
//===----------------------------------------------------------------------===//

#include "NpyFile.h"
#include "Results.h"
#include "ZipArchive.h"
#include <stdlib.h>
#include <string.h>

static bool endsWith(const char *text, const char *suffix) {
  size_t length = strlen(text), suffixLength = strlen(suffix);
  return length >= suffixLength &&
         strcmp(text + length - suffixLength, suffix) == 0;
}

bool checkResultPath(const dorefa_model *model, const char *path,
                     Failure *failure) {
  if (!endsWith(path, ".npy") && !endsWith(path, ".npz"))
    return fail(failure, "unsupported output file '%.200s': expected .npy or "
                         ".npz", path);
  if (endsWith(path, ".npy") && model->num_outputs != 1)
    return fail(failure, "%d outputs need an .npz file", model->num_outputs);
  return true;
}

/// The header and the name of one output's file.
typedef struct Label {
  uint8_t header[NPY_HEADER_BYTES];
  char name[];
} Label;

/// All files of an archive; a .npy file is the first one alone.
typedef struct Output {
  ZipEntry *entries;
  Label **labels;
  uint64_t count;
  bool isArchive;
} Output;

static bool writeOutput(FILE *file, const void *context) {
  const Output *output = context;
  if (output->isArchive)
    return writeZip(file, output->entries, output->count);
  for (int i = 0; i < 2; ++i) {
    ByteView part = output->entries[0].parts[i];
    if (fwrite(part.data, 1, (size_t)part.size, file) != part.size)
      return false;
  }
  return true;
}

/// Fills the entry of one output and allocates its label.
static bool makeEntry(const dorefa_tensor *tensor, const uint8_t *data,
                      uint64_t units, ZipEntry *entry, Label **allocated) {
  size_t length = strlen(tensor->name) + 5;
  Label *label = *allocated = malloc(sizeof(Label) + length);
  if (!label)
    return false;
  snprintf(label->name, length, "%s.npy", tensor->name);
  uint64_t shape[MAX_RANK];
  int rank = shapeOfUnits(tensor, units, shape);
  entry->name = label->name;
  entry->parts[0].data = label->header;
  entry->parts[0].size =
      makeNpyHeader(tensor->element_type, rank, shape, label->header);
  entry->parts[1].data = data;
  entry->parts[1].size = units * tensor->image_bytes;
  return entry->parts[0].size != 0;
}

bool writeResults(const dorefa_model *model, const DataSet *outputs,
                  const char *path, Failure *failure) {
  Output output = {.count = (uint64_t)model->num_outputs,
                   .isArchive = endsWith(path, ".npz")};
  output.entries = calloc((size_t)output.count + 1, sizeof(ZipEntry));
  output.labels = calloc((size_t)output.count + 1, sizeof(Label *));
  bool ok = output.entries && output.labels;
  for (uint64_t i = 0; ok && i < output.count; ++i)
    ok = makeEntry(&model->outputs[i], outputs->buffers[i], outputs->units,
                   &output.entries[i], &output.labels[i]);
  if (ok)
    ok = writeFile(path, writeOutput, &output, failure) ||
         failIn(failure, path);
  else
    fail(failure, "not enough memory");
  for (uint64_t i = 0; output.labels && i < output.count; ++i)
    free(output.labels[i]);
  free(output.labels);
  free(output.entries);
  return ok;
}
