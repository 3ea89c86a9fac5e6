"""Distribution matching (equations 2 and 3): the attributes predicted against those the classes imply."""

from __future__ import annotations

from typing import Any, Literal

from coupling._check import BOOLEAN, FLOATING, NUMERIC, check_arrays, check_library, check_mask, check_option
from coupling._divergence import bernoulli_cross_entropy, bernoulli_kl, cross_entropy, js
from coupling._namespace import Array, Namespace, compute_dtype, constant
from coupling._normalizer import Normalizer, check_normalizer
from coupling._numeric import bernoulli
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._common import DETACH, Detach, hold, masked, participation
from coupling.losses._matching import Matching, check_match, match

AttributeDivergence = Literal["cross_entropy", "binary_cross_entropy", "kl", "js"]
DIVERGENCES = {
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": bernoulli_cross_entropy,
    "kl": bernoulli_kl,
    "js": js,
}


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
    check_match(relatedness, divergence, DIVERGENCES, matching, eps, reduction)
    check_option("detach", detach, DETACH)
    if attribute_mask is not None:
        check_mask("attribute_mask", attribute_mask, len(relatedness.attributes))


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
    normalizer: Normalizer | None = None,
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
        eps: in (0, 0.5); q is kept in [eps, 1], in [eps, 1 - eps] where 1 - q enters a logarithm, as K and m
            of ``matching="class_mean"`` are.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, the
            identity by default; only with ``reduction="mean"``.
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
    check_normalizer(normalizer, reduction)
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "A": len(relatedness.attributes)},
        class_logits=(class_logits, "BC", FLOATING),
        attribute_logits=(attribute_logits, "BA", FLOATING),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    class_logits, attribute_logits = hold(class_logits, attribute_logits, detach, xp)
    check_library(xp, class_logits, attribute_mask=attribute_mask)
    dtype = compute_dtype((class_logits, attribute_logits), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    z = masked(class_logits, weight, dtype=dtype, xp=xp)
    s = masked(attribute_logits, weight, dtype=dtype, xp=xp)
    conditional = constant(relatedness.conditional, z, dtype=dtype, xp=xp)
    known = constant(relatedness.known, z, dtype=xp.bool, xp=xp)
    related = xp.any((conditional > 0) & xp.expand_dims(known, axis=1), axis=0)
    if attribute_mask is not None:
        related = related & constant(attribute_mask, z, dtype=xp.bool, xp=xp)
    # Taken from 1 before it is rounded: what is left of a probability near 1 has few digits.
    complement = constant(1.0 - relatedness.conditional, z, dtype=dtype, xp=xp)
    present, absent = bernoulli(s, xp)
    outcomes, upper = [(present, conditional), (absent, complement)], 1.0 - eps
    if (matching, divergence) == ("sample", "cross_entropy"):  # as printed, of one outcome only
        outcomes, upper = outcomes[:1], 1.0
    return match(
        z,
        outcomes,
        known,
        related,
        weight,
        divergence=DIVERGENCES[divergence if matching == "sample" else "kl"],
        matching=matching,
        bounds=(eps, upper),
        normalizer=normalizer,
        reduction=reduction,
        xp=xp,
    )
