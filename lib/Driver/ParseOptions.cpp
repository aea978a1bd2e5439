//===- ParseOptions.cpp - Command lines with plain errors -----------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// LLVM writes of a mistake the program's name and a sentence, and where to find
// help or, on a line of its own, the option with the most similar name: of that
// the sentence is kept. Of a bad value the option's own parser writes a line to
// standard error at once; for it the program is called "error".
//
//===----------------------------------------------------------------------===//

#include "dorefa/Driver/ParseOptions.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace cl = llvm::cl;

static constexpr const char *prefix = "error";

/// "unknown command line argument '--fast'"
static std::string getFirstReason(llvm::StringRef text) {
  text = text.split('\n').first;
  text.consume_front(prefix);
  text.consume_front(": ");
  for (llvm::StringRef hint : {".  Try: ", " See: "})
    text = text.split(hint).first;
  std::string reason = text.rtrim("!.: ").str();
  if (!reason.empty())
    reason.front() = llvm::toLower(reason.front());
  return reason;
}

void dorefa::parseOptions(int argc, char **argv, llvm::StringRef overview) {
  llvm::SmallVector<const char *> words(argv, argv + argc);
  // Help names the program.
  auto isHelp = [](llvm::StringRef word) {
    return word == "-h" || word.starts_with("-help") ||
           word.starts_with("--help");
  };
  if (llvm::none_of(words, isHelp))
    words.front() = prefix;
  std::string text;
  llvm::raw_string_ostream os(text);
  if (cl::ParseCommandLineOptions(argc, words.data(), overview, &os)) {
    // What is no mistake, such as a warning.
    llvm::errs() << text;
    return;
  }
  if (std::string reason = getFirstReason(text); !reason.empty())
    llvm::errs() << prefix << ": " << reason << ": see --help\n";
  exit(1);
}
