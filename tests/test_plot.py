"""Heat maps: what they show, that their texts do not overlap, and that they leave nothing behind."""

import itertools
import os
import pickle
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from coupling import Relatedness
from coupling.knowledge import du2014

RNG = np.random.default_rng(0)
LONG = ["a name that is far too long to be shown as a whole beside a picture", "b"]
WHOLE = "a name of forty letters, shown as it is."


def drawn(table: Relatedness, size: tuple[float, float] | None = None, **options) -> Axes:
    """The axes, with everything laid out."""
    figure = None if size is None else Figure(figsize=size)
    ax = table.plot(ax=None if figure is None else figure.add_subplot(), **options)
    ax.figure.draw_without_rendering()
    return ax


def numbers(ax: Axes) -> dict[tuple[float, float], str]:
    return {text.get_position()[::-1]: text.get_text() for text in ax.texts}


def labels(axis: mpl.axis.Axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def overlap(texts: list[Text]) -> bool:
    """Do any two of the texts cover one another; neighbours suffice, as they stand in order."""
    boxes = [text.get_window_extent() for text in texts]
    return any(a.overlaps(b) for a, b in itertools.pairwise(boxes))


@pytest.mark.parametrize("values", ["conditional", "weights"])
def test_shows_the_matrix_with_its_names(values: str) -> None:
    ax = drawn(du2014(), values=values)
    matrix = getattr(du2014(), values)
    assert np.array_equal(ax.images[0].get_array(), matrix)
    assert ax.images[0].get_cmap().name == "Blues"
    assert labels(ax.yaxis) == list(du2014().classes)
    assert labels(ax.xaxis) == list(du2014().attributes)
    written = numbers(ax)
    assert written.keys() == {(row, column) for row, column in np.argwhere(matrix)}
    assert all(float(text) == matrix[cell] for cell, text in written.items())


def test_conditional_by_default() -> None:
    assert np.array_equal(du2014().plot().images[0].get_array(), du2014().conditional)


@pytest.mark.parametrize(
    ("table", "size"),
    [
        (du2014(), None),
        (du2014(), (3, 2)),
        (Relatedness(RNG.integers(0, 2, (10, 7)), attributes=list("abcdefg")), None),
        (Relatedness(RNG.random((40, 40))), None),
        (Relatedness(RNG.random((200, 312))), None),
        (Relatedness(RNG.random((200, 312))), (4, 4)),
        (Relatedness(RNG.random((2, 3)), classes=LONG, attributes=["WWWWWWWWWW", r"$\frac$", "b"]), None),
        (Relatedness(RNG.random((3, 8)), attributes=[f"WWW{i}" for i in range(8)]), (4, 2)),
        (Relatedness(np.full((3, 20), 0.25)), (4, 3)),
        (Relatedness([[0.5]]), None),
    ],
)
def test_texts_do_not_overlap(table: Relatedness, size: tuple[float, float] | None) -> None:
    ax = drawn(table, size)
    for axis in (ax.xaxis, ax.yaxis):
        assert not overlap(axis.get_ticklabels())
    assert not overlap(ax.texts)
    if size is None:
        inside = ax.figure.bbox.padded(1)
        texts = [*ax.xaxis.get_ticklabels(), *ax.yaxis.get_ticklabels()]
        assert all(inside.containsx(text.get_window_extent().x0) for text in texts)
        assert all(inside.containsy(text.get_window_extent().y0) for text in texts)
        assert max(ax.figure.get_size_inches()) < 20


def test_names_are_thinned_and_numbers_left_out_where_they_do_not_fit() -> None:
    ax = drawn(Relatedness(RNG.random((200, 312))))
    assert labels(ax.yaxis)[:3] == ["class_0", "class_2", "class_4"]
    assert len(labels(ax.xaxis)) < 312
    assert not ax.texts


def test_long_names_are_cut() -> None:
    shown = labels(drawn(Relatedness(np.ones((3, 1)), classes=[*LONG, WHOLE])).yaxis)
    assert shown[0].endswith("…")
    assert LONG[0].startswith(shown[0][:-1])
    assert len(shown[0]) == 40
    assert shown[1:] == ["b", WHOLE]


def test_names_are_no_formulas() -> None:
    names = [r"$\frac$", "b"]
    ax = drawn(Relatedness(np.eye(2), classes=names, attributes=names))
    assert labels(ax.xaxis) == labels(ax.yaxis) == names


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (0.256, "0.26"), (1.0, "1"), (0.004, "0"), (10.55, "10.6"), (147.2, "147")],
)
def test_numbers(value: float, text: str) -> None:
    assert numbers(drawn(Relatedness([[1, 0]], [[value, 0]]), values="weights")) == {(0, 0): text}


def test_scale() -> None:
    assert du2014().plot().images[0].get_clim() == (0, 1)
    assert Relatedness([[0.1]]).plot().images[0].get_clim() == (0, 1)
    assert Relatedness([[1]], [[3]]).plot(values="weights").images[0].get_clim() == (0, 3)


def test_no_numbers_where_all_are_0() -> None:
    assert not drawn(Relatedness([[0, 0]])).texts


@pytest.mark.parametrize(
    ("weights", "colors"),
    [([0.1, 0.6, 0.7], ["black", "black", "white"]), ([1, 2, 3], ["black", "white", "white"])],
)
def test_numbers_stand_out_from_their_cells(weights: list[float], colors: list[str]) -> None:
    ax = drawn(Relatedness([[1, 1, 1]], [weights]), values="weights")
    assert [text.get_color() for text in ax.texts] == colors


def test_what_is_not_known_is_hatched() -> None:
    ax = drawn(du2014().align("aff-wild2"))
    (patch,) = ax.patches
    assert patch.get_bbox().bounds == (-0.5, 6.5, len(ax.get_xticks()), 1)
    assert (patch.get_hatch(), patch.get_edgecolor()) == ("////", to_rgba("0.6"))
    assert (patch.get_fill(), patch.get_linewidth()) == (False, 0)
    assert ax.get_title(loc="left") == "hatched: not known"
    sizes = {text.get_text(): text.get_fontsize() for text in ax.findobj(Text)}
    assert sizes["hatched: not known"] == 8
    known = drawn(du2014())
    assert not known.patches
    assert not known.get_title(loc="left")


def test_saves_in_any_format(tmp_path: Path) -> None:
    for name, start in (("heat.png", b"\x89PNG"), ("heat.svg", b"<?xml"), ("heat.pdf", b"%PDF")):
        du2014().plot().figure.savefig(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)


def test_notebooks_get_a_picture() -> None:
    with mpl.rc_context({"savefig.format": "svg"}):
        assert du2014().plot()._repr_png_().startswith(b"\x89PNG")


def test_figures_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(du2014().plot().figure)).axes


def test_draws_on_given_axes() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert du2014().plot(ax=left) is left
    assert not right.images
    upper, _ = figure.subfigures(2)
    assert du2014().plot(ax=upper.add_subplot()).images


def test_leaves_nothing_behind() -> None:
    """No pyplot, so no figure that has to be closed, and no display that has to be there."""
    code = """
import io, sys
from coupling.knowledge import du2014
assert not any(name.startswith("matplotlib") for name in sys.modules)
du2014().plot().figure.savefig(io.BytesIO())
assert "matplotlib.pyplot" not in sys.modules
"""
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"MPLBACKEND": "tkagg"},
    )
    assert done.returncode == 0, done.stderr


def test_missing_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(ImportError, match=r'pip install "coupling\[plot\]"'):
        du2014().plot()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"values": "k"}, ValueError, "values should be one of 'conditional', 'weights', got 'k'"),
        ({"ax": Figure()}, TypeError, "ax should be Matplotlib's Axes or None, got Figure"),
    ],
)
def test_bad_input(options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        du2014().plot(**options)
