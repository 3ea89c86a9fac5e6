"""`python -m coupling` is the command line."""

import importlib.metadata
import runpy
import sys

import pytest
from commands import run

from coupling.cli import _commands


def test_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["coupling", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("coupling", run_name="__main__")
    assert left.value.code == 0
    assert importlib.metadata.version("coupling") in capsys.readouterr().out
    importlib.import_module("coupling.__main__")  # which by itself does nothing


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module", name="pyarrow.parquet.core")

    monkeypatch.setattr(_commands.coupling, "main", without)
    assert run("relatedness", "tables") == (
        2,
        "",
        'coupling: the command line needs pyarrow: pip install "coupling[cli]"\n',
    )
