# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small graphs, compiled, run and compared with NumPy: element types at the
border of a network, and casts between them."""

import platform
import subprocess
from fractions import Fraction

import dorefa
import numpy as np
import onnx
import onnx.parser
import pytest

X = np.array([[[[-1.5, 0.0, 2.5], [np.nan, -0.0, 7.0]],
               [[1.0, -3.0, 0.5], [1e9, -1e9, 2.0]]]], np.float32)
HEADER = '<ir_version: 8, opset_import: ["": 17]>\n'


@pytest.fixture
def load(tools, tmp_path, monkeypatch):
    monkeypatch.setenv("DOREFA_COMPILE", str(tools / "dorefa-compile"))

    def compile_and_load(text, **options):
        model = onnx.parser.parse_model(HEADER + text)
        onnx.save(model, tmp_path / "net.onnx")
        return dorefa.load(dorefa.compile(tmp_path / "net.onnx",
                                          tmp_path / "net.so", **options))

    return compile_and_load


def declare(output, body, initializers=""):
    return (f"net (float[N, 2, 2, 3] x) => ({output} y) <{initializers}> "
            f"{{ {body} }}")


@pytest.mark.parametrize("operator, function", [
    ("Equal", np.equal), ("Greater", np.greater), ("Less", np.less),
    ("GreaterOrEqual", np.greater_equal), ("LessOrEqual", np.less_equal)])
def test_comparisons_give_booleans(load, operator, function):
    network = load(declare("bool[N, 2, 2, 3]", f"y = {operator}(x, c)",
                           "float[2, 1, 1] c = {0, 1}"))
    found = network(np.concatenate([X, -X]))
    assert found.dtype == np.bool_
    bounds = np.array([0, 1], np.float32).reshape(2, 1, 1)
    assert np.array_equal(found, function(np.concatenate([X, -X]), bounds))


def test_booleans_come_in_and_are_chosen_by(load):
    network = load(
        "net (bool[N, 3] b, float[N, 3] x) => (bool[N, 3] n, float[N, 3] y, "
        "float[N, 3] z) <bool[3] c = {1, 0, 1}, float[1, 3] minus = {-1, -2, -3}>"
        "{ n = Not(b)\n a = And(n, c)\n y = Where(a, x, minus)\n"
        " z = Where(c, minus, x) }")
    b = np.array([[True, False, False], [False, True, False]])
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    c, minus = np.array([True, False, True]), np.float32([-1, -2, -3])
    found = network(b, x)
    assert np.array_equal(found["n"], ~b)
    assert np.array_equal(found["y"], np.where(~b & c, x, minus))
    assert np.array_equal(found["z"], np.where(c, minus, x))


def test_booleans_of_a_product(load):
    """The layer of the convolution gives both its sums and what they mean."""
    network = load(
        "net (float[N, 2, 2, 3] x) => (bool[N, 4, 2, 3] y, float[N, 4, 2, 3] s)"
        "<float[4, 2, 1, 1] w = {1, 2, 3, 4, -1, -2, -3, -4},"
        " float[4, 1, 1] c = {0, 1, 2, 3}>"
        "{ s = Conv(x, w)\n y = Greater(s, c) }")
    x = np.random.default_rng(1).normal(size=(3, 2, 2, 3)).astype(np.float32)
    found = network(x)
    bounds = np.arange(4, dtype=np.float32).reshape(4, 1, 1)
    assert np.array_equal(found["y"], found["s"] > bounds)
    assert 0 < found["y"].sum() < found["y"].size


@pytest.mark.parametrize("name, number, dtype", [
    ("bool", 9, np.bool_), ("int32", 6, np.int32), ("int64", 7, np.int64)])
def test_casts_of_reals(load, name, number, dtype):
    network = load(declare(f"{name}[N, 2, 2, 3]", f"y = Cast<to = {number}>(x)"))
    found = network(X)
    assert found.dtype == dtype
    expected = X.copy()
    # Without a meaning in ONNX for integers; here 0.
    if dtype != np.bool_:
        expected[np.isnan(X)] = 0
    assert np.array_equal(found, expected.astype(dtype))


def test_casts_stay_in_range(load):
    network = load(declare("int32[N, 2, 2, 3]", "y = Cast<to = 6>(x)"))
    found = network(np.full(X.shape, 1e20, np.float32))
    assert np.all(found == 2**31 - 128)
    assert np.all(network(np.full(X.shape, -np.inf, np.float32)) == -2**31)


def test_casts_of_integers(load):
    network = load(
        "net (float[N, 4] x) => (int32[N] i, bool[N] b, int64[N] l, float[N] f) {"
        " a = ArgMax<axis = 1, keepdims = 0>(x)\n i = Cast<to = 6>(a)\n"
        " b = Cast<to = 9>(i)\n l = Cast<to = 7>(b)\n f = Cast<to = 1>(b) }")
    found = network(np.eye(4, dtype=np.float32)[[2, 0, 3]])
    for name, dtype, values in (("i", np.int32, [2, 0, 3]),
                                ("b", np.bool_, [1, 0, 1]),
                                ("l", np.int64, [1, 0, 1]),
                                ("f", np.float32, [1, 0, 1])):
        assert found[name].dtype == dtype
        assert np.array_equal(found[name], np.array(values, dtype))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16])
def test_casts_of_codes(load, dtype):
    name = np.dtype(dtype).name
    network = load(
        f"net ({name}[N, 3] x) => (int32[N, 3] i, int64[N, 3] l, bool[N, 3] b,"
        " int32[N, 3] s) <int32[1] c = {-70000}> {"
        " i = Cast<to = 6>(x)\n l = Cast<to = 7>(x)\n b = Cast<to = 9>(x)\n"
        " s = Add(i, c) }")
    x = np.array([[0, 1, 2], [np.iinfo(dtype).min, np.iinfo(dtype).max, 7]], dtype)
    found = network(x)
    for output, expected in (("i", x.astype(np.int32)), ("l", x.astype(np.int64)),
                             ("b", x != 0), ("s", x.astype(np.int32) - 70000)):
        assert found[output].dtype == expected.dtype
        assert np.array_equal(found[output], expected), output


def test_inputs_without_dimensions(load):
    network = load("net (float x, float[3] v) => (float[3] y) { y = Mul(v, x) }")
    v = np.arange(3, dtype=np.float32)
    for x in (2.0, np.float32(2), np.array(2, np.float32)):
        assert np.array_equal(network(x, v), 2 * v)


@pytest.mark.parametrize("threads", [1, 3])
def test_inputs_that_images_share(load, tools, tmp_path, threads):
    load("net (float s, float[N, 4] x, float[4, 3] w, float[1] b)"
         " => (float[N, 3] y) { p = MatMul(x, w)\n m = Mul(p, s)\n"
         " y = Add(m, b) }")
    network = dorefa.load(tmp_path / "net.so", threads=threads)
    assert [spec.shape for spec in network.inputs] == [
        (), (-1, 4), (4, 3), (1,)]
    x = np.arange(40, dtype=np.float32).reshape(10, 4)
    w = np.arange(12, dtype=np.float32).reshape(4, 3)
    inputs = {"s": np.float32(3), "x": x, "w": w, "b": np.float32([5])}
    assert np.array_equal(network(**inputs), (x @ w) * 3 + 5)
    with pytest.raises(ValueError, match="'w': expected"):
        network(**{**inputs, "w": np.stack([w, w])})

    np.savez(tmp_path / "inputs.npz", **inputs)
    subprocess.run([tools / "dorefa-compile", tmp_path / "net.onnx", "-o",
                    tmp_path / "net", "--verify", tmp_path / "inputs.npz"],
                   check=True)
    subprocess.run([tmp_path / "net", tmp_path / "inputs.npz", "--batch=3",
                    f"--threads={threads}", "-o", tmp_path / "y.npy"],
                   check=True)
    assert np.array_equal(np.load(tmp_path / "y.npy"), (x @ w) * 3 + 5)
    inputs["b"] = np.float32([5, 6])
    np.savez(tmp_path / "inputs.npz", **inputs)
    for command in ([tmp_path / "net", tmp_path / "inputs.npz"],
                    [tools / "dorefa-compile", tmp_path / "net.onnx",
                     "--verify", tmp_path / "inputs.npz"]):
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 1
        assert "input 'b' has no batch, but got 2 of it" in result.stderr


def test_taps_of_outputs(load):
    """Codes of an output's reals are one more output, codes that are an output
    already are not."""
    network = load(
        "net (float[N, 4] x) => (float[N, 4] y, uint8[N, 4] q)"
        "<float s = {0.25}, uint8 z = {3}>"
        "{ c = QuantizeLinear(x, s, z)\n y = DequantizeLinear(c, s, z)\n"
        " q = QuantizeLinear(y, s, z) }", taps=True)
    found = network(np.array([[-1, 0, 0.3, 100]], np.float32))
    codes = [[0, 3, 4, 255]]
    assert np.array_equal(found["q"], codes)
    assert np.array_equal(found["y"], [[-0.75, 0, 0.25, 63]])
    assert np.array_equal(found["y_codes"], codes)


def test_taps_of_a_last_quantizer(load):
    network = load(
        "net (float[N, 4] x) => (float[N, 4] y) <float l = {0}, float h = {3}>"
        "{ r = Round(x)\n y = Clip(r, l, h) }", taps=True)
    found = network(np.array([[-1, 1.4, 2.5, 9]], np.float32))
    assert list(found) == ["y", "y_codes"]
    assert found["y"].dtype == np.float32
    assert np.array_equal(found["y"], [[0, 1, 2, 3]])
    assert np.array_equal(found["y_codes"], [[0, 1, 2, 3]])


def test_taps_of_quantizers_that_change_nothing(load):
    """Behind a pool, and at once: codes of each of the three are outputs."""
    network = load(
        "net (float[N, 1, 2, 2] x) => (float[N, 1, 1, 1] y)"
        "<float s = {0.5}, uint8 z = {0}> {"
        " a = QuantizeLinear(x, s, z)\n b = DequantizeLinear(a, s, z)\n"
        " p = MaxPool<kernel_shape = [2, 2]>(b)\n"
        " c = QuantizeLinear(p, s, z)\n d = DequantizeLinear(c, s, z)\n"
        " e = QuantizeLinear(d, s, z)\n f = DequantizeLinear(e, s, z)\n"
        " y = Neg(f) }", taps=True)
    found = network(np.float32([[[[1, 2], [3, 0.2]]]]))
    assert sorted(found) == ["b", "d", "f", "y"]
    assert found["b"].ravel().tolist() == [2, 4, 6, 0]
    for name in "df":
        assert found[name].shape == (1, 1, 1, 1) and found[name].item() == 6
    assert found["y"].item() == -3


def test_many_thresholds(load, tmp_path):
    """As a loop, alone and behind a product of codes."""
    generator = np.random.default_rng(7)
    rows = {"t": np.sort(generator.normal(0, 2, (1, 3000))).astype(np.float32),
            "u": np.sort(generator.normal(0, 9, (2, 2000))).astype(np.float32)}
    for name, array in rows.items():
        (tmp_path / name).write_bytes(array.tobytes())
    network = load(
        "net (float[N, 4] x) => (float[N, 4] y, float[N, 2] z)"
        "<float s = {0.5}, float o = {0}, float b = {4}, "
        "float[4, 2] w = {1, -1, 2, 0, 3, 1, -2, 1}, "
        'float[1, 3000] t = ["location": "t"], '
        'float[2, 2000] u = ["location": "u"]> {'
        " y = finn.MultiThreshold(x, t)\n"
        " q = finn.Quant<signed = 1, narrow = 0>(x, s, o, b)\n"
        " v = finn.Quant<signed = 1, narrow = 0>(w, s, o, b)\n"
        " p = MatMul(q, v)\n z = finn.MultiThreshold(p, u) }")
    x = generator.normal(0, 2, (5, 4)).astype(np.float32)
    found = network(x)
    assert np.array_equal(found["y"], (x[..., None] >= rows["t"]).sum(-1))
    w = np.float32([[1, -1], [2, 0], [3, 1], [-2, 1]])
    p = np.clip(np.rint(x / 0.5), -8, 7) * 0.5 @ w
    assert np.array_equal(found["z"], (p[..., None] >= rows["u"]).sum(-1))


def test_average_of_padding_alone(load):
    """The corners' windows have no element, but padding counts."""
    network = load(
        "net (float[N, 1, 2, 2] x) => (float[N, 1, 4, 4] y, float[N, 1, 5, 5] p)"
        "<float s = {0.5}, uint8 z = {3}> {"
        " y = AveragePool<kernel_shape = [3, 3], pads = [2, 2, 2, 2],"
        " count_include_pad = 1>(x)\n q = QuantizeLinear(x, s, z)\n"
        " d = DequantizeLinear(q, s, z)\n"
        " p = AveragePool<kernel_shape = [2, 2], pads = [2, 2, 2, 2],"
        " count_include_pad = 1>(d) }")
    x = np.float32([[[[1, 2], [3, 0.5]]]])
    found = network(x)
    for name, size in (("y", 3), ("p", 2)):
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(x[0, 0], 2), (size, size))
        means = windows.sum((2, 3)) / np.float32(size * size)
        assert np.array_equal(found[name][0, 0], means)


@pytest.mark.parametrize("engine", ["bytes", "planes"])
@pytest.mark.parametrize("levels", [4, 16, 256])
@pytest.mark.parametrize("groups", [1, 3])
def test_zero_points_of_output_channels(load, groups, levels, engine):
    """As many bits as the codes have, though the integers need one more."""
    generator = np.random.default_rng(levels)
    w = generator.integers(0, levels, (6, 6 // groups, 2, 2))
    w.reshape(6, -1)[:, :2] = 0, levels - 1
    v = generator.integers(0, levels, (6, 5))
    v[:2].T[:] = 0, levels - 1
    zeros = np.linspace(0, levels - 1, 6).round().astype(int)

    def declare(name, array):
        return (f"uint8[{', '.join(map(str, array.shape))}] {name} = "
                f"{{{', '.join(map(str, array.ravel()))}}}")

    network = load(
        "net (uint8[N, 6, 3, 3] x, uint8[N, 6] r)"
        " => (float[N, 6, 3, 3] y, float[N, 5] m)"
        f"<float s = {{1}}, uint8 z = {{7}}, float[6] a = {{1,1,2,1,4,1}},"
        f" float[5] b = {{1,1,1,1,1}}, {declare('w', w)}, {declare('v', v)},"
        f" {declare('zw', zeros)}, {declare('zv', zeros[1:])}> {{"
        " i = DequantizeLinear(x, s, z)\n"
        " c = DequantizeLinear<axis = 0>(w, a, zw)\n"
        f" y = Conv<pads = [1, 0, 0, 1], group = {groups}>(i, c)\n"
        " g = DequantizeLinear(r, s, z)\n"
        " d = DequantizeLinear<axis = 1>(v, b, zv)\n"
        " m = MatMul(g, d) }", strict=True, engine=engine)
    bits = (levels - 1).bit_length()
    assert [layer["weight_bits"] for layer in network.layers
            if layer["engine"]] == [bits, bits]
    x = generator.integers(0, 256, (3, 6, 3, 3)).astype(np.uint8)
    found = network(x, x[:, :, 0, 0])
    i = x.astype(int) - 7
    padded = np.pad(i, ((0, 0), (0, 0), (1, 0), (0, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, 2), (2, 3))
    windows = windows.reshape(3, groups, 6 // groups, 3, 3, 2, 2)
    weights = ((w - zeros.reshape(6, 1, 1, 1)) *
               np.reshape([1, 1, 2, 1, 4, 1], (6, 1, 1, 1))
               ).reshape(groups, -1, *w.shape[1:])
    sums = np.einsum("ngchwkl,gockl->ngohw", windows, weights)
    assert np.array_equal(found["y"], sums.reshape(3, 6, 3, 3))
    assert np.array_equal(found["m"], i[:, :, 0, 0] @ (v - zeros[1:]))


MODES = {
    "ROUND": np.rint, "FLOOR": np.floor, "CEIL": np.ceil, "DOWN": np.trunc,
    "UP": lambda v: np.copysign(np.ceil(np.abs(v)), v),
    "HALF_UP": lambda v: np.copysign(np.floor(np.abs(v) + 0.5), v),
    "HALF_DOWN": lambda v: np.copysign(np.ceil(np.abs(v) - 0.5), v)}


@pytest.mark.parametrize("mode", MODES)
def test_rounding_without_instructions(load, mode):
    """The artifact brings a function along for each of them."""
    if platform.machine() != "x86_64":
        pytest.skip("needs an x86-64 machine")
    network = load(
        "net (float[N, 40] x) => (float[N, 40] y)"
        "<float s = {1}, float z = {0}, float b = {24}> {"
        f" y = finn.Quant<signed = 1, narrow = 0, rounding_mode = \"{mode}\">(x, s, z, b) }}",
        cpu="x86-64")
    generator = np.random.default_rng(3)
    x = np.concatenate([
        generator.normal(0, 3, 40), generator.integers(-9, 9, 40) / 2,
        generator.normal(0, 1e6, 80).astype(np.float32),
        np.linspace(-4194304, 4194304, 36),
        np.float32([0.49999997, -0.49999997, 4194303.5, -4194303.5])])
    x = x.astype(np.float32).reshape(-1, 40)
    # In binary64, where adding 1/2 is exact.
    expected = MODES[mode](np.clip(x.astype(np.float64), -2**23, 2**23 - 1))
    assert np.array_equal(network(x), expected)


@pytest.mark.parametrize("cpu", ["x86-64", "x86-64-v2", "x86-64-v3"])
def test_cpus_without_instructions(load, cpu):
    """Rounding and fused multiplication take functions there."""
    if platform.machine() != "x86_64":
        pytest.skip("needs an x86-64 machine")
    network = load(
        "net (float[N, 3, 40] x) => (float[N, 3, 40] r, float[N, 3, 40] f,"
        " float[N, 3, 40] c, float[N, 2, 40] y) <float[2, 3, 1] w = {0.1, 3.3, "
        "-7.7, 1e-3, 123.4, -55}> {"
        " r = Round(x)\n f = Floor(x)\n c = Ceil(x)\n y = Conv(x, w) }", cpu=cpu)
    generator = np.random.default_rng(3)
    x = np.concatenate([
        generator.normal(0, 3, 64), generator.integers(-9, 9, 40) / 2,
        generator.normal(0, 1e7, 40), generator.normal(0, 1e-39, 40),
        generator.normal(0, 1e37, 40),
        [0.0, -0.0, 0.49999997, -0.49999997, 8388607.5, -8388607.5, np.nan,
         np.inf, -np.inf, 1e-45, -1e-45, 2.0**23, 2.0**31, -2.0**31, -0.75,
         0.75]]).astype(np.float32).reshape(2, 3, 40)
    found = network(x)
    for name, function in (("r", np.rint), ("f", np.floor), ("c", np.ceil)):
        assert np.array_equal(found[name].view(np.int32)[~np.isnan(x)],
                              function(x).view(np.int32)[~np.isnan(x)])
    weights = np.float32([[0.1, 3.3, -7.7], [1e-3, 123.4, -55]])
    for o, k in np.ndindex(2, 40):
        for n in range(2):
            sums = fused_sum(x[n, :, k], weights[o])
            assert np.array_equal(found["y"][n, o, k], sums, equal_nan=True)


def fused_sum(x, weights):
    """`fma(x, w, acc)` one after the other, by exact fractions."""
    sum = np.float32(0)
    for a, b in zip(x, weights):
        if not (np.isfinite(a) and np.isfinite(sum)):
            with np.errstate(all="ignore"):
                sum = a * b + sum
            continue
        exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(sum))
        sum = round_to_float(exact)
    return sum


def round_to_float(exact):
    """Ties to even; the neighbours of a rounding to binary64 are compared."""
    with np.errstate(over="ignore"):
        near = np.float32(float(exact)) if abs(exact) < 2**128 else np.float32(
            np.copysign(np.inf, float(exact > 0) - 0.5))
        candidates = [np.nextafter(near, np.float32(-np.inf)), near,
                      np.nextafter(near, np.float32(np.inf))]
    finite = [c for c in candidates if np.isfinite(c)]
    best = min(finite, key=lambda c: (abs(Fraction(float(c)) - exact),
                                      int(c.view(np.int32)) & 1))
    # Half a unit beyond the largest number is infinite.
    limit = Fraction(2)**128 - Fraction(2)**103
    return np.float32(np.copysign(np.inf, float(best))) if abs(exact) >= limit \
        else best


@pytest.mark.parametrize("name, dtype", [("int32", np.int32),
                                         ("int64", np.int64)])
def test_integers_at_run_time(load, name, dtype):
    network = load(
        f"net ({name}[N, 3] a, {name}[N, 3] b) => ({name}[N, 3] s, {name}[N, 3] d,"
        f" {name}[N, 3] p, {name}[N, 3] m, bool[N, 3] l, bool[N, 3] e)"
        f"<{name}[3] c = {{1, -2, 5}}> {{ s = Add(a, c)\n d = Sub(a, b)\n"
        " p = Mul(a, b)\n m = Max(a, b, c)\n l = Less(a, b)\n e = Equal(b, c) }")
    a, b = np.random.default_rng(5).integers(-9, 9, (2, 4, 3)).astype(dtype)
    a[0, 0] = np.iinfo(dtype).max
    c = np.array([1, -2, 5], dtype)
    found = network(a, b)
    with np.errstate(over="ignore"):
        for output, expected in (
                ("s", a + c), ("d", a - b), ("p", a * b),
                ("m", np.maximum(np.maximum(a, b), c)), ("l", a < b),
                ("e", b == c)):
            assert found[output].dtype == expected.dtype
            assert np.array_equal(found[output], expected), output


@pytest.mark.parametrize("divisor", [1, 2, -2, 3, -7, -1, 1000003])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_division_of_integers(load, dtype, divisor):
    """Toward zero; the one quotient that does not fit wraps around."""
    name = np.dtype(dtype).name
    network = load(f"net ({name}[N, 3] a) => ({name}[N, 3] q)"
                   f"<{name} c = {{{divisor}}}> {{ q = Div(a, c) }}")
    limits = np.iinfo(dtype)
    a = np.array([[limits.min, limits.max, 0], [7, -7, 1], [-8, 9, 2000006],
                  [limits.min + 1, limits.max - 1, -1]], dtype)
    expected = [[(abs(int(x)) // abs(divisor)) * (1 if (x < 0) == (divisor < 0) else -1)
                 for x in row] for row in a]
    if divisor == -1:
        expected[0][0] = limits.min
    assert np.array_equal(network(a), np.array(expected, dtype))


@pytest.mark.parametrize("code", [0, 1, 4095])
def test_offsets_of_wide_sums_need_64_bits(load, code):
    """No stored number stands for zero, so that each position of the result has
    an offset of its own, which is a sum of numbers of 12 and 16 bits."""
    network = load(
        'net (float[N, 2, 3, 3] x) => (float[N, 1, 3, 3] y) <float one = {1},'
        ' float zero = {0}, float bits = {12}, float more = {16},'
        ' float step = {2}, float half = {4095},'
        f' float[1, 2, 3, 3] w = {{{", ".join(["32767"] * 18)}}}>'
        '{ q = qonnx.custom_op.general.Quant <narrow = 0, signed = 0,'
        '      rounding_mode = "ROUND"> (x, one, zero, bits)\n'
        ' d = Mul(q, step)\n s = Sub(d, half)\n'
        ' v = qonnx.custom_op.general.Quant <narrow = 0, signed = 1,'
        '      rounding_mode = "ROUND"> (w, one, zero, more)\n'
        ' y = Conv <pads = [1, 1, 1, 1]> (s, v) }')
    places = np.outer([2, 3, 2], [2, 3, 2]) * 2  # of the window inside
    sums = places * (2 * code - 4095) * 32767
    found = network(np.full((1, 2, 3, 3), code, np.float32))
    assert np.array_equal(found[0, 0], sums.astype(np.float32))


def test_one_function_for_all_exponentials(load):
    """A layer's epilogue and a softmax call it."""
    network = load("net (float[N, 4] x) => (float[N, 4] y, float[N, 4] z) {"
                   " c = Clip(x)\n e = Exp(c)\n y = Neg(e)\n z = Softmax(x) }")
    x = np.float32([[0, 1, -1, 2]])
    found = network(x)
    assert np.allclose(found["y"], -np.exp(x))
    assert np.allclose(found["z"], np.exp(x) / np.exp(x).sum())
