//===- Options.c - The command line of an executable --------------*- C -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Options as `--name value` or `--name=value`. What an option refers to is
// checked where it is used.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void printHelp(FILE *file, const char *program) {
  fprintf(file,
          "usage: %s INPUT [options]\n"
          "\n"
          "Runs the compiled network on INPUT: a .npy, .npz, idx or ONNX\n"
          "tensor (.pb) file that holds one image or, along the leading\n"
          "dimension, any number of them. A network with several inputs reads\n"
          "them from an .npz file by name.\n"
          "\n"
          "  -o FILE         write the outputs to a .npy or .npz file\n"
          "  --labels FILE   print the accuracy; labels as .npy, idx or text\n"
          "  --scale S       multiply 8-bit images for a float input by S\n"
          "  --batch N       images in one call\n"
          "  --threads N     threads that share the work (default: the\n"
          "                  environment variable DOREFA_THREADS, or 1)\n"
          "  --repeat N      print the time of one image over N runs; without\n"
          "                  INPUT it is an image of zeros\n"
          "  --info          print names, shapes, sizes and target\n"
          "  --report        print the report of the compiler as JSON\n"
          "  --version       print the compiler's version\n"
          "  --help          print this text\n",
          program);
}

static bool parseCount(const char *name, const char *text, int64_t highest,
                       int64_t *value, Failure *failure) {
  char *end;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (end == text || *end || errno || number < 1 || number > highest)
    return fail(failure,
                "%s '%s' expected a number from 1 to %lld, but got '%.64s'",
                name[0] == '-' ? "option" : "environment variable", name,
                (long long)highest, text);
  *value = number;
  return true;
}

static bool parseThreads(const char *name, const char *text, int64_t *value,
                         Failure *failure) {
  return parseCount(name, text, 1024, value, failure);
}

static bool parseScale(const char *text, float *value, Failure *failure) {
  char *end;
  *value = strtof(text, &end);
  if (end == text || *end || !(*value - *value == 0.0f))
    return fail(failure,
                "option '--scale' expected a finite number, but got '%.64s'",
                text);
  return true;
}

/// Options with a value; `name` without one was seen, `text` is null if none
/// follows.
static bool parseValue(const char *name, const char *text, Options *options,
                       Failure *failure) {
  if (!text || !*text)
    return fail(failure, "option '%s' expected a value", name);
  if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0) {
    options->output = text;
    return true;
  }
  if (strcmp(name, "--labels") == 0) {
    options->labels = text;
    return true;
  }
  if (strcmp(name, "--scale") == 0) {
    options->hasScale = true;
    return parseScale(text, &options->scale, failure);
  }
  if (strcmp(name, "--batch") == 0)
    return parseCount(name, text, INT32_MAX, &options->batch, failure);
  if (strcmp(name, "--threads") == 0)
    return parseThreads(name, text, &options->threads, failure);
  return parseCount(name, text, 1000000000, &options->repeat, failure);
}

static bool takesValue(const char *name) {
  static const char *const names[] = {"-o",      "--output",  "--labels",
                                      "--scale", "--batch",   "--threads",
                                      "--repeat"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i)
    if (strcmp(name, names[i]) == 0)
      return true;
  return false;
}

static bool parseFlag(const char *name, Options *options, Failure *failure) {
  static const struct {
    const char *name;
    Action action;
  } flags[] = {{"--help", ACTION_HELP},       {"-h", ACTION_HELP},
               {"--version", ACTION_VERSION}, {"--info", ACTION_INFO},
               {"--report", ACTION_REPORT}};
  for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); ++i) {
    if (strcmp(name, flags[i].name) == 0) {
      options->action = flags[i].action;
      return true;
    }
  }
  return fail(failure, "unknown option '%.64s' (see --help)", name);
}

bool parseOptions(int argc, char **argv, Options *options, Failure *failure) {
  memset(options, 0, sizeof(*options));
  options->scale = 1.0f;
  options->threads = 1;
  const char *threads = getenv("DOREFA_THREADS");
  if (threads && *threads &&
      !parseThreads("DOREFA_THREADS", threads, &options->threads, failure))
    return false;
  for (int i = 1; i < argc; ++i) {
    const char *word = argv[i];
    const char *equals = strchr(word, '=');
    char name[32];
    if (!word[0])
      return fail(failure, "expected the name of a file, but got an empty one");
    if (word[0] != '-' || !word[1]) {
      if (options->input)
        return fail(failure, "more than one input file: '%.200s'", word);
      options->input = word;
    } else if (takesValue(word)) {
      // The last of argv is null.
      if (!parseValue(word, argv[++i], options, failure))
        return false;
    } else if (equals && (size_t)(equals - word) < sizeof(name)) {
      memcpy(name, word, (size_t)(equals - word));
      name[equals - word] = 0;
      if (!takesValue(name))
        return fail(failure, "unknown option '%.64s' (see --help)", name);
      if (!parseValue(name, equals + 1, options, failure))
        return false;
    } else if (!parseFlag(word, options, failure)) {
      return false;
    }
  }
  if (options->action == ACTION_RUN && !options->input && !options->repeat)
    return fail(failure, "no input file (see --help)");
  if (!options->input && (options->output || options->labels))
    return fail(failure, "no input file (see --help)");
  return true;
}
