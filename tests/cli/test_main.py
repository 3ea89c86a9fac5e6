"""`python -m coupling` is the command line."""

import importlib.metadata
import runpy
import sys

import pytest


def test_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["coupling", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("coupling", run_name="__main__")
    assert left.value.code == 0
    assert importlib.metadata.version("coupling") in capsys.readouterr().out
    importlib.import_module("coupling.__main__")  # which by itself does nothing
