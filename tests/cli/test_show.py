"""`coupling relatedness show`: everything is there, and fits."""

from pathlib import Path

import numpy as np
import pytest
from commands import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len

from coupling import Relatedness
from coupling.cli import _show
from coupling.knowledge import aff_wild2, du2014

NAMES = st.text(st.sampled_from("abcXYZ019 _-:[]/é中"), min_size=1, max_size=40).filter(str.strip)


def show(path: Path, *options: str, width: int) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        done = run("relatedness", "show", path, *options)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


@st.composite
def relatednesses(draw: st.DrawFn) -> Relatedness:
    shape = draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    cells = st.sampled_from([0.0, 1.0, 0.5, 0.004, 0.127])
    return Relatedness(
        draw(arrays(float, shape, elements=cells)),
        classes=draw(st.lists(NAMES, min_size=shape[0], max_size=shape[0], unique=True)),
        attributes=draw(st.lists(NAMES, min_size=shape[1], max_size=shape[1], unique=True)),
        known=draw(arrays(bool, shape[:1])),
        support=draw(st.none() | arrays(float, shape, elements=st.sampled_from([0.0, 7.0, 123.5, 9e5]))),
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relatednesses(), st.sampled_from([60, 80, 160]))
def test_lines_fit_and_nothing_is_lost(tmp_path: Path, table: Relatedness, width: int) -> None:
    path = tmp_path / "table.json"
    table.save(path)
    for options in ([], ["--all"]):
        lines = show(path, *options, width=width)
        assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert text.count("0.13") >= np.sum(table.conditional == 0.127)
    squeezed = "".join(text.split())
    assert sum(squeezed.count(digit) for digit in "5") >= np.sum(table.conditional == 0.5)


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("table", [du2014(), aff_wild2()], ids=["du2014", "aff_wild2"])
def test_built_in_tables_are_whole(tmp_path: Path, table: Relatedness, width: int) -> None:
    path = tmp_path / "table.json"
    table.save(path)
    lines = show(path, "--values", "weights", width=width)
    assert lines[0].endswith("attributes: weights of the indicator score")
    heads = [number for number, line in enumerate(lines) if line.split() == list(table.classes)]
    assert len(heads) == 1
    cells = [line.split() for line in lines[heads[0] + 2 : heads[0] + 2 + len(table.attributes)]]
    assert [row[0] for row in cells] == list(table.attributes)
    shown = np.array([[float(cell) for cell in row[1:]] for row in cells])
    assert np.abs(shown.T - table.weights).max() <= 0.005
    assert "…" not in "".join(lines)


def test_large_tables_are_abbreviated(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "birds.json"
    Relatedness(rng.random((200, 312))).save(path)
    for width in (80, 160):
        lines = show(path, width=width)
        assert len(lines) < 70
        assert "… stands for what does not fit; --all shows all." in lines
        assert any(line.startswith("attribute_0 ") for line in lines)
        assert any(line.startswith("attribute_311 ") for line in lines)
    Relatedness(rng.random((40, 60))).save(path)
    everything = show(path, "--all", width=160)
    assert sum(len(line.split()) - 1 for line in everything if line.startswith("attribute_")) == 40 * 60


ABBREVIATED = """\
5 classes x 2 attributes: p(attribute | class)

      x     y
─────────────
a  0.50  0.25
b  0.50  0.25
…     …     …
d  0.50  0.25
e  0.50  0.25

… stands for what does not fit; --all shows all.
"""


def test_rows_in_the_middle_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_show, "MOST_ROWS", 4)
    path = tmp_path / "table.json"
    Relatedness([[0.5, 0.25]] * 5, classes=list("abcde"), attributes=["x", "y"]).save(path)
    assert "\n".join(show(path, width=80)) + "\n" == ABBREVIATED
    Relatedness([[0.5, 0.25]] * 4).save(path)
    assert "…" not in "".join(show(path, width=80))


def test_support_and_unknown_classes(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    table = Relatedness(
        [[0.5, 0.0], [1.0, 0.25], [0.0, 0.0]],
        classes=["gull", "crow", "other"],
        attributes=["black", "white"],
        support=[[10, 12], [7, 7], [0, 0]],
        known=[True, True, False],
        source="counted by hand",
    )
    table.save(path)
    assert show(path, width=80) == [
        "3 classes x 2 attributes: p(attribute | class)",
        "",
        "         samples  black  white",
        "──────────────────────────────",
        "gull       10–12   0.50      0",
        "crow           7      1   0.25",
        "other ?        0      0      0",
        "",
        "? marks a class about which nothing is known.",
        "Source: counted by hand",
    ]
    assert "crow         7      7" in show(path, "--values", "support", width=80)


def test_weights_are_pointed_at() -> None:
    assert "--values weights" in run("relatedness", "show", "du2014").out


def test_tables() -> None:
    lines = run("relatedness", "tables").out.splitlines()
    assert [line.split()[0] for line in lines] == ["du2014", "aff_wild2"]
    assert "7 classes x 17 attributes" in lines[0]
