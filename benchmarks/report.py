"""The report: the same tables for a terminal and in Markdown."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table as TerminalTable
from rich.text import Text

from benchmarks.records import Record
from benchmarks.settings import TASKS
from benchmarks.summary import Score, Table, summarise
from benchmarks.training import FRAMEWORKS

HEADINGS = ("Setting", "Class accuracy", "Gain", "Attribute F1", "Gain")
WIDE = 110

LEGEND = (
    "Percent on {images} held-out images, the attributes by macro F1: mean ± standard deviation over {seeds} "
    "seeds. Gains over no coupling are in points, with the 95 % interval of a bootstrap that draws seeds and "
    "images together, paired between settings. Negative transfer: the mean is below that of the single task; "
    "within noise where the paired interval of that difference holds 0."
)


def title(size: tuple[int, int]) -> str:
    """Say how many images carry which labels."""
    return f"{size[0]} class-labelled and {size[1]} attribute-labelled images"


def legend(records: Sequence[Record], tables: Sequence[Table]) -> str:
    """Explain the tables."""
    return LEGEND.format(images=len(records[0].truth), seeds=tables[0].seeds)


def provenance(record: Record) -> str:
    """Say what the numbers were made with."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    parts = (f"Device: {record.device}", versions, f"revision {record.revision}" if record.revision else "")
    return "; ".join(filter(None, parts)) + "."


def markdown(records: Sequence[Record]) -> str:
    """Write the whole report in Markdown."""
    tables = summarise(records)
    lines = [f"# Digits with {FRAMEWORKS[records[0].framework]}", "", legend(records, tables), ""]
    for table in tables:
        lines += [f"## {title(table.size).capitalize()}", "", _row(HEADINGS), _row(["---"] + ["--:"] * 4)]
        lines += [_row(cells) for cells in _cells(table, "<br>")]
        lines += [""]
    return "\n".join([*lines, "![Gains over no coupling](figure.png)", "", provenance(records[0]), ""])


def terminal(records: Sequence[Record], *, width: int) -> Group:
    """Lay the report out for a terminal; where it is narrow, the gains stand below the scores."""
    tables = summarise(records)
    laid_out = (_terminal_table(table, wide=width >= WIDE) for table in tables)
    return Group(*laid_out, Text(legend(records, tables), style="dim"))


def _terminal_table(table: Table, *, wide: bool) -> TerminalTable:
    laid_out = TerminalTable(
        title=title(table.size), title_justify="left", title_style="bold", box=SIMPLE_HEAD
    )
    for heading in HEADINGS if wide else (HEADINGS[0], *HEADINGS[1::2]):
        laid_out.add_column(heading, justify="left" if heading == "Setting" else "right")
    for name, *cells in _cells(table, "\n"):
        if not wide:
            cells = ["\n".join(filter(None, pair)) for pair in zip(cells[::2], cells[1::2], strict=True)]
        laid_out.add_row(name, *map(_highlighted, cells))
    return laid_out


def _highlighted(cell: str) -> Text:
    text = Text(cell)
    text.highlight_words(["negative transfer"], "red")
    return text


def _cells(table: Table, line: str) -> list[list[str]]:
    return [
        [name, *(cell for task in TASKS for cell in _pair(scores.get(task), line))]
        for name, scores in table.rows.items()
    ]


def _pair(score: Score | None, line: str) -> tuple[str, str]:
    """Write a score, and what it gains with the verdict below."""
    if score is None:
        return "", ""
    gain = ""
    if score.gain is not None:
        mean, low, high = (100 * value for value in score.gain)
        gain = f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"
    own = f"{100 * score.mean:.1f} ± {100 * score.spread:.1f}"
    return own, line.join(filter(None, [gain, score.verdict]))


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
