"""Means over more than one batch: sums of this one become averages over all devices, or micro-batches.

A normalizer turns a sum over this batch into the average of such sums. With it in the denominator, the
average of the losses is the loss of all batches together; so it is with gradients, where the normalizer can
be differentiated. It may bring ``maximum(x)``, the largest x of all devices, held fixed, by which weights
that are exponentials are scaled; without it they are taken as they are, those next to nothing as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import log
from typing import Any, NamedTuple, Union

from coupling._check import NUMBERS, check_names
from coupling._namespace import Array, Namespace, constant, describe_type
from coupling._numeric import Sum, peak

Normalizer = Union[Callable[[Array], Array], "Composed"]
Normalizers = Normalizer | Mapping[str, Normalizer] | None
"""One for all terms of a sum, or a mapping of such by their names."""


class Composed(NamedTuple):
    """A normalizer that follows another one: averages over devices of those over micro-batches."""

    first: Normalizer
    second: Normalizer


def check_normalizer(normalizer: object, reduction: str = "mean", *, name: str = "normalizer") -> None:
    """Check that the argument is a function or None; only a mean has use for one."""
    if not (normalizer is None or callable(normalizer) or isinstance(normalizer, Composed)):
        raise TypeError(f"{name} should be a function or None, got {describe_type(normalizer)}")
    check_mean(name, normalizer, reduction)


def check_mean(name: str, given: object, reduction: str) -> None:
    """Check that an option that changes means is not given for another reduction."""
    if given is not None and given is not False and reduction != "mean":
        raise ValueError(f"{name} is not taken with reduction={reduction!r}, got {given!r}")


def by_term(normalizer: Normalizers, terms: Iterable[str]) -> Mapping[str, Normalizer | None]:
    """Return the normalizer of each term."""
    if not isinstance(normalizer, Mapping):
        check_normalizer(normalizer)
        return dict.fromkeys(terms, normalizer)
    check_names("normalizer", normalizer, terms)
    for term in normalizer:
        check_normalizer(normalizer[term], name=f"normalizer[{term!r}]")
    return {term: normalizer.get(term) for term in terms}


def average(x: Array, normalizer: Normalizer | None, xp: Namespace) -> Array:
    """Return what the normalizer makes of `x`, in its dtype; a number where it should be one is fine."""
    if normalizer is None:
        return x
    if isinstance(normalizer, Composed):
        return average(average(x, normalizer.first, xp), normalizer.second, xp)
    y: Any = normalizer(x)
    if isinstance(y, NUMBERS):
        y = constant(y, x, dtype=x.dtype, xp=xp)
    if len(getattr(y, "shape", "?")) != len(x.shape):
        raise ValueError(
            f"normalizer should return an array of the shape that it is given, {tuple(x.shape)}, "
            f"got {tuple(y.shape) if hasattr(y, 'shape') else describe_type(y)}"
        )
    return xp.astype(y, x.dtype)


def exponentials(
    x: Sum, *, where: Array, normalizer: Normalizer | None, xp: Namespace
) -> tuple[Array, Array]:
    """Return exp(x - top), 0 where `where` does not hold, and top, the largest of all devices (axis 0)."""
    largest = peak(x.large, axis=0, where=where, xp=xp)
    maximum = getattr(normalizer, "maximum", None)
    if normalizer is None:
        top = largest
    elif maximum is not None:
        top = maximum(xp.where(xp.any(where, axis=0, keepdims=True), largest, -float("inf")))
        top = xp.where(top == -float("inf"), 0.0, top)
    else:  # what is divided by must not be so small that a gradient of the quotient overflows
        top = xp.where(largest == largest, 0.0, largest)
        where = where & (x.large > 0.25 * log(float(xp.finfo(x.large.dtype).smallest_normal)))
    shifted = xp.where(where, (x.large - top) + x.small, 0.0)
    return xp.where(where, xp.exp(shifted), 0.0), top


def compose(first: Normalizers, second: Normalizer) -> Normalizers:
    """Return `first`, as users pass it, followed by `second`."""
    if first is None:
        return second
    if isinstance(first, Mapping):
        return Each(first, second)
    check_normalizer(first)
    return Composed(first, second)


class Each(Mapping[str, Normalizer]):
    """A normalizer that follows those of some terms, and stands alone for all others."""

    def __init__(self, first: Mapping[str, Normalizer], second: Normalizer) -> None:
        self.first, self.second = first, second

    def __getitem__(self, term: str) -> Normalizer:
        first = self.first.get(term)
        return self.second if first is None else Composed(first, self.second)

    def __iter__(self) -> Iterator[str]:
        return iter(self.first)

    def __len__(self) -> int:
        return len(self.first)
