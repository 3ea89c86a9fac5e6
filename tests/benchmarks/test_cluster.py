"""A grid on a Dask cluster ends as it does on this machine."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from dask.distributed import LocalCluster

from benchmarks import records
from benchmarks.__main__ import main

SMOKE = ["torch", "--suite", "digits", "--smoke"]


def results(folder: Path) -> list[str]:
    """The records in their order, without the time at which each was made."""
    return [json.dumps({**asdict(own), "date": ""}) for own in records.load(folder / "records.jsonl")]


def test_the_same_results(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert main([*SMOKE, "--output", str(here)]) == 0
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        assert main([*SMOKE, "--output", str(there), "--cluster", cluster.scheduler_address]) == 0
    assert results(here) == results(there)
    for name in ("report.md", "report.html"):
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_no_cluster_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMOKE, "--output", str(tmp_path), "--cluster", "here"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
