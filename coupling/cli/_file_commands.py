"""The commands that look at relatedness files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

import click

from coupling import _storage
from coupling.cli._options import TABLES, Named, OutputType, RelatednessType
from coupling.cli._terminal import console, echo

DPI = 200
MOST_ENTRIES = 20
VALUES = click.Choice(["conditional", "weights", "support"])


@click.command()
@click.argument("file", type=RelatednessType())
@click.option(
    "--values",
    type=VALUES,
    default="conditional",
    show_default=True,
    help="Which matrix: the probability of each attribute in each class, the weights of the indicator score,"
    " or how many samples were counted.",
)
@click.option("--all", "everything", is_flag=True, help="All of a large table, in parts that fit.")
def show(file: Named, values: str, everything: bool) -> None:
    """Show a relatedness as a table that fits the terminal.

    \b
    coupling relatedness show du2014
    """
    from coupling.cli._show import table

    own = console()
    own.print(table(file[1], values=values, width=own.width, everything=everything))


@click.command()
@click.argument("file", type=RelatednessType())
@click.option(
    "-o",
    "--output",
    type=OutputType(".png", ".svg"),
    required=True,
    help="The picture to write, .png or .svg.",
)
@click.option(
    "--values",
    type=click.Choice(["conditional", "weights"]),
    default="conditional",
    show_default=True,
    help="Which matrix: the probability of each attribute in each class, or the weights of the indicator"
    " score.",
)
def plot(file: Named, output: Path, values: Literal["conditional", "weights"]) -> None:
    """Draw a relatedness as a heat map.

    \b
    coupling relatedness plot du2014 -o du2014.png
    """
    picture = io.BytesIO()
    figure: Any = file[1].plot(values=values).figure
    figure.savefig(picture, format=output.suffix[1:].lower(), dpi=DPI)
    _storage.write(output, picture.getvalue())


@click.command()
@click.argument("first", type=RelatednessType())
@click.argument("second", type=RelatednessType())
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="How much an entry may differ.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help=f"All entries that differ, not only the {MOST_ENTRIES} that differ most.",
)
@click.pass_context
def diff(ctx: click.Context, first: Named, second: Named, tolerance: float, everything: bool) -> None:
    """Compare two relatednesses.

    Names that only one has, names in another order, and the entries that differ, the largest first.
    The exit code is 0 where nothing differs and 1 where something does.

    \b
    coupling relatedness diff du2014 aff_wild2 --tolerance 0.1
    """
    from coupling.cli import _diff

    names, pair = (first[0], second[0]), (first[1], second[1])
    lines = list(_diff.statements(*pair, names))
    entries = _diff.entries(*pair, tolerance)
    echo(*lines)
    if entries:
        shown = entries if everything else entries[:MOST_ENTRIES]
        console().print(_diff.table(shown, names))
        rest = f", of which {len(shown)} are shown; --all shows all" if len(shown) < len(entries) else ""
        echo(f"{len(entries)} entries differ by more than {tolerance:g}{rest}")
    ctx.exit(1 if lines or entries else 0)


@click.command()
def tables() -> None:
    """List the tables that are built in.

    Their names may stand wherever FILE does.
    """
    for name, read in TABLES.items():
        own = read()
        size = f"{len(own.classes)} classes x {len(own.attributes)} attributes"
        echo(f"{name:<12}{size}: {own.source.partition(':')[0]}")
