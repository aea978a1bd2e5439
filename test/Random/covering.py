# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rows in which every pair of values of any two columns occurs.

A space has columns, each with a few values, and rules, each of which says why
some values of one column cannot stand beside some of another. Rows are made
greedily: each starts from a pair that no row has yet, and every further column
takes the value that adds most new pairs. A pair that no rule forbids and that
no row can hold is an error of the rules, so that the list of infeasible pairs
is complete and each has its reason.
"""

import dataclasses
import itertools
import random
from collections.abc import Iterable

Value = str | int
Row = dict[str, Value]
Pair = tuple[tuple[str, Value], tuple[str, Value]]


@dataclasses.dataclass(frozen=True)
class Rule:
    """No value of `left` beside one of `right`: columns and their values."""

    left: tuple[str, frozenset]
    right: tuple[str, frozenset]
    reason: str


def _bind(text: tuple[str, Iterable[Value]]) -> tuple[str, frozenset]:
    column, values = text
    return column, frozenset(values)


def forbid(left, right, reason: str) -> Rule:
    return Rule(_bind(left), _bind(right), reason)


class Space:
    def __init__(self, columns: dict[str, list[Value]], rules: list[Rule]):
        self.columns = columns
        self.names = list(columns)
        self.reasons: dict[Pair, str] = {}
        for rule in rules:
            (a, a_values), (b, b_values) = rule.left, rule.right
            for u, v in itertools.product(columns[a], columns[b]):
                if u in a_values and v in b_values:
                    self.reasons[self.pair(a, u, b, v)] = rule.reason

    def pair(self, a: str, u: Value, b: str, v: Value) -> Pair:
        """The same pair whichever column is named first."""
        if self.names.index(a) > self.names.index(b):
            a, u, b, v = b, v, a, u
        return (a, u), (b, v)

    def pairs_of(self, row: Row) -> list[Pair]:
        return list(itertools.combinations(
            ((name, row[name]) for name in self.names), 2))

    def feasible_pairs(self) -> set[Pair]:
        return {((a, u), (b, v))
                for a, b in itertools.combinations(self.names, 2)
                for u in self.columns[a] for v in self.columns[b]
                if ((a, u), (b, v)) not in self.reasons}

    def _allows(self, row: Row, name: str, value: Value) -> bool:
        return all(self.pair(name, value, other, row[other]) not in self.reasons
                   for other in row)

    def is_legal(self, row: Row) -> bool:
        return not any(pair in self.reasons for pair in self.pairs_of(row))

    def complete(self, row: Row, missing: set[Pair],
                 source: random.Random) -> Row | None:
        """A legal row with the values of `row`; prefers pairs of `missing`."""
        free = [name for name in self.names if name not in row]
        if not free:
            return row
        choices = {name: [value for value in self.columns[name]
                          if self._allows(row, name, value)] for name in free}
        # The column with the fewest choices first finds dead ends early.
        name = min(free, key=lambda free_name: (len(choices[free_name]),
                                                source.random()))
        gains = {value: sum(self.pair(name, value, other, row[other]) in missing
                            for other in row) for value in choices[name]}
        for value in sorted(choices[name],
                            key=lambda value: (-gains[value], source.random())):
            found = self.complete({**row, name: value}, missing, source)
            if found:
                return found
        return None

    def cover(self, source: random.Random) -> list[Row]:
        """Rows that hold every feasible pair."""
        missing = self.feasible_pairs()
        rows = []
        while missing:
            seed = source.choice(sorted(missing, key=repr))
            row = self.complete(dict(seed), missing, source)
            if row is None:
                raise ValueError(f"no row holds {seed}, and no rule says why")
            missing.difference_update(self.pairs_of(row))
            rows.append({name: row[name] for name in self.names})
        return rows

    def sample(self, source: random.Random, fixed: Row | None = None) -> Row:
        row = self.complete(dict(fixed or {}), set(), source)
        if row is None:
            raise ValueError(f"no row holds {fixed}")
        return {name: row[name] for name in self.names}


def describe_coverage(space: Space, rows: list[Row]) -> tuple[str, set[Pair]]:
    """A table of pairs by columns, and the feasible pairs that no row holds.

    Above the diagonal stand the pairs of values that occur; a pair that cannot
    is not counted.
    """
    held = {pair for row in rows for pair in space.pairs_of(row)}
    missing = space.feasible_pairs() - held
    width = max(map(len, space.names))
    lines = ["pairs of values that occur, by columns:"]
    for i, a in enumerate(space.names):
        cells = []
        for b in space.names[i + 1:]:
            count = sum(1 for (x, _), (y, _) in held if x == a and y == b)
            lacking = sum(1 for (x, _), (y, _) in missing if x == a and y == b)
            cells.append(f"{count}" + (f"-{lacking}!" if lacking else ""))
        values = ", ".join(map(str, space.columns[a]))
        lines.append(f"  {i:2} {a:{width}}  {' ' * 5 * i}"
                     + "".join(f"{cell:>5}" for cell in cells))
        lines.append(f"     {'':{width}}  ({values})")
    lines.append(f"{len(held)} pairs occur, {len(missing)} are missing, "
                 f"{len(space.reasons)} are infeasible:")
    reasons = {}
    for ((a, u), (b, v)), reason in space.reasons.items():
        reasons.setdefault(reason, []).append(f"{a}={u} {b}={v}")
    for reason, pairs in reasons.items():
        shown = ", ".join(pairs[:3]) + (", .." if len(pairs) > 3 else "")
        lines.append(f"  {len(pairs):4} {reason} ({shown})")
    return "\n".join(lines), missing
