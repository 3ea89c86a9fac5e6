"""What a relatedness and the labels at hand let one expect of coupling, before anything is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from coupling import _findings, _flatness, _tables
from coupling._check import check_number, check_shapes
from coupling._fields import Matrix
from coupling._flatness import Vector
from coupling._relatedness import Relatedness
from coupling.losses._common import check_relatedness
from coupling.losses._coupled import directed

SHARP = 0.9
"""What the largest soft label should reach, and the share of an attribute that a class should determine."""
FLAT = 0.5
"""Below this the largest soft label says little."""
DECIMALS = 12
"""Rows that agree to so many decimals are the same row, rounded."""


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found: data, and in words by ``str()``, one finding a line, the most important first.

    What is by class or by attribute is in the order of `classes` and `attributes`. What is about the labels
    is None where they were not given.

    Attributes:
        classes: the C names of the classes.
        attributes: the A names of the attributes.
        temperature: of equation 5.
        unknown_classes: those about which nothing is known; what follows leaves them out.
        empty_classes: those without any attribute.
        empty_attributes: those that no class relates to.
        same_conditional: groups of classes whose rows of K are equal.
        same_weights: groups of classes whose rows of W are proportional, the same to equation 4.
        hardened: how many pairs have K = 1 but a weight below 1, where K has no value between 0 and 1.
        fullest_classes: those with the largest sum of K, which equation 3 as printed favours.
        fullest_complete: do these have every attribute that any class has.
        soft_labels: q of each class where its own attributes are on and all others off; 0 if it is unknown.
        largest_soft_label: the largest q found, over those and over labels of one attribute on, one off.
        soft_label_bound: no labels of any relatedness with so many classes give a larger q.
        sharp_temperature: where that bound is 0.9; None for a single class.
        information: what the class says about each attribute, in bits.
        determined: the same as a share of the attribute's entropy; None for one that never varies.
        determination: the same over all attributes; None where none varies.
        class_label_counts: the samples of each class.
        attribute_label_counts: the samples with a label of each attribute.
        class_labelled: the samples with a class label.
        attribute_labelled: the samples with a label of any attribute.
        both_labelled: the samples with both.
    """

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    temperature: float
    unknown_classes: tuple[str, ...]
    empty_classes: tuple[str, ...]
    empty_attributes: tuple[str, ...]
    same_conditional: tuple[tuple[str, ...], ...]
    same_weights: tuple[tuple[str, ...], ...]
    hardened: int
    fullest_classes: tuple[str, ...]
    fullest_complete: bool
    soft_labels: tuple[float, ...]
    largest_soft_label: float
    soft_label_bound: float
    sharp_temperature: float | None
    information: tuple[float, ...]
    determined: tuple[float | None, ...]
    determination: float | None
    class_label_counts: tuple[int, ...] | None = None
    attribute_label_counts: tuple[int, ...] | None = None
    class_labelled: int | None = None
    attribute_labelled: int | None = None
    both_labelled: int | None = None

    @property
    def matching(self) -> str:
        """The `matching` of distribution matching that fits: do classes determine their attributes."""
        determines = self.determination is not None and self.determination >= SHARP and not self.hardened
        return "sample" if determines else "class_mean"

    @property
    def soft_label(self) -> str:
        """The `soft_label` of co-annotation that fits: is equation 5 flat at this temperature."""
        return "posterior" if self.largest_soft_label < FLAT else "indicator"

    @property
    def preset(self) -> dict[str, dict[str, Any]] | None:
        """`directed` of the label counts, to be passed on as ``**preset``; None without both counts."""
        if not (self.class_labelled or self.attribute_labelled):
            return None
        if self.class_labelled is None or self.attribute_labelled is None:
            return None
        return directed(self.class_labelled, self.attribute_labelled)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as lists, strings, numbers, booleans and None."""
        data = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return data | {"matching": self.matching, "soft_label": self.soft_label, "preset": self.preset}

    def __str__(self) -> str:
        return "\n".join(_findings.findings(self))


def diagnose(
    relatedness: Relatedness,
    class_labels: Any = None,
    attribute_labels: Any = None,
    *,
    temperature: float = 1.0,
) -> Diagnosis:
    r"""Return what can be said of coupling by this relatedness before anything is trained.

    .. math:: I(c; a_i) = H\!\left(\sum_c \rho_c K_{ci}\right) - \sum_c \rho_c H(K_{ci}), \qquad
              q_c \le \frac{e^{1/T}}{e^{1/T} + C - 1}

    with H the entropy of an attribute in bits, ρ the classes' shares (those of the class labels, else equal)
    and q the soft labels of equation 5 over the C known classes.

    Args:
        relatedness: of C classes and A attributes.
        class_labels: (B,), as of `Relatedness.from_annotations`.
        attribute_labels: (B, A), as of `Relatedness.from_annotations`.
        temperature: T above 0, of equation 5.

    Raises:
        TypeError: where an argument is of the wrong type or dtype.
        ValueError: for shapes that do not fit, or a class label of C or more.

    Example:
        >>> from coupling.knowledge import du2014
        >>> found = diagnose(du2014())
        >>> found.empty_classes, round(found.soft_label_bound, 2), round(found.sharp_temperature, 2)
        (('neutral',), 0.31, 0.25)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 3 to 6.
    """
    check_relatedness(relatedness)
    return of_counts(relatedness, count(relatedness, class_labels, attribute_labels), temperature=temperature)


def of_counts(relatedness: Relatedness, labels: dict[str, Any], *, temperature: float) -> Diagnosis:
    """Return the diagnosis of a relatedness and of labels that `count` has counted."""
    check_number("temperature", temperature, 0.0, float("inf"))
    known = relatedness.known
    names = tuple(name for name, there in zip(relatedness.classes, known, strict=True) if there)
    k, w = (np.asarray(own, float)[known] for own in (relatedness.conditional, relatedness.weights))

    soft_labels = np.zeros(len(known))
    soft_labels[known] = _flatness.soft_labels(w, temperature)
    information, entropy = _information(k, _shares(labels.get("class_label_counts"), known))
    varies = entropy > 0
    shares = np.minimum(information / np.where(varies, entropy, 1.0), 1.0)
    largest = k.sum(axis=1).max(initial=0.0)
    fullest = np.isclose(k.sum(axis=1), largest) & (largest > 0)
    between = ((k > 0) & (k < 1)).any()
    return Diagnosis(
        classes=relatedness.classes,
        attributes=relatedness.attributes,
        temperature=float(temperature),
        unknown_classes=_chosen(relatedness.classes, ~known),
        empty_classes=_chosen(names, (k > 0).sum(axis=1) == 0),
        empty_attributes=_chosen(relatedness.attributes, (k > 0).sum(axis=0) == 0),
        same_conditional=_groups(k, names),
        same_weights=_groups(_flatness.normalised(w), names),
        hardened=0 if between else int(((k == 1) & (w > 0) & (w < 1)).sum()),
        fullest_classes=_chosen(names, fullest),
        fullest_complete=bool((k[fullest][:, (k > 0).any(axis=0)] == 1).all()) and bool(fullest.any()),
        soft_labels=tuple(soft_labels.tolist()),
        largest_soft_label=max(*soft_labels.tolist(), _flatness.few_labels(w, temperature)),
        soft_label_bound=_flatness.limit(1, len(names), temperature),
        sharp_temperature=1 / math.log(SHARP / (1 - SHARP) * (len(names) - 1)) if len(names) > 1 else None,
        information=tuple(information.tolist()),
        determined=tuple(
            share if there else None for share, there in zip(shares.tolist(), varies.tolist(), strict=True)
        ),
        determination=float(min(information.sum() / entropy.sum(), 1.0)) if varies.any() else None,
        **labels,
    )


def count(relatedness: Relatedness, class_labels: Any, attribute_labels: Any) -> dict[str, Any]:
    """Return the fields of a diagnosis that count labels."""
    if class_labels is None and attribute_labels is None:
        return {}
    labels = None if class_labels is None else _tables.codes(class_labels, relatedness.classes).numbers
    columns = None if attribute_labels is None else _tables.columns(attribute_labels, relatedness.attributes)
    sizes = {"A": len(relatedness.attributes)}
    check_shapes(sizes, class_labels=(labels, "B"), attribute_labels=(columns, "BA"))
    counts: dict[str, Any] = {}
    if labels is not None:
        chosen = labels[labels >= 0]
        counts["class_label_counts"] = tuple(np.bincount(chosen, minlength=len(relatedness.classes)).tolist())
        counts["class_labelled"] = len(chosen)
    if columns is not None:
        there = np.hstack([(piece >= 0) & (piece <= 1) for piece in columns.block(0, columns.shape[0])])
        counts["attribute_label_counts"] = tuple(there.sum(axis=0).tolist())
        counts["attribute_labelled"] = int(there.any(axis=1).sum())
        if labels is not None:
            counts["both_labelled"] = int((there.any(axis=1) & (labels >= 0)).sum())
    return counts


def added(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return the counts of the samples of both, which have the same kinds of labels."""
    return {
        name: tuple(map(sum, zip(own, second[name], strict=True)))
        if isinstance(own, tuple)
        else own + second[name]
        for name, own in first.items()
    }


def _shares(counts: tuple[int, ...] | None, known: npt.NDArray[np.bool_]) -> Vector:
    """Return what share of the samples each known class has; equal ones where there is no sample of any."""
    number = np.ones(len(known)) if counts is None else np.asarray(counts, np.float64)
    number = number[known]
    if not number.any():
        number = np.ones(len(number))
    return np.divide(number, max(number.sum(), 1.0))


def _entropy(p: Matrix | Vector) -> Any:
    """Return the entropy of a binary attribute in bits; 0 also where only rounding keeps p from 0 or 1."""
    inside = (np.round(p, DECIMALS) > 0) & (np.round(p, DECIMALS) < 1)
    p = np.where(inside, p, 0.5)
    return np.where(inside, -(p * np.log2(p) + (1 - p) * np.log2(1 - p)), 0.0)


def _information(conditional: Matrix, share: Vector) -> tuple[Vector, Vector]:
    """Return the mutual information of the class with each attribute, and each attribute's entropy."""
    entropy = _entropy(share @ conditional)
    return np.maximum(entropy - share @ _entropy(conditional), 0.0), entropy


def _groups(rows: Matrix, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the names of equal rows, by groups of two and more."""
    _, inverse = np.unique(np.round(rows, DECIMALS), axis=0, return_inverse=True)
    members: dict[int, list[str]] = {}
    for name, group in zip(names, inverse.ravel().tolist(), strict=True):
        members.setdefault(group, []).append(name)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


def _chosen(names: tuple[str, ...], where: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, there in zip(names, where.tolist(), strict=True) if there)


def _plain(value: Any) -> Any:
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value
