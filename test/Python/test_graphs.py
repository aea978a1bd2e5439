# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small graphs, compiled, run and compared with NumPy: element types at the
border of a network, and casts between them."""

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


def test_inputs_without_dimensions(load):
    network = load("net (float x, float[3] v) => (float[3] y) { y = Mul(v, x) }")
    v = np.arange(3, dtype=np.float32)
    for x in (2.0, np.float32(2), np.array(2, np.float32)):
        assert np.array_equal(network(x, v), 2 * v)


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
