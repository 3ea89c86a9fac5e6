"""What objects refuse, each kind in words: run by ``tests/test_errors.py``, shown by ``docs/errors.md``."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from coupling import (
    Relatedness,
    RelatednessCounts,
    diagnose,
    directed,
    task_weights,
)


class Case(NamedTuple):
    """A call, and the error that it ends with."""

    kind: str
    act: Callable[[], Any]
    error: type[Exception]
    message: str


BIRDS = Relatedness([[1, 0], [0, 1]], classes=["gull", "crow"], attributes=["white", "black"])
RELATEDNESS = [
    Case(
        "a probability above 1",
        lambda: Relatedness([[0.5, 1.5]]),
        ValueError,
        r"conditional should be in \[0, 1\], got 1.5 at \[0, 1\]",
    ),
    Case(
        "a negative probability",
        lambda: Relatedness([[-0.1]]),
        ValueError,
        r"conditional should be in \[0, 1\], got -0.1",
    ),
    Case(
        "a probability that is NaN",
        lambda: Relatedness([[np.nan]]),
        ValueError,
        r"conditional should be in \[0, 1\], got nan",
    ),
    Case(
        "a number for the names",
        lambda: Relatedness([[0.5]], classes=1),
        TypeError,
        "classes should be a sequence of names, got 1",
    ),
    Case(
        "a matrix of rank 1",
        lambda: Relatedness([0.5]),
        ValueError,
        r"conditional should have shape \(C, A\).*got \(1,\)",
    ),
    Case(
        "a matrix without rows",
        lambda: Relatedness(np.zeros((0, 3))),
        ValueError,
        r"conditional should have shape \(C, A\).*got \(0, 3\)",
    ),
    Case(
        "words for probabilities",
        lambda: Relatedness([["a"]]),
        TypeError,
        "conditional should hold real numbers",
    ),
    Case(
        "complex numbers for probabilities",
        lambda: Relatedness([[1j]]),
        TypeError,
        "conditional should hold real numbers",
    ),
    Case(
        "a negative weight",
        lambda: Relatedness([[0.5]], [[-1.0]]),
        ValueError,
        "weights should be finite and at least 0, got -1.0",
    ),
    Case(
        "an infinite weight",
        lambda: Relatedness([[0.5]], [[np.inf]]),
        ValueError,
        "weights should be finite and at least 0, got inf",
    ),
    Case(
        "weights of another shape",
        lambda: Relatedness([[0.5]], [[1.0, 1.0]]),
        ValueError,
        r"weights should have the shape of conditional, \(1, 1\)",
    ),
    Case(
        "more names than classes",
        lambda: Relatedness([[0.5]], **{"classes": ["a", "b"]}),
        ValueError,
        "classes should have 1 names.*got 2",
    ),
    Case(
        "a class named twice",
        lambda: Relatedness([[0.5], [1]], **{"classes": ["a", "a"]}),
        ValueError,
        "classes should be unique, got 'a'",
    ),
    Case(
        "an attribute named twice",
        lambda: Relatedness([[0.5, 1]], **{"attributes": ["x", "x"]}),
        ValueError,
        "attributes should be unique, got 'x'",
    ),
    Case(
        "a number for a name",
        lambda: Relatedness([[0.5]], **{"attributes": [1]}),
        TypeError,
        "attributes should be strings, got 1",
    ),
    Case(
        "a string for the names",
        lambda: Relatedness([[0.5]], **{"classes": "a"}),
        TypeError,
        "classes should be a sequence of names",
    ),
    Case(
        "numbers for the known classes",
        lambda: Relatedness([[0.5]], **{"known": [1]}),
        TypeError,
        "known should be boolean",
    ),
    Case(
        "more flags than classes",
        lambda: Relatedness([[0.5]], **{"known": [True, True]}),
        ValueError,
        r"known should have shape \(C,\)",
    ),
    Case(
        "None for the source",
        lambda: Relatedness([[0.5]], **{"source": None}),
        TypeError,
        "source should be a string",
    ),
]


def table(prototypical: Any, observational: Any, **options: Any) -> Callable[[], Relatedness]:
    return lambda: Relatedness.from_table(prototypical, observational, **options)


TABLES = [
    Case(
        "a class that the order lacks",
        table({"a": ["x"]}, {}, classes=["b"]),
        ValueError,
        "classes should have every name of the table, 'a' is missing",
    ),
    Case(
        "an attribute that the order lacks",
        table({"a": ["x"]}, {}, attributes=["y"]),
        ValueError,
        "attributes should have every name.*'x' is missing",
    ),
    Case(
        "a pair that is listed twice",
        table({"a": ["x"]}, {"a": {"x": 0.5}}),
        ValueError,
        "each pair once, got 'a' with 'x' twice",
    ),
    Case(
        "a weight of 0",
        table({}, {"a": {"x": 0.0}}),
        ValueError,
        r"observational\['a'\]\['x'\] should be in \(0",
    ),
    Case(
        "a string for the attributes",
        table({"gull": "white"}, {}),
        TypeError,
        r"prototypical\['gull'\] should be a sequence of names, got the string 'white'",
    ),
    Case(
        "a list for the weights of a class",
        table({}, {"gull": ["white"]}),
        TypeError,
        r"observational\['gull'\] should be a mapping, got list",
    ),
    Case(
        "a list of pairs for the table",
        table([("gull", "white")], {}),
        TypeError,
        "prototypical should be a mapping, got list",
    ),
]


def aligned(**options: Any) -> Callable[[], Relatedness]:
    return lambda: BIRDS.align(**options)


ALIGNMENT = [
    Case(
        "a misspelt class",
        aligned(classes=["gul"]),
        KeyError,
        "classes should be among.*got 'gul'.*close matches: 'gull'",
    ),
    Case(
        "an attribute that is not there",
        aligned(attributes=["qqq"]),
        KeyError,
        "attributes should be among.*got 'qqq'.*known: white, black",
    ),
    Case(
        "a number for the attributes",
        aligned(attributes=1),
        TypeError,
        "attributes should be a sequence of names or the name of an order, got 1",
    ),
    Case(
        "a class asked for twice", aligned(classes=["gull", "gull"]), ValueError, "classes should be unique"
    ),
    Case(
        "an unknown order",
        aligned(classes="gull"),
        KeyError,
        "classes should be a sequence of names or one of the orders",
    ),
    Case(
        "a negative action unit",
        aligned(attributes=[-1]),
        ValueError,
        r"attributes\[0\] should be at least 0, got -1",
    ),
    Case(
        "two spellings of one name",
        aligned(attributes=["white", " WHITE"]),
        ValueError,
        "got 'white' and ' WHITE' for 'white'",
    ),
]


def counted(*arguments: Any, **options: Any) -> Callable[[], Relatedness]:
    return lambda: Relatedness.from_annotations(*arguments, **options)


COUNTS = [
    Case(
        "fewer attribute labels than class labels",
        counted([0, 1], [[1]]),
        ValueError,
        "attribute_labels should have shape",
    ),
    Case("fractions for classes", counted([0.5], [[1]]), TypeError, "class_labels should"),
    Case(
        "rows of labels of different lengths",
        counted([0, 1], [[1], [1, 0]]),
        ValueError,
        "attribute_labels should be an array(?P<foreign>.*)",
    ),
    Case(
        "a number that is no class",
        counted([10**12], [[1]]),
        ValueError,
        "numbers from 0 to C - 1, got 1000000000000",
    ),
    Case(
        "a class beyond the names", counted([2], [[1]], classes=["a", "b"]), ValueError, "class_labels should"
    ),
    Case(
        "a class that has no such name",
        counted(["gul"], [[1]], classes=["gull"]),
        KeyError,
        "'gul'.*close matches: 'gull'",
    ),
    Case(
        "a word for a sample weight",
        counted([0], [[1]], sample_weight=["x"]),
        TypeError,
        "sample_weight should be numbers, got dtype",
    ),
    Case(
        "a sample without a group",
        counted([0], [[1]], groups=[None]),
        ValueError,
        "groups should have one for each sample, got None",
    ),
    Case(
        "counts to merge that are none",
        lambda: RelatednessCounts().merge([[1.0]]),
        TypeError,
        "other should be a coupling.RelatednessCounts, got list",
    ),
    Case("negative smoothing", counted([0], [[1]], smoothing=-1.0), ValueError, "smoothing should be in"),
    Case(
        "no class at all",
        lambda: RelatednessCounts().to_relatedness(),
        ValueError,
        "class_labels should have at least one label",
    ),
    Case(
        "a relatedness for a diagnosis that is none",
        lambda: diagnose([[0.5]]),
        TypeError,
        "relatedness should be a",
    ),
    Case(
        "a negative number of labels",
        lambda: directed(-1, 1),
        ValueError,
        "class_labelled should be at least 0, got -1",
    ),
    Case(
        "task weights by no labels at all",
        lambda: task_weights(0, 0),
        ValueError,
        r"class_labelled \+ attribute_labelled should be above 0, got 0",
    ),
]
SECTIONS = {
    "A relatedness": RELATEDNESS,
    "A relatedness from a table": TABLES,
    "Alignment by name": ALIGNMENT,
    "Counts, diagnosis, preset": COUNTS,
}
