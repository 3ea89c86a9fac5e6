"""A benchmark that is killed again and again ends like one that is left alone.

Importing takes most of the time of so small a run. The kills are therefore shared out: while networks are
trained, while the report is written, before the first network is on record, each at a random time of that
part. `KILLS` says how many (`nox -s killed`: fifty).
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from benchmarks import records

KILLS = int(os.environ.get("KILLS", "2"))
SEEDS, PARTS = (
    (2, ("training", "writing"))
    if KILLS < 10
    else (6, ("training", "starting", "training", "training", "writing"))
)
RUNS = 3 * SEEDS
REPORTS = ("report.md", "digits.png", "report.html")
PATIENCE = 300
ROOT = Path(__file__).parents[2]


class Alone(NamedTuple):
    """A run that nothing disturbs: its folder, and the seconds of its parts."""

    folder: Path
    starting: float
    training: float
    writing: float


def start(folder: Path) -> subprocess.Popen[str]:
    arguments = ["torch", "--suite", "digits", "--smoke", "--seeds", str(SEEDS), "--output", str(folder)]
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(process: subprocess.Popen[str]) -> str:
    """What it printed, once it and all of its workers, which have its stdout too, are gone."""
    return process.communicate(timeout=PATIENCE)[0]


def on_record(folder: Path) -> int:
    path = folder / "records.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait(process: subprocess.Popen[str], folder: Path, networks: int) -> float:
    """Wait until so many are on record, and tell the time."""
    while process.poll() is None and on_record(folder) < networks:
        time.sleep(0.002)
    return time.monotonic()


def results(folder: Path) -> list[str]:
    """The records in their order, without the time at which each was made."""
    lines = (folder / "records.jsonl").read_text().splitlines()
    return [json.dumps({**json.loads(line), "date": ""}) for line in lines]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    folder = tmp_path_factory.mktemp("alone")
    begin = time.monotonic()
    process = start(folder)
    first, last = wait(process, folder, 1), wait(process, folder, RUNS)
    printed = finish(process)
    assert process.returncode == 0, printed
    return Alone(folder, first - begin, last - first, time.monotonic() - last)


def assert_readable(folder: Path, alone: Alone) -> None:
    """Records of the run and no others, and reports that are whole; a hidden file is one being written."""
    for path in folder.iterdir():
        if path.name == "records.jsonl":
            made = {json.dumps({**vars(record), "date": ""}) for record in records.load(path)}
            assert made <= set(results(alone.folder))
        elif path.name == "digits.png":
            with Image.open(path) as picture:
                picture.load()
        elif path.suffix in (".md", ".html"):
            assert path.read_bytes() == (alone.folder / path.name).read_bytes()
        else:
            assert path.name.startswith("."), path


def assert_same(folder: Path, alone: Alone) -> None:
    assert results(folder) == results(alone.folder)
    assert {path.name for path in folder.iterdir()} == {"records.jsonl", *REPORTS}
    for name in REPORTS:
        assert (folder / name).read_bytes() == (alone.folder / name).read_bytes()


def disturb(folder: Path, alone: Alone, part: str, draw: random.Random) -> bool:
    """Start or go on, kill at a random time, and tell whether that was in time; what is left can be read."""
    begin, before = time.monotonic(), on_record(folder)
    process = start(folder)
    if part == "training" and before < RUNS:
        begin = wait(process, folder, draw.randint(before + 1, min(before + SEEDS, RUNS)))
        end = begin + draw.uniform(0, alone.training / RUNS)
    elif part == "starting":
        end = begin + draw.uniform(0, alone.starting)
    else:
        end = wait(process, folder, RUNS) + draw.uniform(0, alone.writing)
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    process.kill()
    printed = finish(process)
    assert process.returncode in (0, -9), printed
    if folder.exists():
        assert_readable(folder, alone)
    return process.returncode == -9


def test_killed_again_and_again(tmp_path: Path, alone: Alone) -> None:
    draw = random.Random(0)
    kills: list[str] = []
    finished = 0
    while len(kills) < KILLS:
        folder = tmp_path / str(finished)
        for part in PARTS:
            if disturb(folder, alone, part, draw):
                kills.append(f"{part} {on_record(folder)}")
        leave_alone(folder, alone)
        finished += 1
    print(f"{len(kills)} kills, {finished} runs; networks on record when killed:", *kills, sep="\n")


def leave_alone(folder: Path, alone: Alone) -> None:
    """It ends as the other did."""
    process = start(folder)
    printed = finish(process)
    assert process.returncode == 0, printed
    assert_same(folder, alone)
