from dataclasses import replace

import pytest

from benchmarks import tuning
from benchmarks.__main__ import main
from benchmarks.records import load
from benchmarks.samples import Size
from benchmarks.settings import (
    BASELINE,
    FACTORS,
    METHODS,
    PRESET,
    RECOMMENDED,
    SINGLE_TASK,
    TIMES,
    find,
    settings,
    times,
)
from benchmarks.suites import DIGITS, SUITES

FEW = Size(20, 600)


def tried(make_record, setting, factor, seed, *, validation, test):
    record = make_record(setting, FEW, seed)
    curve = {"9": {"class_f1": 1.0, "attribute_f1": 1.0}, "10": validation}
    return replace(record, setting=f"{setting}{TIMES}{factor:g}", curve=curve, metrics=test)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_every_setting_is_tried_equally_often(suite):
    runs = tuning.runs("torch", suite, seeds=3)
    assert len(set(runs)) == len(runs) == len(suite.settings) * len(FACTORS) * len(suite.sizes) * 3
    for run in runs:
        assert find(run.setting, run.size).name == run.setting


def test_methods_are_tuned_in_pytorch_alone():
    names = {run.setting.partition(TIMES)[0] for run in tuning.runs("jax", DIGITS, seeds=2)}
    assert set(DIGITS.settings) - names == set(METHODS)


def test_factor_scales_what_there_is_to_choose():
    every = settings(FEW)
    weights = every[PRESET].options["weights"]
    scaled = times(every[PRESET], 3.0).options["weights"]
    for part, weight in scaled.items():
        coupling = part in ("distribution_matching", "soft_co_annotation")
        assert weight == (3 if coupling else 1) * weights.get(part, 1.0)
    assert times(every[BASELINE], 3.0).options["weights"] == {
        **every[BASELINE].options["weights"],
        "attributes": 3.0,
    }
    assert times(every["GradNorm"], 3.0).factor == 3
    assert times(every["GradNorm"], 3.0).options == every["GradNorm"].options


def test_choice_is_by_the_last_of_validation_over_seeds(make_record):
    low, high, test = {"class_f1": 0.2, "attribute_f1": 0.6}, {"class_f1": 0.4, "attribute_f1": 0.5}, {}
    records = [
        tried(make_record, BASELINE, factor, seed, validation=validation, test=test | {"class_f1": score})
        for factor, validation, score in ((0.1, low, 0.9), (1.0, high, 0.3), (10.0, low, 0.8))
        for seed in range(2)
    ]
    (chosen,) = tuning.choose(records)
    assert chosen == (BASELINE, FEW, 1.0, pytest.approx(0.45), {"class_f1": pytest.approx(0.3)})


def test_task_that_is_not_trained_does_not_count(make_record):
    records = [
        tried(
            make_record, SINGLE_TASK["classes"], 1.0, 0, validation={"class_f1": 0.7}, test={"class_f1": 0.6}
        )
    ]
    assert tuning.choose(records)[0].validation == pytest.approx(0.7)


def test_table_has_sizes_together(make_record):
    sizes = (FEW, Size(400, 30))
    records = [
        replace(
            tried(make_record, setting, 0.3, seed, validation={"class_f1": 0.7}, test={"class_f1": 0.6}),
            size=size,
        )
        for setting in (BASELINE, RECOMMENDED)
        for size in sizes
        for seed in range(2)
    ]
    chosen = tuning.choose(records)
    assert [(own.size, own.setting) for own in chosen] == [
        (size, setting) for size in sizes for setting in (BASELINE, RECOMMENDED)
    ]
    assert tuning.table(chosen).row_count == 4
    written = tuning.markdown(chosen, tuning.legend(records))
    assert f"| {BASELINE} | {FEW} | 0.3 | 70.0 | 60.0 |  |" in written
    assert "Digits with PyTorch, 2 seeds." in written


def test_command_records_and_goes_on(tmp_path, monkeypatch, capsys):
    few = replace(
        DIGITS,
        settings=("GradNorm",),
        sizes=(FEW,),
        overlaps=(),
        schedule=replace(DIGITS.schedule, steps=2),
    )
    monkeypatch.setitem(SUITES, "digits", few)
    command = ["tune", "torch", "--output", str(tmp_path)]
    assert main(command) == 0
    records = load(tmp_path / "digits-tuning.jsonl")
    assert len(records) == len(FACTORS) * 2
    assert "GradNorm" in capsys.readouterr().out
    assert "| GradNorm |" in (tmp_path / "digits-tuning.md").read_text()
    assert main(command) == 0
    assert load(tmp_path / "digits-tuning.jsonl") == records
