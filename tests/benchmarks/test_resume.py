"""Which records a run takes over from earlier ones."""

from dataclasses import replace

import pytest

from benchmarks import suite
from benchmarks.records import Record
from benchmarks.samples import Size
from benchmarks.suite import Run
from benchmarks.suites import DIGITS

RUN = Run("torch", DIGITS, "no coupling", Size(20, 600), 0, 20)


@pytest.fixture(scope="module")
def made(make_record) -> Record:
    """What the run would leave behind."""
    return replace(make_record(RUN.setting, RUN.size, RUN.seed), **suite.circumstances(RUN))


@pytest.fixture
def redo(monkeypatch):
    """Tells whether a record is taken over."""
    monkeypatch.setattr(suite, "execute", lambda run: "trained")
    return lambda left: suite.redo(RUN, [left]) is left


def test_a_record_of_the_same_circumstances(made, redo):
    assert redo(made)
    assert suite.redo(RUN, []) == "trained"


def test_a_record_of_the_same_circumstances_among_others(made, redo):
    others = [replace(made, source=own) for own in "abc"]
    assert suite.redo(RUN, [*others[:2], made, others[2]]) is made


def test_when_and_from_which_commit_does_not_count(made, redo):
    assert redo(replace(made, date="2030-01-01T00:00:00+00:00", revision="another"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("training", {"steps": 200}),
        ("versions", {"torch": "1.0"}),
        ("device", "abacus"),
        ("source", "another"),
        ("options", {}),
    ],
)
def test_a_record_of_others(made, redo, name, value):
    own = getattr(made, name)
    assert not redo(replace(made, **{name: {**own, **value} if value and isinstance(own, dict) else value}))


def test_the_source_is_that_of_the_adapter_too(tmp_path, monkeypatch):
    import coupling.torch

    before = suite._source.__wrapped__("torch")
    (tmp_path / "more.py").write_text("x = 1")
    monkeypatch.setattr(coupling.torch, "__path__", [*coupling.torch.__path__, str(tmp_path)])
    assert suite._source.__wrapped__("torch") != before
