//===- ProgramTest.cpp - Compiled executables on files --------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the networks of StubModel.c and StubFixedModel.c as a user does.
//
//===----------------------------------------------------------------------===//

#include "gtest/gtest.h"
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

struct Outcome {
  int status;
  std::string text; ///< standard output and error
};

template <typename T> std::string raw(std::vector<T> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
}

std::string npy(const std::string &type, const std::string &shape,
                const std::string &data) {
  std::string header = "{'descr': '" + type +
                       "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string result = "\x93NUMPY";
  result += {1, 0, char(header.size()), 0};
  return result + header + data;
}

class ProgramTest : public testing::Test {
protected:
  std::filesystem::path folder;

  void SetUp() override {
    std::string name = testing::TempDir() + "dorefa-XXXXXX";
    ASSERT_NE(mkdtemp(&name[0]), nullptr);
    folder = name;
    // The scores of the images: -4 0 0, 10 -2 0 and 4 0 -4.
    write("x.npy", npy("<f4", "(3, 1, 2, 2)",
                       raw<float>({-1, -1, -1, -1, 1, 2, 3, 4, 2, 0, 0, 2})));
    write("labels.txt", "1, 0\n2\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }

  Outcome run(const std::string &arguments,
              const std::string &program = STUB_MODEL) {
    std::string command =
        "cd " + folder.string() + " && " + program + " " + arguments + " 2>&1";
    FILE *pipe = popen(command.c_str(), "r");
    std::string text;
    for (int c; (c = fgetc(pipe)) != EOF;)
      text += static_cast<char>(c);
    int status = pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
  }

  void expectError(const std::string &arguments, const std::string &part,
                   const std::string &program = STUB_MODEL) {
    Outcome outcome = run(arguments, program);
    EXPECT_EQ(outcome.status, 1) << arguments;
    EXPECT_EQ(outcome.text.rfind("error: ", 0), 0u) << outcome.text;
    EXPECT_EQ(outcome.text.find('\n'), outcome.text.size() - 1);
    EXPECT_NE(outcome.text.find(part), std::string::npos) << outcome.text;
  }
};

TEST_F(ProgramTest, PrintsClasses) {
  EXPECT_EQ(run("x.npy").text, "0: class 1, score 0\n"
                               "1: class 0, score 10\n"
                               "2: class 0, score 4\n");
  write("one.npy", npy("<f8", "(2, 2)", raw<double>({1, 2, 3, 4})));
  EXPECT_EQ(run("one.npy").text, "class 0, score 10\n");
}

TEST_F(ProgramTest, TakesThreadsFromTheEnvironment) {
  Outcome expected = run("x.npy");
  for (std::string threads : {"", "1", "2", "7"}) {
    std::string program = "DOREFA_THREADS=" + threads + " " + STUB_MODEL;
    EXPECT_EQ(run("x.npy", program).text, expected.text);
    EXPECT_EQ(run("x.npy --threads 3", program).text, expected.text);
  }
}

TEST_F(ProgramTest, PrintsAccuracy) {
  for (std::string more : {"", " --threads 2", " --batch 1", " --batch=2"})
    EXPECT_EQ(run("x.npy --labels labels.txt" + more).text,
              "accuracy 66.67 % (2 of 3)\n");
  write("short.txt", "1 0");
  write("high.txt", "1 0 3");
  write("word.txt", "1\n0\ntwo");
  expectError("x.npy --labels short.txt", "expected 3 labels, but got 2");
  expectError("x.npy --labels high.txt", "expected a class below 3");
  expectError("x.npy --labels word.txt", "line 3");
}

TEST_F(ProgramTest, WritesResults) {
  EXPECT_EQ(run("x.npy -o y.npy").text, "");
  std::ifstream file(folder / "y.npy", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(bytes.size(), 36u);
  EXPECT_NE(bytes.find("'shape': (3, 3,)"), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.size() - 36),
            raw<float>({-4, 0, 0, 10, -2, 0, 4, 0, -4}));
  EXPECT_EQ(run("x.npy -o y.npz").text, "");
  EXPECT_EQ(run("y.npz").status, 1); // readable, but of another shape
}

TEST_F(ProgramTest, FixedBatch) {
  expectError("x.npy", "expected an array for the input 'a'", STUB_FIXED_MODEL);
  expectError("x.npy --batch 3", "fixed to 2", STUB_FIXED_MODEL);
  expectError("x.npy -o y.npy", "2 outputs need an .npz", STUB_FIXED_MODEL);
  EXPECT_EQ(run("--repeat 1", STUB_FIXED_MODEL).status, 0);
}

TEST_F(ProgramTest, ScalesImages) {
  write("u.idx", std::string("\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2", 16) +
                     "\x10\x20\x30\x40");
  EXPECT_EQ(run("u.idx").text, "class 0, score 160\n");
  EXPECT_EQ(run("u.idx --scale 0.5").text, "class 0, score 80\n");
  expectError("x.npy --scale 2", "--scale expected 8-bit images");
}

TEST_F(ProgramTest, SaysWhatItIs) {
  EXPECT_NE(run("--info").text.find("float32[N, 1, 2, 2]"), std::string::npos);
  EXPECT_EQ(run("--report").text, "{\"layers\": []}\n");
  EXPECT_EQ(run("--version").text, "stub (dorefa test)\n");
  EXPECT_EQ(run("--help").status, 0);
  EXPECT_EQ(run("--repeat 3").text.rfind("latency ", 0), 0u);
}

TEST_F(ProgramTest, RefusesBadInput) {
  write("cut.npy", npy("<f4", "(3, 1, 2, 2)", raw<float>({1, 2})));
  write("wrong.npy", npy("<f4", "(3, 5)", std::string(60, '\0')));
  write("huge.npy", npy("<f4", "(1099511627776, 1, 2, 2)", ""));
  write("text.npy", "hello");
  write("zip.npz", "\x1f\x8b gzip");
  write("empty.npy", "");
  for (std::string file : {"cut", "wrong", "huge", "text", "empty", "missing"})
    expectError(file + ".npy -o y.npy", file + ".npy: ");
  expectError("zip.npz -o y.npy", "gzip");
  expectError("x.npy -o y.txt", "expected .npy or .npz");
  expectError("x.npy -o none/y.npy", "cannot write");
  expectError("x.npy x.npy", "more than one input");
  expectError("", "no input file");
  expectError("''", "expected the name of a file, but got an empty one");
  for (std::string empty : {"", "=", " ''"})
    expectError("x.npy --labels" + empty, "option '--labels' expected a value");
  expectError("--threads 0 x.npy", "expected a number from 1");
  expectError("x.npy", "environment variable 'DOREFA_THREADS' expected",
              std::string("DOREFA_THREADS=many ") + STUB_MODEL);
  expectError("--frobnicate x.npy", "unknown option '--frobnicate'");
  int files = 0;
  for (auto &entry : std::filesystem::directory_iterator(folder))
    files += entry.path().filename().string()[0] == 'y';
  EXPECT_EQ(files, 0) << "an output file is left after an error";
}

} // namespace
