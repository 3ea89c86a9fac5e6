"""The command line: python -m benchmarks torch|keras|jax|tune|search|parity|estimation|report."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import backbone_parity, databases, estimation, parity, records, report, search, suite, tuning
from benchmarks.augmentations import AUGMENTATIONS
from benchmarks.datasets import LOADERS
from benchmarks.datasets.__main__ import option
from benchmarks.page import page
from benchmarks.recipes import NETWORK
from benchmarks.settings import BASELINE, RECOMMENDED
from benchmarks.suites import DIGITS, SUITES, Suite
from benchmarks.training import FRAMEWORKS
from coupling import Relatedness

RECORDS = "records.jsonl"
RELATEDNESS = "-relatedness.json"
"""What follows the name of a database's suite, for the pictures of its report."""
OTHERS = "of other versions, sources or training, repeated, or of seeds that not every setting has"
SECOND = ("attributes", "counted")
OF_DATABASES = (
    "data_root",
    "option",
    "image_size",
    *(f"{of}_{what}" for of in SECOND for what in ("suite", "root")),
)
TUNING = "tuning"
SEARCH = "search"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that a user can mend is one line."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        if options.command == "parity":
            if options.networks:
                return 0 if backbone_parity.compare(console, options.networks, options.page) else 1
            return 0 if parity.compare(console) else 1
        if options.command == "estimation":
            return 0 if estimation.compare(console, rows=options.rows) else 1
        if options.command == "tune":
            _tune(options, console)
        elif options.command == "search":
            _search(options, console)
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
    _check_needed(options)
    directory = options.output or Path("benchmark-results") / framework
    suites = [_chosen(_suite(name, options), options.settings) for name in options.suite]
    runs = [
        run
        for own in suites
        for run in suite.planned(
            framework, own, seeds=options.seeds or (2 if options.smoke else own.seeds), smoke=options.smoke
        )
    ]
    kept = directory.absolute() / "checkpoints"
    runs = [run._replace(workers=options.workers, checkpoints=kept) for run in runs]
    with records.alone(directory):
        for own in suites:
            if own.name not in SUITES:
                own.relatedness().save(directory / f"{own.name}{RELATEDNESS}")
        suite.go_on(runs, directory / RECORDS, console, options.cluster)
        _write_report(directory, console)


def _chosen(own: Suite, names: Sequence[str] | None) -> Suite:
    """Return a suite with the settings of these names and the two that reports draw; its own for None."""
    if names is None:
        return own
    for name in names:
        if name not in own.settings:
            known = ", ".join(map(repr, own.settings))
            raise ValueError(f"--settings should be among {known} for {own.name}, got {name!r}")
    kept = {*names, BASELINE, RECOMMENDED}
    return replace(own, settings=tuple(name for name in own.settings if name in kept))


def _suite(name: str, options: argparse.Namespace) -> Suite:
    """Return a suite that is made here, or that of a database on the disk."""
    if name in SUITES:
        own = SUITES[name]
        given = {name: getattr(options, name) for name in ("steps", "augmentation")}
        schedule = replace(own.schedule, **{name: value for name, value in given.items() if value})
        return replace(own, network=options.network or own.network, schedule=schedule)
    if options.data_root is None:
        raise ValueError(f"--data-root should be the directory of {name}, is not given")
    return databases.suite(
        name,
        options.data_root,
        options=dict(options.option),
        attributes_from=_second("attributes", options),
        counted_on=_second("counted", options),
        network=options.network or NETWORK,
        steps=options.steps,
        augmentation=options.augmentation,
        size=options.image_size,
        cache=options.cache,
    )


def _second(kind: str, options: argparse.Namespace) -> tuple[str, Path, dict[str, Any]] | None:
    """Return another database, which is given by name and directory or not at all."""
    name, root, more = (getattr(options, f"{kind}_{what}") for what in ("suite", "root", "option"))
    if name is not None and root is not None:
        return name, root, dict(more)
    if name is not None or root is not None or more:
        raise ValueError(f"--{kind}-suite and --{kind}-root should both be given, one is not")
    return None


def _check_needed(options: argparse.Namespace) -> None:
    """Refuse what is for databases where there is none, and a network for images where there are none."""
    if not set(options.suite) & set(LOADERS):
        for name in OF_DATABASES:
            if getattr(options, name):
                given = name.replace("_", "-")
                raise ValueError(f"--{given} should be given for a database, got {' '.join(options.suite)}")
    if options.network and DIGITS.name in options.suite:
        raise ValueError(f"--network should be given for suites of images, got {DIGITS.name}")


def _tune(options: argparse.Namespace, console: Console) -> None:
    """Train with every factor what is not on record yet, and show which is chosen."""
    directory = options.output or Path("benchmark-results") / options.framework
    runs = tuning.runs(options.framework, SUITES[options.suite], seeds=options.seeds)
    name = f"{options.suite}-{TUNING}"
    with records.alone(directory):
        made = suite.go_on(runs, directory / f"{name}.jsonl", console, options.cluster)
        chosen = tuning.choose(made)
        written = tuning.markdown(chosen, tuning.legend(made))
        records.write(directory / f"{name}.md", written.encode())
    console.print(tuning.table(chosen))


def _search(options: argparse.Namespace, console: Console) -> None:
    """Train every variant of the preset that is not on record yet, and show what each is worth."""
    directory = options.output or Path("benchmark-results") / options.framework
    chosen = [SUITES[name] for name in options.suite]
    runs = [run for own in chosen for run in search.runs(options.framework, own, seeds=options.seeds)]
    with records.alone(directory):
        made = suite.go_on(runs, directory / f"{SEARCH}.jsonl", console, options.cluster)
        found = search.found(made)
        written = search.markdown(found, search.legend(made))
        records.write(directory / f"{SEARCH}.md", written.encode())
    console.print(search.table(found))


def _rebuild(directory: Path, console: Console) -> None:
    if not (directory / RECORDS).exists():
        raise ValueError(f"{directory} should hold {RECORDS}, does not")
    with records.alone(directory):
        _write_report(directory, console)


def _write_report(directory: Path, console: Console) -> None:
    """Build the report from the records alone, and say how many of them have no place in it."""
    found = records.load(directory / RECORDS)
    if not found:
        raise ValueError(f"{directory / RECORDS} should hold benchmark records, holds none")
    runs = records.comparable(found)
    written = {"report.md": report.markdown(runs).encode()}
    written |= {f"{name}.png": picture for name, picture in report.pictures(runs).items()}
    given = {
        path.name.removesuffix(RELATEDNESS): Relatedness.load(path)
        for path in directory.glob(f"*{RELATEDNESS}")
    }
    written["report.html"] = page(runs, given).encode()
    for name, content in written.items():
        records.write(directory / name, content)
    console.print(report.terminal(runs, width=console.width))
    console.print(f"Written to {directory}: {', '.join([RECORDS, *written])}")
    if len(found) > len(runs):
        console.print(f"Not in the report: {len(found) - len(runs)} records {OTHERS}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for framework, name in FRAMEWORKS.items():
        command = commands.add_parser(
            framework, help=f"train every setting with {name} and compare; go on where a run was ended"
        )
        command.add_argument("--seeds", type=_seeds, help="how many seeds, at least 2 (default: 5)")
        command.add_argument(
            "--suite",
            choices=(*SUITES, *LOADERS),
            nargs="+",
            default=["digits", "faces"],
            help="which data (default: digits and faces)",
        )
        _add_databases(command)
        command.add_argument("--smoke", action="store_true", help="a small part of it, in under a minute")
        _add_where(command)
    command = commands.add_parser("tune", help="choose a weight for every setting by validation images")
    command.add_argument("framework", choices=FRAMEWORKS, help="what trains")
    command.add_argument("--seeds", type=_seeds, default=2, help="how many, at least 2 (default: 2)")
    command.add_argument("--suite", choices=SUITES, default="digits", help="which data (default: digits)")
    _add_where(command)
    command = commands.add_parser("search", help="search for a better preset by validation images")
    command.add_argument("framework", choices=FRAMEWORKS, help="what trains; warm-up is for torch alone")
    command.add_argument("--seeds", type=_seeds, default=3, help="how many, at least 2 (default: 3)")
    command.add_argument(
        "--suite", choices=search.SIZES, nargs="+", default=["digits"], help="which data (default: digits)"
    )
    _add_where(command)
    command = commands.add_parser("parity", help="compare the three frameworks step by step")
    command.add_argument("--networks", nargs="+", help="networks of images (default: that of the digits)")
    command.add_argument("--page", type=Path, help="file to write the networks' table to (default: none)")
    command = commands.add_parser("estimation", help="count annotations against a group-by of pandas")
    command.add_argument(
        "--rows", type=_positive, default=estimation.ROWS, help="how many (default: %(default)s)"
    )
    command = commands.add_parser("report", help="rebuild a report from its records")
    command.add_argument("directory", type=Path, help="folder with records.jsonl")
    return parser


def _add_where(command: argparse.ArgumentParser) -> None:
    """Add what is asked for of a grid, wherever it is trained."""
    command.add_argument("--output", type=Path, help="folder (default: benchmark-results/<framework>)")
    command.add_argument("--cluster", help="address of a Dask cluster to train on (default: this machine)")


def _add_databases(command: argparse.ArgumentParser) -> None:
    """Add what is asked for of a database, and of its training."""
    command.add_argument("--data-root", type=Path, help="the directory of a database")
    command.add_argument(
        "-o", "--option", type=option, action="append", default=[], help="NAME=VALUE, an option of its loader"
    )
    for kind, of in (("attributes", "gives the attributes"), ("counted", "gives the relatedness")):
        command.add_argument(f"--{kind}-suite", choices=LOADERS, help=f"another database, which {of}")
        command.add_argument(f"--{kind}-root", type=Path, help="its directory")
        command.add_argument(
            f"--{kind}-option", type=option, action="append", default=[], help="NAME=VALUE, of its loader"
        )
    command.add_argument("--settings", nargs="+", help="some, as reports name them (default: all)")
    command.add_argument("--network", help="as docs/datasets.md lists them (default: the suite's)")
    command.add_argument("--steps", type=_positive, help="how many (default: the suite's)")
    command.add_argument("--augmentation", choices=AUGMENTATIONS, help="of images (default: the suite's)")
    command.add_argument("--workers", type=_whole, default=0, help="how many make batches (default: threads)")
    command.add_argument("--image-size", type=_positive, help="pixels of a database's (default: the paper's)")
    command.add_argument(
        "--cache", type=Path, default=databases.CACHE, help="folder to keep pixels in (default: %(default)s)"
    )


def _positive(text: str, least: int = 1) -> int:
    number = int(text)
    if number < least:
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    return _positive(text, least=0)


def _seeds(text: str) -> int:
    return _positive(text, least=2)


if __name__ == "__main__":
    sys.exit(main())
