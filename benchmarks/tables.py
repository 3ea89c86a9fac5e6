"""Tables, in Markdown and for a terminal."""

from collections.abc import Iterable, Sequence

from rich.table import Table


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, the others to the right."""
    alignment = ["---", *["--:"] * (len(headings) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (headings, alignment, *rows)]


def page(title: str, legend: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a page that is one table."""
    return "\n".join((f"# {title}", "", legend, "", *markdown(headings, rows), ""))


def terminal(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Lay out a table for a terminal."""
    shown = Table(*headings)
    for row in rows:
        shown.add_row(*row)
    return shown
