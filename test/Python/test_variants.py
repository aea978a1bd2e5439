# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files that hold trained networks for several CPUs."""

import json
import os
import pathlib
import platform
import shutil
import subprocess

import dorefa
import numpy as np
import pytest

NETWORKS = {"lfc": "mnist/lfc_w1a2_mnist.onnx",
            "cnv": "cifar10/cnv_w1a1_cifar10.onnx"}

# By the names of /proc/cpuinfo, which knows nothing of the code under test.
_V3 = {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "abm"}
_VNNI = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl",
               "avx512_vnni"}
_VBMI = _VNNI | {"avx512vbmi", "avx512_vbmi2", "avx512_bitalg",
                 "avx512_vpopcntdq"}
VARIANTS = {"x86-64-v3": _V3, "x86-64-v4-vnni": _VNNI, "x86-64-v4-vbmi": _VBMI}

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64",
                                reason="needs an x86-64 CPU")


def find_runnable() -> list[str]:
    with open("/proc/cpuinfo") as info:
        flags = set(next(line for line in info
                         if line.startswith("flags")).split())
    return [name for name, needed in VARIANTS.items() if needed <= flags]


@pytest.fixture(autouse=True)
def environment(tools, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))
    monkeypatch.delenv("DOREFA_VARIANT", raising=False)


@pytest.fixture
def compiler(tools):
    def call(*words):
        return subprocess.run([tools / "dorefa-compile", *words],
                              capture_output=True, text=True, check=False)

    return call


@pytest.fixture(scope="module")
def portable(tools, examples, tmp_path_factory):
    """A network for all variants, and the report on it."""
    built = {}

    def get(name):
        if name not in built:
            library = tmp_path_factory.mktemp("variants") / f"{name}.so"
            result = subprocess.run(
                [tools / "dorefa-compile", examples / NETWORKS[name], "-o",
                 library, "--target=portable", "--report=json"],
                capture_output=True, text=True, check=True)
            built[name] = library, json.loads(result.stdout)
        return built[name]

    return get


@pytest.fixture(scope="module")
def program(tools, tmp_path_factory):
    """A program with all variants."""
    path = tmp_path_factory.mktemp("variants") / "lfc"
    network = pathlib.Path(__file__).parents[2] / "examples" / NETWORKS["lfc"]
    subprocess.run([tools / "dorefa-compile", network, "-o", path,
                    "--target=portable"], check=True)
    return path


def run(program, *words, variant=None):
    environment = dict(os.environ)
    if variant is not None:
        environment["DOREFA_VARIANT"] = variant
    return subprocess.run([program, *words], env=environment,
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_each_variant_gives_the_same_bits(portable, examples, tmp_path,
                                          monkeypatch, name, variant):
    library, _ = portable(name)
    if variant not in find_runnable():
        pytest.skip(f"this CPU cannot run {variant}")
    single = dorefa.load(dorefa.compile(examples / NETWORKS[name],
                                        tmp_path / "single.so"))
    monkeypatch.setenv("DOREFA_VARIANT", variant)
    model = dorefa.load(library)
    assert model.variant == variant
    images = np.random.default_rng(5).random(single.inputs[0].for_batch(40),
                                             np.float32)
    assert np.array_equal(model(images), single(images))


def test_the_best_variant_is_chosen(portable, monkeypatch):
    library, report = portable("lfc")
    best = find_runnable()[-1]
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv("DOREFA_VARIANT", value)
        model = dorefa.load(library)
        assert model.variants == tuple(VARIANTS)
        assert model.variant == best
    assert model.report == report
    variant, = (entry for entry in report["variants"] if entry["name"] == best)
    assert model.layers == variant["layers"]
    assert model.target == variant["target"]


def test_a_variant_keeps_its_memory_to_itself(portable, monkeypatch):
    """Two variants in one process, each with memory that it packed."""
    library, _ = portable("lfc")
    models = []
    for variant in find_runnable():
        monkeypatch.setenv("DOREFA_VARIANT", variant)
        models.append(dorefa.load(library))
    images = np.random.default_rng(6).random((3, 1, 28, 28), np.float32)
    for model in models[1:]:
        assert np.array_equal(model(images), models[0](images))


def test_an_unknown_variant_is_refused(portable, program, monkeypatch):
    message = ("DOREFA_VARIANT=x86-64: unknown variant: expected x86-64-v3, "
               "x86-64-v4-vnni or x86-64-v4-vbmi")
    library, _ = portable("lfc")
    monkeypatch.setenv("DOREFA_VARIANT", "x86-64")
    with pytest.raises(dorefa.LoadError, match=f"lfc.so: {message}$"):
        dorefa.load(library)
    for words in (["--info"], ["--report"], ["--version"], ["--repeat=1"]):
        result = run(program, *words, variant="x86-64")
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == f"error: {message}\n"
    assert run(program, "--help", variant="x86-64").returncode == 0


@pytest.mark.parametrize("targets", ["x86-64-v3", "x86-64,x86-64-v3"])
def test_a_cpu_without_the_features_is_told(tmp_path, examples, monkeypatch,
                                            targets):
    """No CPU has both of these: XOP was gone before AVX-512 came."""
    name = targets.split(",")[-1]
    message = f"compiled for {name}; this CPU lacks "
    if "," in targets:
        monkeypatch.setenv("DOREFA_VARIANT", name)
        message = f"DOREFA_VARIANT={name}: {message}"
    network = examples / NETWORKS["lfc"]
    options = {"target": targets, "features": "+xop,+avx512vp2intersect"}
    library = dorefa.compile(network, tmp_path / "net.so", **options)
    with pytest.raises(dorefa.LoadError, match=f"net.so: {message}.*xop"):
        dorefa.load(library)
    program = dorefa.compile(network, tmp_path / "net", **options)
    result = run(program, "--info")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("cpu, variant", [("Nehalem", None),
                                          ("Haswell", "x86-64-v3")])
def test_another_cpu(program, portable, tmp_path, cpu, variant):
    emulator = shutil.which("qemu-x86_64-static") or shutil.which("qemu-x86_64")
    if not emulator:
        pytest.skip("needs qemu-user for x86-64")
    images = np.random.default_rng(7).random((2, 1, 28, 28), np.float32)
    np.save(tmp_path / "x.npy", images)
    words = ["-cpu", cpu, program, tmp_path / "x.npy", "-o", tmp_path / "y.npy"]
    result = run(emulator, *words)
    # The emulator has remarks of its own on a CPU that it does not know well.
    errors = [line for line in result.stderr.splitlines()
              if not line.startswith("qemu-")]
    if variant:
        assert (result.returncode, errors) == (0, [])
        assert f"variant   {variant} of" in run(emulator, *words[:3],
                                                "--info").stdout
        network = dorefa.load(portable("lfc")[0])
        assert np.array_equal(np.load(tmp_path / "y.npy"), network(images))
    else:
        assert result.returncode == 1
        assert errors == ["error: compiled for x86-64-v3; this CPU lacks movbe, "
                          "lzcnt, bmi, bmi2, avx, fma, f16c, avx2"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_info_shows_the_variant(program, variant):
    if variant not in find_runnable():
        pytest.skip(f"this CPU cannot run {variant}")
    result = run(program, "--info", variant=variant)
    assert (f"variant   {variant} of x86-64-v3, x86-64-v4-vnni, x86-64-v4-vbmi\n"
            in result.stdout)


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_are_stored_once(compiler, portable, examples, tmp_path, name):
    library, report = portable(name)
    file = report["file"]
    assert file["bytes"] == library.stat().st_size
    parts = ("weight_bytes", "parameter_bytes", "code_bytes", "other_bytes")
    assert file["bytes"] == sum(file[part] for part in parts)
    variants = report["variants"]
    assert [variant["name"] for variant in variants] == list(VARIANTS)
    assert file["code_bytes"] == sum(variant["code_bytes"]
                                     for variant in variants)
    for variant in variants:
        assert variant["weight_bytes"] == file["weight_bytes"]
    # Thresholds that two variants pad alike are shared as well.
    assert file["parameter_bytes"] <= sum(variant["parameter_bytes"]
                                          for variant in variants)

    output = tmp_path / "single.so"
    single = json.loads(compiler(examples / NETWORKS[name], "-o", output,
                                 "--target=x86-64-v3", "--report=json").stdout)
    more = (file["code_bytes"] - single["file"]["code_bytes"] +
            file["parameter_bytes"] - single["file"]["parameter_bytes"])
    # Beside code, each variant brings descriptors and layers of the report.
    assert file["bytes"] < single["file"]["bytes"] + more + 16384 * 3


def test_verify_runs_every_variant(compiler, examples, tmp_path):
    inputs = tmp_path / "inputs.npz"
    np.savez(inputs, image=np.random.default_rng(1).random((2, 1, 28, 28),
                                                           np.float32))
    result = compiler(examples / NETWORKS["lfc"], "--target=portable",
                      f"--verify={inputs}")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == len(VARIANTS)
    for line, variant in zip(lines, VARIANTS):
        outcome = ("all 4 layers with codes and 1 outputs are equal to the "
                   "interpreter's" if variant in find_runnable() else
                   "not run, as this cpu lacks what it needs")
        assert line == f"{inputs}: {variant}: {outcome}"


def test_remarks_are_made_once(compiler, examples, tmp_path):
    """Whatever the number of variants."""
    single, several = (
        compiler(examples / NETWORKS["cnv"], "-o", tmp_path / "net.so",
                 f"--target={target}") for target in ("native", "portable"))
    assert several.stderr == single.stderr
