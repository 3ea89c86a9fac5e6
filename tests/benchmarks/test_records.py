import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import records as io
from benchmarks.samples import Size
from benchmarks.settings import SINGLE_TASK


def test_round_trip(tmp_path, records):
    path = tmp_path / "records.jsonl"
    io.save(path, records)
    assert io.load(path) == records
    assert len(path.read_text().splitlines()) == len(records)


def test_predictions_survive(make_record):
    record = make_record("no coupling", Size(20, 600), 0)
    again = io.Record(**json.loads(json.dumps(record.__dict__)))
    assert again == record
    assert io.unpack(again.predictions["classes"]).shape == (797,)
    assert io.unpack(again.predictions["attributes"]).shape == (797, 7)
    assert list(make_record(SINGLE_TASK["classes"], Size(20, 600), 0).predictions) == ["classes"]


@pytest.mark.parametrize("shape", [(0,), (1,), (7, 3), (2, 10_177)])
def test_packing_whole_numbers(shape):
    values = np.random.default_rng(0).integers(-1, 10_177, shape)
    np.testing.assert_array_equal(io.unpack(json.loads(json.dumps(io.pack(values)))), values)


def test_packing_missing_labels():
    np.testing.assert_array_equal(
        io.unpack(io.pack(np.array([[1.0, np.nan], [0.0, 1.0]]))), [[1, -1], [0, 1]]
    )


@pytest.mark.parametrize("line", ["{", '{"seed": 1}', '["a"]', "1"])
def test_line_that_is_no_record(tmp_path, records, line):
    path = tmp_path / "records.jsonl"
    io.save(path, records[:1])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=r"records\.jsonl, line 2, should be a benchmark record"):
        io.load(path)


@pytest.mark.parametrize("content", ["", "{", '{"framework": "torch"'])
def test_no_whole_line(tmp_path, content):
    (tmp_path / "records.jsonl").write_text(content)
    assert io.load(tmp_path / "records.jsonl") == []


def test_what_a_kill_leaves_of_a_line_is_passed_over(tmp_path, records):
    """Whatever the byte that is the last on the disk."""
    path = tmp_path / "records.jsonl"
    io.save(path, records[:2])
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for size in [*range(0, len(whole), 97), first - 1, first, len(whole) - 1, len(whole)]:
        path.write_bytes(whole[:size])
        assert io.load(path) == records[: whole[:size].count(b"\n")]


def test_append(tmp_path, records):
    path = tmp_path / "records.jsonl"
    io.save(path, records[:1])
    io.append(path, records[1])
    io.append(path, records[2])
    assert io.load(path) == records[:3]


@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_nothing_is_left_behind(tmp_path, content):
    if content is not None:
        (tmp_path / "records.jsonl").write_bytes(content)
    assert io.left_behind(tmp_path / "records.jsonl") == []


@pytest.mark.parametrize("content", [b"{}\n", b"\xff\n"])
def test_what_cannot_be_read_is_not_taken_for_nothing(tmp_path, content):
    (tmp_path / "records.jsonl").write_bytes(content)
    with pytest.raises(ValueError, match="line 1, should be a benchmark record"):
        io.left_behind(tmp_path / "records.jsonl")


def renewed(records, **changes):
    return [replace(own, **changes) for own in records]


def test_all_of_one_grid_are_comparable(records):
    assert io.comparable(records) == records


@pytest.mark.parametrize(
    "changes",
    [
        {"framework": "jax"},
        {"training": {"network": "mlp", "steps": 2}},
        {"versions": {"python": "3.14"}},
        {"source": "another"},
    ],
)
def test_what_was_made_otherwise_is_not_comparable(records, changes):
    others = renewed(records, **changes)
    assert io.comparable(others + records) == records
    assert io.comparable(records + others) == others


def test_a_suite_is_compared_however_another_was_made(records):
    faces = renewed(records, suite="faces", source="another")
    assert io.comparable(faces + records) == faces + records


def test_of_a_repeated_run_the_last_counts(records):
    assert io.comparable(renewed(records, date="before") + records) == records


def test_of_an_interrupted_grid_the_seeds_that_all_have_are_compared(records):
    kept = [own for own in records if own.seed < 2]
    assert io.comparable(kept + [own for own in records[: len(records) // 2] if own.seed == 2]) == kept


@pytest.mark.parametrize("left", [0, 1])
def test_a_suite_without_two_seeds_is_refused(records, left):
    size = records[0].size
    others = [own for own in records if (own.setting, own.size) != (records[0].setting, size)]
    own = [own for own in records if own not in others][:left] + renewed(records[:1], seed=7)
    with pytest.raises(ValueError, match=rf"every setting of digits should .*, has {left} in common: "):
        io.comparable(others + own)


def test_folds_of_a_database_are_comparable_and_other_options_are_not(records):
    def of(fold, crop):
        data = [{"name": "clothing", "options": {"fold": fold, "crop": crop}, "images": {"train": 10 + fold}}]
        return {**records[0].training, "data": data}

    folds = [replace(own, training=of(own.seed % 2, True)) for own in records]
    assert io.comparable(folds) == folds
    assert io.comparable(renewed(folds, training=of(0, False)) + folds) == folds


def test_one_run_at_a_time(tmp_path):
    folder = tmp_path / "new"
    with io.alone(folder), pytest.raises(ValueError, match="new should be written to by one run at a time"):
        io.alone(folder).__enter__()
    with io.alone(folder):
        assert list(folder.iterdir()) == []


def test_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "report.md"
    io.write(path, b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(io.Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        io.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
