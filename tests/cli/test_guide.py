"""Every command of the guide runs, and prints what the guide says that it prints."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from coupling.knowledge import du2014

GUIDE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
CELEBA = "identity,Smiling\n2,-1\n2,1\n1,1\n"


def write_labels(path: Path) -> None:
    """Frames of videos with expressions and action units, as Table 1 has them, some of them missing."""
    table, rng = du2014(), np.random.default_rng(0)
    lines = [",".join(["video", "expression", *table.attributes])]
    for frame in range(1000):
        expression = rng.integers(7)
        rates = np.clip(0.9 * table.weights[expression], 0.04, 0.96)
        units = np.where(rng.random(17) < 0.05, "", np.where(rng.random(17) < rates, "1", "0"))
        name = table.classes[expression] if rng.random() > 0.05 else ""
        lines.append(",".join([f"v{frame // 8:03}", name, *units]))
    path.write_text("\n".join(lines) + "\n")


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a block with what it prints."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("guide")
    write_labels(path / "labels.csv")
    (path / "celeba.csv").write_text(CELEBA)
    return path


def test_guide(folder: Path) -> None:
    """All in one shell, as a reader types them."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    pairs = [pair for block in BLOCKS for pair in commands(block)]
    assert len(pairs) >= 15
    script = "\n".join(f"{command}\necho ---" for command, _ in pairs)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = re.sub(r" +$", "", done.stdout, flags=re.MULTILINE).split("---\n")
    assert printed.pop() == ""
    for (command, expected), got in zip(pairs, printed, strict=True):
        fits = doctest.OutputChecker().check_output(expected, got, doctest.ELLIPSIS)
        assert fits, f"$ {command}\nexpected:\n{expected}\ngot:\n{got}"
    assert (folder / "faces.png").read_bytes()[:4] == b"\x89PNG"
    assert "<svg" in (folder / "du2014.svg").read_text()
