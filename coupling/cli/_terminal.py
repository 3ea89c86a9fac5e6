"""What reaches the terminal: all of the command line's output passes here.

Names come from files of strangers, and a terminal obeys what it is sent: it would clear itself, or show other
names than there are. So whatever is not for reading is shown, not sent.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from coupling._names import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def echo(*lines: str, err: bool = False) -> None:
    """Print lines, on stderr where they are no result; a line break within one is shown as well."""
    for line in lines:
        print(visible(line), file=sys.stderr if err else sys.stdout, flush=True)


def echo_json(text: str) -> None:
    r"""Print JSON, which stays the same to its readers: it may hold any character as ``\u001b``, say."""
    shown = (
        letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text
    )
    print("".join(shown), flush=True)


def text(name: str, style: str = "") -> Text:
    """Return a part of a table."""
    from rich.text import Text

    return Text(visible(name), style)


def console(*, err: bool = False) -> Console:
    """Return a console that leaves numbers as they are, for tables of `text`."""
    from rich.console import Console

    return Console(highlight=False, stderr=err)


@contextmanager
def progress(total: float, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Show how many bytes of `total` have been read, where someone looks on."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    own = console(err=True)
    if quiet or not own.is_terminal:
        yield lambda amount: None
        return
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=own, transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda amount: bar.advance(task, amount)


@contextmanager
def warnings_in_lines() -> Iterator[None]:
    """Print every warning once, in a line."""
    said: set[str] = set()

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        if str(message) not in said:
            said.add(str(message))
            complain(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def complain(message: str) -> None:
    """Print a message on one line of stderr."""
    echo(f"coupling: {' '.join(message.split())}", err=True)
