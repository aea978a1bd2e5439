# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program that takes turns: a process of its own with one open network.

So no runtime sees another one's threads, allocator or settings, and threads
that spin while they wait for work do not run beside another program's turn.
The process is pinned before it imports anything. It prints a line when it is
ready and reads one line a turn, the seconds that the turn lasts.
"""

import json
import os
import subprocess
import sys
import tempfile


class Worker:
    """The process, as its starter sees it."""

    def __init__(self, name: str, path, shape: list[int], threads: int,
                 cores: set[int], environment: dict[str, str] | None = None):
        task = {"name": name, "path": str(path), "shape": shape,
                "threads": threads, "cores": sorted(cores)}
        self._messages = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(task)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._messages, env={**os.environ, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.communicate()
        self._messages.close()

    def wait(self) -> str:
        """Returns when the network has run once; the text is what went wrong."""
        return self._receive().get("error", "")

    def measure(self, seconds: float) -> dict:
        """A turn's times, or under `error` what went wrong."""
        try:
            print(seconds, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            pass
        return self._receive()

    def _receive(self) -> dict:
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        status = self._process.wait()
        self._messages.seek(0)
        messages = self._messages.read().strip().splitlines()
        return {"error": messages[-1] if messages else
                f"ended with status {status}"}


SETTLE_SECONDS = 0.02


def main():
    task = json.loads(sys.argv[1])
    os.sched_setaffinity(0, task["cores"])
    # Runtimes write what they like to the standard output.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    import numpy as np
    import runtimes
    from timing import summarize, time_calls

    image = np.random.default_rng(0).random(task["shape"], dtype=np.float32)
    runtime = runtimes.PEERS.get(task["name"], runtimes.OURS)
    run = runtime.open(task["path"], image, task["threads"])
    run()
    print("{}", file=replies, flush=True)
    for line in sys.stdin:
        # The caches are another program's, and so may be the clock.
        time_calls(run, SETTLE_SECONDS)
        print(json.dumps(summarize(time_calls(run, float(line)))),
              file=replies, flush=True)


if __name__ == "__main__":
    main()
