"""Every code block of the README runs, and its commands name sessions that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", (ROOT / "README.md").read_text(), flags=re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [code for language, code in BLOCKS if language == "bash"]


def test_blocks_are_found() -> None:
    assert len(PYTHON) >= 4
    assert len(PYTHON) + len(SHELL) == len(BLOCKS)


@pytest.mark.parametrize("code", PYTHON)
def test_python(code: str, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for code in SHELL for line in code.splitlines()])
def test_shell(line: str) -> None:
    sessions = re.findall(r"nox -s ([\w-]+)", line)
    assert sessions
    noxfile = (ROOT / "noxfile.py").read_text()
    for session in sessions:
        assert f'name="{session}"' in noxfile or f"def {session}(" in noxfile
