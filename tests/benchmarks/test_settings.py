import numpy as np
import pytest

from benchmarks import digits
from benchmarks.samples import Size
from benchmarks.settings import (
    BASELINE,
    BY_LABELS,
    BY_TABLE,
    METHODS,
    OVERLAPPING,
    PRESET,
    PSEUDO_LABELS,
    RECOMMENDED,
    SINGLE_TASK,
    settings,
)
from benchmarks.suites import DIGITS
from coupling import directed, task_weights
from coupling.losses import coupled

FEW = Size(20, 600)


def test_every_setting_is_taken_by_the_library():
    rng = np.random.default_rng(0)
    samples = digits.training_set(Size(20, 20), seed=0)
    logits = rng.normal(size=(40, 10)), rng.normal(size=(40, 7))
    totals = {}
    for name in DIGITS.settings:
        setting = settings(FEW)[name]
        terms = coupled(*logits, *samples[1:3], digits.relatedness(), **setting.options)
        totals[name] = float(terms.total)
    for name in (PSEUDO_LABELS, *METHODS):  # their losses are the baseline's, what they do with these is not
        assert totals.pop(name) == totals[BASELINE]
    assert np.isfinite(list(totals.values())).all()
    assert len(set(totals.values())) == len(totals) == 16


@pytest.mark.parametrize("task", SINGLE_TASK)
def test_single_task_trains_that_task_alone(task):
    setting = settings(FEW)[SINGLE_TASK[task]]
    assert setting.tasks == (task,)
    assert [part for part, weight in setting.options["weights"].items() if weight] == [task]


def test_others_train_both():
    for name, setting in settings(FEW).items():
        if not name.startswith("single task"):
            assert setting.tasks == ("classes", "attributes")
            assert setting.pseudo_labels == name.startswith("student-teacher")
    assert settings(FEW)[BASELINE].options["weights"]["distribution_matching"] == 0


@pytest.mark.parametrize("size", DIGITS.sizes)
def test_directed_preset_is_the_library_s(size):
    every, preset = settings(size), directed(*size[:2])
    assert every[PRESET].options == preset
    weights = preset["weights"] | task_weights(*size[:2])
    assert every[RECOMMENDED].options == {**preset, "weights": weights}
    without = every[BASELINE + BY_LABELS].options["weights"]
    assert without == every[BASELINE].options["weights"] | task_weights(*size[:2])


def test_equal_settings_share_what_is_compiled():
    few, many = settings(FEW), settings(Size(400, 30))
    assert {few["DM JS"]: "compiled"}[many["DM JS"]] == "compiled"
    assert few[PRESET] != many[PRESET]


def test_what_is_compared_over_overlap_is_among_the_settings():
    assert set(OVERLAPPING) <= set(settings(FEW))


def test_each_comes_by_the_table_too():
    every = settings(FEW)
    for name in DIGITS.settings:
        by_table = every[name + BY_TABLE]
        assert (every[name].relatedness, by_table.relatedness) == (None, "table")
        assert by_table.options == every[name].options


def test_methods_are_refused_where_there_are_none():
    every = settings(FEW)
    assert list(dict.fromkeys(own.method for own in every.values() if own.method)) == list(METHODS)
    assert every[PRESET].without_method() == every[PRESET]
    with pytest.raises(ValueError, match="setting should have no method but in PyTorch, got 'GradNorm'"):
        every["GradNorm"].without_method()
