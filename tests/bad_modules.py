"""What graphs and the objects of the adapters refuse, each kind in words, as in ``bad_objects.py``."""

from collections.abc import Callable
from typing import Any

import keras as keras_library
import torch
from bad_objects import BIRDS, Case
from bad_objects import SECTIONS as OBJECTS
from graphs import GRAPH, OTHERS

from coupling import (
    Attributes,
    Classes,
    CouplingGraph,
    Edge,
    keras,
)
from coupling import torch as torch_adapter

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
SECTIONS = OBJECTS | {
    "Graphs": GRAPHS,
    "Checkpoints of PyTorch modules": CHECKPOINTS,
    "Keras": KERAS,
}
