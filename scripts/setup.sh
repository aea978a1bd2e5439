#!/usr/bin/env bash
# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what the compiler is built and tested with on Debian 12: packages
# by apt-get (as root, or through sudo), and the Python oracles of the tests
# into .venv of this tree. What is there already is left alone, so a second
# run only looks.
#
#   scripts/setup.sh             everything
#   scripts/setup.sh --no-tests  what the build needs, without the oracles

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_packages=(
  ccache clang-22 cmake g++ libmlir-22-dev libonnx-dev libprotobuf-dev lld-22
  llvm-22-dev llvm-22-tools mlir-22-tools ninja-build protobuf-compiler
)
test_packages=(
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-dev-riscv64-cross
  libclang-rt-22-dev libgtest-dev libmpfr-dev python3-venv qemu-user-static
)

log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

wants_tests=1
case "${1:-}" in
  "") ;;
  --no-tests) wants_tests=0 ;;
  *) fail "expected no argument or --no-tests, but got '$1'" ;;
esac

packages=("${build_packages[@]}")
[ "$wants_tests" = 0 ] || packages+=("${test_packages[@]}")

command -v dpkg-query >/dev/null ||
  fail "this script installs Debian packages and needs dpkg; on another system install: ${packages[*]}"

# dpkg-query fails for names it has never heard of; their absence from its
# output says the same.
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
  sed -n 's/^installed //p') || :
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      fail "these packages are missing and neither root nor sudo is at hand: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
  # --no-remove: Debian's MLIR versions exclude each other, and apt would take
  # away one that is in use.
  if ! { "${apt[@]}" update && "${apt[@]}" install -y \
           --no-install-recommends --no-remove "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "apt-get could not install: ${missing[*]}"
  fi
fi

[ "$wants_tests" = 1 ] || { say "ready to build"; exit 0; }

# The stamp is the requirements file that .venv was made from.
requirements=test/requirements.txt
stamp=.venv/requirements.installed
if ! cmp -s "$requirements" "$stamp" || [ ! -x .venv/bin/python ]; then
  say "making .venv with the packages of $requirements"
  rm -rf .venv
  # Debian's own Python, whatever else comes first in PATH.
  /usr/bin/python3 -m venv .venv
  if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input \
         --requirement "$requirements" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "pip could not install the packages of $requirements"
  fi
  cp "$requirements" "$stamp"
fi
say "ready to build and test"
