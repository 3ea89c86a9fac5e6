"""Equation 1: the sum of the two task losses and the two coupling losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from coupling._check import (
    FLOATING,
    INTEGRAL,
    LABELS,
    NUMBERS,
    check_arrays,
    check_count,
    check_library,
    check_mapping,
    check_names,
    check_number,
    number,
)
from coupling._namespace import Array, Namespace, compute_dtype, constant
from coupling._normalizer import Normalizers
from coupling._relatedness import Relatedness
from coupling.losses._common import check_labels, widened
from coupling.losses._coupling import ATTRIBUTES, COUPLING_PARTS, weighted_sum
from coupling.losses._task import attribute_binary_cross_entropy, class_cross_entropy

PARTS = ("classes", "attributes", *COUPLING_PARTS)

PRESET_WEIGHT = 0.3
PRESET_EPS = 1e-3


class CoupledTerms(NamedTuple):
    """The terms of equation 1: their weighted sum, and each unweighted; scalars.

    Example:
        >>> CoupledTerms(2.0, 1.0, 0.5, distribution_matching=0.25, soft_co_annotation=0.25).classes
        1.0

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    total: Array
    classes: Array
    attributes: Array
    distribution_matching: Array
    soft_co_annotation: Array


def check_coupled(
    relatedness: Relatedness,
    *,
    weights: Mapping[str, Any] | None = None,
    dm: Mapping[str, Any] | None = None,
    sca: Mapping[str, Any] | None = None,
) -> None:
    """Check the options of `coupled`."""
    check_mapping("weights", weights, optional=True)
    check_names("weights", weights or {}, PARTS)
    for part, weight in (weights or {}).items():
        name, weight = f"weights[{part!r}]", number(weight)
        if isinstance(weight, NUMBERS) or not hasattr(weight, "shape"):
            check_number(name, weight, 0.0, float("inf"), closed="low")
        elif tuple(weight.shape) != ():  # an array's value may not be known yet
            raise ValueError(f"{name} should have shape (), got {tuple(weight.shape)}")
    ATTRIBUTES.check(relatedness, dm, sca)


def coupled(
    class_logits: Array,
    attribute_logits: Array,
    class_labels: Array,
    attribute_labels: Array,
    relatedness: Relatedness,
    *,
    weights: Mapping[str, Any] | None = None,
    dm: Mapping[str, Any] | None = None,
    sca: Mapping[str, Any] | None = None,
    sample_weight: Array | Mapping[str, Array] | None = None,
    normalizer: Normalizers = None,
    xp: Namespace | None = None,
) -> CoupledTerms:
    r"""Return the four losses of a network that is trained on both tasks, and their weighted sum.

    .. math:: \mathcal{L} = \lambda_1 \mathcal{L}_{classes} + \lambda_2 \mathcal{L}_{attributes}
              + \lambda_3 \mathcal{L}_{DM} + \lambda_4 \mathcal{L}_{SCA}

    Args:
        class_logits: (B, C), real floating.
        attribute_logits: (B, A), real floating.
        class_labels: (B,) integers, the class of each sample; negative means missing.
        attribute_labels: (B, A), real: a value in [0, 1] is a label, hard or soft; any other (NaN, -1, 999)
            is missing.
        relatedness: of C classes and A attributes.
        weights: the factors λ by the names "classes", "attributes", "distribution_matching" and
            "soft_co_annotation", at least 0; 1 each by default. A part whose weight is 0 is not computed.
        dm: "divergence", "matching", "attribute_mask", "eps" and "detach", as of `distribution_matching`.
        sca: "divergence", "soft_label", "temperature", "empty_row", "prior" and "detach", as of
            `soft_co_annotation`, and "source": "labels", "predictions" (the predicted attributes, held fixed,
            of all samples) or "both" (the labels that are there, predictions for the rest).
        sample_weight: (B,), at least 0, what each sample counts, or a mapping of such by the names of the
            parts; 1 by default.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, or a
            mapping of such by the names of the parts; the identity by default.
        xp: the arrays' namespace, found from them by default.

    Returns:
        CoupledTerms of scalars: ``total`` weighted, the parts unweighted.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, and for a label of C or more where values can be read.

    Example:
        >>> import numpy as np
        >>> from coupling.knowledge import du2014
        >>> nothing = np.full((1, 17), np.nan)
        >>> terms = coupled(np.zeros((1, 7)), np.zeros((1, 17)), np.array([0]), nothing, du2014())
        >>> float(terms.classes.round(4)), float(terms.attributes)  # log 7; no attribute is annotated
        (1.9459, 0.0)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    check_coupled(relatedness, weights=weights, dm=dm, sca=sca)
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "A": len(relatedness.attributes)},
        class_logits=(class_logits, "BC", FLOATING),
        attribute_logits=(attribute_logits, "BA", FLOATING),
        class_labels=(class_labels, "B", INTEGRAL),
        attribute_labels=(attribute_labels, "BA", LABELS),
    )
    check_labels("class_labels", class_labels, "C", len(relatedness.classes), xp)
    class_logits, attribute_logits = widened(class_logits, xp), widened(attribute_logits, xp)
    for part, weight in (weights or {}).items():
        check_library(xp, class_logits, **{f"weights[{part!r}]": weight})
    losses: dict[str, Callable[..., Array]] = {
        "classes": partial(class_cross_entropy, class_logits, class_labels),
        "attributes": partial(attribute_binary_cross_entropy, attribute_logits, attribute_labels),
        **ATTRIBUTES.losses(class_logits, attribute_logits, attribute_labels, relatedness, dm, sca, xp),
    }
    zero = constant(0.0, class_logits, dtype=compute_dtype((class_logits, attribute_logits), xp), xp=xp)
    total, parts = weighted_sum(losses, weights or {}, sample_weight, normalizer, zero=zero, xp=xp)
    return CoupledTerms(total, **parts)


def directed(class_labelled: int, attribute_labelled: int) -> dict[str, dict[str, Any]]:
    """Return the options of `coupled` that let the task with many labels teach the one with few.

    Each coupling loss sends gradient to one head only, with a weight that follows how scarce that head's
    labels are: with r = attribute_labelled / (class_labelled + attribute_labelled), the class head learns
    from the posterior of the attributes (labels where they are there, predictions elsewhere) with weight
    0.3 r, the attribute head from expectation matching with weight 0.3 (1 - r).

    Args:
        class_labelled: how many samples have a class label, at least 0.
        attribute_labelled: how many samples have attribute labels, at least 0; not both may be 0.

    Returns:
        ``weights``, ``dm`` and ``sca``, to be passed on: ``coupled(..., **directed(20, 600))``.

    Raises:
        TypeError: where a count is no integer.
        ValueError: where a count is negative or both are 0.

    Example:
        >>> directed(200, 600)["weights"]["distribution_matching"]  # 0.3 (1 - 600 / 800)
        0.075

    References:
        No paper: measured in this project's benchmarks, on the losses of Kollias, Sharmanska and Zafeiriou.
    """
    ratio = _attribute_share(class_labelled, attribute_labelled)
    return {
        "weights": {
            "distribution_matching": PRESET_WEIGHT * (1 - ratio),
            "soft_co_annotation": PRESET_WEIGHT * ratio,
        },
        "dm": {"matching": "class_mean", "detach": "classes", "eps": PRESET_EPS},
        "sca": {"soft_label": "posterior", "divergence": "distillation", "source": "both"},
    }


def task_weights(class_labelled: int, attribute_labelled: int) -> dict[str, float]:
    r"""Return weights of the two task losses by which each labelled sample counts alike, of mean 1.

    .. math:: \lambda_1 = 2 n / (n + m), \quad \lambda_2 = 2 m / (n + m)

    for n samples with a class label and m with attribute labels. A task loss is a mean over the samples that
    have its labels: at equal weights a network learns a few of these by heart, at the cost of the other task.

    Args:
        class_labelled: n, how many samples have a class label, at least 0.
        attribute_labelled: m, how many samples have attribute labels, at least 0; not both may be 0.

    Returns:
        The factors of "classes" and "attributes", to stand among the ``weights`` of `coupled`.

    Raises:
        TypeError: where a count is no integer.
        ValueError: where a count is negative or both are 0.

    Example:
        >>> task_weights(200, 600)
        {'classes': 0.5, 'attributes': 1.5}
        >>> options = directed(200, 600)
        >>> options["weights"] |= task_weights(200, 600)  # coupled(..., **options)

    References:
        No paper: measured in this project's benchmarks.
    """
    ratio = _attribute_share(class_labelled, attribute_labelled)
    return {"classes": 2 * (1 - ratio), "attributes": 2 * ratio}


def _attribute_share(class_labelled: int, attribute_labelled: int) -> float:
    """Return the share of the attributes among all labelled samples."""
    check_count("class_labelled", class_labelled)
    check_count("attribute_labelled", attribute_labelled)
    if class_labelled + attribute_labelled == 0:
        raise ValueError("class_labelled + attribute_labelled should be above 0, got 0")
    return int(attribute_labelled) / (int(class_labelled) + int(attribute_labelled))
