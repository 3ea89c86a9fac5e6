"""The command line: python -m benchmarks torch|keras|jax|tune|parity|estimation|report."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import estimation, parity, records, report, suite, tuning
from benchmarks.page import page
from benchmarks.suites import SUITES
from benchmarks.training import FRAMEWORKS

RECORDS = "records.jsonl"
TUNING = "tuning.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that a user can mend is one line."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        if options.command == "parity":
            return 0 if parity.compare(console) else 1
        if options.command == "estimation":
            return 0 if estimation.compare(console, rows=options.rows) else 1
        if options.command == "tune":
            _tune(options, console)
        elif options.command == "report":
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
    names = options.suite or SUITES
    runs = [
        run
        for name in names
        for run in suite.planned(framework, SUITES[name], seeds=seeds, smoke=options.smoke)
    ]
    with records.alone(directory):
        _go_on(runs, directory / RECORDS, console)
        _write_report(directory, console)


def _tune(options: argparse.Namespace, console: Console) -> None:
    """Train with every factor what is not on record yet, and show which is chosen."""
    directory = options.output or Path("benchmark-results") / options.framework
    runs = tuning.runs(options.framework, SUITES[options.suite], seeds=options.seeds)
    with records.alone(directory):
        console.print(tuning.table(_go_on(runs, directory / f"{options.suite}-{TUNING}", console)))


def _go_on(runs: Sequence[suite.Run], path: Path, console: Console) -> list[records.Record]:
    """Train what a file does not hold yet, a line for each; it ends up with these runs."""
    left = records.left_behind(path)
    records.save(path, left)  # without half a line at its end
    made = suite.train_all(runs, console, left, partial(records.append, path))
    records.save(path, made)
    return made


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
        command.add_argument("--suite", choices=SUITES, nargs="+", help="which data (default: all)")
        command.add_argument("--smoke", action="store_true", help="a small part of it, in under a minute")
        command.add_argument("--output", type=Path, help="folder (default: benchmark-results/<framework>)")
    command = commands.add_parser("tune", help="choose a weight for every setting by validation images")
    command.add_argument("framework", choices=FRAMEWORKS, help="what trains")
    command.add_argument("--seeds", type=_seeds, default=2, help="how many, at least 2 (default: 2)")
    command.add_argument("--suite", choices=SUITES, default="digits", help="which data (default: digits)")
    command.add_argument("--output", type=Path, help="folder (default: benchmark-results/<framework>)")
    commands.add_parser("parity", help="compare the three frameworks step by step")
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
