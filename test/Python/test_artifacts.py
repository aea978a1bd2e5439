# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs and object files that the compiler writes, on a network of one
addition."""

import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest

ADD = pathlib.Path(__file__).parent.parent / "Driver/Inputs/add.mlir"
WEIGHTS = np.array([1, 2, 3, 4], np.float32)
X = np.arange(8, dtype=np.float32).reshape(2, 4)

USER = r"""
#include "first.h"
#include "second.h"
#include <stdio.h>
#include <stdlib.h>

static void print(const dorefa_model *model) {
  void *memory = aligned_alloc(64, (model->model_memory_bytes + 63) / 64 * 64);
  uint64_t bytes = model->workspace_bytes(1, NULL);
  void *workspace = aligned_alloc(64, (bytes + 63) / 64 * 64);
  float x[4] = {0}, y[4];
  const void *inputs[] = {x};
  void *outputs[] = {y};
  int status = model->prepare(memory, model->model_memory_bytes);
  if (!status)
    status = model->run(memory, workspace, bytes, 1, inputs, outputs, NULL);
  printf("%s %g\n", model->status_text(status), y[3]);
}

int main(void) {
  print(first_get_model());
  print(second_get_model());
  return sizeof(float[4]) != SECOND_OUTPUT_0_IMAGE_BYTES;
}
"""


@pytest.fixture
def compile_add(tools, tmp_path):
    def run(output, *options):
        subprocess.run(
            [tools / "dorefa-compile", ADD, "-o", tmp_path / output, *options],
            check=True)
        return tmp_path / output

    return run


def run_program(program, folder, runner=()):
    np.save(folder / "x.npy", X)
    subprocess.run([*runner, program, folder / "x.npy", "-o", folder / "y.npy"],
                   check=True)
    return np.load(folder / "y.npy")


def test_program(compile_add, tmp_path):
    program = compile_add("add")
    assert os.access(program, os.X_OK)
    assert np.array_equal(run_program(program, tmp_path), X + WEIGHTS)


@pytest.mark.parametrize("x", [
    np.zeros((2, 5), np.float32), np.zeros((4, 2), np.float32),
    np.zeros(0, np.float32), np.full((1, 4), 1e300), np.zeros((1, 4), complex),
    np.array([["a", "b", "c", "d"]])],
    ids=["shape", "order", "empty", "range", "type", "text"])
def test_program_refuses_other_inputs(x, compile_add, tmp_path):
    program = compile_add("add")
    np.save(tmp_path / "x.npy", x)
    result = subprocess.run(
        [program, tmp_path / "x.npy", "-o", tmp_path / "y.npy"],
        capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "y.npy").exists()


@pytest.mark.parametrize("arch", ["aarch64", "riscv64"])
def test_program_for_another_architecture(arch, compile_add, tmp_path):
    emulator = shutil.which(f"qemu-{arch}-static") or shutil.which(f"qemu-{arch}")
    sysroot = f"/usr/{arch}-linux-gnu"
    if not emulator or not os.path.exists(f"{sysroot}/lib/Scrt1.o"):
        pytest.skip(f"needs qemu-user and a C library for {arch}")
    program = compile_add("add", f"--target={arch}")
    y = run_program(program, tmp_path, [emulator, "-L", sysroot])
    assert np.array_equal(y, X + WEIGHTS)


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_two_objects_in_one_program(compile_add, tmp_path):
    objects = [compile_add("first.o"), compile_add("second.o")]
    (tmp_path / "user.c").write_text(USER)
    subprocess.run(["gcc", "-Wall", "-Werror", "-o", tmp_path / "user",
                    tmp_path / "user.c", *objects], check=True)
    result = subprocess.run([tmp_path / "user"], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "success 4\nsuccess 4\n")


def test_nothing_but_the_output_is_left(compile_add, tmp_path):
    compile_add("net")
    compile_add("lib.so")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "lib.h", "lib.so", "net"]
