"""`coupling relatedness show`: everything is there, and fits."""

import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from commands import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.cells import cell_len
from rich.console import Console

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


BIRDS = Relatedness(np.full((3, 3), 0.25), classes=["gull", "crow", "jay"], attributes=["a", "b", "c"])


@pytest.mark.parametrize(("width", "columns"), [(24, "a b c"), (23, "a b …"), (21, "a b …"), (20, "a …")])
def test_as_many_columns_as_fit(tmp_path: Path, width: int, columns: str) -> None:
    """Each takes 4 letters and 2 between it and the next; so do the names of the rows."""
    path = tmp_path / "table.json"
    BIRDS.save(path)
    lines = show(path, width=width)
    rule = next(number for number, line in enumerate(lines) if line.startswith("─"))
    assert lines[rule - 1].split() == columns.split()
    assert [row.split() for row in lines[rule + 1 : rule + 4]] == [
        [name, *("…" if column == "…" else "0.25" for column in columns.split())] for name in BIRDS.classes
    ]
    assert ("… stands for what" in " ".join(lines)) == ("…" in columns)


@pytest.mark.parametrize(
    ("width", "blocks"), [(18, ["a b", "c d"]), (17, list("abcd")), (24, ["a b c", "d"])]
)
def test_columns_side_by_side(tmp_path: Path, width: int, blocks: list[str]) -> None:
    path = tmp_path / "table.json"
    Relatedness(np.full((4, 4), 0.25), classes=["gull", "crow", "jay", "owl"], attributes=list("abcd")).save(
        path
    )
    lines = show(path, "--all", width=width)
    heads = [lines[number - 1] for number, line in enumerate(lines) if line.startswith("─")]
    assert [head.split() for head in heads] == [block.split() for block in blocks]


LONG = """\
2 classes x 1 attributes: p(attribute | class)

                              bill_shape_c
                                  urved_up
──────────────────────────────────────────
black_footed_albatross_of_th          0.50
e_north
crow                                     0

"""


def test_long_names_are_folded(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    names = ["black_footed_albatross_of_the_north", "crow"]
    Relatedness([[0.5], [0]], classes=names, attributes=["bill_shape_curved_up"]).save(path)
    assert [line.rstrip() for line in show(path, width=80)] == LONG.splitlines()


def test_what_is_faint() -> None:
    """Cells of 0, and what is said below."""
    table = Relatedness([[0.5, 0]], classes=["gull"], attributes=["x", "y"], source="counted")
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", width=80, highlight=False)
    console.print(_show.table(table, values="conditional", width=80, everything=False))
    faint = re.findall(r"\x1b\[2m(.*?)\x1b\[0m", stream.getvalue())
    assert [text.strip() for text in faint] == ["0", "Source: counted"]


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
    note = "The weights of the indicator score are others: --values weights."
    assert note in run("relatedness", "show", "du2014").out.splitlines()


def test_tables() -> None:
    lines = run("relatedness", "tables").out.splitlines()
    assert [line.split()[0] for line in lines] == ["du2014", "aff_wild2"]
    assert "7 classes x 17 attributes" in lines[0]
