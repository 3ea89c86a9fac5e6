import json

import numpy as np
import pytest

from benchmarks import records as io
from benchmarks.settings import SINGLE_TASK


def test_round_trip(tmp_path, records):
    path = tmp_path / "records.jsonl"
    io.save(path, records)
    assert io.load(path) == records
    assert len(path.read_text().splitlines()) == len(records)


def test_predictions_survive(make_record):
    record = make_record("no coupling", (20, 600), 0)
    again = io.Record(**json.loads(json.dumps(record.__dict__)))
    assert again.predictions("classes").shape == (797,)
    attributes = again.predictions("attributes")
    assert attributes.shape == (797, 7)
    np.testing.assert_array_equal(attributes, io.unpack(io.pack(attributes), len(attributes)))
    assert make_record(SINGLE_TASK["classes"], (20, 600), 0).predictions("attributes") is None


@pytest.mark.parametrize("images", [1, 7, 8, 9])
def test_packing_any_number_of_images(images):
    attributes = np.random.default_rng(0).integers(0, 2, (images, 7))
    np.testing.assert_array_equal(io.unpack(io.pack(attributes), len(attributes)), attributes)


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


@pytest.mark.parametrize("content", [None, b"{", b"{}\n", b"\xff\n"])
def test_nothing_is_left_behind(tmp_path, content):
    if content is not None:
        (tmp_path / "records.jsonl").write_bytes(content)
    assert io.left_behind(tmp_path / "records.jsonl") == []


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
