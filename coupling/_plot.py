"""A relatedness as a heat map that can be read, from 2 x 3 to 200 x 312."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

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
    _add_bar(ax, image, matrix.shape, MEANINGS[values])
    _mark(ax, ~relatedness.known)
    _name(ax, rows, columns)
    _number(ax, matrix)
    return ax


def _cut(name: str) -> str:
    """Return a name on one line of a length that leaves room for the cells."""
    line = visible(" ".join(name.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _size(rows: Sequence[str], columns: Sequence[str]) -> tuple[float, float]:
    """Return the size in inches of a figure whose cells can be read unless they are too many."""
    width, height = (
        min(max(cell * len(names), smallest), largest)
        for cell, names, smallest, largest in zip(CELL, (columns, rows), SMALLEST, LARGEST, strict=True)
    )
    left, below = (max(map(len, names)) * LETTER * FONT for names in (rows, columns))
    return (left + 1.1 * width + 60) / 72, (below + height + 30) / 72  # the colour bar takes its part


def _add_bar(ax: Axes, image: AxesImage, shape: tuple[int, ...], label: str) -> None:
    """Add a colour bar as broad as a line of text, however large the axes are."""
    height, width = (pitch * number for pitch, number in zip(_pitch(ax)[::-1], shape, strict=True))
    bar = ax.figure.colorbar(
        image, ax=ax, fraction=min(0.15, 40 / width), pad=min(0.05, 8 / width), aspect=height / 12
    )
    bar.set_label(label, fontsize=FONT)
    bar.ax.tick_params(labelsize=FONT)


def _mark(ax: Axes, rows: np.ndarray) -> None:
    """Hatch the rows about which nothing is known."""
    from matplotlib.patches import Rectangle

    for row in np.flatnonzero(rows).tolist():
        corner, width = (-0.5, row - 0.5), float(np.ptp(ax.get_xlim()))
        ax.add_patch(Rectangle(corner, width, 1, fill=False, edgecolor="0.6", linewidth=0, hatch="////"))
    if rows.any():
        ax.set_title("hatched: not known", fontsize=FONT, loc="left")


def _name(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Name rows and columns; a column's name stands upright where one is wider than its column."""
    ax.set_xticks([])
    _ticks(ax.yaxis, rows, 1, rotation=0)
    upright = _broadest(ax, columns) + FONT / 2 > _pitch(ax)[0]
    _ticks(ax.xaxis, columns, 0, rotation=90 if upright else 0)


def _ticks(axis: Axis, names: Sequence[str], side: int, rotation: float) -> None:
    """Name the ticks of an axis, every second one or fewer where they are nearer than lines of text."""
    longest = max(range(len(names)), key=lambda index: len(names[index]))
    style: dict[str, Any] = {"rotation": rotation, "parse_math": False}
    axis.set_ticks([longest], labels=[names[longest]], fontsize=FONT, **style)  # takes the room that it needs
    pitch = _pitch(axis.axes)[side]
    font = min(max(pitch / LINE, SMALL_FONT), FONT)
    shown = range(0, len(names), math.ceil(LINE * font / pitch - 1e-9))
    axis.set_ticks(list(shown), labels=[names[index] for index in shown], fontsize=font, **style)
    axis.set_tick_params(length=2)


def _number(ax: Axes, matrix: Matrix) -> None:
    """Write the values that are not 0 into the cells, if they fit."""
    width, height = _pitch(ax)
    if height < LINE * SMALL_FONT:
        return
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
    return f"{value:.3g}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")


def _pitch(ax: Axes) -> tuple[float, float]:
    """Return the width and the height of a cell as the figure is now laid out."""
    figure = ax.figure.figure  # of a subfigure, the whole
    figure.draw_without_rendering()
    box, points = ax.get_window_extent(), 72 / figure.dpi
    columns, rows = (float(np.ptp(limits)) for limits in (ax.get_xlim(), ax.get_ylim()))
    return box.width * points / columns, box.height * points / rows


def _broadest(ax: Axes, names: Sequence[str]) -> float:
    """Return the width of the broadest name."""
    text = ax.text(0, 0, "", fontsize=FONT, parse_math=False)
    widths = []
    for name in names:
        text.set_text(name)
        widths.append(text.get_window_extent().width * 72 / ax.figure.dpi)
    text.remove()
    return max(widths)


def _png(figure: Figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
