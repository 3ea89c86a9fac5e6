"""Cases by seed: tables, logits from 1e-2 to 1e4 with ties, zeros and certainty, labels of every kind.

Logits and labels are numbers that the narrower dtypes hold too, so that all backends and the oracle read the
same; tables are any float64, as users have them.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from checks.forms import DRAWN, Form
from coupling import Attributes, Relatedness

Arrays = dict[str, np.ndarray]
Round = Callable[[np.ndarray], np.ndarray]

ATTRIBUTE_LOGITS, CLASS_LOGITS, CATEGORY_LOGITS = "attribute_logits", "class_logits", "category_logits"
CLASS_LABELS, ATTRIBUTE_LABELS, CATEGORY_LABELS = "class_labels", "attribute_labels", "category_labels"
INPUTS = {
    "distribution_matching": (CLASS_LOGITS, ATTRIBUTE_LOGITS),
    "categorical_distribution_matching": (CLASS_LOGITS, CATEGORY_LOGITS),
    "soft_co_annotation": (CLASS_LOGITS, ATTRIBUTE_LABELS),
    "categorical_soft_co_annotation": (CLASS_LOGITS, CATEGORY_LABELS),
    "class_cross_entropy": (CLASS_LOGITS, CLASS_LABELS),
    "attribute_binary_cross_entropy": (ATTRIBUTE_LOGITS, ATTRIBUTE_LABELS),
    "coupled": (CLASS_LOGITS, ATTRIBUTE_LOGITS, CLASS_LABELS, ATTRIBUTE_LABELS),
}
TASK_LOSSES = ("class_cross_entropy", "attribute_binary_cross_entropy")
MISSING = (np.nan, -1.0, 999.0)
LARGEST = 1e4
# A probability this near to a bound, relative to it, may be rounded to the other side, where the gradient is
# another.
AWAY = 1e-3


class Setting(NamedTuple):
    """A form with everything that a compiled function holds fixed."""

    form: Form
    options: dict[str, Any]
    classes: int
    attributes: int
    hard: bool  # are categories labelled by integers


def single(x: np.ndarray) -> np.ndarray:
    """Round to float32."""
    return x.astype(np.float32).astype(np.float64)


def settings(form: Form, rng: np.random.Generator) -> list[Setting]:
    """Draw three tables: an awkward one, one as large as that of action units, one of two classes."""
    return [
        _setting(form, 4, 5, rng, eps=1e-7, awkward=True),
        _setting(form, 7, 17, rng, eps=1e-3),
        _setting(form, 2, 3, rng, eps=0.05),
    ]


def _setting(
    form: Form, classes: int, attributes: int, rng: np.random.Generator, *, eps: float, awkward: bool = False
) -> Setting:
    vectors = {"prior": classes, "class_weight": classes, "pos_weight": attributes}
    options = {
        name: rng.uniform(0.1, 3.0, vectors[name]) if isinstance(value, str) and value == DRAWN else value
        for name, value in form.options.items()
    }
    if "prior" in options:
        options["prior"] = options["prior"] / options["prior"].sum()
    if form.loss == "coupled_graph":
        return Setting(form, options, 0, 0, True)
    if form.loss not in TASK_LOSSES:
        options["relatedness"] = table(classes, attributes, rng, "categorical" in form.loss, awkward)
    if "matching" in form.loss:
        options["eps"] = eps
    return Setting(form, options, classes, attributes, awkward)


def table(
    classes: int, attributes: int, rng: np.random.Generator, categorical: bool, awkward: bool
) -> Relatedness:
    """Draw shares of twenty samples, many 0 or 1; if awkward with an empty row and column, and "other"."""
    conditional = rng.integers(0, 21, (classes, attributes)) / 20
    conditional = np.where(rng.random(conditional.shape) < 0.4, np.round(conditional), conditional)
    weights = np.where(rng.random(conditional.shape) < 0.3, 0.0, rng.uniform(0.05, 3.0, conditional.shape))
    known = np.ones(classes, bool)
    if awkward:
        known[-1] = False
        weights[1] = 0.0
        conditional[:, -1] = weights[:, -1] = 0.0
        if not categorical:
            conditional[1] = 0.0
    if categorical:
        conditional[:, 0] += conditional.sum(axis=1) == 0
        conditional = conditional / conditional.sum(axis=1, keepdims=True)
    return Relatedness(conditional, weights, known=known)


def arrays(setting: Setting, samples: int, rng: np.random.Generator, rounded: Round = single) -> Arrays:
    """Draw samples of a setting."""
    if setting.form.loss == "coupled_graph":
        return _of_graph(setting.options["graph"], samples, rng, rounded)
    draw = {
        CLASS_LOGITS: lambda: logits(samples, setting.classes, rng),
        ATTRIBUTE_LOGITS: lambda: logits(samples, setting.attributes, rng),
        CATEGORY_LOGITS: lambda: logits(samples, setting.attributes, rng),
        CLASS_LABELS: lambda: integers(samples, setting.classes, rng),
        ATTRIBUTE_LABELS: lambda: labels(samples, setting.attributes, rng),
        CATEGORY_LABELS: lambda: categories(samples, setting.attributes, rng, setting.hard),
    }
    drawn = {name: draw[name]() for name in INPUTS[setting.form.loss]}
    others = [name for name in (ATTRIBUTE_LOGITS, CATEGORY_LOGITS) if name in drawn]
    if CLASS_LOGITS in drawn and others:
        _let_some_agree(drawn, others[0], setting.options["relatedness"], rng)
    return {name: rounded(x) if x.dtype.kind == "f" else x for name, x in drawn.items()}


def _of_graph(graph: Any, samples: int, rng: np.random.Generator, rounded: Round) -> Arrays:
    drawn: Arrays = {}
    for name, task in graph.tasks.items():
        count, binary = len(task.names), isinstance(task, Attributes)
        drawn[f"{name}_logits"] = rounded(logits(samples, count, rng))
        drawn[f"{name}_labels"] = (
            rounded(labels(samples, count, rng)) if binary else integers(samples, count, rng)
        )
    return drawn


def logits(samples: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw from N(0, s²), s from 1e-2 to 1e4, or ties of two values, some zeros, one certain, all equal."""
    x = rng.normal(size=(samples, count)) * 10.0 ** rng.uniform(-2, 4, (samples, 1))
    ties = np.take_along_axis(x, rng.integers(0, min(2, count), x.shape), axis=1)
    certain = np.zeros_like(x)
    certain[np.arange(samples), rng.integers(0, count, samples)] = rng.choice(
        [20.0, -20.0, 90.0, -90.0, LARGEST, -LARGEST], samples
    )
    equal = x[:, :1] * rng.integers(0, 2, (samples, 1)) * np.ones_like(x)
    kinds = [x, x, x, ties, np.where(rng.random(x.shape) < 0.5, x, 0.0), certain, equal]
    return np.clip(np.choose(rng.integers(0, len(kinds), (samples, 1)), kinds), -LARGEST, LARGEST)


def labels(samples: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw hard and soft labels, missing ones, samples with none or with all of one kind."""
    hard, soft = rng.integers(0, 2, (samples, count)) * 1.0, rng.random((samples, count))
    missing = rng.choice(MISSING, (samples, count))
    mixed = np.choose(rng.choice(3, (samples, count), p=[0.5, 0.25, 0.25]), [hard, soft, missing])
    kinds = [mixed, mixed, hard, np.ones_like(hard), np.zeros_like(hard), missing]
    return np.choose(rng.integers(0, len(kinds), (samples, 1)), kinds)


def integers(samples: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw labels of which a fifth is missing."""
    return np.where(rng.random(samples) < 0.2, -1, rng.integers(0, count, samples))


def categories(samples: int, count: int, rng: np.random.Generator, hard: bool) -> np.ndarray:
    """Draw integers, or probabilities of which some are missing."""
    if hard:
        return integers(samples, count, rng)
    shares = rng.dirichlet(np.full(count, 0.5), samples)
    return np.where(rng.random((samples, 1)) < 0.2, -1.0, shares)


def weighted(samples: int, rng: np.random.Generator, loss: str) -> Arrays:
    """Draw what each sample counts, 0 to 1: a sum is then no larger than its terms."""
    drawn = {"sample_weight": rng.choice([0.0, 0.25, 1.0, 1.0, rng.random()], samples)}
    if not loss.startswith("coupled"):
        drawn["where"] = rng.random(samples) < 0.8
    return drawn


def let_all_be_certain(drawn: Arrays, rng: np.random.Generator) -> None:
    """Let every sample be certain of one class, perhaps one of which nothing is known."""
    for name in sorted(drawn):
        if name.endswith("_logits"):
            x = np.clip(drawn[name], -50.0, 50.0)
            x[:, -1 if rng.random() < 0.5 else 0] += rng.choice([20.0, 90.0, 1e3, 9e3])
            drawn[name] = x
            return


def _let_some_agree(drawn: Arrays, other: str, table: Relatedness, rng: np.random.Generator) -> None:
    """Let a fifth of the samples predict of both tasks the same, or nearly."""
    q = mixture(drawn[CLASS_LOGITS], table)
    with np.errstate(divide="ignore"):
        same = np.log(q) if other == CATEGORY_LOGITS else np.log(q) - np.log1p(-q)
    same = np.clip(same, -90.0, 90.0) * (1 + rng.choice([0.0, 1e-6, 1e-3], (len(q), 1)))
    drawn[other] = np.where(rng.random((len(q), 1)) < 0.2, same, drawn[other])


def mixture(z: np.ndarray, table: Relatedness) -> np.ndarray:
    """Equation 2 in float64."""
    z = z[:, table.known]
    pi = np.exp(z - z.max(axis=1, keepdims=True))
    q: np.ndarray = (pi / pi.sum(axis=1, keepdims=True)) @ table.conditional[table.known]
    return np.minimum(q, 1.0)


def expectations(z: np.ndarray, p: np.ndarray, table: Relatedness, weight: np.ndarray) -> np.ndarray:
    """m of matching="class_mean" in float64."""
    takes_part = weight > 0
    if not takes_part.any():
        return np.full((0, p.shape[1]), 0.5)
    z, p, weight = z[takes_part], p[takes_part], weight[takes_part]
    joint = z - np.logaddexp.reduce(z, axis=1, keepdims=True) + np.log(weight)[:, None]
    share = np.exp(joint - joint.max(axis=0))
    means: np.ndarray = ((share / share.sum(axis=0)).T @ p)[table.known]
    return means


def away_from_bounds(arrays: Arrays, options: Mapping[str, Any], loss: str) -> np.ndarray:
    """Tell which samples, (B,), or for class means whether all of them, stay clear of where clips begin."""
    if loss == "coupled_graph":
        graph, near = options["graph"], []
        for edge in graph.edges:
            binary = isinstance(graph.tasks[edge.target], Attributes)
            other = ATTRIBUTE_LOGITS if binary else CATEGORY_LOGITS
            pair = {
                CLASS_LOGITS: arrays[f"{edge.source}_logits"],
                other: arrays[f"{edge.target}_logits"],
            }
            pair |= {name: arrays[name] for name in ("sample_weight",) if name in arrays}
            near.append(np.all(away_from_bounds(pair, {"relatedness": edge.relatedness, **edge.dm}, "")))
        return np.asarray(near)
    others = [name for name in (ATTRIBUTE_LOGITS, CATEGORY_LOGITS) if name in arrays]
    if CLASS_LOGITS not in arrays or not others:
        return np.ones(len(next(iter(arrays.values()))), bool)
    options = dict(options.get("dm", {})) | dict(options)
    z, t, relatedness = arrays[CLASS_LOGITS], arrays[others[0]], options["relatedness"]
    eps = options.get("eps", 1e-7)
    binary = others[0] == ATTRIBUTE_LOGITS
    if options.get("matching") == "class_mean":
        weight = arrays.get("sample_weight", np.ones(len(z))) * arrays.get("where", True)
        with np.errstate(over="ignore"):
            p = 1 / (1 + np.exp(-t)) if binary else np.exp(t - np.logaddexp.reduce(t, axis=1)[:, None])
        q = expectations(z, p, relatedness, weight)
    else:
        q = mixture(z, relatedness)
    away: np.ndarray = np.abs(q - eps) > AWAY * eps
    if binary:
        away &= np.abs(1 - q - eps) > AWAY * eps
    return away.all(axis=1) if options.get("matching") != "class_mean" else away.all(keepdims=True)[0]
