//===- ChangedTextTest.cpp - texts with other numbers and words -----------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The texts of the tests with tokens replaced, left out or doubled. Most are
// refused by the parser or a verifier; what is left is odd but valid.
//
//===----------------------------------------------------------------------===//

#include "PassRunner.h"
#include "llvm/ADT/StringExtras.h"
#include <filesystem>
#include <random>

using namespace mlir;
using namespace mlir::dorefa;
using namespace mlir::dorefa::pipelines_test;

namespace {

using Tokens = std::vector<std::string>;

class ChangedText : public testing::TestWithParam<TestFile> {};

} // namespace

/// Words, numbers, spaces and single characters.
static Tokens tokenize(const std::string &text) {
  Tokens tokens;
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    // Extents in a type, as in 4x8xf32, are tokens.
    if (llvm::isDigit(text[at]))
      while (end < text.size() && llvm::isDigit(text[end]))
        ++end;
    else if (isWord(text[at]) && text[at] != 'x')
      while (end < text.size() && isWord(text[end]))
        ++end;
    tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

static std::string change(Tokens tokens, std::mt19937 &random) {
  static const char *const numbers[] = {
      "0",  "1",  "-1", "2",  "3",   "5",     "7",          "8",
      "9", "15", "16", "32", "33", "255", "65536", "2147483648",
      "9223372036854775807"};
  auto pick = [&](size_t count) { return random() % count; };
  for (size_t changes = 1 + pick(4) / 3; changes > 0; --changes) {
    size_t at = pick(tokens.size());
    while (llvm::isSpace(tokens[at][0]))
      at = pick(tokens.size());
    const bool isNumber = llvm::isDigit(tokens[at][0]);
    switch (pick(isNumber ? 2 : 8)) {
    case 0:
      tokens[at] = isNumber ? numbers[pick(std::size(numbers))] : "";
      break;
    case 1:
      tokens[at] += isNumber ? "" : tokens[at];
      break;
    default:
      // Another token of the same kind.
      for (int tries = 0; tries < 100; ++tries) {
        const std::string &other = tokens[pick(tokens.size())];
        if (llvm::isAlpha(other[0]) != llvm::isAlpha(tokens[at][0]) ||
            llvm::isSpace(other[0]) || other == tokens[at])
          continue;
        tokens[at] = other;
        break;
      }
    }
  }
  return llvm::join(tokens, "");
}

/// Each function of a module with the attributes that its text names.
static std::vector<std::string> splitText(PassRunner &runner,
                                          const std::string &text) {
  std::vector<std::string> parts;
  OwningOpRef<ModuleOp> whole = runner.parse(text);
  if (!whole)
    return {text};
  for (OwningOpRef<ModuleOp> &part : PassRunner::split(*whole)) {
    std::string printed;
    llvm::raw_string_ostream os(printed);
    part->print(os);
    parts.push_back(printed);
  }
  return parts;
}

TEST_P(ChangedText, GivesModuleOrOneError) {
  constexpr unsigned seed = 20160620, changesOfEach = 40;
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  for (const std::string &module : GetParam().modules) {
    PassRunner runner;
    llvm::append_range(texts, splitText(runner, module));
  }
  int numChanged = 0, numValid = 0;
  for (const std::string &text : texts) {
    Tokens tokens = tokenize(text);
    if (tokens.size() < 10 || tokens.size() > 20000)
      continue;
    PassRunner runner;
    for (unsigned i = 0; i < changesOfEach; ++i) {
      OwningOpRef<ModuleOp> module = runner.parse(change(tokens, random));
      ++numChanged;
      if (!module)
        continue;
      ++numValid;
      const std::string &first =
          getPipelines()[random() % getPipelines().size()];
      for (OwningOpRef<ModuleOp> &part : PassRunner::split(*module)) {
        OwningOpRef<ModuleOp> other = part->clone();
        runner.runStages(*part);
        if (runner.run(first, *other))
          runner.runStages(*other);
      }
    }
  }
  RecordProperty("changed", numChanged);
  RecordProperty("valid", numValid);
}

INSTANTIATE_TEST_SUITE_P(
    Files, ChangedText, testing::ValuesIn(readTestFiles()),
    [](const testing::TestParamInfo<TestFile> &info) {
      std::string name =
          std::filesystem::relative(info.param.path, DOREFA_TEST_FOLDER);
      for (char &c : name)
        c = llvm::isAlnum(c) ? c : '_';
      return name;
    });
