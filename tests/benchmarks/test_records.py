import json

import numpy as np
import pytest

from benchmarks import records as io
from benchmarks.settings import SINGLE_TASK


def test_round_trip(tmp_path, records):
    path = tmp_path / "new" / "records.jsonl"
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


def test_empty_file(tmp_path):
    (tmp_path / "records.jsonl").touch()
    with pytest.raises(ValueError, match="should hold benchmark records"):
        io.load(tmp_path / "records.jsonl")


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
