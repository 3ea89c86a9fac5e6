"""Whose checkpoints a run takes up, and when they are removed."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import checkpoints, suite
from benchmarks import records as io
from benchmarks.samples import Batches, Size
from benchmarks.settings import BASELINE, PSEUDO_LABELS
from benchmarks.suite import Run
from benchmarks.suites import DIGITS

pytestmark = pytest.mark.usefixtures("single_thread")

STEPS, EVERY = 6, 4
LONG = replace(DIGITS, schedule=replace(DIGITS.schedule, steps=STEPS, checkpoint_every=EVERY))


class Ended(Exception):  # noqa: N818
    """Instead of the end of a process."""


@pytest.fixture
def run(tmp_path) -> Run:
    return Run("torch", LONG, BASELINE, Size(20, 20), 0, STEPS, checkpoints=tmp_path / "checkpoints")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From which step on batches were asked for, one for each network that was trained."""
    begun: list[int] = []
    after = Batches.after

    def noted(self, step):
        begun.append(step)
        return after(self, step)

    monkeypatch.setattr(Batches, "after", noted)
    return begun


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch):
    """Lets a run end before its last batch."""

    def ended(run):
        item = Batches.__getitem__

        def until(self, step):
            if step == STEPS - 1:
                raise Ended
            return item(self, step)

        with monkeypatch.context() as patch:
            patch.setattr(Batches, "__getitem__", until)
            with pytest.raises(Ended):
                suite.execute(run)

    return ended


def kept(run: Run) -> list[str]:
    return sorted(path.name.rpartition("-")[2] for path in run.checkpoints.iterdir())


def results(record: io.Record) -> io.Record:
    return replace(record, date="")


def test_a_run_goes_on_and_its_record_tells_which_are_its_checkpoints(run, asked, end, tmp_path):
    alone = results(suite.execute(run._replace(checkpoints=None)))
    end(run)
    assert kept(run) == ["network.npz"]
    asked.clear()
    made = suite.execute(run)
    assert asked == [EVERY]
    assert results(made) == alone
    io.save(tmp_path / "records.jsonl", [made])
    (read,) = io.load(tmp_path / "records.jsonl")
    other = replace(read, seed=1)
    checkpoints.forget(run.checkpoints, other.circumstances)
    assert kept(run) == ["network.npz"]
    checkpoints.forget(run.checkpoints, read.circumstances)
    assert kept(run) == []


def test_teachers_are_not_trained_again(run, asked, end):
    run = run._replace(setting=PSEUDO_LABELS)
    alone = results(suite.execute(run._replace(checkpoints=None)))
    suite.execute(run)
    assert kept(run) == ["attributes.npz", "classes.npz", "network.npz"]
    (student,) = run.checkpoints.glob("*-network.npz")
    student.unlink()
    asked.clear()
    assert results(suite.execute(run)) == alone
    assert asked == [STEPS, STEPS, 0]
    checkpoints.forget(run.checkpoints, suite.circumstances(run))
    assert kept(run) == []


@pytest.mark.parametrize("what", ["_source", "_versions"])
def test_of_other_circumstances_none_is_taken_up(run, asked, end, monkeypatch: pytest.MonkeyPatch, what):
    end(run)
    monkeypatch.setattr(suite, what, lambda given: "another")
    asked.clear()
    suite.execute(run)
    assert asked == [0]
    assert kept(run) == ["network.npz"] * 2


def test_nor_of_another_device_or_setting(run):
    own = suite.circumstances(run)
    for name in ("device", "setting", "seed", "training", "size", "options"):
        assert checkpoints.digest({**own, name: "another"}) != checkpoints.digest(own)


def test_who_makes_the_batches_is_no_circumstance(run):
    others = run._replace(workers=3, checkpoints=None)
    assert suite.circumstances(others) == suite.circumstances(run)


def test_the_folder_goes_in_the_end_unless_another_run_has_checkpoints_in_it(tmp_path):
    folder = tmp_path / "folder"
    other = checkpoints.place(folder, {"seed": 1}, "network")
    checkpoints.save(checkpoints.place(folder, {}, "network"), {"step": np.array(1)})
    checkpoints.save(other, {"step": np.array(1)})
    for circumstances, left in (({}, [other]), ({"seed": 1}, [])):
        checkpoints.forget(folder, circumstances)
        assert list(folder.iterdir()) == left
        checkpoints.leave(folder)
    assert not folder.exists()
    for missing in (folder, None):
        checkpoints.forget(missing, {})
        checkpoints.leave(missing)
