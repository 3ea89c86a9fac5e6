"""What objects refuse, each kind in words: run by ``tests/test_errors.py``, shown by ``docs/errors.md``."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras as keras_library
import numpy as np
import torch
from graphs import GRAPH, OTHERS

from coupling import (
    Attributes,
    Classes,
    CouplingGraph,
    Edge,
    Relatedness,
    RelatednessCounts,
    diagnose,
    directed,
    keras,
)
from coupling import torch as torch_adapter


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
]

TASKS = GRAPH.tasks
EDGE = GRAPH.edges[0]
GRAPHS = [
    Case(
        "a task without names",
        lambda: Classes([]),
        ValueError,
        "names should hold at least one name, got none",
    ),
    Case(
        "a string for a task's names",
        lambda: Attributes("ab"),
        TypeError,
        "names should be a sequence of names, got the string 'ab'",
    ),
    Case("no task", lambda: CouplingGraph({}), ValueError, "tasks should hold at least one task, got none"),
    Case(
        "a list of tasks",
        lambda: CouplingGraph(["category"]),
        TypeError,
        "tasks should be a mapping by name, got list",
    ),
    Case(
        "a slash in a task's name",
        lambda: CouplingGraph({"a/b": Classes(["x", "y"])}),
        ValueError,
        "names without '/'",
    ),
    Case(
        "an edge given twice",
        lambda: CouplingGraph(TASKS, [EDGE, EDGE]),
        ValueError,
        "edges should be unique",
    ),
    Case(
        "an edge from a task that is not there",
        lambda: CouplingGraph(TASKS, [Edge("categry", "pattern", EDGE.relatedness)]),
        KeyError,
        "edges should be between the tasks, got 'categry'",
    ),
    Case(
        "an edge from attributes",
        lambda: CouplingGraph(TASKS, [Edge("pattern", "neckline", EDGE.relatedness)]),
        ValueError,
        "edges should come from a task of Classes",
    ),
    Case(
        "an edge with the names of other classes",
        lambda: CouplingGraph({**TASKS, "category": Classes(["a", "b", "c"])}, [EDGE]),
        ValueError,
        "should be the names of 'category' in their order",
    ),
    Case(
        "a list for a graph's content",
        lambda: CouplingGraph.from_dict([]),
        TypeError,
        "graph should be a mapping, got list",
    ),
]


def state(**changes: Any) -> Callable[[], Any]:
    module = torch_adapter.CoupledLoss(BIRDS)
    return lambda: module.load_state_dict({**module.state_dict(), **changes})


MATRIX = torch.eye(2, dtype=torch.float64)
CHECKPOINTS = [
    Case(
        "a checkpoint of another matrix",
        state(conditional=MATRIX / 2),
        RuntimeError,
        "conditional should be that of .*, got another matrix",
    ),
    Case(
        "a checkpoint of another shape",
        state(weights=torch.ones(3, 2)),
        RuntimeError,
        r"weights should be that of .*, got shape \(3, 2\)",
    ),
    Case("a checkpoint of integers", state(conditional=MATRIX.long()), RuntimeError, r"got torch\.int64"),
    Case("a checkpoint of arrays", state(conditional=MATRIX.numpy()), RuntimeError, r"got numpy\.ndarray"),
    Case(
        "a checkpoint of a sparse matrix",
        state(conditional=MATRIX.to_sparse()),
        RuntimeError,
        "got a matrix that cannot be read",
    ),
    Case(
        "a checkpoint without values",
        state(conditional=MATRIX.to("meta")),
        RuntimeError,
        "got a matrix that cannot be read",
    ),
    Case(
        "a checkpoint of one huge number for the names",
        state(_extra_state=torch.tensor(10**13)),
        RuntimeError,
        "got names that cannot be read",
    ),
    Case(
        "a checkpoint of another graph",
        lambda: torch_adapter.CoupledGraphLoss(GRAPH).load_state_dict(
            torch_adapter.CoupledGraphLoss(OTHERS[0][0]).state_dict()
        ),
        RuntimeError,
        "got another matrix",
    ),
    Case(
        "a checkpoint with something else in it",
        state(colour=MATRIX),
        RuntimeError,
        'Unexpected key.*"colour"',
    ),
]


def keras_config(**changes: Any) -> Callable[[], Any]:
    config = keras.DistributionMatchingLoss(BIRDS).get_config()
    return lambda: keras.DistributionMatchingLoss.from_config({**config, **changes})


def keras_model(outputs: Any) -> Callable[[], Any]:
    x = keras_library.Input((6,))
    heads = {name: keras_library.layers.Dense(size)(x) for name, size in outputs.items()}
    return lambda: keras.CoupledModel(x, heads, relatedness=BIRDS)


KERAS = [
    Case(
        "logits where probabilities should be",
        lambda: keras.functional.class_cross_entropy([[-3.0, 3.0]], [0]),
        ValueError,
        "class_logits should be probabilities unless from_logits=True",
    ),
    Case(
        "a symbolic tensor",
        lambda: keras.functional.class_cross_entropy(keras_library.Input((3,)), [0]),
        TypeError,
        "class_logits should be a tensor",
    ),
    Case(
        "a reduction that Keras has",
        lambda: keras.DistributionMatchingLoss(BIRDS, reduction="sum_over_batch_size"),
        ValueError,
        "reduction should be one of",
    ),
    Case(
        "a negative weight of the layer",
        lambda: keras.DistributionMatching(BIRDS, weight=-1.0),
        ValueError,
        "weight should be in",
    ),
    Case(
        "a configuration without a relatedness",
        keras_config(relatedness=None),
        TypeError,
        "relatedness should be a mapping, got None",
    ),
    Case(
        "a configuration with another eps",
        keras_config(eps="x"),
        TypeError,
        "eps should be a real number, got str",
    ),
    Case(
        "a model that lacks a head",
        keras_model({"classes": 2}),
        ValueError,
        "outputs should be a mapping with the keys",
    ),
    Case(
        "a model with a head of another size",
        keras_model({"classes": 2, "attributes": 3}),
        ValueError,
        r"outputs\['attributes'\] should have shape",
    ),
]
SECTIONS = {
    "A relatedness": RELATEDNESS,
    "A relatedness from a table": TABLES,
    "Alignment by name": ALIGNMENT,
    "Counts, diagnosis, preset": COUNTS,
    "Graphs": GRAPHS,
    "Checkpoints of PyTorch modules": CHECKPOINTS,
    "Keras": KERAS,
}
