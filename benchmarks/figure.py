"""The figure: what each setting gains over no coupling, a panel for each size and task."""

from collections.abc import Sequence
from io import BytesIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.measures import Difference
from benchmarks.settings import BASELINE, SINGLE_TASK, TASKS
from benchmarks.summary import Table

BETTER, WORSE, UNDECIDED = "#17807a", "#c4472f", "#8d929c"
INK, FAINT, BAND = "#22262b", "#6b717b", "#f4f5f7"
DASHES = (0, (4, 3))
RIGHT_OF_THE_PANEL = 38
"""Where a number ends, in points."""
MEASURES = {"classes": "class accuracy", "attributes": "attribute F1"}


def figure(tables: Sequence[Table], *, title: str) -> bytes:
    """Draw the gains with their 95 % intervals as a PNG."""
    names = [name for name in tables[0].rows if name not in (BASELINE, *SINGLE_TASK.values())]
    with rc_context({"font.family": "DejaVu Sans", "font.size": 9.5, "text.color": INK}):
        drawing = Figure(figsize=(3.4 + 3.1 * len(tables), 2.3 + 0.54 * len(names)), layout="constrained")
        FigureCanvasAgg(drawing)
        break_or_not = " " if len(tables) > 1 else "\n"  # the figure for one size is narrow
        drawing.suptitle(f"Gain over no coupling,{break_or_not}{title}", fontsize=13, fontweight="bold")
        panels = drawing.subplots(len(TASKS), len(tables), sharex="row", sharey=True, squeeze=False)
        for task, row in zip(TASKS, panels, strict=True):
            for table, panel in zip(tables, row, strict=True):
                _draw(panel, table, task, names)
        for table, panel in zip(tables, panels[0], strict=True):
            panel.set_title(
                f"{table.size.class_labelled} class / {table.size.attribute_labelled} attribute labels",
                fontsize=10.5,
                pad=8,
            )
        drawing.legend(
            handles=_key(), loc="outside lower center", ncols=4 if len(tables) > 1 else 2, frameon=False
        )
        buffer = BytesIO()
        drawing.savefig(buffer, format="png", dpi=160, facecolor="white")
    return buffer.getvalue()


def _draw(panel: Axes, table: Table, task: str, names: Sequence[str]) -> None:
    """Draw a dot, an interval and a number for each setting, from top to bottom."""
    _frame(panel, names, f"{MEASURES[task]}, points")
    single_task = table.rows.get(SINGLE_TASK[task], {}).get(task)
    if single_task is not None and single_task.gain is not None:
        panel.axvline(100 * single_task.gain.mean, color=INK, linewidth=0.9, linestyle=DASHES, zorder=1)
    for height, name in enumerate(names):
        gain = table.rows[name][task].gain
        if gain is None:
            continue
        mean, low, high = (100 * value for value in gain)
        color = _color(gain)
        panel.plot(
            [low, high], [height, height], color=color, linewidth=2.2, solid_capstyle="round", zorder=2
        )
        panel.plot(mean, height, "o", color=color, markersize=5, zorder=3)
        panel.annotate(
            f"{mean:+.1f}",
            (1, height),
            (RIGHT_OF_THE_PANEL, 0),
            xycoords=panel.get_yaxis_transform(),
            textcoords="offset points",
            color=color,
            ha="right",
            va="center",
        )


def _frame(panel: Axes, names: Sequence[str], label: str) -> None:
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_xlabel(label, color=FAINT)
    panel.tick_params(length=0, colors=INK)
    panel.tick_params(axis="x", labelcolor=FAINT)
    panel.spines[:].set_visible(False)
    for height in range(0, len(names), 2):
        panel.axhspan(height - 0.5, height + 0.5, color=BAND, zorder=0)
    panel.axvline(0, color=INK, linewidth=0.9, zorder=1)


def _color(gain: Difference) -> str:
    if gain.low > 0:
        return BETTER
    return WORSE if gain.high < 0 else UNDECIDED


def _key() -> list[Line2D]:
    dots = {"better": BETTER, "worse": WORSE, "95 % interval holds 0": UNDECIDED}
    return [
        *(
            Line2D([], [], color=color, marker="o", markersize=5, linewidth=2.2, label=label)
            for label, color in dots.items()
        ),
        Line2D(
            [],
            [],
            color=INK,
            linewidth=0.9,
            linestyle=DASHES,
            label="single task: left of it is negative transfer",
        ),
    ]
