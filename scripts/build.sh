#!/usr/bin/env bash
# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Configures and builds a preset of CMakePresets.json (default: release). The
# tools land in build/bin, those of preset NAME other than release in
# build-NAME/bin. Prints how much CPU time the build took.
#
#   scripts/build.sh [PRESET [TARGET...]]

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
[ $# -eq 0 ] || shift
folder=build
[ "$preset" = release ] || folder=build-$preset

# Debian's cmake and ninja where they are, else those in PATH.
cmake=/usr/bin/cmake
[ -x "$cmake" ] || cmake=cmake
ninja=/usr/bin/ninja
[ -x "$ninja" ] || ninja=ninja

kind=incremental
if [ ! -e "$folder/build.ninja" ]; then
  kind=clean
  "$cmake" --preset "$preset" -DCMAKE_MAKE_PROGRAM="$ninja"
fi

"$ninja" -C "$folder" "$@"

# The second line of `times` is the CPU time of all children that have ended.
# It asks its own shell, so it cannot stand in a pipe.
times >"$folder/build-times.txt"
awk -v what="$kind build in $folder" '
  function seconds(time) { split(time, part, /[ms]/)
                           return 60 * part[1] + part[2] }
  NR == 2 { printf "build: %s took %.0f CPU seconds\n", what,
                   seconds($1) + seconds($2) }' "$folder/build-times.txt"
