"""A relatedness as a heat map that can be read, from 2 x 3 to 200 x 312."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from coupling._check import check_option
from coupling._names import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from coupling._fields import Matrix
    from coupling._relatedness import Relatedness

Values = Literal["conditional", "weights"]
MEANINGS = {"conditional": "K: p(attribute | class)", "weights": "W: weight"}

# Widths, heights and fonts are in points, 72 to the inch.
CELL = (26.0, 16.0)
SMALLEST = (160.0, 110.0)
LARGEST = (1000.0, 800.0)
FONT, SMALL_FONT = 8.0, 5.5
LINE = 1.4
"""The height of a line of text, in font sizes."""
LETTER = 0.62
"""The width of a letter, in font sizes, where it need not be exact."""
LONGEST = 40


def heat_map(relatedness: Relatedness, values: Values, ax: Axes | None) -> Axes:
    """Draw K or W on `ax`, or on a figure of its own, see `Relatedness.plot`."""
    try:
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'Relatedness.plot needs Matplotlib, which is not installed: pip install "coupling[plot]"'
        ) from error
    check_option("values", values, MEANINGS)
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax should be Matplotlib's Axes or None, got {type(ax).__name__}")

    matrix: Matrix = getattr(relatedness, values)
    rows, columns = (
        [_cut(name) for name in names] for names in (relatedness.classes, relatedness.attributes)
    )
    if ax is None:
        figure = Figure(figsize=_size(rows, columns), layout="constrained")
        ax = figure.add_subplot()
        # A notebook asks the object for its picture, as no pyplot holds this figure.
        ax._repr_png_ = partial(_png, figure)  # type: ignore[attr-defined]
    image = ax.imshow(matrix, aspect="auto", cmap="Blues", vmin=0.0, vmax=max(1.0, float(matrix.max())))
    _mark(ax, ~relatedness.known)
    _reserve(ax, rows, columns)
    _add_bar(image, MEANINGS[values])
    _reserve(ax, rows, columns)  # again, as the bar has made the columns narrower
    width, height = _pitch(ax)
    _name(ax.xaxis, columns, width)
    _name(ax.yaxis, rows, height)
    _number(ax, matrix)
    return ax


def _cut(name: str) -> str:
    """Return a name on one line of a length that leaves room for the cells."""
    line = visible(" ".join(name.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _size(rows: Sequence[str], columns: Sequence[str]) -> tuple[float, float]:
    """Return the size in inches of a figure whose cells can be read unless they are too many."""
    cells = np.multiply(CELL, (len(columns), len(rows)))
    width, height = np.clip(cells, SMALLEST, LARGEST).tolist()
    left, below = (max(map(len, names)) * LETTER * FONT for names in (rows, columns))
    return (left + 1.1 * width + 60) / 72, (below + height + 30) / 72  # the colour bar takes its part


def _reserve(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Have the longest names take their room; columns' stand upright where one is wider than its column."""
    _label(ax.yaxis, rows, [_longest(rows)], FONT)
    broadest = _pitch(ax)[0] - FONT / 2
    upright = any(_width(ax, name) > broadest for name in columns)
    ax.xaxis.set_tick_params(labelrotation=90 if upright else 0)
    _label(ax.xaxis, columns, [_longest(columns)], FONT)


def _longest(names: Sequence[str]) -> int:
    return max(range(len(names)), key=lambda index: len(names[index]))


def _label(axis: Axis, names: Sequence[str], shown: Sequence[int], font: float) -> None:
    axis.set_ticks(list(shown), labels=[names[index] for index in shown], fontsize=font, parse_math=False)


def _add_bar(image: AxesImage, label: str) -> None:
    """Add a colour bar as broad as a line of text, however large the axes are."""
    width, height = _room(image.axes)
    bar = image.axes.figure.colorbar(
        image, fraction=min(0.15, 40 / width), pad=min(0.05, 8 / width), aspect=height / 12
    )
    bar.set_label(label, fontsize=FONT)
    bar.ax.tick_params(labelsize=FONT)


def _name(axis: Axis, names: Sequence[str], pitch: float) -> None:
    """Name the ticks of an axis, every second one or fewer where they are nearer than lines of text."""
    font = min(max(pitch / LINE, SMALL_FONT), FONT)
    _label(axis, names, range(0, len(names), math.ceil(LINE * font / pitch - 1e-9)), font)
    axis.set_tick_params(length=2)


def _mark(ax: Axes, rows: np.ndarray) -> None:
    """Hatch the rows about which nothing is known."""
    from matplotlib.patches import Rectangle

    for row in np.flatnonzero(rows).tolist():
        corner, width = (-0.5, row - 0.5), float(np.ptp(ax.get_xlim()))
        ax.add_patch(Rectangle(corner, width, 1, fill=False, edgecolor="0.6", linewidth=0, hatch="////"))
    if rows.any():
        ax.set_title("hatched: not known", fontsize=FONT, loc="left")


def _number(ax: Axes, matrix: Matrix) -> None:
    """Write the values that are not 0 into the cells, if they fit."""
    width, height = _pitch(ax)
    texts = {cell: _written(value) for cell, value in np.ndenumerate(matrix) if value > 0}
    letters = max(map(len, texts.values()), default=1)
    font = min(FONT, height / LINE, width / (letters * LETTER + 0.5))
    if font < SMALL_FONT:
        return
    _, top = ax.images[-1].get_clim()
    for (row, column), text in texts.items():
        color = "white" if matrix[row, column] > 0.6 * top else "black"
        ax.text(column, row, text, ha="center", va="center", fontsize=font, color=color)


def _written(value: float) -> str:
    return f"{value:.3g}" if value >= 10 else f"{round(value, 2):g}"


def _pitch(ax: Axes) -> tuple[float, float]:
    """Return the width and the height of a cell as the figure is now laid out."""
    width, height = _room(ax)
    columns, rows = (float(np.ptp(limits)) for limits in (ax.get_xlim(), ax.get_ylim()))
    return width / columns, height / rows


def _room(ax: Axes) -> tuple[float, float]:
    """Return the width and the height of what is inside of axes as the figure is now laid out."""
    figure = ax.figure.figure  # of a subfigure, the whole
    figure.draw_without_rendering()
    box, points = ax.get_window_extent(), 72 / figure.dpi
    return box.width * points, box.height * points


def _width(ax: Axes, name: str) -> float:
    """Return the width of a name."""
    text = ax.text(0, 0, name, fontsize=FONT, parse_math=False)
    width = text.get_window_extent().width * 72 / ax.figure.dpi
    text.remove()
    return width


def _png(figure: Figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
