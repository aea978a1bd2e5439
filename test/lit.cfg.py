# lit configuration of the text and tool tests.
#
# Features, for REQUIRES:
#   shared                  the folder with further networks is there: %shared
#   <target>-registered-target   LLVM has the target (x86, aarch64, ...)
#   native-avx2, native-avx512vnni   this machine executes those instructions
#   qemu-aarch64            AArch64 programs run here: %run-aarch64 PROGRAM
#   oracles                 .venv holds numpy, onnx, onnxruntime and qonnx
#   asan                    the tools are built with the address sanitizer
#
# Substitutions: the tools of build/bin and of LLVM by name, and
#   %python      the Python of .venv, or the one that CMake found
#   %examples    the folder of example networks
#   %models      the folder of further trained networks that ship for tests
#   %shared      the folder that DOREFA_SHARED names
#   %source      the root of this tree
#   %tools       build/bin
#   %mlir-include    the folder of MLIR's headers and td files

import os
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "DoReFa"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".py"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.dorefa_build_dir, "test")

# Folders with test_*.py belong to pytest; gtest programs are a suite of their
# own.
config.excludes = ["Inputs", "lib", "unittests", "lit.cfg.py", "conftest.py",
                   "sanitizer_options.py"]
for folder, _, files in os.walk(config.test_source_root):
    if any(name.startswith("test_") and name.endswith(".py") for name in files):
        config.excludes.append(os.path.basename(folder))


def cpu_flags():
    """The instruction-set flags that Linux reports for the first CPU."""
    try:
        with open("/proc/cpuinfo") as info:
            for line in info:
                key, _, value = line.partition(":")
                if key.strip() in ("flags", "Features"):
                    return set(value.split())
    except OSError:
        pass
    return set()


for target in config.targets_to_build.replace(";", " ").split():
    config.available_features.add(target.lower() + "-registered-target")

flags = cpu_flags()
if {"avx2", "fma"} <= flags:
    config.available_features.add("native-avx2")
if {"avx512f", "avx512bw", "avx512vl", "avx512_vnni"} <= flags:
    config.available_features.add("native-avx512vnni")

qemu = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
sysroot = "/usr/aarch64-linux-gnu"
if qemu and os.path.exists(sysroot + "/lib/ld-linux-aarch64.so.1"):
    config.available_features.add("qemu-aarch64")
    config.substitutions.append(("%run-aarch64", f"{qemu} -L {sysroot}"))

shared = config.dorefa_shared_dir
if shared and os.path.isdir(os.path.join(shared, "models")):
    config.available_features.add("shared")
    config.substitutions.append(("%shared", os.path.abspath(shared)))

venv_python = os.path.join(config.dorefa_source_dir, ".venv/bin/python")
python = config.python_executable or "/usr/bin/python3"
if os.path.exists(venv_python):
    config.available_features.add("oracles")
    python = venv_python
config.substitutions += [
    ("%python", python),
    ("%examples", os.path.join(config.dorefa_source_dir, "examples")),
    ("%models", os.path.join(config.dorefa_source_dir, "test/Models/Inputs")),
    ("%source", config.dorefa_source_dir),
    ("%tools", config.dorefa_tools_dir),
    ("%mlir-include", config.mlir_include_dir),
]

if config.dorefa_sanitizers:
    config.available_features.add("asan")
    sys.path.insert(0, config.test_source_root)
    from sanitizer_options import SANITIZER_OPTIONS

    config.environment.update(SANITIZER_OPTIONS)

# A variable of FileCheck is forgotten at the next CHECK-LABEL unless its name
# begins with $, in every test.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
config.environment["DOREFA_SHARED"] = shared or ""

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.add_tool_substitutions(
    [ToolSubst(name, unresolved="ignore") for name in (
        "dorefa-opt", "dorefa-translate", "dorefa-compile", "dorefa-interpret",
        "dorefa-test-run",
        "FileCheck", "count", "ld.lld", "llc", "llvm-mc", "llvm-nm",
        "llvm-objdump", "llvm-readelf", "mlir-opt", "mlir-tblgen",
        "mlir-translate", "not", "opt", "split-file")],
    [config.dorefa_tools_dir, config.llvm_tools_dir])
