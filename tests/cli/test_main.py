"""`python -m coupling` is the command line."""

import importlib.metadata
import os
import runpy
import sys

import click
import pytest
from commands import run

from coupling.cli import _commands, main


def test_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["coupling", "--version"])
    monkeypatch.delitem(sys.modules, "coupling.__main__", raising=False)  # another test may have imported it
    with pytest.raises(SystemExit) as left:
        runpy.run_module("coupling", run_name="__main__")
    assert left.value.code == 0
    assert importlib.metadata.version("coupling") in capsys.readouterr().out
    importlib.import_module("coupling.__main__")  # which by itself does nothing


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            ModuleNotFoundError("No module", name="pyarrow.parquet.core"),
            2,
            'the command line needs pyarrow: pip install "coupling[cli]"',
        ),
        (click.Abort(), 130, "interrupted"),
        (click.BadParameter("is bad"), 2, "Invalid value: is bad"),
        (OSError(13, "Permission denied", "a.json"), 2, "a.json: Permission denied"),
        (KeyError("class 'gull' is missing"), 2, "class 'gull' is missing"),
        (MemoryError(), 2, "not enough memory"),
        (ImportError("plot needs matplotlib"), 2, "plot needs matplotlib"),
        (ValueError("a should be\nb"), 2, "a should be b"),
    ],
)
def test_errors_are_a_line(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(_commands.coupling, "main", fail)
    assert run("relatedness", "tables") == (code, "", f"coupling: {message}\n")


def test_a_disk_that_is_full(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing more is written to stdout, as it would fail again."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("odd")

    turned: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:  # for no longer: capfd needs them too
        patch.setattr(_commands.coupling, "main", fail)
        patch.setattr(os, "dup2", lambda sink, stream: turned.append((os.write(sink, b"x"), stream)))
        assert main(["relatedness", "tables"]) == 2
    assert (turned, capfd.readouterr()) == ([(1, sys.stdout.fileno())], ("", "coupling: odd\n"))
