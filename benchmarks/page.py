"""The report as one HTML file: no script, no other file, readable on a wide screen and on a narrow one."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from benchmarks import paper, plots, report
from benchmarks.faces.sheet import png as contact_sheet
from benchmarks.figure import figure
from benchmarks.records import Record
from benchmarks.samples import Size
from benchmarks.suites import DRAWN, SUITES
from benchmarks.summary import Table, summarise
from benchmarks.training import FRAMEWORKS
from coupling import Relatedness

STYLE = Path(__file__).with_name("page.css")
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
{style}</style></head>
<body><h1>{title}</h1>
<nav>{links}</nav>
"""


MOST_CLASSES = 400
"""With more, there is no picture of which class is taken for which."""


def page(records: Sequence[Record], relatednesses: Mapping[str, Relatedness] | None = None) -> str:
    """Write the whole report.

    Args:
        records: of every run.
        relatednesses: by the name of a suite, those of databases.
    """
    suites = report.by_suite(records)
    title = f"What coupling gains, in {FRAMEWORKS[records[0].framework]}"
    links = "".join(
        f'<a href="#{name}">{escape(report.suite_title(own[0]))}</a>' for name, own in suites.items()
    )
    head = HEAD.format(title=title, style=STYLE.read_text(), links=links)
    given = dict(relatednesses or {}) | {
        name: SUITES[name].relatedness() for name in suites if name in SUITES
    }
    parts = [part for name, own in suites.items() for part in _suite(name, own, given.get(name))]
    return head + "\n".join([*parts, "</body></html>\n"])


def _suite(name: str, records: Sequence[Record], given: Relatedness | None) -> Iterator[str]:
    title = report.heading(records[0])
    tables, overlapping = report.apart(summarise(records))
    yield f'<h2 id="{name}">{escape(title)}</h2>\n<p>{escape(report.legend(records, tables))}</p>'
    yield _picture(figure(tables, title=title), "Gains over no coupling with 95 % intervals.")
    for table in tables:
        yield f"<h3>{report.title(table.size).capitalize()}</h3>\n{_settings(table)}"
    yield f"<h3>In the shape of the paper's tables</h3>\n<p>{escape(paper.LEGEND)}</p>"
    for own in paper.tables(records):
        yield f"<h4>{escape(own.title)}</h4>\n{_plain(own)}"
    yield "<h3>Along the training</h3>"
    yield _picture(plots.curves(records), "On validation images, means over seeds.")
    if overlapping:
        yield "<h3>With growing overlap of the label sets</h3>"
        yield _picture(
            plots.overlaps(report.growing(tables, overlapping)), report.title(Size(*overlapping[0].size[:2]))
        )
    if given is not None and len(given.classes) <= MOST_CLASSES:
        yield from _matrices(records, tables, given)
    if name in [suite.name for suite in DRAWN]:
        yield "<h3>The faces</h3>"
        yield _picture(contact_sheet(), "What is drawn, and what makes it hard to read.", "sheet")
    if data := report.data(records[0]):
        yield "<h3>The data</h3>"
        yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in data) + "</ul>"
    yield f'<p class="faint">{escape(report.origin(records[0]))}</p>'


def _settings(table: Table) -> str:
    """Lay out the scores and gains of every setting."""
    rows = [[escape(name), *map(_gain, cells)] for name, *cells in report.cells(table, "\n")]
    return _markup(report.HEADINGS, rows)


def _gain(cell: str) -> str:
    """Write what stands below a gain, or in its place, as the verdict that it is."""
    *first, last = cell.split("\n")
    if not last.startswith("negative"):
        return escape(cell)
    return "<br>".join([*map(escape, first), f'<span class="negative">{escape(last)}</span>'])


def _plain(table: paper.PaperTable) -> str:
    return _markup(table.columns, [[escape(cell) for cell in row] for row in table.rows], "paper")


def _markup(columns: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    head = "".join(f"<th>{escape(own)}</th>" for own in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table class="{kind}">\n<tr>{head}</tr>\n{body}\n</table></div>'


def _matrices(records: Sequence[Record], tables: Sequence[Table], given: Relatedness) -> Iterator[str]:
    """Show, at each size, which classes are confused, and which attributes go with which class."""
    yield "<h3>Which classes are taken for which</h3>"
    for table in tables:
        yield _picture(plots.confusion(records, table.size, given.classes), report.title(table.size))
    yield "<h3>Which attributes go with which class</h3>"
    yield "<p>The relatedness that is given, and how often each attribute is predicted where a class is.</p>"
    for table in tables:
        yield _picture(plots.learned(records, table.size, given), report.title(table.size))


def _picture(png: bytes, caption: str, kind: str = "") -> str:
    data, text = b64encode(png).decode(), escape(caption)
    image = f'<img src="data:image/png;base64,{data}" alt="{text}">'
    return f'<figure class="{kind}">{image}<figcaption>{text}</figcaption></figure>'
