"""The command line: python -m benchmarks.datasets show|verify|split."""

import argparse
import ast
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.datasets import LOADERS, load, splits
from benchmarks.datasets.images import Pixels


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that a user can mend is told without a traceback."""
    chosen = _parser().parse_args(arguments)
    try:
        _run(chosen)
    except (ValueError, OSError) as error:
        print(f"benchmarks.datasets: {error}", file=sys.stderr)
        return 1
    return 0


def _run(chosen: argparse.Namespace) -> None:
    annotations = load(chosen.name, chosen.root, **dict(chosen.option))
    if chosen.command == "split":
        names = [path.rpartition("/")[2] for path in annotations.images.paths]
        print(f"sha256 {splits.write(chosen.output, names, annotations.split)}")
        return
    if chosen.command == "verify":
        annotations = Pixels(annotations, size=chosen.size, cache=chosen.cache).readable()
    print(json.dumps(annotations.record(), indent=1) if chosen.json else annotations.summary())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "show": "load a database, and say what it holds and what was left out",
        "verify": "the same with every image read",
        "split": "write the split as a file, and print its digest",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("name", choices=LOADERS)
        command.add_argument("root", type=Path, help="the directory of the database")
        command.add_argument(
            "-o",
            "--option",
            type=option,
            action="append",
            default=[],
            help="NAME=VALUE, an option of the loader",
        )
        if name == "split":
            command.add_argument("output", type=Path, help="file")
        else:
            command.add_argument("--json", action="store_true", help="as for a run's record")
        if name == "verify":
            command.add_argument("--size", type=int, default=112, help="pixels (default: %(default)s)")
            command.add_argument("--cache", type=Path, help="folder to keep the pixels in")
    return parser


def option(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE; a value that is no Python literal is text, but for true and false."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(text)
    try:
        return name, ast.literal_eval(value.capitalize() if value in ("true", "false") else value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    sys.exit(main())
