from dataclasses import replace
from pathlib import Path

import pytest

import benchmarks
from benchmarks import records as io
from benchmarks.__main__ import main
from benchmarks.settings import BASELINE, RECOMMENDED

RESULTS = Path(benchmarks.__file__).parent / "results"
REPORTS = ("report.md", "digits.png", "report.html")
METRICS = {f"class_{name}" for name in ("accuracy", "balanced_accuracy", "f1")}
METRICS |= {f"attribute_{name}" for name in ("accuracy", "f1", "afa")}


def test_smoke_writes_everything_and_the_report_is_rebuilt(tmp_path, capsys):
    assert main(["torch", "--suite", "digits", "--smoke", "--output", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "records.jsonl",
        "report.md",
        "digits.png",
        "report.html",
    }
    records = io.load(tmp_path / "records.jsonl")
    assert len(records) == 6
    assert {record.seed for record in records} == {0, 1}
    assert {"python", "numpy", "scikit-learn", "coupling", "torch"} <= set(records[0].versions)
    assert set(records[1].metrics) <= METRICS
    written = {name: (tmp_path / name).read_bytes() for name in REPORTS}
    assert main(["report", str(tmp_path)]) == 0
    assert {name: (tmp_path / name).read_bytes() for name in written} == written
    assert "20 class-labelled and 600 attribute-labelled images" in capsys.readouterr().out


def test_a_second_run_leaves_the_records_and_checkpoints_of_others(tmp_path, capsys, records):
    of_faces = io.load(RESULTS / "torch-resnet50" / "records.jsonl")
    longer = [replace(own, training={"network": "mlp", "steps": 300}) for own in records]
    io.save(tmp_path / "records.jsonl", [*of_faces, *longer])
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "of-another.npz").touch()
    assert main(["torch", "--suite", "digits", "--smoke", "--output", str(tmp_path)]) == 0
    found = io.load(tmp_path / "records.jsonl")
    assert found[:-6] == [*of_faces, *longer]
    assert f"Not in the report: {len(longer)} records " in " ".join(capsys.readouterr().out.split())
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["of-another.npz"]
    written = (tmp_path / "report.md").read_text()
    assert "over 5 seeds" in written
    assert "over 2 seeds" in written


def test_records_that_cannot_be_read_are_not_overwritten(tmp_path, capsys, records):
    path = tmp_path / "records.jsonl"
    io.save(path, records[:2])
    path.write_text(path.read_text() + "\n")
    before = path.read_bytes()
    assert main(["torch", "--suite", "digits", "--smoke", "--output", str(tmp_path)]) == 1
    assert "records.jsonl, line 3, should be a benchmark record" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_some_settings_are_compared_with_no_coupling(tmp_path):
    chosen = ["--settings", "DM JS", "--steps", "2", "--seeds", "2"]
    assert main(["torch", "--suite", "digits", *chosen, "--output", str(tmp_path)]) == 0
    records = io.load(tmp_path / "records.jsonl")
    assert {record.setting for record in records} == {BASELINE, "DM JS", RECOMMENDED}
    assert f"| {RECOMMENDED} |" in (tmp_path / "report.md").read_text()


def test_a_setting_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["torch", "--suite", "faces", "--settings", "DM", "--output", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("benchmarks: --settings should be among 'single task: classes', ")
    assert error.endswith(" for faces, got 'DM'\n")


@pytest.mark.parametrize(
    ("suite", "arguments", "message"),
    [
        ("digits", ["--data-root", "x"], "--data-root should be given for a database, got digits"),
        ("faces", ["-o", "crop=no"], "--option should be given for a database, got faces"),
        ("faces", ["--image-size", "8"], "--image-size should be given for a database, got faces"),
        ("faces", ["--counted-suite", "cub"], "--counted-suite should be given for a database, got faces"),
        ("digits", ["--network", "vgg16"], "--network should be given for suites of images, got digits"),
    ],
)
def test_what_a_suite_has_no_use_for_is_one_line(tmp_path, capsys, suite, arguments, message):
    assert main(["torch", "--suite", suite, *arguments, "--output", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"benchmarks: {message}\n"
    assert not (tmp_path / "none").exists()


def test_missing_records_are_one_line(tmp_path, capsys):
    assert main(["report", str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("benchmarks: ")
    assert error.count("\n") == 1
    assert "records.jsonl" in error


def test_no_records_are_one_line(tmp_path, capsys):
    (tmp_path / "records.jsonl").touch()
    assert main(["report", str(tmp_path)]) == 1
    assert "records.jsonl should hold benchmark records, holds none\n" in capsys.readouterr().err


def test_a_folder_of_another_run_is_one_line(tmp_path, capsys):
    with io.alone(tmp_path):
        assert main(["torch", "--suite", "digits", "--smoke", "--output", str(tmp_path)]) == 1
    assert "should be written to by one run at a time, another is at it\n" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["torch", "--seeds", "1"], ["numpy"], []])
def test_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage" in capsys.readouterr().err
