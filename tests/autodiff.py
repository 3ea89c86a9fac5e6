"""Numbers of fifty digits that remember how they were made, so that the oracle can be differentiated.

Reverse mode: every operation keeps its operands with the local derivatives. No framework takes part.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple, Union

import mpmath
import numpy as np

mpmath.mp.dps = 50

Real = Union["Number", mpmath.mpf, float]
Row = Sequence[Real]
Matrix = Sequence[Row]
Loss = Callable[..., "Number | Sequence[Number]"]

_creation = count()


class Number:
    """A value, and its derivatives with respect to the numbers that it was made from."""

    __slots__ = ("order", "parents", "value")

    def __init__(self, value: mpmath.mpf | float, *parents: tuple["Number", mpmath.mpf]) -> None:
        self.value = mpmath.mpf(value)
        self.parents = parents
        self.order = next(_creation)

    def __add__(self, other: Real) -> "Number":
        other = number(other)
        return Number(self.value + other.value, (self, 1), (other, 1))

    def __sub__(self, other: Real) -> "Number":
        return self + -1 * number(other)

    def __neg__(self) -> "Number":
        return -1 * self

    def __mul__(self, other: Real) -> "Number":
        other = number(other)
        return Number(self.value * other.value, (self, other.value), (other, self.value))

    def __truediv__(self, other: Real) -> "Number":
        other = number(other)
        ratio = self.value / other.value
        return Number(ratio, (self, 1 / other.value), (other, -ratio / other.value))

    def __rsub__(self, other: Real) -> "Number":
        return number(other) - self

    def __rtruediv__(self, other: Real) -> "Number":
        return number(other) / self

    __radd__ = __add__
    __rmul__ = __mul__


def number(x: Real) -> Number:
    return x if isinstance(x, Number) else Number(x)


def exp(x: Real) -> Number:
    x = number(x)
    value = mpmath.exp(x.value)
    return Number(value, (x, value))


def log(x: Real) -> Number:
    x = number(x)
    return Number(mpmath.log(x.value), (x, 1 / x.value))


def total(terms: Iterable[Real]) -> Number:
    return sum(terms, start=Number(0))


def fixed(x: Real) -> Number:
    """The same value, on which nothing depends."""
    return Number(number(x).value)


def gradient(output: Number, inputs: Sequence[Number]) -> list[mpmath.mpf]:
    """The derivatives of ``output``: the chain rule, from the last operation to the first."""
    slopes = {output: mpmath.mpf(1)}
    for node in sorted(_ancestors(output), key=lambda node: node.order, reverse=True):
        for parent, local in node.parents:
            slopes[parent] = slopes.get(parent, 0) + slopes[node] * local
    return [mpmath.mpf(slopes.get(x, 0)) for x in inputs]


def _ancestors(output: Number) -> set[Number]:
    found, pending = {output}, [output]
    while pending:
        new = {parent for parent, _ in pending.pop().parents} - found
        found |= new
        pending.extend(new)
    return found


class Outcome(NamedTuple):
    """The values of a loss, and the gradient of their sum (or of the total) by each of the logits."""

    value: np.ndarray
    gradients: dict[str, np.ndarray]


def evaluate(loss: Loss, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any]) -> Outcome:
    """``loss(**arrays, **options)``, called with lists: of numbers for the logits, else of scalars."""
    logits = {name: numbers(x) for name, x in arrays.items() if name.endswith("_logits")}
    scalars = {name: x.tolist() for name, x in arrays.items()}
    result = loss(**(scalars | logits), **options)
    if isinstance(result, Number):
        value, output = result.value, result
    else:
        value = [x.value for x in result]
        output = getattr(result, "total", None) or total(result)
    slopes = {name: gradient(output, [x for row in rows for x in row]) for name, rows in logits.items()}
    return Outcome(
        np.asarray(value, np.float64),
        {name: np.asarray(x, np.float64).reshape(arrays[name].shape) for name, x in slopes.items()},
    )


def numbers(matrix: np.ndarray) -> list[list[Number]]:
    return [[Number(x) for x in row] for row in matrix.tolist()]


def fixed_matrix(matrix: Matrix) -> list[list[Number]]:
    return [[fixed(x) for x in row] for row in matrix]
