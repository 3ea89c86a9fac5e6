"""Processes that make batches end with the one that is trained in, however it ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120
PROGRAM = """
from itertools import islice
from benchmarks.prefetch import prefetched

if __name__ == "__main__":
    batches = prefetched(range(1000), 3, workers=2)
    print(list(islice(batches, 4)), flush=True)
    input()
"""


def children(process: int) -> list[int]:
    """Of all threads."""
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return "State:\tZ" in Path(f"/proc/{process}/status").read_text()


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, tmp_path / "program.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "[3, 4, 5, 6]\n"
        left = children(process.pid)
        assert len(left) >= 2
        process.kill()
    end = time.monotonic() + PATIENCE
    while not all(map(gone, left)):
        assert time.monotonic() < end
        time.sleep(0.05)
