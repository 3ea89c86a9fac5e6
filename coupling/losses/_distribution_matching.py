"""Distribution matching (equations 2 and 3): the attributes predicted against those the classes imply."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from coupling._check import BOOLEAN, FLOATING, NUMERIC, check_arrays, check_mask, check_number, check_option
from coupling._divergence import binary, cross_entropy, js, kl
from coupling._namespace import Array, Namespace, compute_dtype, constant
from coupling._numeric import bernoulli, clipped, log_softmax, logsumexp
from coupling._reduce import REDUCTIONS, Reduction, reduce
from coupling._relatedness import Relatedness
from coupling.losses._common import DETACH, Detach, check_relatedness, hold, masked, participation

Matching = Literal["sample", "class_mean"]
MATCHINGS = ("sample", "class_mean")
AttributeDivergence = Literal["cross_entropy", "binary_cross_entropy", "kl", "js"]
TWO_OUTCOME = {"binary_cross_entropy": cross_entropy, "kl": kl, "js": js}
DIVERGENCES = ("cross_entropy", *TWO_OUTCOME)


def check_distribution_matching(
    relatedness: Relatedness,
    *,
    divergence: str = "cross_entropy",
    matching: str = "sample",
    attribute_mask: Any = None,
    eps: float = 1e-7,
    detach: str | None = None,
    reduction: str = "mean",
) -> None:
    """Check the options of `distribution_matching`."""
    check_relatedness(relatedness)
    check_option("divergence", divergence, DIVERGENCES)
    check_option("matching", matching, MATCHINGS)
    check_option("detach", detach, DETACH)
    check_option("reduction", reduction, REDUCTIONS)
    check_number("eps", eps, 0.0, 0.5)
    if attribute_mask is not None:
        check_mask("attribute_mask", attribute_mask, len(relatedness.attributes))
    if matching == "class_mean":
        if divergence != "cross_entropy":
            raise ValueError(f"divergence is not taken with matching='class_mean', got {divergence!r}")
        if reduction == "none":
            raise ValueError("reduction should be 'mean' or 'sum' with matching='class_mean', got 'none'")


def distribution_matching(
    class_logits: Array,
    attribute_logits: Array,
    relatedness: Relatedness,
    *,
    divergence: AttributeDivergence = "cross_entropy",
    matching: Matching = "sample",
    where: Array | None = None,
    attribute_mask: Any = None,
    eps: float = 1e-7,
    sample_weight: Array | None = None,
    detach: Detach = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Match the predicted attributes with the mixture of attributes that the predicted classes imply.

    .. math:: q_{ni} = \sum_c \pi_{nc} K_{ci}, \qquad
              \mathcal{L}_{DM} = \frac{1}{B} \sum_n \sum_i d(p_{ni}, q_{ni})

    with π = softmax(class_logits), p = sigmoid(attribute_logits), K = ``relatedness.conditional``. The
    divergence d of one attribute is

    ====================== ==================================================
    "cross_entropy"        -p log q (equation 3 as printed)
    "binary_cross_entropy" -[p log q + (1 - p) log(1 - q)]
    "kl"                   KL(Bernoulli(p) ‖ Bernoulli(q))
    "js"                   Jensen-Shannon divergence of the same two
    ====================== ==================================================

    ``matching="class_mean"`` matches expectations in place of samples: m_ci = Σ_n π_nc p_ni / Σ_n π_nc, and
    the loss is KL(Bernoulli(K_ci) ‖ Bernoulli(m_ci)), summed over attributes and averaged over the known
    classes with the weight Σ_n π_nc.

    An attribute that no known class relates to takes no part. Where some class is not known, q is the mixture
    over the known ones, renormalised, and the sample counts by their total probability.

    Args:
        class_logits: (B, C), real floating.
        attribute_logits: (B, A), real floating.
        relatedness: of C classes and A attributes.
        divergence: one of the table's names; not taken with ``matching="class_mean"``.
        matching: "sample" or "class_mean".
        where: (B,) boolean, the samples that take part; all by default.
        attribute_mask: (A,) boolean, the attributes that take part; all by default.
        eps: in (0, 0.5); q is kept in [eps, 1], in [eps, 1 - eps] where 1 - q enters a logarithm.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".
        xp: the arrays' namespace, found from them by default.

    Returns:
        A scalar, or (B,) for ``reduction="none"``, float32 or (for float64 logits) float64.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option.

    Example:
        Happiness for certain implies action unit 12; the prediction gives it one half.

        >>> import numpy as np
        >>> from coupling.knowledge import du2014
        >>> table = du2014().align(attributes=["AU12"])
        >>> happy = np.array([[0.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
        >>> float(distribution_matching(happy, np.array([[0.0]]), table, divergence="js").round(4))
        0.2158

    References:
        Kollias, Sharmanska and Zafeiriou, "Distribution Matching for Multi-Task Learning of Classification
        Tasks", AAAI 2024, equations 2 and 3.
    """
    check_distribution_matching(
        relatedness,
        divergence=divergence,
        matching=matching,
        attribute_mask=attribute_mask,
        eps=eps,
        detach=detach,
        reduction=reduction,
    )
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "A": len(relatedness.attributes)},
        class_logits=(class_logits, "BC", FLOATING),
        attribute_logits=(attribute_logits, "BA", FLOATING),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    class_logits, attribute_logits = hold(class_logits, attribute_logits, detach, xp)
    dtype = compute_dtype((class_logits, attribute_logits), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    z = masked(class_logits, weight, dtype=dtype, xp=xp)
    s = masked(attribute_logits, weight, dtype=dtype, xp=xp)
    relation = _relation(relatedness, attribute_mask, z, xp)
    if matching == "sample":
        values, log_weight = _match_samples(z, s, relation, divergence, eps, xp)
    else:
        values, log_weight = _match_class_means(z, s, relation, weight, eps, xp)
        anybody = xp.any(weight > 0, axis=0, keepdims=True)
        weight = xp.astype(relation.known & anybody, dtype)
    return reduce(values, weight, reduction, log_weight=log_weight, xp=xp)


class _Relation(NamedTuple):
    conditional: Array  # (C, A)
    known: Array  # (C,)
    related: Array  # (A,), the attributes that take part


def _relation(relatedness: Relatedness, attribute_mask: Any, like: Array, xp: Namespace) -> _Relation:
    conditional = constant(relatedness.conditional, like, dtype=like.dtype, xp=xp)
    known = constant(relatedness.known, like, dtype=xp.bool, xp=xp)
    related = xp.any((conditional > 0) & xp.expand_dims(known, axis=1), axis=0)
    if attribute_mask is not None:
        related = related & constant(attribute_mask, like, dtype=xp.bool, xp=xp)
    return _Relation(conditional, known, related)


def _match_samples(
    z: Array, s: Array, relation: _Relation, divergence: str, eps: float, xp: Namespace
) -> tuple[Array, Array]:
    """Return each sample's divergence of p and q = π K, and the log-probability of the known classes."""
    known = xp.expand_dims(relation.known, axis=0)
    pi = xp.where(known, xp.exp(log_softmax(z, where=known, xp=xp)), 0.0)
    present = xp.matmul(pi, relation.conditional)
    absent = xp.matmul(pi, 1.0 - relation.conditional)  # 1 - q, without its cancellation
    p = bernoulli(s, xp)
    if divergence == "cross_entropy":
        terms = cross_entropy(p[0], clipped(present, eps, 1.0, xp), xp)
    else:
        q = (clipped(present, eps, 1.0 - eps, xp), clipped(absent, eps, 1.0 - eps, xp))
        terms = binary(TWO_OUTCOME[divergence], p, q, xp)
    values = xp.sum(xp.where(xp.expand_dims(relation.related, axis=0), terms, 0.0), axis=1)
    return values, logsumexp(log_softmax(z, xp=xp), axis=1, where=known, xp=xp)


def _match_class_means(
    z: Array, s: Array, relation: _Relation, weight: Array, eps: float, xp: Namespace
) -> tuple[Array, Array]:
    """Return each class's divergence of K and m, and the log of the number of samples expected in it."""
    takes_part = xp.expand_dims(weight > 0, axis=1)
    log_weight = xp.expand_dims(xp.log(xp.where(weight > 0, weight, 1.0)), axis=1)
    joint = log_softmax(z, xp=xp) + log_weight
    # Normalised over the samples before the sum, so that a class nobody is predicted in has a mean as well.
    share = xp.where(takes_part, xp.exp(log_softmax(joint, axis=0, where=takes_part, xp=xp)), 0.0)
    share = xp.matrix_transpose(share)
    p = bernoulli(s, xp)
    m = (clipped(xp.matmul(share, p[0].value), eps, 1.0 - eps, xp),
         clipped(xp.matmul(share, p[1].value), eps, 1.0 - eps, xp))  # fmt: skip
    k = (clipped(relation.conditional, eps, 1.0 - eps, xp),
         clipped(1.0 - relation.conditional, eps, 1.0 - eps, xp))  # fmt: skip
    terms = binary(kl, k, m, xp)
    values = xp.sum(xp.where(xp.expand_dims(relation.related, axis=0), terms, 0.0), axis=1)
    return values, logsumexp(joint, axis=0, where=takes_part, xp=xp)
