# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""scripts/summarize_tests.py, which has the last word on a test run."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/summarize_tests.py"
SKIPS = "# A comment.\n\nunless NET: needs a net\n"
PASSED = {"name": "a", "code": "PASS", "output": ""}
FAILED = {"name": "b", "code": "FAIL", "output": ""}


def case(content: str = "") -> str:
    return f'<testcase classname="c" name="d">{content}</testcase>'


def skipped(reason: str) -> str:
    return case(f'<skipped message="{reason}"/>')


@pytest.fixture
def summarize(tmp_path):
    """The exit code and the last lines for results of both runners."""
    def run(lit: list[dict], cases: str, skips: str = SKIPS, **variables: str
            ) -> tuple[int, list[str]]:
        (tmp_path / "skips.txt").write_text(skips)
        (tmp_path / "lit.json").write_text(json.dumps({"tests": lit}))
        (tmp_path / "pytest.xml").write_text(f"<testsuite>{cases}</testsuite>")
        environment = {key: value for key, value in os.environ.items()
                       if key != "NET"}
        result = subprocess.run(
            [sys.executable, SCRIPT, "skips.txt", "lit.json", "pytest.xml"],
            cwd=tmp_path, env=environment | variables, capture_output=True,
            text=True, check=False)
        assert not result.stderr or result.returncode, result.stderr
        return result.returncode, (result.stdout + result.stderr).split("\n")

    return run


def test_all_passed(summarize):
    status, lines = summarize([PASSED], case())
    assert (status, lines[-2]) == (0, "2 passed, 0 failed")


def test_failure(summarize):
    status, lines = summarize([PASSED, FAILED], case("<failure/>"))
    assert (status, lines[-2]) == (1, "1 passed, 2 failed")
    assert lines[1:3] == ["failed: b", "failed: c :: d"]


def test_expected_skip(summarize):
    status, lines = summarize([PASSED], skipped("needs a net"))
    assert (status, lines[-2]) == (0, "1 passed, 0 failed, 1 skipped")
    assert lines[1] == "skipped 1: needs a net"


def test_skip_with_what_it_needs_at_hand_fails(summarize):
    status, lines = summarize([PASSED], skipped("needs a net"), NET="/net")
    assert (status, lines[-2]) == (1, "1 passed, 1 failed")
    assert lines[1] == "failed: c :: d (skipped: needs a net)"


def test_skip_for_another_reason_fails(summarize):
    unsupported = {"name": "e", "code": "UNSUPPORTED", "output": "no cat\n"}
    status, lines = summarize([PASSED, unsupported], case())
    assert (status, lines[-2]) == (1, "2 passed, 1 failed")
    assert lines[1] == "failed: e (skipped: no cat)"


def test_runner_without_results_fails(summarize):
    assert summarize([], case())[0] == 1
    assert summarize([PASSED], "")[0] == 1


def test_malformed_list(summarize):
    status, lines = summarize([PASSED], case(), skips="needs a net\n")
    assert status == 1
    assert "expected 'unless VARIABLE: REASON'" in "".join(lines)
