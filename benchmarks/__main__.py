"""The command line: python -m benchmarks torch|keras|jax|parity|estimation|report."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import backbone_parity, estimation, parity, records, report, suite
from benchmarks.page import page
from benchmarks.suites import SUITES
from benchmarks.training import FRAMEWORKS

RECORDS = "records.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that a user can mend is one line."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        if options.command == "parity":
            if options.networks:
                return 0 if backbone_parity.compare(console, options.networks) else 1
            return 0 if parity.compare(console) else 1
        if options.command == "estimation":
            return 0 if estimation.compare(console, rows=options.rows) else 1
        if options.command == "report":
            _rebuild(options.directory, console)
        else:
            _train(options.command, options, console)
    except (ValueError, OSError, ImportError, BrokenExecutor) as error:
        print(f"benchmarks: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def _train(framework: str, options: argparse.Namespace, console: Console) -> None:
    """Train what is not on record yet, and write the report."""
    seeds = options.seeds or (2 if options.smoke else 5)
    directory = options.output or Path("benchmark-results") / framework
    runs = [
        run
        for name in options.suite
        for run in suite.planned(framework, SUITES[name], seeds=seeds, smoke=options.smoke)
    ]
    with records.alone(directory):
        path = directory / RECORDS
        left = records.left_behind(path)
        records.save(path, left)  # without half a line at its end
        records.save(path, suite.train_all(runs, console, left, partial(records.append, path)))
        _write_report(directory, console)


def _rebuild(directory: Path, console: Console) -> None:
    if not (directory / RECORDS).exists():
        raise ValueError(f"{directory} should hold {RECORDS}, does not")
    with records.alone(directory):
        _write_report(directory, console)


def _write_report(directory: Path, console: Console) -> None:
    """Build the report from the records alone."""
    runs = records.load(directory / RECORDS)
    if not runs:
        raise ValueError(f"{directory / RECORDS} should hold benchmark records, holds none")
    written = {"report.md": report.markdown(runs).encode()}
    written |= {f"{name}.png": picture for name, picture in report.pictures(runs).items()}
    written["report.html"] = page(runs).encode()
    for name, content in written.items():
        records.write(directory / name, content)
    console.print(report.terminal(runs, width=console.width))
    console.print(f"Written to {directory}: {', '.join([RECORDS, *written])}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for framework, name in FRAMEWORKS.items():
        command = commands.add_parser(
            framework, help=f"train every setting with {name} and compare; go on where a run was ended"
        )
        command.add_argument("--seeds", type=_seeds, help="how many seeds, at least 2 (default: 5)")
        command.add_argument(
            "--suite", choices=SUITES, nargs="+", default=["digits"], help="which data (default: digits)"
        )
        command.add_argument("--smoke", action="store_true", help="a small part of it, in under a minute")
        command.add_argument("--output", type=Path, help="folder (default: benchmark-results/<framework>)")
    command = commands.add_parser("parity", help="compare the three frameworks step by step")
    command.add_argument("--networks", nargs="+", help="networks of images (default: that of the digits)")
    command = commands.add_parser("estimation", help="count annotations against a group-by of pandas")
    command.add_argument("--rows", type=int, default=estimation.ROWS, help="how many (default: %(default)s)")
    command = commands.add_parser("report", help="rebuild a report from its records")
    command.add_argument("directory", type=Path, help="folder with records.jsonl")
    return parser


def _seeds(text: str) -> int:
    seeds = int(text)
    if seeds < 2:
        raise ValueError(text)
    return seeds


if __name__ == "__main__":
    sys.exit(main())
