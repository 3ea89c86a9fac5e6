"""`Relatedness.from_annotations` against loops over samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupling import Relatedness

MISSING = [np.nan, -1.0, 999.0, -5.0, 1.5]


def counted(labels: list, rows: list, weights: list, c: int, i: int) -> tuple[float, float]:
    both = seen = 0.0
    for label, row, weight in zip(labels, rows, weights, strict=True):
        if label == c and 0 <= row[i] <= 1:
            seen += weight
            both += weight * row[i]
    return both, seen


@st.composite
def annotations(draw: st.DrawFn) -> tuple[list, list, list]:
    size, attributes = draw(st.integers(0, 12)), draw(st.integers(1, 3))
    label = st.sampled_from([0.0, 1.0, 0.25, *MISSING])
    rows = draw(
        st.lists(st.lists(label, min_size=attributes, max_size=attributes), min_size=size, max_size=size)
    )
    labels = draw(st.lists(st.integers(-2, 2), min_size=size, max_size=size))
    weights = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=size, max_size=size))
    return labels, rows, weights


@given(annotations(), st.sampled_from([0.0, 1.0, 2.5]))
def test_equals_counting(annotated: tuple[list, list, list], smoothing: float) -> None:
    labels, rows, weights = annotated
    attributes = len(rows[0]) if rows else 1
    table = Relatedness.from_annotations(
        np.array(labels, dtype=int),
        np.array(rows).reshape(len(rows), attributes),
        classes=["a", "b", "c"],
        smoothing=smoothing,
        sample_weight=weights,
    )
    for i in range(attributes):
        pairs = [counted(labels, rows, weights, c, i) for c in range(3)]
        seen = sum(pair[1] for pair in pairs)
        base = sum(pair[0] for pair in pairs) / seen if seen else 0.0
        for c, (both, total) in enumerate(pairs):
            expected = (both + smoothing * base) / (total + smoothing) if total + smoothing else base
            assert table.conditional[c, i] == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(table.weights, table.conditional)
    supported = [
        any(counted(labels, rows, weights, c, i)[1] > 0 for i in range(attributes)) for c in range(3)
    ]
    assert table.known.tolist() == supported


@given(annotations(), st.sampled_from(MISSING))
def test_every_missing_label_is_the_same(annotated: tuple[list, list, list], sentinel: float) -> None:
    labels, rows, _ = annotated
    rows = np.array(rows).reshape(len(rows), -1 if rows else 1)
    other = np.where((rows >= 0) & (rows <= 1), rows, sentinel)
    options = {"classes": ["a", "b", "c"]}
    labels = np.array(labels, dtype=int)
    assert Relatedness.from_annotations(labels, rows, **options) == Relatedness.from_annotations(
        labels, other, **options
    )


def test_counts_the_classes() -> None:
    assert Relatedness.from_annotations([0, 2], [[1], [0]]).classes == ("class_0", "class_1", "class_2")
    assert Relatedness.from_annotations([0, 2], [[True], [False]]).known.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([0.5], [[1]]), {}, TypeError, "class_labels should be integers"),
        (([0], [["x"]]), {}, TypeError, "attribute_labels should be numbers"),
        (([[0]], [[1]]), {}, ValueError, r"class_labels should have shape \(B,\)"),
        (
            ([0, 1], [[1]]),
            {},
            ValueError,
            r"attribute_labels should have shape \(B, A\) with B = 2, A = 1, got \(1, 1\)",
        ),
        (([0], [1]), {}, ValueError, "attribute_labels should have shape"),
        (([3], [[1]]), {"classes": ["a"]}, ValueError, "class_labels should be below C = 1, got 3"),
        (([-1], [[1]]), {}, ValueError, "class_labels should have at least one label"),
        (([0], [[1]]), {"smoothing": -1.0}, ValueError, "smoothing should be in"),
        (
            ([0], [[1]]),
            {"sample_weight": [-1.0]},
            ValueError,
            "sample_weight should be finite and at least 0",
        ),
        (([0], [[1]]), {"sample_weight": [1.0, 1.0]}, ValueError, "sample_weight should have shape"),
    ],
)
def test_bad_input(arguments: tuple, options: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Relatedness.from_annotations(*arguments, **options)


def test_options_are_handed_on() -> None:
    labels = [0, 0, 0, 1], [[1, 0], [0, 0], [0, 0], [1, 1]]
    plain = Relatedness.from_annotations(*labels)
    assert plain.conditional.tolist() == [[1 / 3, 0], [1, 1]]
    assert plain.known.all()
    chosen = {"classes": ["a", "b"], "attributes": ["x", "y"], "min_support": 2, "smoothing": 1.0}
    table = Relatedness.from_annotations(*labels, **chosen)
    assert (table.classes, table.attributes) == (("a", "b"), ("x", "y"))
    assert table.known.tolist() == [True, False]
    assert table.conditional[0].tolist() == [1.5 / 4, 0.25 / 4]
