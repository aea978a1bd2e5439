#!/usr/bin/env bash
# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs, builds and runs every test: the text, tool and unit tests through
# lit, the Python tests (interpreter against oracles, trained networks, random
# networks, driver and package) through pytest. Ends with one line that counts
# them all; exit status 1 if one failed, or if a part ran none.
#
# Further trained networks and data sets are tested where DOREFA_SHARED names
# their folder, or where it lies as `shared` beside this tree.
#
#   scripts/test.sh [PRESET]     a preset of CMakePresets.json; default release

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
folder=build
[ "$preset" = release ] || folder=build-$preset

if [ -z "${DOREFA_SHARED:-}" ] && [ -d ../shared/models ]; then
  DOREFA_SHARED=$(cd ../shared && pwd)
fi
export DOREFA_SHARED=${DOREFA_SHARED:-}
export DOREFA_BUILD=$PWD/$folder

scripts/setup.sh
scripts/build.sh "$preset"

results=$folder/test-results
rm -rf "$results"
mkdir -p "$results"

# A runner's exit status says no more than its results, which are read below;
# one that leaves none is counted as failed there.
lit=$(sed -n 's/^LLVM_EXTERNAL_LIT:[A-Z]*=//p' "$folder/CMakeCache.txt")
"$lit" --succinct --verbose --workers "$(nproc)" \
  --output "$results/lit.json" "$folder/test" "$folder/test/unittests" ||
  printf 'test: lit ended with status %d\n' $?
.venv/bin/python -m pytest test --junitxml="$results/pytest.xml" </dev/null ||
  printf 'test: pytest ended with status %d\n' $?

.venv/bin/python scripts/summarize_tests.py test/expected-skips.txt \
  "$results/lit.json" "$results/pytest.xml"
