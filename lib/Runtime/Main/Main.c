//===- Main.c - Entry point of a compiled executable --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linked with the object of one network and libc to an executable that runs
// the network on files.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "DataFile.h"
#include "Labels.h"
#include "Latency.h"
#include "ModelInfo.h"
#include "Options.h"
#include "Results.h"
#include "Session.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/// All that has to be freed at the end.
typedef struct Work {
  ArrayList arrays;
  DataSet inputs, outputs;
  Session session;
  int64_t *labels;
} Work;

static bool readInputs(const dorefa_model *model, const Options *options,
                       Work *work, Failure *failure) {
  if (!options->input)
    return allocateInputs(model, 1, &work->inputs, failure);
  if (!readDataFile(options->input, &work->arrays, failure))
    return false;
  bool ok = makeInputs(model, &work->arrays,
                       options->hasScale ? &options->scale : NULL,
                       &work->inputs, failure);
  freeArrays(&work->arrays);
  return ok || failIn(failure, options->input);
}

static bool checkLabels(const dorefa_model *model, const Options *options,
                        Work *work, uint64_t numLabels, Failure *failure) {
  uint64_t numCorrect;
  if (!countCorrect(model, &work->outputs, work->labels, numLabels, &numCorrect,
                    failure))
    return failIn(failure, options->labels);
  printAccuracy(numCorrect, numLabels);
  return true;
}

static bool runModel(const dorefa_model *model, const Options *options,
                     Work *work, Failure *failure) {
  uint64_t numLabels = 0;
  if (options->batch && model->fixed_batch > 0 &&
      options->batch != model->fixed_batch)
    return fail(failure, "the batch of this network is fixed to %lld",
                (long long)model->fixed_batch);
  if (options->output && !checkResultPath(model, options->output, failure))
    return false;
  if (options->labels &&
      !readLabels(options->labels, &work->labels, &numLabels, failure))
    return false;
  if (!readInputs(model, options, work, failure) ||
      !allocateOutputs(model, work->inputs.units, &work->outputs, failure) ||
      !openSession(model, options->threads, &work->session, failure))
    return false;

  if (options->input) {
    if (!runAll(&work->session, &work->inputs, &work->outputs, options->batch,
                failure))
      return false;
    if (options->labels &&
        !checkLabels(model, options, work, numLabels, failure))
      return false;
    if (options->output &&
        !writeResults(model, &work->outputs, options->output, failure))
      return false;
    if (!options->labels && !options->output)
      printResults(model, &work->outputs);
  }
  return !options->repeat || printLatency(&work->session, &work->inputs,
                                          &work->outputs, options->repeat,
                                          failure);
}

static bool act(const dorefa_model *model, const char *program,
                const Options *options, Failure *failure) {
  Work work = {0};
  bool ok = true;
  switch (options->action) {
  case ACTION_HELP:
    printHelp(stdout, program);
    break;
  case ACTION_VERSION:
    printVersion(model);
    break;
  case ACTION_INFO:
    printInfo(model);
    break;
  case ACTION_REPORT:
    printReport(model);
    break;
  case ACTION_RUN:
    ok = runModel(model, options, &work, failure);
    freeArrays(&work.arrays);
    freeData(&work.inputs);
    freeData(&work.outputs);
    closeSession(&work.session);
    free(work.labels);
    break;
  }
  if (ok && (fflush(stdout) != 0 || ferror(stdout)))
    return fail(failure, "cannot write to the output: %s", strerror(errno));
  return ok;
}

/// Help needs no model, and so no CPU that can run one.
static bool start(const Options *options, const char *program,
                  Failure *failure) {
  const dorefa_model *model = dorefa_get_model();
  if (!model && options->action != ACTION_HELP) {
    dorefa_get_error(failure->text, sizeof(failure->text));
    return false;
  }
  return act(model, program, options, failure);
}

int main(int argc, char **argv) {
  Options options;
  Failure failure;
  if (parseOptions(argc, argv, &options, &failure) &&
      start(&options, argc > 0 ? argv[0] : "model", &failure))
    return 0;
  fprintf(stderr, "error: %s\n", failure.text);
  return 1;
}
