"""The guide's blocks run in the repository; those of the other pages run without it."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "faces.md"


def test_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```py\n(.*?)^```", GUIDE.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})
    (kept,) = tmp_path.rglob("*.npy")
    assert kept.stat().st_size > 330 * 112 * 112 * 3
