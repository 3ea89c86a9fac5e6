"""`diagnose` where the answer is known, and against sums over every case."""

import itertools
import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import relatednesses

from benchmarks.digits import CONDITIONAL
from coupling import Relatedness, diagnose, directed, knowledge
from coupling._diagnosis import added, count
from coupling.losses import soft_co_annotation

DIGITS = Relatedness(CONDITIONAL, classes=list("0123456789"), attributes=list("abcdefg"))
UNITS = np.maximum(0.9 * knowledge.du2014().weights, 0.04)  # frequencies, as counted ones would be

shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
tables = shapes.flatmap(lambda shape: relatednesses(*shape))
temperatures = st.sampled_from([1.0, 0.25, 3.0])


def softmax(scores: list[float], temperature: float) -> list[float]:
    powers = [math.exp(score / temperature) for score in scores]
    return [power / sum(powers) for power in powers]


def indicator(weights: list[float], labels: tuple[float | None, ...]) -> float:
    """Equation 4 over the labels that are there."""
    pairs = [(w, y) for w, y in zip(weights, labels, strict=True) if y is not None]
    total = sum(w for w, _ in pairs)
    return sum(w * y for w, y in pairs) / total if total else 0.0


def known_rows(table: Relatedness, matrix: np.ndarray) -> dict[str, list[float]]:
    names = zip(table.classes, matrix.tolist(), table.known, strict=True)
    return {name: row for name, row, known in names if known}


@given(tables, temperatures)
def test_soft_labels_where_its_own_attributes_are_on(table: Relatedness, temperature: float) -> None:
    rows = known_rows(table, table.weights)
    found = diagnose(table, temperature=temperature)
    for name, actual in zip(found.classes, found.soft_labels, strict=True):
        expected = 0.0
        if name in rows:
            labels = tuple(float(weight > 0) for weight in rows[name])
            scores = [indicator(row, labels) for row in rows.values()]
            expected = softmax(scores, temperature)[list(rows).index(name)]
        assert actual == pytest.approx(expected, rel=1e-12)


@given(tables, temperatures)
@example(Relatedness([[0.25, 0.5], [0.5, 0.125]]), 1.0)
@example(Relatedness([[1, 0], [1, 1]]), 1.0)
@example(Relatedness([[1, 1], [1, 1], [1, 0]]), 1.0)
@example(Relatedness([[1, 1]], known=[False]), 1.0)
def test_largest_soft_label_is_between_what_is_tried_and_the_bound(
    table: Relatedness, temperature: float
) -> None:
    rows = known_rows(table, table.weights)
    found = diagnose(table, temperature=temperature)
    if not rows:
        assert found.largest_soft_label == found.soft_label_bound == 0
        return
    largest = 0.0
    for labels in itertools.product((0.0, 1.0, None), repeat=len(table.attributes)):
        scores = [indicator(row, labels) for row in rows.values()]
        largest = max(largest, *softmax(scores, temperature))
    assert found.largest_soft_label <= largest * (1 + 1e-12)
    assert largest <= found.soft_label_bound * (1 + 1e-12)
    assert found.largest_soft_label >= max(found.soft_labels)
    if any(sum(row[i] > 0 for row in rows.values()) == 1 for i in range(len(table.attributes))):
        assert found.largest_soft_label == pytest.approx(found.soft_label_bound, rel=1e-12)
    if len(table.attributes) <= 2:
        assert found.largest_soft_label == pytest.approx(largest, rel=1e-12)


@pytest.mark.parametrize(("classes", "bound"), [(7, 0.312), (200, 0.0135), (10_177, 0.000267), (1, 1.0)])
def test_bound_by_classes(classes: int, bound: float) -> None:
    found = diagnose(Relatedness(np.ones((classes, 1))))
    assert found.soft_label_bound == pytest.approx(bound, rel=2e-3)
    assert found.soft_label_bound == pytest.approx(math.e / (math.e + classes - 1))


@given(st.integers(2, 300))
def test_bound_at_the_sharp_temperature(classes: int) -> None:
    table = Relatedness(np.ones((classes, 1)))
    temperature = diagnose(table).sharp_temperature
    assert diagnose(table, temperature=temperature).soft_label_bound == pytest.approx(0.9)


def test_soft_labels_are_those_of_the_loss() -> None:
    table = knowledge.du2014()
    for row, q in enumerate(diagnose(table, temperature=0.5).soft_labels):
        certain = 1e4 * np.eye(7)[[row]]
        labels = (table.weights[[row]] > 0).astype(float)
        loss = soft_co_annotation(certain, labels, table, temperature=0.5)
        assert q == pytest.approx(math.exp(-loss))


@given(tables, st.lists(st.integers(-1, 3), max_size=8))
def test_information(table: Relatedness, labels: list[int]) -> None:
    """Over the joint distribution of class and attribute, case by case."""
    labels = [min(label, len(table.classes) - 1) for label in labels]
    found = diagnose(table, np.array(labels, dtype=int))
    rows = known_rows(table, table.conditional)
    counts = {name: labels.count(table.classes.index(name)) for name in rows}
    if not any(counts.values()):
        counts = dict.fromkeys(rows, 1)
    share = {name: count / sum(counts.values()) for name, count in counts.items()}
    whole = [0.0, 0.0]
    for i in range(len(table.attributes)):
        joint = {
            (name, on): share[name] * (rows[name][i] if on else 1 - rows[name][i])
            for name in rows
            for on in (True, False)
        }
        marginal = {on: sum(p for (_, value), p in joint.items() if value is on) for on in (True, False)}
        terms = [
            p * math.log2(p / (share[name] * marginal[on])) for (name, on), p in joint.items() if p > 1e-15
        ]
        entropy = -sum(p * math.log2(p) for p in marginal.values() if 1e-12 < p < 1 - 1e-12)
        assert found.information[i] == pytest.approx(sum(terms), abs=1e-10)
        if entropy == 0:
            assert found.determined[i] is None
        else:
            assert found.determined[i] == pytest.approx(sum(terms) / entropy, abs=1e-9)
        whole = [whole[0] + sum(terms), whole[1] + entropy]
    if whole[1] == 0:
        assert found.determination is None
    else:
        assert found.determination == pytest.approx(whole[0] / whole[1], abs=1e-9)


@given(tables)
def test_groups_and_gaps(table: Relatedness) -> None:
    """Against comparing every two rows."""
    found = diagnose(table)
    conditional, weights = known_rows(table, table.conditional), known_rows(table, table.weights)
    for groups, rows in ((found.same_conditional, conditional), (found.same_weights, weights)):
        together = {pair for group in groups for pair in itertools.permutations(group, 2)}
        for first, second in itertools.permutations(rows, 2):
            a, b = np.array(rows[first]), np.array(rows[second])
            alike = np.array_equal(a, b) if rows is conditional else proportional(a, b)
            assert ((first, second) in together) == alike
    assert found.unknown_classes == tuple(name for name in table.classes if name not in conditional)
    assert found.empty_classes == tuple(name for name, row in conditional.items() if not any(row))
    assert found.empty_attributes == tuple(
        name for i, name in enumerate(table.attributes) if not any(row[i] for row in conditional.values())
    )


def proportional(a: np.ndarray, b: np.ndarray) -> bool:
    return a.any() == b.any() and np.allclose(a * b.sum(), b * a.sum(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            DIGITS,
            {"fullest_classes": ("8",), "fullest_complete": True, "determination": 1.0, "empty_classes": ()},
        ),
        (
            knowledge.du2014(),
            {
                "empty_classes": ("neutral",),
                "same_conditional": (),
                "fullest_classes": ("fear",),
                "fullest_complete": False,
                "hardened": 14,
                "matching": "class_mean",
                "soft_label": "posterior",
            },
        ),
        (
            knowledge.aff_wild2(),
            {
                "same_conditional": (("anger", "disgust"),),
                "same_weights": (),
                "fullest_classes": ("surprise",),
            },
        ),
        (
            Relatedness(np.eye(3)),
            {"determination": 1.0, "hardened": 0, "matching": "sample", "empty_classes": ()},
        ),
        (Relatedness(np.full((3, 2), 0.3)), {"determination": 0.0, "matching": "class_mean"}),
        (Relatedness(np.ones((3, 2))), {"determination": None, "fullest_complete": True}),
        (Relatedness(np.zeros((3, 2))), {"determination": None, "fullest_classes": ()}),
        (Relatedness([[1, 0.5]], [[0.5, 0.5]]), {"hardened": 0}),
        (Relatedness(UNITS), {"hardened": 0, "matching": "class_mean"}),
        (
            Relatedness([[0.5, 0], [1, 1]], known=[True, False]),
            {
                "unknown_classes": ("class_1",),
                "empty_attributes": ("attribute_1",),
                "soft_labels": (1.0, 0.0),
            },
        ),
        (
            Relatedness(np.full((3, 2), 0.5), [[1, 2], [0.1, 0.2], [2, 1]]),
            {"same_weights": (("class_0", "class_1"),), "hardened": 0},
        ),
    ],
)
def test_known_cases(table: Relatedness, expected: dict[str, Any]) -> None:
    found = diagnose(table)
    for name, value in expected.items():
        assert getattr(found, name) == (pytest.approx(value) if isinstance(value, float) else value), name


def test_labels() -> None:
    table = Relatedness(np.eye(3), classes=["a", "b", "c"])
    classes = [0, 0, -1, 1, -5]
    attributes = [[1, np.nan, -1], [999, np.nan, -1], [0, 0.5, -1], [0, 1, -1], [-1, -1, -1]]
    found = diagnose(table, classes, attributes)
    assert found.class_label_counts == (2, 1, 0)
    assert found.attribute_label_counts == (3, 2, 0)
    assert (found.class_labelled, found.attribute_labelled, found.both_labelled) == (3, 3, 2)
    assert found.preset == directed(3, 3)
    assert "directed(3, 3)" in str(found)
    assert "Classes without a label in any sample: c." in str(found)
    assert "Attributes without a label in any sample: attribute_2." in str(found)


def test_counts_of_parts_add_up() -> None:
    table = Relatedness(np.eye(3))
    classes, attributes = np.array([0, 0, 1, 2, -1]), np.array([[1, -1, 0]] * 4 + [[-1, -1, -1]])
    parts = [count(table, classes[rows], attributes[rows]) for rows in (slice(2), slice(2, 5))]
    assert added(*parts) == count(table, classes, attributes)


def test_labels_of_one_kind() -> None:
    table = Relatedness(np.eye(2))
    classes, attributes = diagnose(table, [0, -1]), diagnose(table, attribute_labels=[[True, False]])
    assert (classes.class_labelled, classes.attribute_labelled, classes.both_labelled) == (1, None, None)
    assert (attributes.class_labelled, attributes.attribute_labelled) == (None, 1)
    assert classes.preset is attributes.preset is diagnose(table).preset is None
    assert diagnose(table, [-1], [[np.nan, np.nan]]).preset is None


@given(tables, temperatures, st.booleans())
def test_data_and_words(table: Relatedness, temperature: float, labelled: bool) -> None:
    labels = ([0, -1], np.full((2, len(table.attributes)), 0.5)) if labelled else ()
    found = diagnose(table, *labels, temperature=temperature)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found == diagnose(table, *labels, temperature=temperature)
    assert hash(found) == hash(diagnose(table, *labels, temperature=temperature))
    lines = str(found).splitlines()
    assert lines[-1].startswith("None of this is a promise")
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    ("table", "options", "first", "among"),
    [
        (Relatedness(np.zeros((2, 2))), {}, "No known class has any attribute", "Classes without any"),
        (
            Relatedness(np.full((2, 2), 0.5)),
            {},
            "The class says next to nothing",
            "class_0 and class_1 apart",
        ),
        (DIGITS, {}, "The class determines its attributes (100%", "favours 8, with all attributes on"),
        (Relatedness(UNITS), {}, "The class leaves the attributes open (it determines 49%", "0.312"),
        (knowledge.du2014(), {}, "K is only 0 or 1, also for 14 pairs", 'empty_row="complement"'),
        (knowledge.du2014(), {"temperature": 0.1}, "K is only 0 or 1", "soft labels are not flat"),
        (knowledge.aff_wild2(), {}, "No attribute tells anger and disgust apart", "found 0.312"),
        (Relatedness(np.eye(9)), {}, "The class determines", "class_0, class_1, class_2, class_3 and 5 more"),
    ],
)
def test_words(table: Relatedness, options: dict, first: str, among: str) -> None:
    words = str(diagnose(table, **options))
    assert words.startswith(first)
    assert among in words


def test_immutable() -> None:
    with pytest.raises(AttributeError):
        diagnose(DIGITS).classes = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((np.eye(2),), {}, TypeError, "relatedness should be a coupling.Relatedness"),
        ((DIGITS, [10]), {}, ValueError, "class_labels should be below C = 10, got 10"),
        ((DIGITS, [0.5]), {}, TypeError, "class_labels should be integers or names, got 0.5"),
        ((DIGITS, [[0]]), {}, ValueError, r"class_labels should have shape \(B,\)"),
        (
            (DIGITS, [0], [[0.0] * 6]),
            {},
            ValueError,
            r"attribute_labels should have shape \(B, A\) with B = 1, A = 7",
        ),
        ((DIGITS, [0, 1], [[0.0] * 7]), {}, ValueError, r"attribute_labels should have shape.*B = 2"),
        ((DIGITS, None, [["a"] * 7]), {}, TypeError, "attribute_labels should be numbers"),
        ((DIGITS,), {"temperature": 0.0}, ValueError, "temperature should be in"),
    ],
)
def test_bad_input(arguments: tuple, options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        diagnose(*arguments, **options)


def test_memory_stays_that_of_the_matrices() -> None:
    """A matrix of classes by classes would be 200 times as large as these."""
    table = Relatedness(np.random.default_rng(0).integers(0, 2, (4000, 20)))
    tracemalloc.start()
    found = diagnose(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * table.conditional.nbytes
    assert len(found.soft_labels) == 4000


def test_attributes_labelled_unevenly_are_said() -> None:
    table = Relatedness(np.eye(2), attributes=["often", "seldom"])
    text = "The attributes have from 1 (seldom) to 3 labels."
    assert text in str(diagnose(table, [0, 1, 0], [[1, 0], [0, -1], [1, -1]]))
    assert "The attributes have from" not in str(diagnose(table, [0, 1], [[1, 0], [0, 1]]))
    assert "The attributes have from" not in str(diagnose(table, [0, 1], [[1, -1], [0, -1]]))
