# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adds up the results of several test runners.

    summarize_tests.py SKIPS RESULTS...

reads lit's JSON (.json) and JUnit XML (.xml), prints each failed test by name
and each reason for skipping with the number of tests it took, and ends with
one line `N passed, N failed`, `, N skipped` if there are any. A test that is
skipped for a reason that is not in the file SKIPS counts as failed. The exit
status is 1 if a test failed or a runner left no result.
"""

import collections
import json
import os
import pathlib
import re
import sys
import typing
import xml.etree.ElementTree

LIT_PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
LIT_SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


class Result(typing.NamedTuple):
    name: str
    outcome: str  # "passed", "failed" or "skipped"
    reason: str   # why it was skipped


def read_lit(path: pathlib.Path) -> list[Result]:
    results = []
    for test in json.loads(path.read_text())["tests"]:
        if test["code"] in LIT_SKIPPED:
            reason = test["output"].strip().splitlines()
            results.append(Result(test["name"], "skipped",
                                  reason[0] if reason else "no reason given"))
        else:
            passed = test["code"] in LIT_PASSED
            results.append(
                Result(test["name"], "passed" if passed else "failed", ""))
    return results


def read_junit(path: pathlib.Path) -> list[Result]:
    results = []
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')} :: {case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            results.append(Result(name, "failed", ""))
        elif skipped is not None:
            results.append(Result(name, "skipped",
                                  skipped.get("message") or "no reason given"))
        else:
            results.append(Result(name, "passed", ""))
    return results


def read(path: pathlib.Path) -> list[Result]:
    reader = read_lit if path.suffix == ".json" else read_junit
    try:
        results = reader(path)
    except (OSError, ValueError, xml.etree.ElementTree.ParseError) as error:
        return [Result(f"{path}: {error}", "failed", "")]
    return results or [Result(f"{path}: no test ran", "failed", "")]


def read_expected_skips(path: pathlib.Path) -> set[str]:
    """The reasons that hold in this environment."""
    reasons = set()
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"unless (\w+): (.+)", line)
        if not match:
            raise SystemExit(f"{path}: expected 'unless VARIABLE: REASON', "
                             f"but got '{line}'")
        if not os.environ.get(match[1]):
            reasons.add(match[2])
    return reasons


def fail_unexpected_skip(result: Result, expected: set[str]) -> Result:
    if result.outcome != "skipped" or result.reason in expected:
        return result
    return Result(f"{result.name} (skipped: {result.reason})", "failed", "")


def main(skips: str, *paths: str) -> int:
    expected = read_expected_skips(pathlib.Path(skips))
    results = [fail_unexpected_skip(result, expected)
               for path in paths for result in read(pathlib.Path(path))]
    outcomes = collections.Counter(result.outcome for result in results)
    reasons = collections.Counter(
        result.reason for result in results if result.outcome == "skipped")

    print()
    for reason, number in sorted(reasons.items()):
        print(f"skipped {number}: {reason}")
    for result in results:
        if result.outcome == "failed":
            print(f"failed: {result.name}")
    line = f"{outcomes['passed']} passed, {outcomes['failed']} failed"
    if outcomes["skipped"]:
        line += f", {outcomes['skipped']} skipped"
    print(line)
    return 1 if outcomes["failed"] or not outcomes["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
