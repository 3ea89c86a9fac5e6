"""The losses between two multi-class tasks, and equation 1 over a graph, written off the equations literally.

As `oracle`: scalars, loops, fifty digits. In the formulas z are the class logits, t the category logits,
pi = softmax(z), rho = softmax(t).
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import oracle
from autodiff import Matrix, Number, Row, exp, fixed_matrix, log, number, total
from divergences import CATEGORICAL, clip, cross_entropy, js, kl, softmax
from oracle import Table, _known, _reduce, _related, _sample_weights

MATCHED = {"cross_entropy": cross_entropy, "kl": kl, "js": js}


def categorical_distribution_matching(
    class_logits: Matrix,
    category_logits: Matrix,
    relatedness: Table,
    *,
    divergence: str = "cross_entropy",
    matching: str = "sample",
    where: Sequence[bool] | None = None,
    eps: float = 1e-7,
    sample_weight: Sequence[float] | None = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """Equation 3 and its kin, for one attribute of many values."""
    z = fixed_matrix(class_logits) if detach == "classes" else class_logits
    t = fixed_matrix(category_logits) if detach == "categories" else category_logits
    weights = _sample_weights(len(z), where, sample_weight)
    values, shares = [], []
    if matching == "class_mean":
        for c, a_c, m_c in _class_means(z, t, relatedness, weights):
            k_c = [clip(k, eps, 1.0) for k in relatedness.conditional[c]]
            values.append(kl(k_c, [clip(m, eps, 1.0) for m in m_c]))
            shares.append(a_c)
    else:
        for z_n, t_n, w_n in zip(z, t, weights, strict=True):
            omega, q_n = _mixture(z_n, relatedness)
            q_n = [clip(q, eps, 1.0) for q in q_n]
            values.append(MATCHED[divergence](softmax(t_n), q_n) if q_n else Number(0))
            shares.append(w_n * omega)
    return _reduce(values, shares, reduction)


def _mixture(z_n: Row, table: Table) -> tuple[Number, list[Number]]:
    """The mass of the known classes, and the categories that they imply; none where no class is known."""
    pi, known = softmax(z_n), _known(table)
    omega = total(pi[c] for c in known)
    columns = range(table.conditional.shape[1]) if known else []
    return omega, [total(pi[c] * table.conditional[c, d] for c in known) / omega for d in columns]


def _class_means(
    z: Matrix, t: Matrix, table: Table, weights: list[float]
) -> list[tuple[int, Number, list[Number]]]:
    """Each known class c, its mass a_c and its mean prediction m_c of the categories."""
    pi, rho = [softmax(z_n) for z_n in z], [softmax(t_n) for t_n in t]
    samples = [n for n, w_n in enumerate(weights) if w_n > 0]
    found = []
    for c in _known(table) if samples else []:
        a_c = total(weights[n] * pi[n][c] for n in samples)
        joint = [[weights[n] * pi[n][c] * x for x in rho[n]] for n in samples]
        found.append((c, a_c, [total(column) / a_c for column in zip(*joint, strict=True)]))
    return found


def clip_distance(
    class_logits: Matrix,
    category_logits: Matrix,
    relatedness: Table,
    *,
    matching: str = "sample",
    where: Sequence[bool] | None = None,
    eps: float = 1e-7,
    sample_weight: Sequence[float] | None = None,
    **_: Any,
) -> Number:
    """How far, relative to ``eps``, the nearest probability is from it, where the derivative jumps."""
    if matching == "class_mean":
        weights = _sample_weights(len(class_logits), where, sample_weight)
        rows = [m_c for _, _, m_c in _class_means(class_logits, category_logits, relatedness, weights)]
    else:
        rows = [_mixture(z_n, relatedness)[1] for z_n in class_logits]
    return Number(min((abs(x.value - eps) / eps for row in rows for x in row), default=1.0))


def categorical_soft_co_annotation(
    class_logits: Matrix,
    category_labels: Sequence[int] | Matrix,
    relatedness: Table,
    *,
    divergence: str = "cross_entropy",
    soft_label: str = "indicator",
    temperature: float = 1.0,
    prior: Sequence[float] | None = None,
    where: Sequence[bool] | None = None,
    sample_weight: Sequence[float] | None = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """Equations 4 to 6 with a one-hot label, or with the probabilities of the categories."""
    z = fixed_matrix(class_logits) if detach == "classes" else class_logits
    known = _known(relatedness)
    matrix = relatedness.weights if soft_label == "indicator" else relatedness.conditional
    related = _related(matrix, relatedness.known, None)
    weights = _sample_weights(len(z), where, sample_weight)
    values = []
    for n, (z_n, label) in enumerate(zip(z, category_labels, strict=True)):
        y = _probabilities(label, matrix.shape[1])
        if y is None or not any(y[d].value > 0 for d in related):
            weights[n] = 0.0
            values.append(Number(0))
            continue
        if soft_label == "indicator":
            scores = []
            for c in known:
                possible = total(matrix[c])
                present = total(w * y_d for w, y_d in zip(matrix[c], y, strict=True))
                scores.append(present / possible / temperature if possible.value > 0 else Number(0))
            q = softmax(scores)
        else:
            joint = [_likelihood(matrix[c], y) * number(1 if prior is None else prior[c]) for c in known]
            q = [x / total(joint) for x in joint]
        values.append(CATEGORICAL[divergence](softmax([z_n[c] for c in known]), q))
    return _reduce(values, weights, reduction)


def _probabilities(label: Any, count: int) -> list[Number] | None:
    """The probability of each category, None where the label is missing."""
    if isinstance(label, int):
        return [Number(d == label) for d in range(count)] if label >= 0 else None
    y = [number(x) for x in label]
    return y if all(0 <= x.value <= 1 for x in y) else None


def _likelihood(k_c: np.ndarray, y: list[Number]) -> Number:
    """The product of K_cd ** y_d."""
    return exp(total(y_d * log(clip(k, 0.05)) for k, y_d in zip(k_c, y, strict=True)))


def coupled_graph(
    graph: Any,
    sample_weight: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    **arrays: Any,
) -> tuple[Number, ...]:
    """Equation 1: the total, then each term in the order of ``graph.terms``.

    The arrays are named "<task>_logits" and "<task>_labels".
    """
    if not isinstance(sample_weight, Mapping):
        sample_weight = dict.fromkeys(graph.terms, sample_weight)
    weighted = {name: {"sample_weight": sample_weight.get(name)} for name in graph.terms}
    parts, factors = {}, dict(graph.weights)
    for name, task in graph.tasks.items():
        loss = _of_kind(task, oracle.class_cross_entropy, oracle.attribute_binary_cross_entropy)
        parts[name] = loss(arrays[f"{name}_logits"], arrays[f"{name}_labels"], **weighted[name])
    for edge in graph.edges:
        z, t = arrays[f"{edge.source}_logits"], arrays[f"{edge.target}_logits"]
        labels = arrays[f"{edge.target}_labels"]
        task, stem = graph.tasks[edge.target], f"{edge.source}/{edge.target}"
        dm, sca = f"{stem}/distribution_matching", f"{stem}/soft_co_annotation"
        factors |= {f"{stem}/{part}": factor for part, factor in edge.weights.items()}
        match = _of_kind(task, categorical_distribution_matching, oracle.distribution_matching)
        parts[dm] = match(z, t, edge.relatedness, **weighted[dm], **edge.dm)
        options = {"source": "labels"} | edge.sca
        evidence = _evidence(task, t, labels, options.pop("source"))
        annotate = _of_kind(task, categorical_soft_co_annotation, oracle.soft_co_annotation)
        parts[sca] = annotate(z, evidence, edge.relatedness, **weighted[sca], **options)
    parts = {name: part * (factors[name] != 0) for name, part in parts.items()}
    whole = total(factors[name] * part for name, part in parts.items())
    return terms({"total": whole, **parts})


def _evidence(task: Any, t: Matrix, labels: Any, source: str) -> Any:
    """The labels, the predictions held fixed, or the labels with predictions where there are none."""
    if type(task).__name__ == "Attributes":
        return oracle._evidence(t, labels, source)
    predictions = fixed_matrix([softmax(t_n) for t_n in t])
    if source == "labels":
        return labels
    if source == "predictions":
        return predictions
    given = [_probabilities(label, len(task.names)) for label in labels]
    return [rho if y is None else y for y, rho in zip(given, predictions, strict=True)]


def _of_kind(task: Any, classes: Any, attributes: Any) -> Any:
    return classes if type(task).__name__ == "Classes" else attributes


def terms(by_name: Mapping[str, Any]) -> tuple[Any, ...]:
    """A named tuple of terms, in their order and with their total."""
    names = [name.replace("/", "_to_") for name in by_name]
    return namedtuple("Terms", names)(*by_name.values())
