"""Counting: how often each attribute is labelled, and how often it is there, in each class.

Hard labels are digits in base 3 (missing, absent, present). Five attributes make one number below 243, so
that one histogram over classes and such numbers counts five attributes at once. Soft labels and weighted
samples are added up exactly, attribute by attribute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coupling import _exact
from coupling._exact import Floats, Limbs

Array = npt.NDArray[Any]
Block = Callable[[int, int], Sequence[Array]]
"""From the first row and the one after the last to the labels in between: pieces (rows, some columns)."""

BASE, DIGITS = 3, 5
BINS = 2**15  # a histogram of this size stays in a core's cache
CELLS = 2**21  # the labels of one step
CELLS_FOR_THREADS = 2**23


class Tally(NamedTuple):
    """Exact sums (3, C, A): of the labels that say present, and of all that are there."""

    positive: Limbs
    support: Limbs


def tally(
    codes: npt.NDArray[np.intp], block: Block, attributes: int, classes: int, weight: Floats | None
) -> Tally:
    """Count the labels of `attributes` columns in each of `classes`; a negative code belongs to none."""
    rows = len(codes)
    threads = min(os.cpu_count() or 1, 8) if rows * attributes >= CELLS_FOR_THREADS else 1
    bounds = np.linspace(0, rows, threads + 1).astype(int).tolist()

    def part(start: int, stop: int) -> Tally:
        return _tally_rows(codes, block, attributes, classes, weight, start, stop)

    if threads == 1:
        return part(0, rows)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(part, bounds[:-1], bounds[1:]))
    return Tally(*(np.sum(sums, axis=0) for sums in zip(*parts, strict=True)))


def _tally_rows(
    codes: npt.NDArray[np.intp],
    block: Block,
    attributes: int,
    classes: int,
    weight: Floats | None,
    first: int,
    last: int,
) -> Tally:
    sums = Tally(_exact.zeros(classes + 1, attributes), _exact.zeros(classes + 1, attributes))
    histograms = _Histograms(attributes, classes + 1)
    step = max(CELLS // attributes, 1)
    for start in range(first, last, step):
        stop = min(start + step, last)
        code = np.where(codes[start:stop] < 0, classes, codes[start:stop])  # the row after the last class
        digits: list[npt.NDArray[np.uint8]] = []
        for piece in block(start, stop):
            own = _digits(piece)
            exact = np.ones(piece.shape[1], bool) if weight is not None else _soft(piece)
            for column in np.flatnonzero(exact).tolist():
                share = None if weight is None else weight[start:stop]
                _add(sums, len(digits) + column, code, piece[:, column].astype(np.float64), share)
                own[:, column] = 0
            digits.extend(np.ascontiguousarray(own.T))
        if weight is None:
            histograms.add(code, digits)
    positive, support = histograms.counts()
    sums.positive[0] += positive
    sums.support[0] += support
    return Tally(*(own[:, :classes] for own in sums))


def _digits(labels: Array) -> npt.NDArray[np.uint8]:
    """Return 0 where a label is missing (or soft), 1 for absent, 2 for present."""
    digits: npt.NDArray[np.uint8] = (labels == 1).view(np.uint8)
    digits += digits  # in place: three passes over memory fewer
    digits |= (labels == 0).view(np.uint8)
    return digits


def _soft(labels: Array) -> npt.NDArray[np.bool_]:
    """Tell which columns have a label between 0 and 1."""
    columns: npt.NDArray[np.bool_] = np.zeros(labels.shape[1], bool)
    if labels.dtype.kind == "f":
        between = (labels > 0) & (labels < 1)
        if between.any():  # a look at all of them is quicker than one by column
            np.any(between, axis=0, out=columns)
    return columns


def _add(sums: Tally, column: int, code: npt.NDArray[np.intp], labels: Floats, weight: Floats | None) -> None:
    """Add one column's labels, each with its sample's weight, to the exact sums."""
    there = (labels >= 0) & (labels <= 1)
    code, labels = code[there], labels[there]
    share = np.ones(len(labels)) if weight is None else weight[there]
    for own, numbers in ((sums.positive, share * labels), (sums.support, share)):
        for limb, values in enumerate(_exact.split(numbers)):
            own[limb, :, column] += np.bincount(code, values, minlength=own.shape[1]).astype(np.int64)


class _Histograms:
    """How often each class meets each number, for groups of attributes that share one."""

    def __init__(self, attributes: int, classes: int) -> None:
        digits = DIGITS
        while digits > 1 and classes * BASE**digits > BINS:
            digits -= 1
        self.attributes, self.classes, self.digits = attributes, classes, digits
        groups = -(-attributes // digits)
        self.bins = np.zeros((groups, classes * BASE**digits), np.int64)

    def add(self, code: npt.NDArray[np.intp], digits: Sequence[npt.NDArray[np.uint8]]) -> None:
        offset = code * BASE**self.digits
        for group, bins in enumerate(self.bins):
            first, *others = digits[group * self.digits : (group + 1) * self.digits]
            number = first
            for digit in others:
                number = number * np.uint8(BASE) + digit
            bins += np.bincount(offset + number, minlength=len(bins))

    def counts(self) -> tuple[Limbs, Limbs]:
        """Return the numbers of labels that say present, and of all that are there, (C, A)."""
        positive = np.zeros((self.classes, self.attributes), np.int64)
        support = np.zeros_like(positive)
        for column in range(self.attributes):
            group, place = divmod(column, self.digits)
            size = min(self.digits, self.attributes - group * self.digits)
            after = BASE ** (size - 1 - place)  # the first attribute of a group is the most significant digit
            digits = self.bins[group].reshape(self.classes, -1, BASE, after).sum(axis=(1, 3))
            positive[:, column] = digits[:, 2]
            support[:, column] = digits[:, 1] + digits[:, 2]
        return positive, support
