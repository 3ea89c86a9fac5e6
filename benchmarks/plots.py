"""The pictures of a report: curves, growing overlap, confusion, and the attributes of each class."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks import measures
from benchmarks.records import Record
from benchmarks.samples import Array, Size, compared
from benchmarks.settings import BASELINE, OVERLAPPING, RECOMMENDED, TASKS
from benchmarks.summary import Table, stacked, true_labels
from coupling import Relatedness

DRAWN = (*OVERLAPPING, RECOMMENDED)
COLORS = dict(zip(DRAWN, ("#22262b", "#b07a1e", "#2f6fb0", "#8a4fa3", "#17807a", "#b8403a"), strict=True))
INK, FAINT = "#22262b", "#6b717b"
MEASURES = {"classes": "class_accuracy", "attributes": "attribute_f1"}
NAMES = {"classes": "class accuracy, %", "attributes": "attribute F1, %"}
SHADES = "Greens"
WIDEST_NAME = 3.2
"""Inches that a name takes in a key."""
COMPARED = (BASELINE, RECOMMENDED)


def curves(records: Sequence[Record]) -> bytes:
    """Draw how well the validation images are predicted along the training, for a few settings."""
    sizes = compared(record.size for record in records)
    with _figure(1.4 + 2.9 * len(sizes), 5.4) as (drawing, png):
        panels = drawing.subplots(len(TASKS), len(sizes), sharex=True, sharey="row", squeeze=False)
        for size, column in zip(sizes, panels.T, strict=True):
            column[0].set_title(
                f"{size.class_labelled} class / {size.attribute_labelled} attribute", fontsize=10
            )
            column[-1].set_xlabel("step", color=FAINT)
            for task, panel in zip(TASKS, column, strict=True):
                _frame(panel)
                for name in COLORS:
                    _curve(panel, _of(records, name, size), name, MEASURES[task])
        for task, panel in zip(TASKS, panels[:, 0], strict=True):
            panel.set_ylabel(NAMES[task], color=FAINT)
        _key(drawing, panels[0, 0])
    return png()


def _curve(panel: Axes, own: Sequence[Record], name: str, metric: str) -> None:
    if own:
        steps = list(own[0].curve)
        values = [[100 * record.curve[step][metric] for step in steps] for record in own]
        panel.plot([int(step) for step in steps], np.mean(values, 0), color=COLORS[name], label=name)


def _of(records: Sequence[Record], name: str, size: Size) -> list[Record]:
    return [own for own in records if (own.setting, own.size) == (name, size)]


def _compared(records: Sequence[Record], size: Size) -> list[tuple[str, list[Record]]]:
    every = ((name, _of(records, name, size)) for name in COMPARED)
    return [(name, own) for name, own in every if own]


def overlaps(tables: Sequence[Table]) -> bytes:
    """Draw what each setting scores by the share of images that carry both kinds of labels."""
    with _figure(8.4, 3.4) as (drawing, png):
        panels = drawing.subplots(1, len(TASKS), squeeze=False)[0]
        for task, panel in zip(TASKS, panels, strict=True):
            _frame(panel)
            for name in (name for name in OVERLAPPING if name in tables[0].rows):
                shares = [100 * table.size.both / table.size.class_labelled for table in tables]
                means = [100 * table.rows[name][task].mean for table in tables]
                panel.plot(
                    shares, means, color=COLORS[name], marker="o", markersize=4, linewidth=1.8, label=name
                )
            panel.set_xlabel("class-labelled images that carry attribute labels too, %", color=FAINT)
            panel.set_ylabel(NAMES[task], color=FAINT)
        _key(drawing, panels[0])
    return png()


def confusion(records: Sequence[Record], size: Size, classes: Sequence[str]) -> bytes:
    """Draw how often each class is taken for which, without coupling and with what is recommended."""
    shares = {}
    for name, own in _compared(records, size):
        predicted = stacked([record.predictions["classes"] for record in own])
        shares[name] = measures.confusion(true_labels(own, "classes"), predicted, len(classes))
    return _matrices(shares, classes, classes, "true", "predicted")


def learned(records: Sequence[Record], size: Size, given: Relatedness) -> bytes:
    """Draw how often each attribute is predicted where a class is predicted, beside what is given."""
    matrices = {"given": given.conditional}
    for name, own in _compared(records, size):
        classes, attributes = (stacked([record.predictions[task] for record in own]) for task in TASKS)
        matrices[name] = measures.attributes_by_class(classes, attributes, len(given.classes))
    return _matrices(matrices, given.classes, given.attributes, "class", "attribute")


def _matrices(
    matrices: Mapping[str, Array], rows: Sequence[str], columns: Sequence[str], down: str, along: str
) -> bytes:
    side = 0.26 if max(len(rows), len(columns)) <= 20 else 0.02
    width, height = (max(side * count, 2.2) for count in (len(columns), len(rows)))
    with _figure((width + 0.4) * len(matrices) + 1.2, height + 1.4) as (drawing, png):
        panels = drawing.subplots(1, len(matrices), sharey=True, squeeze=False)[0]
        for (name, matrix), panel in zip(matrices.items(), panels, strict=True):
            picture = panel.imshow(matrix, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
            panel.set_title(name, fontsize=10)
            panel.set_xlabel(along, color=FAINT)
            panel.tick_params(length=0, labelsize=7.5)
            panel.spines[:].set_visible(False)
            if side > 0.1:
                panel.set_xticks(range(len(columns)), columns, rotation=90)
                panel.set_yticks(range(len(rows)), rows)
        panels[0].set_ylabel(down, color=FAINT)
        drawing.colorbar(picture, ax=list(panels), shrink=0.8, pad=0.01).outline.set_visible(False)
    return png()


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Callable[[], bytes]]]:
    """Give a figure, and a function that returns it as a PNG once it is drawn."""
    with rc_context({"font.family": "DejaVu Sans", "font.size": 9, "text.color": INK}):
        drawing = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(drawing)
        buffer = BytesIO()
        yield drawing, buffer.getvalue
        drawing.savefig(buffer, format="png", dpi=130, facecolor="white")


def _frame(panel: Axes) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color("#c9ccd2")
    panel.grid(axis="y", color="#eceef1")
    panel.tick_params(length=0, labelcolor=FAINT)


def _key(drawing: Figure, panel: Axes) -> None:
    columns = max(int(drawing.get_figwidth() / WIDEST_NAME), 1)
    drawing.legend(
        *panel.get_legend_handles_labels(), loc="outside lower center", ncols=columns, frameon=False
    )
