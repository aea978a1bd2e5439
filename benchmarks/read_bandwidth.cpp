// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How fast one core reads. Arguments are seconds a size and then sizes in bytes;
// prints for each the gigabytes a second at which a buffer of that size is read
// again and again, of the fastest pass.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using Clock = std::chrono::steady_clock;
using Line = long long __attribute__((vector_size(64)));

/// Of whole groups of four lines; the result keeps the loads.
static Line readAll(const Line *lines, size_t count) {
  Line sums[4] = {};
  for (size_t i = 0; i < count; i += 4)
    for (int part = 0; part < 4; ++part)
      sums[part] ^= lines[i + part];
  return sums[0] ^ sums[1] ^ sums[2] ^ sums[3];
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? std::atof(argv[1]) : 0.05;
  for (int i = 2; i < argc; ++i) {
    size_t bytes = std::max(256ul, std::strtoul(argv[i], nullptr, 10) / 256 * 256);
    auto *lines = static_cast<Line *>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
    std::memset(lines, 1, bytes);
    // Short passes are timed several at once.
    size_t passes = std::max<size_t>(1, (1 << 20) / bytes);
    double least = 1e9, spent = 0;
    while (spent < seconds || least == 1e9) {
      auto start = Clock::now();
      for (size_t pass = 0; pass < passes; ++pass) {
        Line sum = readAll(lines, bytes / sizeof(Line));
        asm volatile("" : : "m"(sum) : "memory");
      }
      double time =
          std::chrono::duration<double>(Clock::now() - start).count();
      spent += time;
      least = std::min(least, time / passes);
    }
    std::printf("%zu %.2f\n", bytes, bytes / least / 1e9);
    std::free(lines);
  }
}
