# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The interpreter against another runtime, one layer at a time.

A layer ends at a quantizer of activations. Both sides start it from the codes
that the interpreter has in front of it. Their codes behind it must be equal,
unless the quantizer's real input is so close to a boundary that the order of
additions, which the other runtime leaves open, decides: those are counted.
"""

import dataclasses
import pathlib
import subprocess

import numpy as np
import onnx
from magnitudes import MOVES, OPERATORS, Sized
from nodes import Runner, is_qonnx
from quantizers import find_quantizer

ROUNDING = 2.0 ** -22
# What is a quantizer by itself, wherever it stands.
DECLARED = {"Quant", "IntQuant", "BipolarQuant", "MultiThreshold",
            "DequantizeLinear"}


@dataclasses.dataclass
class Tally:
    """Codes of a whole run."""

    codes: int = 0
    exempt: int = 0
    layers: int = 0
    outputs: int = 0
    networks: int = 0

    def share(self) -> float:
        return self.exempt / max(self.codes, 1)

    def __str__(self):
        return (f"{self.networks} networks, {self.layers} layers, {self.codes} "
                f"codes, {self.exempt} exempt ({100 * self.share():.4f} %), "
                f"{self.outputs} outputs")


def interpret(tools: pathlib.Path, folder: pathlib.Path, model: pathlib.Path,
              inputs: dict[str, np.ndarray]):
    """Outputs and codes of the interpreter."""
    np.savez(folder / "inputs.npz", **inputs)
    result = subprocess.run(
        [tools / "dorefa-interpret", model, "--inputs", folder / "inputs.npz",
         "-o", folder / "outputs.npz", "--taps", folder / "taps.npz"],
        capture_output=True, text=True, errors="replace")
    assert result.returncode == 0, result.stderr
    with np.load(folder / "outputs.npz") as outputs, \
            np.load(folder / "taps.npz") as taps:
        return dict(outputs), dict(taps)


class Comparison:
    """Runs a model node by node beside the interpreter's codes."""

    def __init__(self, model: onnx.ModelProto, inputs, taps, tally: Tally):
        self.graph = model.graph
        self.runner = Runner(model)
        self.values = {**self.runner.constants(), **inputs}
        self.sized = {name: Sized.exact(array) for name, array in inputs.items()}
        self.taps = taps
        self.tally = tally
        self.producers = {name: node for node in self.graph.node
                          for name in node.output}
        self.compared = set()

    def sized_of(self, name: str) -> Sized:
        if name not in self.sized:
            return Sized.exact(self.values[name])
        return self.sized[name]

    def track(self, node):
        """The node in binary64, with sizes."""
        if node.op_type in OPERATORS and not is_qonnx(node):
            inputs = [self.sized_of(name) if name else None
                      for name in node.input]
            self.sized[node.output[0]] = OPERATORS[node.op_type](node, *inputs)
        elif node.op_type in MOVES:
            parts = []
            for part in ("value", "size"):
                values = dict(self.values)
                for name in node.input:
                    if name and self.values[name].dtype == np.float32:
                        values[name] = getattr(self.sized_of(name), part)
                self.runner.run(node, values)
                parts.append(values)
            for name in filter(None, node.output):
                self.sized[name] = Sized(parts[0][name], parts[1][name])
        else:
            # A quantizer, an index, a comparison: its own result counts.
            for name in filter(None, node.output):
                self.sized[name] = Sized.exact(self.values[name])

    def compare_codes(self, node, name: str):
        output = self.values[name]
        quantizer = find_quantizer(node, self.producers, self.values, output.ndim)
        assert quantizer is not None, (
            f"{name}: no quantizer known that ends in {node.op_type}")
        expected = quantizer.codes(output)
        found = self.taps[name].astype(np.int64).reshape(expected.shape)
        differ = expected != found
        v = quantizer.in_code_units(self.sized_of(quantizer.source))
        near = np.broadcast_to(
            quantizer.distance(v.value) <= ROUNDING * v.size, differ.shape)
        wrong = differ & ~near
        if wrong.any():
            first = tuple(np.argwhere(wrong)[0])
            raise AssertionError(
                f"{name}: {wrong.sum()} of {wrong.size} codes differ, the first "
                f"at {[int(i) for i in first]}: expected {expected[first]}, but "
                f"got {found[first]}; in code units "
                f"{np.broadcast_to(v.value, differ.shape)[first]!r}")
        self.compared.add(name)
        self.tally.layers += 1
        self.tally.codes += differ.size
        self.tally.exempt += int(differ.sum())
        if differ.any():
            output = np.where(differ, quantizer.values(found), output)
        self.values[name] = output.astype(np.float32)
        self.sized[name] = Sized.exact(self.values[name])

    def declared(self) -> list[set[str]]:
        """The quantizers between inputs and outputs: the values of each, of
        which one has its codes. Of several DequantizeLinear it is the first."""
        live = {value.name for value in self.graph.output}
        for node in reversed(self.graph.node):
            if live.intersection(node.output):
                live.update(node.input)
        varying = {value.name for value in self.graph.input
                   if value.name not in self.runner.initializers}
        found = {}
        for node in self.graph.node:
            if not varying.intersection(node.input):
                continue
            varying.update(node.output)
            if node.output[0] in live and node.op_type in DECLARED:
                output = self.values[node.output[0]]
                quantizer = find_quantizer(node, self.producers, self.values,
                                           output.ndim)
                if quantizer is not None:
                    key = (node.input[0] if node.op_type == "DequantizeLinear"
                           else node.output[0])
                    found.setdefault(key, set()).add(node.output[0])
        return list(found.values())

    def compare_outputs(self, outputs: dict[str, np.ndarray]):
        for value in self.graph.output:
            expected = self.values[value.name]
            found = outputs[value.name].reshape(expected.shape)
            self.tally.outputs += expected.size
            if expected.dtype != np.float32:
                assert np.array_equal(expected, found), value.name
                continue
            largest = np.abs(expected[np.isfinite(expected)]).max(initial=0)
            if self.producers[value.name].op_type in ("Sigmoid", "Softmax"):
                largest = max(largest, 0.01)
            allowed = (1e-5 * largest +
                       4 * ROUNDING * self.sized_of(value.name).size)
            same = (expected == found) | (np.isnan(expected) & np.isnan(found))
            far = ~same & ~(np.abs(expected - found) <= allowed)
            assert not far.any(), (
                f"{value.name}: {far.sum()} of {far.size} outputs differ by up "
                f"to {np.abs(expected - found)[far].max()}")

    def run(self, outputs: dict[str, np.ndarray]):
        for node in self.graph.node:
            if not self.runner.run(node, self.values):
                continue  # known by name only, until a node reads it
            self.track(node)
            for name in node.output:
                if name in self.taps and self.values[name].dtype == np.float32:
                    self.compare_codes(node, name)
        self.compare_outputs(outputs)
        missing = set(self.taps) - self.compared
        assert not missing, f"codes of {sorted(missing)} were not compared"
        for names in self.declared():
            assert names & self.compared, f"{sorted(names)} have no codes"
        self.tally.networks += 1


def compare(model: onnx.ModelProto, tools: pathlib.Path, folder: pathlib.Path,
            inputs: dict[str, np.ndarray], tally: Tally):
    path = folder / "model.onnx"
    onnx.save(model, path)
    outputs, taps = interpret(tools, folder, path, inputs)
    assert taps, "expected codes of at least one quantizer"
    Comparison(model, inputs, taps, tally).run(outputs)
