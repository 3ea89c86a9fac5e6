"""`coupling relatedness plot`: pictures of either kind, whole or not at all."""

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from commands import assert_refused, files, run

from coupling import Relatedness


def test_png(tmp_path: Path) -> None:
    path = tmp_path / "heat.PNG"
    assert run("relatedness", "plot", "du2014", "-o", path) == (0, "", "")
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG")
    assert content.endswith(b"IEND\xaeB`\x82")
    assert min(width, height) > 200
    assert files(tmp_path) == {"heat.PNG"}


def test_svg_and_values(tmp_path: Path) -> None:
    Relatedness([[0.5, 0.25]], [[3.0, 0.0]]).save(tmp_path / "table.json")
    pictures = []
    for values in ("conditional", "weights"):
        path = tmp_path / f"{values}.svg"
        assert run("relatedness", "plot", tmp_path / "table.json", "--values", values, "-o", path).code == 0
        assert ET.parse(path).getroot().tag.endswith("svg")
        pictures.append(path.read_text())
    assert pictures[0] != pictures[1]


def test_failed_picture_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "heat.png"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "heat.png")

    monkeypatch.setattr(Path, "replace", fail)
    assert_refused(run("relatedness", "plot", "du2014", "-o", path), message="heat.png: No space left")
    assert (path.read_text(), files(tmp_path)) == ("old", {"heat.png"})
