"""The report: the same tables for a terminal and in Markdown."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table as TerminalTable
from rich.text import Text

from benchmarks import paper
from benchmarks import tables as layout
from benchmarks.figure import figure
from benchmarks.records import Record
from benchmarks.samples import Size, compared
from benchmarks.settings import TASKS
from benchmarks.suites import SUITES
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


def heading(record: Record) -> str:
    """Say what was trained with what."""
    return f"{suite_title(record)} with {FRAMEWORKS[record.framework]}"


def suite_title(record: Record) -> str:
    """Return what a suite is called; a database's is on record."""
    return str(record.training.get("title") or SUITES[record.suite].title)


def title(size: Size) -> str:
    """Say how many images carry which labels."""
    both = f", {size.both} of them both" if size.both else ""
    return (
        f"{size.class_labelled} class-labelled and {size.attribute_labelled} attribute-labelled images{both}"
    )


def legend(records: Sequence[Record], tables: Sequence[Table]) -> str:
    """Explain the tables."""
    return LEGEND.format(images=records[0].truth["classes"]["shape"][0], seeds=tables[0].seeds)


def by_suite(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Return the records of each suite."""
    return {
        name: [own for own in records if own.suite == name]
        for name in dict.fromkeys(own.suite for own in records)
    }


def apart(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """Return the tables of all settings, and those over growing overlap."""
    main = compared(own.size for own in tables)
    return [own for own in tables if own.size in main], [own for own in tables if own.size not in main]


def provenance(record: Record) -> str:
    """Say what the numbers were made with."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    parts = (f"Device: {record.device}", versions, f"revision {record.revision}" if record.revision else "")
    return "; ".join(filter(None, parts)) + "."


def scope(records: Sequence[Record]) -> str:
    """Say which suites were trained, what with, and with how many seeds."""
    first = records[0]
    seeds = len({own.seed for own in records})
    where = ", ".join(SUITES[name].title for name in dict.fromkeys(own.suite for own in records))
    return f"{where} with {FRAMEWORKS[first.framework]}, {seeds} seeds. {provenance(first)}"


def origin(record: Record) -> str:
    """Say what was trained, and what with."""
    trained = record.training
    return f"Network: {trained['network']}, {trained['steps']} steps. {provenance(record)}"


def data(record: Record) -> list[str]:
    """Say of each database what was trained and tested on, what was left out, and what to know."""
    lines = []
    for own in record.training.get("data", ()):
        sizes = ", ".join(f"{name} {count}" for name, count in own["images"].items())
        lines.append(f"{own['name']}: {sizes}")
        for kind, found in own["left_out"].items():
            more = ", …" if found["count"] > len(found["examples"]) else ""
            lines.append(f"left out: {kind}: {found['count']} ({', '.join(found['examples'])}{more})")
        lines += ["left out: nothing"] if not own["left_out"] else []
        lines += [f"note: {note}" for note in own["notes"]]
    return lines


def pictures(records: Sequence[Record]) -> dict[str, bytes]:
    """Draw the gains of each suite."""
    return {
        name: figure(apart(summarise(own))[0], title=heading(own[0]))
        for name, own in by_suite(records).items()
    }


def markdown(records: Sequence[Record]) -> str:
    """Write the whole report in Markdown."""
    lines = []
    for name, own in by_suite(records).items():
        tables, overlapping = apart(summarise(own))
        lines += [f"# {heading(own[0])}", "", legend(own, tables), ""]
        for table in tables:
            lines += [f"## {title(table.size).capitalize()}", ""]
            lines += [*layout.markdown(HEADINGS, cells(table, "<br>")), ""]
        lines += [f"## {heading(own[0])}: in the shape of the paper's tables", "", paper.LEGEND, ""]
        for table in paper.tables(own):
            lines += [f"**{table.title}**", "", *layout.markdown(table.columns, table.rows), ""]
        if overlapping:
            lines += [*_overlap(tables, overlapping), ""]
        lines += [f"![Gains over no coupling]({name}.png)", "", origin(own[0]), ""]
        if data(own[0]):
            lines += [f"## {heading(own[0])}: the data", "", *(f"- {line}" for line in data(own[0])), ""]
    return "\n".join(lines)


def growing(tables: Sequence[Table], overlapping: Sequence[Table]) -> list[Table]:
    """Return the tables of the same numbers of labels, from no overlap to the largest."""
    size = overlapping[0].size
    return [own for own in tables if own.size[:2] == size[:2]] + list(overlapping)


def _overlap(tables: Sequence[Table], overlapping: Sequence[Table]) -> list[str]:
    """Compare a few settings over growing overlap: a column for each number of images with both labels."""
    size, columns = overlapping[0].size, growing(tables, overlapping)
    lines = [f"## {title(Size(*size[:2])).capitalize()}, by how many carry both", ""]
    rows = [
        [
            name,
            *(" / ".join(f"{100 * own.rows[name][task].mean:.1f}" for task in TASKS) for own in columns),
        ]
        for name in overlapping[0].rows
    ]
    headings = ["Class accuracy / attribute F1", *(str(own.size.both) for own in columns)]
    return [*lines, *layout.markdown(headings, rows)]


def terminal(records: Sequence[Record], *, width: int) -> Group:
    """Lay the report out for a terminal; where it is narrow, the gains stand below the scores."""
    parts: list[RenderableType] = []
    for own in by_suite(records).values():
        tables, _ = apart(summarise(own))
        parts += [Text(heading(own[0]), style="bold")]
        parts += [_terminal_table(table, wide=width >= WIDE) for table in tables]
        parts += [Text(legend(own, tables), style="dim"), *map(Text, data(own[0]))]
    return Group(*parts)


def _terminal_table(table: Table, *, wide: bool) -> TerminalTable:
    laid_out = TerminalTable(
        title=title(table.size), title_justify="left", title_style="bold", box=SIMPLE_HEAD
    )
    for heading in HEADINGS if wide else (HEADINGS[0], *HEADINGS[1::2]):
        laid_out.add_column(heading, justify="left" if heading == "Setting" else "right")
    for name, *row in cells(table, "\n"):
        if not wide:
            row = ["\n".join(filter(None, pair)) for pair in zip(row[::2], row[1::2], strict=True)]
        laid_out.add_row(name, *map(_highlighted, row))
    return laid_out


def _highlighted(cell: str) -> Text:
    text = Text(cell)
    text.highlight_words(["negative transfer"], "red")
    return text


def cells(table: Table, line: str) -> list[list[str]]:
    """Return a row for each setting: its name, and the score and the gain of each task."""
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
