"""Relatedness from tables and from annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from coupling._check import check_number

Floats = npt.NDArray[np.float64]


def table_weights(
    prototypical: Mapping[str, Iterable[str]], observational: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], float]:
    """Return the weight of each pair of class and attribute that a table lists."""
    pairs: list[tuple[str, str, float]] = []
    for name, attributes in prototypical.items():
        pairs += [(name, attribute, 1.0) for attribute in attributes]
    for name, weighted in observational.items():
        pairs += [(name, attribute, weight) for attribute, weight in weighted.items()]
    weights: dict[tuple[str, str], float] = {}
    for name, attribute, weight in pairs:
        if (name, attribute) in weights:
            raise ValueError(f"a table should list each pair once, got {name!r} with {attribute!r} twice")
        check_number(f"observational[{name!r}][{attribute!r}]", weight, 0.0, float("inf"))
        weights[name, attribute] = weight
    return weights


def count(
    class_labels: npt.ArrayLike,
    attribute_labels: npt.ArrayLike,
    classes: int | None,
    sample_weight: npt.ArrayLike | None,
) -> tuple[Floats, Floats]:
    """Return n and N, both (C, A): the samples with class and attribute, and those with class and label."""
    labels, values = np.asarray(class_labels), np.asarray(attribute_labels)
    if labels.dtype.kind not in "iu" and labels.size:
        raise TypeError(f"class_labels should be integers, got dtype {labels.dtype}")
    if values.dtype.kind not in "biuf":
        raise TypeError(f"attribute_labels should be numbers, got dtype {values.dtype}")
    if labels.ndim != 1:
        raise ValueError(f"class_labels should have shape (B,), got {labels.shape}")
    if values.ndim != 2 or len(values) != len(labels):
        raise ValueError(
            f"attribute_labels should have shape (B, A) with B = {len(labels)}, got {values.shape}"
        )
    weight = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight)
    if weight.shape != labels.shape:
        raise ValueError(f"sample_weight should have shape (B,) with B = {len(labels)}, got {weight.shape}")
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise ValueError(f"sample_weight should be finite and at least 0, got {weight.min()}")
    size = int(labels.max(initial=-1)) + 1
    if classes is None and size < 1:
        raise ValueError("class_labels should have at least one label where classes are not named, got none")
    if classes is not None and size > classes:
        raise ValueError(f"class_labels should be below C = {classes}, got {size - 1}")

    labelled = labels >= 0
    labels, values, weight = labels[labelled].astype(np.intp), values[labelled], weight[labelled]
    positive = np.zeros((classes or size, values.shape[1]))
    total = np.zeros_like(positive)
    for column in range(values.shape[1]):  # one column at a time: memory stays that of the labels
        value = values[:, column].astype(np.float64)
        there = (value >= 0) & (value <= 1)
        row, seen = labels[there], weight[there]
        positive[:, column] = np.bincount(row, weights=seen * value[there], minlength=len(positive))
        total[:, column] = np.bincount(row, weights=seen, minlength=len(total))
    return positive, total


def rates(positive: Floats, total: Floats, smoothing: float) -> tuple[Floats, npt.NDArray[Any]]:
    """Return K = (n + s b) / (N + s), b where N + s = 0, and which classes have any label."""
    labels = total.sum(axis=0)
    base = positive.sum(axis=0) / np.where(labels > 0, labels, 1.0)
    support = total + smoothing
    smoothed = (positive + smoothing * base) / np.where(support > 0, support, 1.0)
    conditional = np.where(support > 0, smoothed, base)
    return np.minimum(conditional, 1.0), total.sum(axis=1) > 0  # a weighted ratio may round to just above 1
