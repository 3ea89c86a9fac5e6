"""Samples that are near copies of each other, such as the frames of one video."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from coupling import _tables
from coupling._check import check_shapes
from coupling._exact import Floats

Pair = tuple[Any, Any]


class GroupShares:
    """Weights with which a group counts once in every class that it shows.

    Each sample's weight is divided by the sum of the weights of all samples of its group and class, so
    samples are read twice: `update` adds up those sums, batch by batch, then `weights` divides.

    Example:
        >>> shares = GroupShares()
        >>> shares.update(["a", "a", "b"], [0, 0, 0])
        >>> shares.update(["a", "b"], [0, 1])
        >>> shares.weights(["a", "b"], [0, 1])
        array([0.33333333, 1.        ])
    """

    def __init__(self) -> None:
        self._sums: Counter[Pair] = Counter()

    def __len__(self) -> int:
        """Return how many pairs of a group and a class there are."""
        return len(self._sums)

    def update(self, groups: Any, class_labels: Any, sample_weight: Any = None) -> None:
        """Add up the weights of some more samples.

        Args:
            groups: (B,), integers or names.
            class_labels: (B,), integers (negative means missing) or names.
            sample_weight: (B,), at least 0; 1 by default.

        Raises:
            TypeError: where an argument is of the wrong type.
            ValueError: for shapes that do not fit, a negative weight, or a sample without a group.
        """
        pairs, inverse, weight = _pairs(groups, class_labels, sample_weight)
        sums = np.bincount(inverse, weight, minlength=len(pairs))
        self._sums.update(dict(zip(pairs, sums.tolist(), strict=True)))

    def merge(self, other: GroupShares) -> None:
        """Add the sums of `other`."""
        self._sums.update(other._sums)

    def weights(self, groups: Any, class_labels: Any, sample_weight: Any = None) -> Floats:
        """Return the weight of each sample, (B,), all of which `update` has seen."""
        pairs, inverse, weight = _pairs(groups, class_labels, sample_weight)
        sums = np.array([self._sums[pair] for pair in pairs], np.float64)
        share: Floats = weight / np.where(sums > 0, sums, 1.0)[inverse]
        return share


def _pairs(
    groups: Any, class_labels: Any, sample_weight: Any
) -> tuple[list[Pair], npt.NDArray[np.intp], Floats]:
    """Return the pairs of group and class that occur, which one each sample has, and its weight."""
    codes = _tables.codes(class_labels, None)
    rows = len(codes.numbers)
    values = _tables.series("groups", groups)
    check_shapes({"B": rows}, groups=(values, "B"))
    weight = np.ones(rows) if sample_weight is None else _tables.weights(sample_weight, rows)
    numbers, names = _tables.factorised(values)
    if (numbers < 0).any():
        raise ValueError(f"groups should have one for each sample, got {values[numbers < 0].tolist()[0]!r}")
    classes = int(codes.numbers.max(initial=-1)) + 2
    distinct, inverse = np.unique(numbers * classes + codes.numbers + 1, return_inverse=True)
    pairs = []
    for pair in distinct.tolist():
        group, code = divmod(pair, classes)
        label = code - 1 if codes.names is None or code == 0 else codes.names[code - 1]
        pairs.append((names[group], label))
    return pairs, inverse, weight
