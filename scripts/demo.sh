#!/usr/bin/env bash
# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# From a bare machine to classified images: installs and builds the compiler,
# compiles a trained network of examples/ to an executable, and runs that on
# 1,000 images of handwritten digits. Prints the compiler's report on each
# layer, the accuracy, the latency of one image and the executable's size.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh --no-tests
scripts/build.sh release dorefa-compile

example=examples/mnist
network=$example/lfc_w1a2_mnist.onnx
mkdir -p build/demo
program=build/demo/lfc

show() { printf '\n$ %s\n' "$*"; "$@"; }

show build/bin/dorefa-compile "$network" -o "$program" --report

# The network takes pixels from 0 to 1, the file holds them from 0 to 255.
show "$program" "$example/images.idx3-ubyte" --labels="$example/labels.idx1-ubyte" \
  --scale=0.0039215686 --repeat=1000

printf '\nexecutable %d bytes, from a network of %d bytes\n' \
  "$(stat -c %s "$program")" "$(stat -c %s "$network")"
