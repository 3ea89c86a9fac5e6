"""The command line as it is typed: in this process, or in one of its own."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from coupling.cli import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def run(*arguments: object) -> Outcome:
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, *(stream.buffer.getvalue().decode() for stream in streams))


def estimate(*arguments: object) -> Outcome:
    return run("relatedness", "estimate", *arguments)


def spawn(*arguments: object, code: str = "", **options: Any) -> subprocess.Popen[str]:
    """A process of its own, that runs some ``code`` first."""
    script = f"{code}\nimport sys\nfrom coupling.cli import main\nsys.exit(main())"
    command = [sys.executable, "-P", "-c", script, *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(command, text=True, **streams)


def assert_refused(outcome: Outcome, *, message: str = "") -> None:
    """One line that says what is wrong, nothing else."""
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("coupling: ")
    assert outcome.err.count("\n") == 1
    assert outcome.err.endswith("\n")
    assert message in outcome.err


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
