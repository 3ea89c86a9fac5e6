"""A sample of the accuracy checks within their bounds, and what the checks call an error."""

import numpy as np
import pytest
from autodiff import Outcome

from checks import accuracy, cases, draws
from checks.backends import CompiledJax, TensorFlow, Torch
from checks.forms import FORMS
from checks.measure import GRADIENT_BOUND, VALUE_BOUND, Errors, errors, expected

forms = pytest.mark.parametrize("index", range(len(FORMS)), ids=map(str, FORMS))


@forms
def test_errors_are_within_the_bounds(index):
    row, count = accuracy.measured(index, samples=20, batches=2, names=("NumPy", "PyTorch"))
    assert count >= 10
    assert not {key: own for key, own in row.items() if not own.within()}


@pytest.mark.parametrize("backend", [Torch, TensorFlow, CompiledJax], ids=lambda backend: backend.name)
@forms
def test_gradients_at_ties_and_at_zero(index, backend):
    form = FORMS[index]
    setting = draws.settings(form, np.random.default_rng(0))[0]
    arrays = draws.arrays(setting, 3, np.random.default_rng(1))
    for name, x in arrays.items():
        if name.endswith("_logits"):
            arrays[name] = np.asarray([[0.0], [3.0], [1.0]]) * np.ones_like(x)
            arrays[name][2, 0] = -1.0
    actual = backend("float64").prepare(form.loss, setting.options)(arrays)
    own = errors(actual, expected(form.loss, arrays, setting.options), each=False)
    assert actual.gradients
    assert own.within(), own


def test_cases_are_those_of_the_seed():
    one, same, other = (next(cases.runs(FORMS[0], samples=5, batches=1, seed=seed)) for seed in (0, 0, 1))
    for name, x in one.cases[0].arrays.items():
        np.testing.assert_array_equal(x, same.cases[0].arrays[name])
        assert not np.array_equal(x, other.cases[0].arrays[name])


def outcome(value, slope, dtype):
    return Outcome(np.asarray(value, dtype), {"class_logits": np.asarray(slope, dtype)})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_error_is_in_units_of_the_scale(dtype):
    unit = np.spacing(dtype(1))
    right = outcome([0.5, 1e4], [[0.0, 3.0], [0.25, 0.0]], np.float64)
    wrong = outcome([0.5 + 2 * unit, 1e4], [[unit, 3.0], [0.25, 5 * unit]], dtype)
    assert errors(wrong, right, each=True) == Errors(2.0, 5.0)
    assert errors(wrong, right, each=False) == Errors(2.0, 2.5)  # of a unit in the last place of 3
    large = outcome([0.5, 1e4 + np.spacing(dtype(1e4))], [[0.0, 3.0], [0.25, 0.0]], dtype)
    assert errors(large, right, each=True) == Errors(1.0, 0.0)


def test_what_is_not_finite_is_never_within_the_bounds():
    right = outcome(1.0, [[1.0]], np.float64)
    assert errors(outcome(np.nan, [[np.inf]], np.float32), right, each=False) == Errors(np.inf, np.inf)
    assert not Errors(VALUE_BOUND, np.inf).within()
    assert not Errors(np.nan, GRADIENT_BOUND).within()
    assert Errors(VALUE_BOUND, None).within()


def test_the_page_marks_what_is_above_its_bound():
    rows = {0: ({(dtype, "PyTorch"): Errors(9.0, 2.0) for dtype in accuracy.DTYPES}, 7)}
    assert f"| {FORMS[0]} | 7 | **9.0** / 2.0 |" in accuracy.tables(rows, ["PyTorch"])


def test_the_page_has_a_row_for_every_form():
    page = accuracy.PAGE.read_text().partition(accuracy.BEGIN)[2].partition(accuracy.END)[0]
    for form in FORMS:
        assert page.count(f"\n| {form} |") == len(accuracy.DTYPES), form
