"""Counting annotations: exact, whatever the order, the batches and the library that holds them."""

import itertools
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coupling import Relatedness, RelatednessCounts, _tables

MISSING = [np.nan, -1.0, 999.0, -5.0, 1.5, np.inf]
NAMES = ["gull", "crow", "wren"]
Samples = tuple[list[Any], np.ndarray, np.ndarray]


def counted(samples: Samples, names: list[str] | None = None, rows: Any = slice(None)) -> RelatednessCounts:
    labels, values, weights = samples
    counts = RelatednessCounts(classes=names)
    counts.update(np.array(labels, object if names else int)[rows], values[rows], sample_weight=weights[rows])
    return counts


@st.composite
def samples(draw: st.DrawFn, label: st.SearchStrategy[Any]) -> Samples:
    size, attributes = draw(st.integers(0, 12)), draw(st.integers(1, 7))
    value = st.sampled_from([0.0, 1.0, 1.0, 0.25, 0.1, *MISSING]) | st.floats(0, 1)
    weight = st.sampled_from([1.0, 0.0, 3.0, 0.1]) | st.floats(0, 2.0**40)
    values = draw(st.lists(value, min_size=size * attributes, max_size=size * attributes))
    return (
        draw(st.lists(label, min_size=size, max_size=size)),
        np.array(values, float).reshape(size, attributes),
        np.array(draw(st.lists(weight, min_size=size, max_size=size)), float),
    )


numbers = samples(st.integers(-2, 2))
names = samples(st.sampled_from([*NAMES, None, ""]))


@given(numbers)
def test_equals_rational_arithmetic(drawn: Samples) -> None:
    labels, values, weights = drawn
    counts = counted(drawn)
    for c, i in np.ndindex(counts.support.shape):
        mine = [n for n, label in enumerate(labels) if label == c and 0 <= values[n, i] <= 1]
        support = sum((Fraction(weights[n]) for n in mine), Fraction())
        positive = sum((Fraction(weights[n] * values[n, i]) for n in mine), Fraction())
        for own, exact in ((counts.support[c, i], support), (counts.positive[c, i], positive)):
            assert abs(Fraction(own) - exact) <= len(mine) * Fraction(1, 2**53) + exact / 2**53


@given(names, st.data())
def test_does_not_depend_on_order_batches_or_shards(drawn: Samples, data: st.DataObject) -> None:
    whole = RelatednessCounts()
    whole.update(np.array(drawn[0], object), drawn[1], sample_weight=drawn[2])
    order = np.array(data.draw(st.permutations(range(len(drawn[0])))), int)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    shards = [RelatednessCounts() for _ in range(3)]
    for rows in np.split(order, cuts):
        shard = data.draw(st.sampled_from(shards))
        shard.update(np.array(drawn[0], object)[rows], drawn[1][rows], sample_weight=drawn[2][rows])
    merged = RelatednessCounts()
    for shard in data.draw(st.permutations(shards)):
        merged.merge(shard)
    assert merged == whole
    assert merged.classes == tuple(sorted({name for name in drawn[0] if name}))


@given(numbers)
def test_one_call_is_the_same(drawn: Samples) -> None:
    labels, values, weights = drawn
    counts = counted((["abc"[label] if label >= 0 else None for label in labels], *drawn[1:]), list("abc"))
    options = {"classes": list("abc"), "sample_weight": weights}
    table = Relatedness.from_annotations(np.array(labels, int), values, smoothing=2.0, **options)
    assert table == counts.to_relatedness(smoothing=2.0)
    assert np.array_equal(table.support, counts.support)


def test_integers_are_exact_up_to_the_largest() -> None:
    counts = RelatednessCounts(classes=["a"])
    counts.update([0, 0], [[1], [0]], sample_weight=[2**52, 2**52 - 3])
    counts.update([0], [[1]], sample_weight=[2])
    assert counts.support.tolist() == [[2.0**53 - 1]]
    assert counts.positive.tolist() == [[2.0**52 + 2]]


def test_memory_depends_on_the_matrix_only() -> None:
    counts = RelatednessCounts()
    sizes = set()
    for _ in range(5):
        counts.update(np.arange(1000) % 7, np.ones((1000, 3)))
        sizes.add(sum(part.nbytes for part in counts._sums))
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("classes", "attributes", "rows"), [(10_177, 40, 50_000), (200, 312, 30_000), (7, 40, 250_000)]
)
@pytest.mark.parametrize("dtype", ["int8", "float32", "bool"])
def test_any_size(classes: int, attributes: int, rows: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, classes, rows)
    values = rng.integers(-1 if dtype == "int8" else 0, 2, (rows, attributes)).astype(dtype)
    if dtype == "float32":
        values[::3, 1] = np.nan
        values[: rows // 2, 2] = 0.25
    counts = RelatednessCounts(classes=[str(c) for c in range(classes)])
    counts.update(labels, values)
    for own, seen in (
        (counts.positive, np.where((values >= 0) & (values <= 1), values, 0).astype(float)),
        (counts.support, ((values >= 0) & (values <= 1)).astype(float)),
    ):
        expected = np.zeros((classes, attributes))
        np.add.at(expected, labels[labels >= 0], seen[labels >= 0])
        assert np.array_equal(own, expected)


@given(numbers, st.lists(st.sampled_from(["v1", "v2", "v3"]), min_size=12, max_size=12))
@settings(max_examples=50)
def test_a_group_counts_once_in_every_class(drawn: Samples, videos: list[str]) -> None:
    labels, values, weights = drawn
    weights, groups = weights + 0.5, np.array(videos[: len(labels)], object)
    table = RelatednessCounts.from_annotations(
        np.array(labels, int), values, classes=list("abc"), sample_weight=weights, groups=groups
    )
    for c, i in np.ndindex(table.support.shape):
        support = 0.0
        for video in set(videos):
            mine = [n for n in range(len(labels)) if labels[n] == c and groups[n] == video]
            there = [n for n in mine if 0 <= values[n, i] <= 1]
            support += weights[there].sum() / max(weights[mine].sum(), 1e-300)
        assert table.support[c, i] == pytest.approx(support, abs=1e-12)


def test_min_support_marks_what_is_not_known() -> None:
    counts = RelatednessCounts()
    counts.update([0, 0, 1, 2], [[1, 0], [1, -1], [0, 0], [-1, -1]])
    assert counts.to_relatedness().known.tolist() == [True, True, False]
    assert counts.to_relatedness(min_support=2).known.tolist() == [True, False, False]


def updates(*batches: tuple[Any, ...]) -> Callable[[], None]:
    def act() -> None:
        counts = RelatednessCounts()
        for class_labels, attribute_labels, *weight in batches:
            counts.update(class_labels, attribute_labels, sample_weight=weight[0] if weight else None)

    return act


def merges(classes: list[str] | None = None) -> Callable[[], None]:
    def act() -> None:
        one, other = RelatednessCounts(), RelatednessCounts(classes=classes)
        other.update([0], pd.DataFrame({"AU2": [1]}))
        one.update([0], pd.DataFrame({"AU1": [1]}))
        one.merge(other)

    return act


BAD: list[tuple[Callable[[], Any], type, str]] = [
    (
        updates((["a"], [[1, 0]]), ([0], [[1, 0]])),
        TypeError,
        "class_labels should be names as those before, got integers",
    ),
    (
        updates(([0], [[1, 0]]), ([0], [[1]])),
        ValueError,
        "attribute_labels should have A = 2 attributes, got 1",
    ),
    (
        merges(),
        ValueError,
        r"attribute_labels should have the columns \('AU1',\), got \('AU2',\)",
    ),
    (
        merges(classes=["a"]),
        ValueError,
        r"other should have the classes \('class_0',\), got \('a',\)",
    ),
    (updates(([10**12], [[1]])), ValueError, "numbers from 0 to C - 1, got 1000000000000"),
    (
        updates((np.array(["a", 1], object), [[1], [1]])),
        TypeError,
        "class_labels should be all integers or all names, got 1",
    ),
    (updates(([0], [[1]], ["x"])), TypeError, "sample_weight should be numbers, got dtype"),
    (updates(([0], [[1]], [1e300])), ValueError, r"sample_weight should sum to at most 2\*\*53, got 1e\+300"),
    (updates(([0, 1], [[1], [1, 0]])), ValueError, "attribute_labels should be an array"),
    (
        updates(([0], [[1, 0]]), (["a"], [[1, 0]])),
        TypeError,
        "^class_labels should be integers as those before, got names",
    ),
    (
        updates(([0], pd.DataFrame({"AU1": [1]})), ([0], pd.DataFrame({"AU2": [1]}))),
        KeyError,
        "AU1",
    ),
    (lambda: RelatednessCounts(classes=["a", "a"]), ValueError, "^classes should be unique"),
    (lambda: RelatednessCounts(attributes=["a", "a"]), ValueError, "^attributes should be unique"),
    (updates(([[0], [0, 1]], [[1], [0]])), ValueError, "^class_labels should be an array"),
    (updates(([0], [1])), ValueError, r"^attribute_labels should have shape \(B, A\), got \(1,\)"),
    (
        updates(([0], pd.DataFrame({"AU1": ["yes"]}))),
        TypeError,
        r"attribute_labels\['AU1'\] should be numbers, got dtype",
    ),
    (
        lambda: RelatednessCounts().to_relatedness(min_support=-1),
        ValueError,
        "min_support should be in",
    ),
    (
        lambda: RelatednessCounts.from_annotations([0], [[1]], groups=[None]),
        ValueError,
        "groups should have one for each sample, got None",
    ),
    (
        updates(([0], pd.DataFrame({3: [1]}))),
        TypeError,
        "^the columns of attribute_labels should be strings, got 3",
    ),
    (
        lambda: RelatednessCounts().update([0], [[1]], sample_weight=[[1.0]]),
        ValueError,
        r"^sample_weight should have shape \(B,\), got \(1, 1\)",
    ),
]


@pytest.mark.parametrize(("act", "error", "message"), BAD)
def test_bad_input(act: Callable[[], Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_so_many_classes_need_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tables, "MOST_UNNAMED_CLASSES", 3)
    assert RelatednessCounts.from_annotations([2], [[1]]).support.shape == (3, 1)
    with pytest.raises(ValueError, match="^class_labels should be numbers from 0 to C - 1, got 3: name the"):
        RelatednessCounts.from_annotations([3], [[1]])


def test_memory_is_less_than_that_of_the_labels() -> None:
    labels, values = np.arange(400_000) % 7, np.zeros((400_000, 40), np.float32)
    tracemalloc.start()
    Relatedness.from_annotations(labels, values)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < values.nbytes + labels.nbytes


def test_what_counts_are_and_are_not() -> None:
    counts = RelatednessCounts(classes=["a", "b"], attributes=["x"])
    assert repr(counts) == "RelatednessCounts(2 classes x 1 attributes)"
    assert counts != "counts"
    assert counts == RelatednessCounts(classes=["a", "b"], attributes=["x"])
    with pytest.raises(ValueError, match="^attribute_labels should have at least one attribute, got none$"):
        RelatednessCounts(classes=["a"]).to_relatedness()


def test_other_numbers_are_other_counts() -> None:
    counts, other = (RelatednessCounts(classes=["a"], attributes=["x"]) for _ in range(2))
    counts.update(["a"], [[1]])
    other.update(["a"], [[0]])
    assert counts != other


def test_what_is_merged_into_nothing_keeps_its_names() -> None:
    counts, other = RelatednessCounts(), RelatednessCounts(attributes=["x"])
    other.update(["a"], [[1]])
    counts.merge(other)
    assert (counts, counts.attributes) == (other, ("x",))


def test_where_it_comes_from() -> None:
    counts = RelatednessCounts(classes=["a"], attributes=["x"])
    counts.update(["a"], [[1]])
    assert counts.to_relatedness().source == "annotations"
    assert counts.to_relatedness(source="a survey").source == "a survey"


def test_the_largest_sum_of_weights() -> None:
    counts = RelatednessCounts.from_annotations([0, 0], [[1], [0]], sample_weight=[2.0**52, 2.0**52])
    assert (counts.positive, counts.support) == ([[2.0**52]], [[2.0**53]])


@pytest.mark.parametrize("frames", range(1, 40))
def test_so_many_groups_are_enough(frames: int) -> None:
    """Whatever the shares of their samples are rounded to."""
    groups = np.repeat(range(10), frames)
    labels = np.zeros(len(groups), int), np.ones((len(groups), 1))
    for least, known in ((10, True), (11, False)):
        table = Relatedness.from_annotations(*labels, groups=groups, min_support=least)
        assert table.known.tolist() == [known]


@pytest.mark.parametrize("labels", [["a", "b", "a"], [0, 1, 0]])
@pytest.mark.parametrize(
    "nothing", [[], [None, None], np.array([np.nan, np.nan]), np.array([-1, -1]), ["", None]], ids=repr
)
def test_a_batch_without_a_class_is_of_either_kind(labels: list, nothing: object) -> None:
    """Wherever it comes, in a batch or in counts that are merged."""
    batches = [(labels[:2], [[1], [0]]), (nothing, np.ones((len(nothing), 1))), (labels[2:], [[1]])]
    expected = RelatednessCounts.from_annotations(labels, [[1], [0], [1]])
    for order in itertools.permutations(batches):
        counts, merged = RelatednessCounts(), RelatednessCounts()
        for batch in order:
            counts.update(*batch)
            merged.merge(RelatednessCounts.from_annotations(*batch))
        assert counts == merged == expected


def test_integers_of_numpy_in_a_list() -> None:
    counts = RelatednessCounts.from_annotations([np.int64(1), None, np.int32(0)], [[1], [1], [0]])
    assert counts == RelatednessCounts.from_annotations([1, -1, 0], [[1], [1], [0]])
