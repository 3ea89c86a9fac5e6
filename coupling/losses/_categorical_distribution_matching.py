"""Distribution matching of categories: a multi-class attribute predicted against what the classes imply."""

from __future__ import annotations

from typing import Literal

from coupling._check import BOOLEAN, FLOATING, NUMERIC, check_arrays, check_option
from coupling._divergence import cross_entropy, js, kl
from coupling._namespace import Array, Namespace, compute_dtype, constant
from coupling._normalizer import Normalizer, check_normalizer
from coupling._numeric import softmax
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._common import (
    DETACH_CATEGORIES,
    DetachCategories,
    check_distributions_here,
    hold,
    masked,
    participation,
)
from coupling.losses._matching import Matching, check_match, match

CategoryDivergence = Literal["cross_entropy", "kl", "js"]
DIVERGENCES = {"cross_entropy": cross_entropy, "kl": kl, "js": js}


def check_categorical_distribution_matching(
    relatedness: Relatedness,
    *,
    divergence: str = "cross_entropy",
    matching: str = "sample",
    eps: float = 1e-7,
    detach: str | None = None,
    reduction: str = "mean",
) -> None:
    """Check the options of `categorical_distribution_matching`."""
    check_match(relatedness, divergence, DIVERGENCES, matching, eps, reduction)
    check_option("detach", detach, DETACH_CATEGORIES)


def categorical_distribution_matching(
    class_logits: Array,
    category_logits: Array,
    relatedness: Relatedness,
    *,
    divergence: CategoryDivergence = "cross_entropy",
    matching: Matching = "sample",
    where: Array | None = None,
    eps: float = 1e-7,
    sample_weight: Array | None = None,
    detach: DetachCategories = None,
    normalizer: Normalizer | None = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Match the predicted categories of an attribute with the mixture that the predicted classes imply.

    .. math:: q_{nd} = \sum_c \pi_{nc} K_{cd}, \qquad
              \mathcal{L}_{DM} = \frac{1}{B} \sum_n d(\rho_n, q_n)

    with π = softmax(class_logits), ρ = softmax(category_logits), K = ``relatedness.conditional``, each row of
    which is the distribution of the D categories in one class. The divergence d of a sample is

    =============== ==================================================
    "cross_entropy" -Σ_d ρ_d log q_d (equation 3 of a multi-class attribute)
    "kl"            KL(ρ ‖ q)
    "js"            Jensen-Shannon divergence of the same two
    =============== ==================================================

    ``matching="class_mean"`` matches expectations in place of samples: m_cd = Σ_n π_nc ρ_nd / Σ_n π_nc, and
    the loss is KL(K_c ‖ m_c), averaged over the known classes with the weight Σ_n π_nc.

    Where some class is not known, q is the mixture over the known ones, renormalised, and the sample counts
    by their total probability.

    Args:
        class_logits: (B, C), real floating.
        category_logits: (B, D), real floating.
        relatedness: of C classes and D categories; its rows of known classes sum to 1.
        divergence: one of the table's names; not taken with ``matching="class_mean"``.
        matching: "sample" or "class_mean".
        where: (B,) boolean, the samples that take part; all by default.
        eps: in (0, 0.5); q, and K and m of ``matching="class_mean"``, are kept in [eps, 1].
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "categories" or None.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, the
            identity by default; only with ``reduction="mean"``.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".
        xp: the arrays' namespace, found from them by default.

    Returns:
        A scalar, or (B,) for ``reduction="none"``, float32 or (for float64 logits) float64.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, and for rows that do not sum to 1 where values can be
            read.

    Example:
        A dress for certain has a round neckline three times out of four; the prediction does not know.

        >>> import numpy as np
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.1, 0.9]], classes=["dress", "shirt"])
        >>> dress, unsure = np.array([[50.0, 0.0]]), np.array([[0.0, 0.0]])
        >>> float(categorical_distribution_matching(dress, unsure, necklines, divergence="kl").round(4))
        0.1438

    References:
        Kollias, Sharmanska and Zafeiriou, "Distribution Matching for Multi-Task Learning of Classification
        Tasks", AAAI 2024, equations 2 and 3.
    """
    check_categorical_distribution_matching(
        relatedness, divergence=divergence, matching=matching, eps=eps, detach=detach, reduction=reduction
    )
    check_normalizer(normalizer, reduction)
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "D": len(relatedness.attributes)},
        class_logits=(class_logits, "BC", FLOATING),
        category_logits=(category_logits, "BD", FLOATING),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    check_distributions_here(relatedness, class_logits, xp)
    class_logits, category_logits = hold(class_logits, category_logits, detach, xp)
    dtype = compute_dtype((class_logits, category_logits), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    z = masked(class_logits, weight, dtype=dtype, xp=xp)
    rho = softmax(masked(category_logits, weight, dtype=dtype, xp=xp), xp=xp)
    conditional = constant(relatedness.conditional, z, dtype=dtype, xp=xp)
    known = constant(relatedness.known, z, dtype=xp.bool, xp=xp)
    # One category rules out the others: where no class relates to it, that it never occurs is known as well.
    related = xp.any(xp.expand_dims(known, axis=1) & xp.ones_like(conditional, dtype=xp.bool), axis=0)
    return match(
        z,
        [(rho, conditional)],
        known,
        related,
        weight,
        divergence=DIVERGENCES[divergence if matching == "sample" else "kl"],
        matching=matching,
        bounds=(eps, 1.0),
        normalizer=normalizer,
        reduction=reduction,
        xp=xp,
    )
