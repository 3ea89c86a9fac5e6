"""One batch and one call of each loss: what every way of running is given.

The logits are multiples of 1/8 that half precision holds exactly, so that all precisions read the same.
"""

import os
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, directed

# `nox -s ways` sets it: every loss by every compiler with all optimisations, which takes minutes.
EVERY_WAY = bool(os.environ.get("EVERY_WAY"))

Arrays = Mapping[str, Any]
Found = dict[str, dict[str, np.ndarray]]
"""Quantities of `ways.reference` by the name of the loss, or of one of its forms."""

TASKS = {
    "garment": Classes(["shirt", "dress", "suit", "other"]),
    "pattern": Attributes(["striped", "plain", "floral"]),
    "neckline": Classes(["round", "v"]),
}
KNOWN = [True, True, True, False]
PATTERNS = Relatedness(
    [[0.5, 0.75, 0.0], [0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    [[1.0, 2.0, 0.0], [0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    classes=TASKS["garment"].names,
    attributes=TASKS["pattern"].names,
    known=KNOWN,
)
NECKLINES = Relatedness(
    [[0.25, 0.75], [0.875, 0.125], [0.5, 0.5], [0.0, 0.0]],
    classes=TASKS["garment"].names,
    attributes=TASKS["neckline"].names,
    known=KNOWN,
)
GRAPH = CouplingGraph(
    TASKS,
    [
        Edge("garment", "pattern", PATTERNS, dm={"divergence": "js"}, sca={"source": "both"}),
        Edge("garment", "neckline", NECKLINES, **directed(20, 600)),
    ],
    weights={"pattern": 0.5},
)

_draw = np.random.default_rng(0)
Z, S, T = (_draw.integers(-24, 25, (4, len(task.names))) / 8 for task in TASKS.values())
C = np.asarray([0, -1, 3, 1])
Y = np.asarray([[1.0, 0.25, np.nan], [999.0, 0.0, 1.0], [-1.0, -1.0, -1.0], [0.0, 0.0, 0.5]])
D = np.asarray([-1, 1, 0, 1])
WEIGHT = {"sample_weight": np.asarray([1.0, 0.5, 2.0, 0.0])}


class Case(NamedTuple):
    """A loss with its arguments: arrays by name, those that are differentiated end in "_logits"."""

    loss: str
    arrays: Arrays
    options: Mapping[str, Any]

    def arguments(self, arrays: Arrays) -> dict[str, Any]:
        """The arrays of a framework as the loss takes them."""
        if self.loss != "coupled_graph":
            return dict(arrays)
        by_task = {kind: {task: arrays[f"{task}_{kind}"] for task in TASKS} for kind in ("logits", "labels")}
        return {**by_task, "sample_weight": arrays["sample_weight"]}

    def total(self, result: Any) -> Any:
        """The loss, or the sum of equation 1."""
        if self.loss == "coupled_graph":
            return result["total"]
        return result.total if self.loss == "coupled" else result

    def call(self, functions: Any, arrays: Arrays, **options: Any) -> Any:
        """The loss among an adapter's functions."""
        function = getattr(functions, self.loss)
        return self.total(function(**self.arguments(arrays), **self.options, **options))


BOTH = {"class_logits": Z, "attribute_logits": S, **WEIGHT}
CASES = {
    "class_cross_entropy": Case(
        "class_cross_entropy",
        {"class_logits": Z, "class_labels": C, **WEIGHT},
        {"label_smoothing": 0.125, "class_weight": [1.0, 0.5, 2.0, 1.0]},
    ),
    "attribute_binary_cross_entropy": Case(
        "attribute_binary_cross_entropy",
        {"attribute_logits": S, "attribute_labels": Y, **WEIGHT},
        {"pos_weight": [1.0, 2.0, 0.5]},
    ),
    "distribution_matching": Case(
        "distribution_matching",
        BOTH,
        {"relatedness": PATTERNS, "divergence": "js", "attribute_mask": [True, True, False]},
    ),
    "distribution_matching, class_mean": Case(
        "distribution_matching", BOTH, {"relatedness": PATTERNS, "matching": "class_mean", "eps": 1e-3}
    ),
    "soft_co_annotation": Case(
        "soft_co_annotation",
        {"class_logits": Z, "attribute_labels": Y, **WEIGHT},
        {"relatedness": PATTERNS, "divergence": "js", "empty_row": "complement"},
    ),
    "categorical_distribution_matching": Case(
        "categorical_distribution_matching",
        {"class_logits": Z, "category_logits": T, **WEIGHT},
        {"relatedness": NECKLINES, "divergence": "kl"},
    ),
    "categorical_soft_co_annotation": Case(
        "categorical_soft_co_annotation",
        {"class_logits": Z, "category_labels": D, **WEIGHT},
        {"relatedness": NECKLINES, "soft_label": "posterior", "prior": [0.25, 0.25, 0.125, 0.375]},
    ),
    "coupled": Case(
        "coupled",
        {**BOTH, "class_labels": C, "attribute_labels": Y},
        {"relatedness": PATTERNS, **directed(20, 600)},
    ),
    "coupled_graph": Case(
        "coupled_graph",
        {
            **{"garment_logits": Z, "pattern_logits": S, "neckline_logits": T},
            **{"garment_labels": C, "pattern_labels": Y, "neckline_labels": D},
            **WEIGHT,
        },
        {"graph": GRAPH},
    ),
}
CLASS_MEAN = "distribution_matching, class_mean"


Kind = Literal["logits", "labels", "direction"]


def case_of(key: str) -> Case:
    """The case of a loss, or of one of its forms: "coupled as a module"."""
    return CASES[key.partition(" as ")[0]]


def choose(arrays: Arrays, kind: Kind) -> Arrays:
    """The logits, all other arrays, or what the logits are moved along for a slope or a curvature."""
    logits = {name: x for name, x in arrays.items() if name.endswith("_logits")}
    if kind == "labels":
        return {name: x for name, x in arrays.items() if name not in logits}
    draw = np.random.default_rng(1)
    along = {name: draw.integers(-8, 9, x.shape) / 8 for name, x in logits.items()}
    return logits if kind == "logits" else along
