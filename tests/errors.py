"""``docs/errors.md``: bad input of every kind, and the error that each gives. Made by running it."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bad_commands import CASES, OPTIONS, USAGE
from bad_files import FILES
from bad_losses import LOSSES, call
from bad_modules import SECTIONS
from commands import estimate, run

from backends import numpy
from coupling import Relatedness

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
HEAD = """# Errors

Bad input of {kinds} kinds, and what each gives. `nox -s errors` writes this page by running all of it, from
the declarations that the tests run: those of the losses on every backend, some of them while tracing too. The
messages are those of NumPy arrays; "[…]" stands for what another library says, or for the rest of a long one.

`Relatedness.load` raises ValueError for whatever is no such file and OSError for one that cannot be opened,
executes nothing, and takes at most 64 times the memory of the file and 1 MiB beside it. `load_state_dict` of
the PyTorch modules raises RuntimeError, as PyTorch does. The command line writes one line and returns 2.

The command line takes at most 1 GiB for label files of text and 2 GiB for those of Parquet, however large
they are or become: `docs/command-line.md` says what is refused for it.
"""


def error(act: Callable[[], Any]) -> Exception:
    """What a call raises."""
    try:
        act()
    except Exception as raised:
        return raised
    raise AssertionError("nothing was refused")


def cell(text: str, pattern: str) -> str:
    """A message in a cell: on one line, not too long, and without what others say."""
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None, (text, pattern)
    if "foreign" in found.groupdict():
        text = f"{text[: found.start('foreign')]}[…]{text[found.end('foreign') :]}"
    text = " ".join(text.split())
    text = text if len(text) <= 240 else f"{text[:200]} […]"
    return text.replace("|", "\\|")


def message(raised: Exception) -> str:
    return str(raised.args[0]) if isinstance(raised, KeyError) else str(raised)


def losses() -> Iterator[tuple[str, str, str]]:
    for wrong in LOSSES:
        raised = error(lambda wrong=wrong: call(numpy, wrong.loss, **{wrong.name: wrong.value}))
        yield f"{wrong.kind} (`{wrong.loss}`)", type(raised).__name__, cell(str(raised), wrong.message)


def files() -> Iterator[tuple[str, str, str]]:
    for kind, (content, pattern) in FILES.items():
        Path("faces.json").write_bytes(content if isinstance(content, bytes) else content.encode())
        raised = error(lambda: Relatedness.load("faces.json"))
        yield kind, type(raised).__name__, cell(str(raised), pattern)
    raised = error(lambda: Relatedness.load("none.json"))
    yield "no file", type(raised).__name__, cell(str(raised), "none.json")


def commands() -> Iterator[tuple[str, str]]:
    for kind, case in CASES.items():
        content = case.content if isinstance(case.content, bytes) else case.content.encode()
        Path("labels.csv").write_bytes(content)
        done = estimate("labels.csv", *OPTIONS, *case.options, "-o", "out.json")
        assert done.code == 2, kind
        yield kind, cell(done.err, re.escape(case.message) + case.foreign)
    for kind, (arguments, pattern) in USAGE.items():
        done = run(*arguments)
        assert done.code == 2, kind
        yield kind, cell(done.err, re.escape(pattern))


def lines(title: str, *head: str, rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> list[str]:
    written = [f"| {' | '.join(row)} |" for row in rows]
    return [f"## {title}", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *written, ""]


def page() -> str:
    """The page, made in a folder of its own."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            made = lines("Losses", "Bad input", "Error", "Message", rows=losses())
            for title, cases in SECTIONS.items():
                rows = [(c.kind, c.error.__name__, cell(message(error(c.act)), c.message)) for c in cases]
                made += lines(title, "Bad input", "Error", "Message", rows=rows)
            made += lines("Relatedness files", "Bad input", "Error", "Message", rows=files())
            made += lines("The command line", "Bad input", "The line on stderr", rows=commands())
        finally:
            os.chdir(before)
    heads = ("Bad input", "---")
    kinds = {line.split(" | ")[0][2:].split(" (`")[0] for line in made if line.startswith("| ")} - {*heads}
    return "\n".join([HEAD.format(kinds=len(kinds)), *made]).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"Written to {PAGE}", file=sys.stderr)
