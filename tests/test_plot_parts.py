"""The sizes and places of what a heat map is made of, in points."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coupling import Relatedness
from coupling.knowledge import du2014

FONT, SMALL_FONT, LINE, LETTER = 8, 5.5, 1.4, 0.62
LONG = "a" * 40


def quarters(*shape: int, **options: list) -> Relatedness:
    return Relatedness(np.full(shape, 0.25), **options)


def alone(table: Relatedness, width: float, height: float) -> Axes:
    """A heat map on axes of a size, before the bar takes its part, in a figure without a layout."""
    size = np.array([width, height]) / 72
    ax = Figure(figsize=2 * size).add_axes((0.25, 0.25, 0.5, 0.5))
    table.plot(ax=ax)
    ax.figure.draw_without_rendering()
    return ax


def room(ax: Axes) -> np.ndarray:
    """Width and height."""
    return np.array(ax.get_window_extent().size) * 72 / ax.figure.dpi


def cell(ax: Axes) -> np.ndarray:
    """Width and height."""
    return room(ax) / ax.images[0].get_array().shape[::-1]


def gap(ax: Axes) -> float:
    bar = ax.images[0].colorbar.ax
    return (bar.get_window_extent().x0 - ax.get_window_extent().x1) * 72 / ax.figure.dpi


@pytest.mark.parametrize(
    ("rows", "columns", "width", "height"),
    [(1, 1, 160, 110), (20, 30, 30 * 26, 20 * 16), (60, 50, 1000, 800)],
)
def test_size_of_a_figure(rows: int, columns: int, width: float, height: float) -> None:
    """Cells of 26 x 16, neither too small nor too large in all, their names, and room for the bar."""
    classes, attributes = [f"{i:05}" for i in range(rows)], [f"{i:09}" for i in range(columns)]
    table = quarters(rows, columns, classes=classes, attributes=attributes)
    left, below = 5 * LETTER * FONT, 9 * LETTER * FONT
    size = 72 * table.plot().figure.get_size_inches()
    assert size == pytest.approx([left + 1.1 * width + 60, below + height + 30], abs=0.1)


@pytest.mark.parametrize("values", ["conditional", "weights"])
def test_bar_says_what_the_colours_mean(values: str) -> None:
    ax = du2014().plot(values=values)
    bar = ax.images[0].colorbar
    assert bar.mappable is ax.images[0]
    label = {"conditional": "K: p(attribute | class)", "weights": "W: weight"}[values]
    assert bar.ax.get_ylabel() == label
    assert bar.ax.yaxis.label.get_fontsize() == FONT
    assert {text.get_fontsize() for text in bar.ax.get_yticklabels()} == {FONT}


@pytest.mark.parametrize(
    ("width", "left", "apart"), [(600, 600 - 40 - 8, 8), (200, 200 * 0.85 - 8, 8), (100, 100 * 0.8, 5)]
)
@pytest.mark.parametrize("height", [50, 300])
def test_bar_takes_its_part_of_axes(width: float, height: float, left: float, apart: float) -> None:
    """No more than what is written beside it needs, nor than a fifth."""
    ax = alone(quarters(2, 3), width, height)
    assert room(ax) == pytest.approx([left, height], abs=0.1)
    assert gap(ax) == pytest.approx(apart, abs=0.1)
    assert room(ax.images[0].colorbar.ax)[0] == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(
    "table", [du2014(), quarters(80, 3), quarters(5, 20, attributes=[LONG, *map(str, range(19))])]
)
def test_bar_is_as_broad_as_a_line_in_any_figure(table: Relatedness) -> None:
    ax = table.plot()
    ax.figure.draw_without_rendering()
    assert room(ax.images[0].colorbar.ax)[0] == pytest.approx(12, abs=0.3)
    assert 6 < gap(ax) < 8


@pytest.mark.parametrize(("between", "rotation"), [(2.8, 90), (3.8, 90), (4.2, 0), (7, 0)])
def test_names_of_columns_stand_upright_without_half_a_letter_between_them(
    between: float, rotation: float
) -> None:
    names = ["m" * 12, "M" * 12, "m"]
    probe = alone(quarters(1, 3, attributes=names), 900, 50)
    broadest = max(text.get_window_extent().width for text in probe.get_xticklabels()) * 72 / probe.figure.dpi
    ax = alone(quarters(1, 3, attributes=names), 48 + 3 * (broadest + between), 50)
    assert [text.get_rotation() for text in ax.get_xticklabels()] == [rotation] * 3
    assert ax.get_yticklabels()[0].get_rotation() == 0


@pytest.mark.parametrize(
    ("rows", "columns", "size"),
    [(80, 3, None), (3, 100, None), (120, 3, None), (18, 6, (6, 7)), (60, 6, (6, 7)), (5, 16, (6, 7))],
)
def test_names_are_as_large_and_as_many_as_lines_allow(
    rows: int, columns: int, size: tuple[float, float] | None
) -> None:
    """Also where a long name of one axis leaves less room along the other."""
    long = [] if size is None else [LONG]
    classes, attributes = ((long + [str(i) for i in range(count)])[:count] for count in (rows, columns))
    known = [size is None, *[True] * (rows - 1)]  # a title that says so takes room too
    table = quarters(rows, columns, classes=classes, attributes=attributes, known=known)
    ax = table.plot(ax=None if size is None else Figure(figsize=size, layout="constrained").add_subplot())
    ax.figure.draw_without_rendering()
    for axis, names, pitch in zip((ax.xaxis, ax.yaxis), (attributes, classes), cell(ax), strict=True):
        font = float(np.clip(pitch / LINE, SMALL_FONT, FONT))
        assert axis.get_ticklabels()[0].get_fontsize() == pytest.approx(font, rel=0.01)
        step = int(np.ceil(LINE * font / pitch - 1e-3))
        assert axis.get_ticklocs().tolist() == list(range(0, len(names), step))
        assert [text.get_text() for text in axis.get_ticklabels()] == names[::step]
        assert axis.get_tick_params()["length"] == 2


@pytest.mark.parametrize(
    ("width", "height", "font"),
    [
        (600, 200, FONT),
        (600, 2 * 10, 10 / LINE),
        (600, 2 * 7.6, None),
        (3 * 20 / 0.8, 200, 20 / (4 * LETTER + 0.5)),
        (3 * 16 / 0.8, 200, None),
    ],
)
def test_numbers_are_as_large_as_their_cells_allow(width: float, height: float, font: float | None) -> None:
    texts = alone(quarters(2, 3), width, height).texts
    assert len(texts) == (0 if font is None else 6)
    for text in texts:
        assert text.get_fontsize() == pytest.approx(font, rel=0.01)
        assert (text.get_ha(), text.get_va()) == ("center", "center")
