"""The losses, written off the paper's equations literally: scalars, loops, fifty digits.

The oracle shares no code with the library, only the names of the arguments. In the formulas z are the
class logits, s the attribute logits, pi = softmax(z), p = sigmoid(s), K and W the matrices of the
relatedness. Logits are matrices of numbers that ``autodiff.evaluate`` differentiates by.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from autodiff import Matrix, Number, Real, Row, exp, fixed_matrix, log, number, total
from divergences import BERNOULLI, CATEGORICAL, clip, kl, outcomes, sigmoid, softmax


class Table(Protocol):
    """What the oracle reads of a relatedness."""

    conditional: np.ndarray
    weights: np.ndarray
    known: np.ndarray


class Terms(NamedTuple):
    total: Number
    classes: Number
    attributes: Number
    distribution_matching: Number
    soft_co_annotation: Number


def distribution_matching(
    class_logits: Matrix,
    attribute_logits: Matrix,
    relatedness: Table,
    *,
    divergence: str = "cross_entropy",
    matching: str = "sample",
    where: Sequence[bool] | None = None,
    attribute_mask: Sequence[bool] | None = None,
    eps: float = 1e-7,
    sample_weight: Sequence[float] | None = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """Equation 3 and its kin."""
    z = fixed_matrix(class_logits) if detach == "classes" else class_logits
    s = fixed_matrix(attribute_logits) if detach == "attributes" else attribute_logits
    weights = _sample_weights(len(z), where, sample_weight)
    attributes = _related(relatedness.conditional, relatedness.known, attribute_mask)
    values, shares = [], []
    if matching == "class_mean":
        for c, a_c, m_c in _expectations(z, s, relatedness, attributes, weights):
            pairs = zip(relatedness.conditional[c, attributes], m_c, strict=True)
            values.append(total(kl(outcomes(clip(k, eps)), outcomes(clip(m, eps))) for k, m in pairs))
            shares.append(a_c)
    else:
        for z_n, s_n, w_n in zip(z, s, weights, strict=True):
            omega, q_n = _mixture(z_n, relatedness, attributes)
            pairs = zip(attributes, q_n, strict=True)
            values.append(total(BERNOULLI[divergence](s_n[i], q, eps) for i, q in pairs))
            shares.append(w_n * omega)
    return _reduce(values, shares, reduction)


def _mixture(z_n: Row, table: Table, attributes: list[int]) -> tuple[Number, list[Number]]:
    """The mass of the known classes, and equation 2 over them, renormalised."""
    pi, known = softmax(z_n), _known(table)
    omega = total(pi[c] for c in known)
    return omega, [total(pi[c] * table.conditional[c, i] for c in known) / omega for i in attributes]


def _expectations(
    z: Matrix, s: Matrix, table: Table, attributes: list[int], weights: list[float]
) -> Iterator[tuple[int, Number, list[Number]]]:
    """Each known class c, its mass a_c and its mean predictions m_c of the attributes."""
    pi = [softmax(z_n) for z_n in z]
    p = [[sigmoid(s_n[i]) for i in attributes] for s_n in s]
    samples = [n for n, w_n in enumerate(weights) if w_n > 0]
    for c in _known(table) if samples else []:
        a_c = total(weights[n] * pi[n][c] for n in samples)
        sums = [total(weights[n] * pi[n][c] * p[n][j] for n in samples) for j in range(len(attributes))]
        yield c, a_c, [x / a_c for x in sums]


def clip_distance(
    class_logits: Matrix,
    attribute_logits: Matrix,
    relatedness: Table,
    *,
    divergence: str = "cross_entropy",
    matching: str = "sample",
    where: Sequence[bool] | None = None,
    eps: float = 1e-7,
    sample_weight: Sequence[float] | None = None,
    **_: Any,
) -> Number:
    """How far, relative to ``eps``, the nearest probability is from a bound, where the derivative jumps."""
    attributes = _related(relatedness.conditional, relatedness.known, None)
    if matching == "class_mean":
        weights = _sample_weights(len(class_logits), where, sample_weight)
        means = _expectations(class_logits, attribute_logits, relatedness, attributes, weights)
        rows = [m_c for _, _, m_c in means]
    else:
        rows = [_mixture(z_n, relatedness, attributes)[1] for z_n in class_logits]
    bounds = 1 if (matching, divergence) == ("sample", "cross_entropy") else 2
    bounded = [x.value for row in rows for q in row for x in outcomes(q)[:bounds]]
    return Number(min((abs(x - eps) / eps for x in bounded), default=1.0))


def soft_co_annotation(
    class_logits: Matrix,
    attribute_labels: Matrix,
    relatedness: Table,
    *,
    divergence: str = "cross_entropy",
    soft_label: str = "indicator",
    temperature: float = 1.0,
    empty_row: str = "zero",
    prior: Sequence[float] | None = None,
    where: Sequence[bool] | None = None,
    sample_weight: Sequence[float] | None = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """Equation 6 and its kin: pi and q over the known classes only."""
    z = fixed_matrix(class_logits) if detach == "classes" else class_logits
    known = _known(relatedness)
    matrix = relatedness.weights if soft_label == "indicator" else relatedness.conditional
    evidence = set(_related(matrix, relatedness.known, None))
    weights = _sample_weights(len(z), where, sample_weight)
    values = []
    for n, (z_n, y_n) in enumerate(zip(z, attribute_labels, strict=True)):
        present = _present(y_n)
        if evidence.isdisjoint(present):
            weights[n] = 0.0
            values.append(Number(0))
        else:
            if soft_label == "indicator":
                scores = _indicators(y_n, present, relatedness, empty_row)
                q = softmax([score / temperature for score in scores])
            else:
                q = _posterior(y_n, present, relatedness, prior)
            values.append(CATEGORICAL[divergence](softmax([z_n[c] for c in known]), q))
    return _reduce(values, weights, reduction)


def _indicators(y: Row, present: list[int], table: Table, empty_row: str) -> list[Number]:
    """Equation 4 for each known class."""
    scores: dict[int, Number] = {}
    for c in _known(table):
        weight = total(table.weights[c, i] for i in present)
        score = total(table.weights[c, i] * number(y[i]) for i in present)
        scores[c] = score / weight if weight.value > 0 else Number(0)
    if empty_row == "complement":
        full = [scores[c].value for c in scores if any(table.weights[c] > 0)]
        scores |= {c: Number(1 - max(full, default=0)) for c in scores if not any(table.weights[c] > 0)}
    return list(scores.values())


def _posterior(y: Row, present: list[int], table: Table, prior: Sequence[float] | None) -> list[Number]:
    """prior_c prod_i K_ci^y_i (1 - K_ci)^(1 - y_i), normalised over the known classes."""
    joint = []
    for c in _known(table):
        k = [clip(x, 0.05) for x in table.conditional[c]]
        likelihood = exp(total(y[i] * log(k[i]) + (1 - y[i]) * log(1 - k[i]) for i in present))
        joint.append(likelihood if prior is None else number(prior[c]) * likelihood)
    return [x / total(joint) for x in joint]


def class_cross_entropy(
    class_logits: Matrix,
    class_labels: Sequence[int],
    *,
    label_smoothing: float = 0.0,
    class_weight: Sequence[float] | None = None,
    where: Sequence[bool] | None = None,
    sample_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """-sum_c w_c t_c log pi_c with smoothed targets t; the mean divides by the weight of the labels."""
    weights = _sample_weights(len(class_logits), where, sample_weight)
    values, shares = [], []
    for n, (z_n, y) in enumerate(zip(class_logits, class_labels, strict=True)):
        importance = [1.0] * len(z_n) if class_weight is None else class_weight
        weights[n] *= y >= 0
        terms = []
        for c, pi_c in enumerate(softmax(z_n)):
            target = (1 - number(label_smoothing)) * (c == y) + number(label_smoothing) / len(z_n)
            terms.append(-number(importance[c]) * target * log(pi_c))
        values.append(total(terms))
        shares.append(weights[n] * importance[y] if y >= 0 else 0.0)
    return _reduce(values, weights, reduction, shares)


def attribute_binary_cross_entropy(
    attribute_logits: Matrix,
    attribute_labels: Matrix,
    *,
    pos_weight: Sequence[float] | None = None,
    where: Sequence[bool] | None = None,
    sample_weight: Sequence[float] | None = None,
    reduction: str = "mean",
) -> Number | list[Number]:
    """-[v y log p + (1 - y) log(1 - p)], averaged over the labels of a sample."""
    weights = _sample_weights(len(attribute_logits), where, sample_weight)
    values = []
    for n, (s_n, y_n) in enumerate(zip(attribute_logits, attribute_labels, strict=True)):
        terms = []
        for i in _present(y_n):
            importance = 1.0 if pos_weight is None else pos_weight[i]
            positive, negative = log(sigmoid(s_n[i])), log(sigmoid(-s_n[i]))
            terms.append(-(importance * number(y_n[i]) * positive + (1 - number(y_n[i])) * negative))
        values.append(total(terms) / max(len(terms), 1))
        weights[n] *= bool(terms)
    return _reduce(values, weights, reduction)


def coupled(
    class_logits: Matrix,
    attribute_logits: Matrix,
    class_labels: Sequence[int],
    attribute_labels: Matrix,
    relatedness: Table,
    *,
    weights: Mapping[str, float] | None = None,
    dm: Mapping[str, Any] | None = None,
    sca: Mapping[str, Any] | None = None,
    sample_weight: Sequence[float] | None = None,
) -> Terms:
    """Equation 1."""
    z, s = class_logits, attribute_logits
    factors = dict.fromkeys(Terms._fields[1:], 1.0) | dict(weights or {})
    sca = {"source": "labels"} | dict(sca or {})
    evidence = _evidence(s, attribute_labels, sca.pop("source"))
    everyone = {"sample_weight": sample_weight}
    parts = [
        class_cross_entropy(z, class_labels, **everyone),
        attribute_binary_cross_entropy(s, attribute_labels, **everyone),
        distribution_matching(z, s, relatedness, **everyone, **(dm or {})),
        soft_co_annotation(z, evidence, relatedness, **everyone, **sca),
    ]
    parts = [part * (factor != 0) for part, factor in zip(parts, factors.values(), strict=True)]
    return Terms(total(w * part for w, part in zip(factors.values(), parts, strict=True)), *parts)


def _evidence(s: Matrix, labels: Matrix, source: str) -> Matrix:
    """The labels, the predictions held fixed, or the labels with predictions where there are none."""
    if source == "labels":
        return labels
    predictions = fixed_matrix([[sigmoid(x) for x in row] for row in s])
    if source == "predictions":
        return predictions
    rows = zip(labels, predictions, strict=True)
    return [[y if 0 <= y <= 1 else p for y, p in zip(y_n, p_n, strict=True)] for y_n, p_n in rows]


def _reduce(
    values: list[Number], weights: Sequence[Real], reduction: str, shares: Sequence[Real] | None = None
) -> Number | list[Number]:
    """w_n l_n, their sum, or their sum over the sum of the shares, which are the weights if not given."""
    weighted = [w * value for w, value in zip(weights, values, strict=True)]
    if reduction == "none":
        return weighted
    share = total(weights if shares is None else shares)
    if reduction == "sum":
        return total(weighted)
    return total(weighted) / share if share.value > 0 else Number(0)


def _known(table: Table) -> list[int]:
    return np.flatnonzero(table.known).tolist()


def _related(matrix: np.ndarray, known: np.ndarray, allowed: Sequence[bool] | None) -> list[int]:
    """The attributes to which some known class relates, and which the mask does not exclude."""
    related = np.any(matrix[known] > 0, axis=0)
    return np.flatnonzero(related if allowed is None else related & np.asarray(allowed)).tolist()


def _present(y_n: Row) -> list[int]:
    return [i for i, y in enumerate(y_n) if 0 <= number(y).value <= 1]


def _sample_weights(
    samples: int, where: Sequence[bool] | None, sample_weight: Sequence[float] | None
) -> list[float]:
    weights = [1.0] * samples if sample_weight is None else sample_weight
    return [w * bool(here) for w, here in zip(weights, where or [True] * samples, strict=True)]
