from dataclasses import replace

import numpy as np
import pytest

from benchmarks import search
from benchmarks.__main__ import main
from benchmarks.records import load
from benchmarks.samples import Size
from benchmarks.settings import BASELINE, PRESET, SINGLE_TASK, TIMES, WARM_UP, find, settings, variants
from benchmarks.suites import DIGITS, SUITES
from coupling import Relatedness
from coupling.losses import coupled

FEW, MANY = Size(20, 600), Size(400, 400)
FORM = f"{PRESET}{TIMES}1"


def scored(make_record, setting, size, seed, **scores):
    record = make_record(SINGLE_TASK["classes"], size, seed)
    return replace(record, setting=setting, curve={"9": {"class_f1": 1.0, "attribute_f1": 1.0}, "10": scores})


def test_variants_differ_from_the_preset_in_one_thing():
    preset, *others = (own for name, own in variants(FEW).items() if name.startswith(PRESET))
    assert preset == settings(FEW)[PRESET]
    for own in others:
        differing = {
            (part, name)
            for part, options in own.options.items()
            for name, value in options.items()
            if value != preset.options[part].get(name)
        }
        parts = {part for part, _ in differing}
        assert len(parts) == (0 if own.method == WARM_UP else 1)


def test_task_losses_by_labels():
    for name, own in variants(FEW).items():
        weights = own.options["weights"]
        if name.endswith("by labels"):
            assert weights["classes"] == pytest.approx(2 * 20 / 620)
            assert weights["attributes"] == pytest.approx(2 * 600 / 620)


def test_every_variant_is_taken_by_the_library_and_none_is_another():
    rng = np.random.default_rng(0)
    logits, other = rng.normal(size=(8, 3)), rng.normal(size=(8, 4))
    class_labels = np.array([0, 1, 2, 0, -1, -1, -1, -1])
    attribute_labels = np.where(np.arange(8)[:, None] < 3, np.nan, rng.integers(2, size=(8, 4)))
    table = Relatedness(rng.random((3, 4)))
    totals = {
        name: float(coupled(logits, other, class_labels, attribute_labels, table, **own.options).total)
        for name, own in variants(FEW).items()
        if own.method is None and name != f"{PRESET} but DM to both heads"
    }
    assert np.isfinite(list(totals.values())).all()
    assert len(set(totals.values())) == len(totals) == len(variants(FEW)) - 2


@pytest.mark.parametrize("name", search.SIZES)
def test_every_form_is_tried_at_every_size(name):
    runs = search.runs("torch", SUITES[name], seeds=2)
    tried = len(search.REFERENCES) + len(search.FORMS)
    assert len(set(runs)) == len(runs) == tried * len(search.SIZES[name]) * 2
    assert {find(run.setting, run.size).name for run in runs} == {*search.REFERENCES, *search.FORMS}
    assert {run.setting for run in runs} - {
        run.setting for run in search.runs("jax", SUITES[name], seeds=2)
    } == {form for form in search.FORMS if WARM_UP in form}


def test_worst_is_over_sizes_and_tasks(make_record):
    by_form = {
        SINGLE_TASK["classes"]: [{"class_f1": 0.5}, {"class_f1": 0.9}],
        SINGLE_TASK["attributes"]: [{"attribute_f1": 0.9}, {"attribute_f1": 0.7}],
        BASELINE: [{"class_f1": 0.6, "attribute_f1": 0.8}, {"class_f1": 0.8, "attribute_f1": 0.8}],
        FORM: [{"class_f1": 0.9, "attribute_f1": 0.81}, {"class_f1": 0.77, "attribute_f1": 0.8}],
        "other": [{"class_f1": 0.5, "attribute_f1": 0.8}, {"class_f1": 0.8, "attribute_f1": 0.8}],
    }
    records = [
        scored(
            make_record, form, size, seed, **{name: score + (seed - 0.5) / 10 for name, score in own.items()}
        )
        for form, sizes in by_form.items()
        for size, own in zip((FEW, MANY), sizes, strict=True)
        for seed in range(2)
    ]
    best, other = search.found(records)
    assert best.form == FORM
    assert other.form == "other"
    assert best.where == "Digits, 400 / 400 labels, class"
    measured = (best.worst, best.mean, best.transfer, other.worst)
    assert measured == pytest.approx((-0.03, (0.3 + 0.01 - 0.03) / 4, -0.13, -0.1))
    written = search.markdown([best], search.legend(records))
    assert f"| {FORM} | -3.0 | Digits, 400 / 400 labels, class | +7.0 | -13.0 |" in written
    assert "Digits with PyTorch, 2 seeds. Device: cpu" in written


def test_command_records_and_goes_on(tmp_path, monkeypatch, capsys):
    few = replace(DIGITS, schedule=replace(DIGITS.schedule, steps=2))
    monkeypatch.setitem(SUITES, "digits", few)
    monkeypatch.setitem(search.SIZES, "digits", (FEW,))
    monkeypatch.setattr(search, "FORMS", (FORM,))
    command = ["search", "torch", "--seeds", "2", "--output", str(tmp_path)]
    assert main(command) == 0
    records = load(tmp_path / "search.jsonl")
    assert len(records) == 4 * 2
    assert PRESET in capsys.readouterr().out
    assert PRESET in (tmp_path / "search.md").read_text()
    assert main(command) == 0
    assert load(tmp_path / "search.jsonl") == records
