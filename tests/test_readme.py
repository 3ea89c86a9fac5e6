"""Every code block of the README and of the guide runs, and what a page shows is what its blocks print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The page's blocks in a language, each below as many empty lines as stand above it on the page."""
    text = page.read_text()
    found = [match for match in BLOCK.finditer(text) if match[1] == language]
    return ["\n" * text.count("\n", 0, match.start(2)) + match[2] for match in found]


def joined(parts: list[str]) -> str:
    """The blocks as one program, each still on the lines where it stands on the page."""
    program = ""
    for part in parts:
        program += part[program.count("\n") :]
    return program


def run(code: str, folder: Path) -> str:
    command = [sys.executable, "-P", "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_blocks_are_found() -> None:
    assert len(blocks(README, "python")) >= 4
    known = len(blocks(README, "python")) + len(blocks(README, "bash"))
    assert known == len(BLOCK.findall(README.read_text()))


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_readme(code: str, tmp_path: Path) -> None:
    """Each block stands on its own."""
    run(code, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_guide(page: Path, tmp_path: Path) -> None:
    """The blocks of a page build on one another; a text block shows what they print."""
    printed = run(joined(blocks(page, "python")), tmp_path)
    for shown in blocks(page, "text"):
        assert shown.lstrip("\n") in printed


@pytest.mark.parametrize(
    "line", [line for code in blocks(README, "bash") for line in code.split("\n") if line]
)
def test_shell(line: str) -> None:
    sessions = re.findall(r"nox -s ([\w-]+)", line)
    assert sessions
    noxfile = (ROOT / "noxfile.py").read_text()
    for session in sessions:
        assert f'name="{session}"' in noxfile or f"def {session}(" in noxfile
