"""What several commands take: label files, columns in them, relatedness files."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem, split_arg_string

from coupling import knowledge
from coupling._relatedness import Relatedness

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic in newer releases only

Command = TypeVar("Command", bound=Callable[..., Any])

Named = tuple[str, Relatedness]
"""What was typed, and the relatedness that it names."""

TABLES = {"du2014": knowledge.du2014, "aff_wild2": knowledge.aff_wild2}


class RelatednessType(ParamType):
    """The name of a file, or of a table that is built in."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Named:
        """Return what was typed and the relatedness that it names."""
        if value in TABLES:
            return value, TABLES[value]()
        if not Path(value).exists():
            raise ValueError(f"{value}: no such file, and no table that is built in ({', '.join(TABLES)})")
        return value, Relatedness.load(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer tables, then files."""
        names = [name for name in TABLES if name.startswith(incomplete)]
        return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


class ColumnType(ParamType):
    """The name of a column of the label files."""

    name = "column"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer the columns of the files that are typed already, as far as they can be typed."""
        from coupling.cli._files import column_names

        words = split_arg_string(os.environ.get("COMP_WORDS", ""))
        files = [path for path in map(Path, words) if path.is_file()]
        try:
            names = dict.fromkeys(name for path in files for name in column_names(path, None))
        except (OSError, ValueError):
            return []
        typed = (name for name in names if name.startswith(incomplete) and name.isprintable())
        return [CompletionItem(name) for name in typed]


class NamesType(ParamType):
    """Names with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Return the names."""
        names = [name.strip() for name in value.split(",")]
        if "" in names:
            self.fail(f"should be names with commas between them, has an empty one: {value!r}", param, ctx)
        return names


class OutputType(ParamType):
    """A file to be written, in a folder that is there: known before any work is done."""

    name = "file"

    def __init__(self, *endings: str) -> None:
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(value)
        if not path.parent.is_dir():
            raise ValueError(f"{path}: cannot be written: {path.parent} is no folder")
        if path.is_dir():
            raise ValueError(f"{path}: cannot be written: it is a folder")
        if not os.access(path.parent, os.W_OK):
            raise ValueError(f"{path}: cannot be written: no permission to write in {path.parent}")
        if self._endings and path.suffix.lower() not in self._endings:
            raise ValueError(f"{path}: should end in {' or '.join(self._endings)}")
        return path

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Offer files."""
        return [CompletionItem(incomplete, type="file")]


def _delimiter(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    delimiter = "\t" if value == r"\t" else value
    if delimiter is not None and len(delimiter) != 1:
        raise click.BadParameter(f"should be one character, is {value!r}")
    return delimiter


_CLASS = partial(
    click.option,
    "--class",
    "class_column",
    type=ColumnType(),
    help="The column with each row's class: names, or integers from 0. An empty cell or a negative integer"
    " means that the class is not known.",
)
_ATTRIBUTES = partial(
    click.option,
    "--attributes",
    "attribute_patterns",
    metavar="PATTERN",
    type=ColumnType(),
    multiple=True,
    help="The columns with the attributes, by name or by a pattern such as 'AU*' (in quotes, so that the"
    " shell leaves it alone). May be given several times. A cell is 1, 0 or in between; an empty one, a"
    " negative integer or 999 means that the label is missing.",
)
_CELLS = (
    click.option(
        "--missing",
        metavar="VALUE",
        multiple=True,
        help="What else means missing, in all of these columns. May be given several times.",
    ),
    click.option(
        "--negative",
        metavar="VALUE",
        type=float,
        help="The number that means that an attribute is absent, where it is not 0: -1 in CelebA.",
    ),
    click.option(
        "--delimiter",
        metavar="CHARACTER",
        callback=_delimiter,
        help="What stands between the columns of a text file.  [default: a tab in .tsv, else a comma]",
    ),
)


def column_options(*, required: bool) -> Callable[[Command], Command]:
    """Add the options that say what the label files hold."""
    options = (_CLASS(required=required), _ATTRIBUTES(required=required), *_CELLS)

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
