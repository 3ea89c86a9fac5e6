"""Marks on a face: filled outlines, strokes that taper, and soft shades."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float64]
"""(n, 2), x to the right and y down; the head spans about -1 to 1 in y."""

Colour: TypeAlias = tuple[float, float, float]

STEPS = 5
"""Points drawn from one point given to the next."""


class Mark(NamedTuple):
    """A filled polygon, `depth` before the surface of the head.

    Its ink is a colour, or a number: by what fraction it lightens (or darkens) softly what is below.
    """

    points: Points
    ink: Colour | float
    depth: float = 0.0


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; `share` is the other's."""
    share = min(max(share, 0.0), 1.0)
    return (
        one[0] + share * (other[0] - one[0]),
        one[1] + share * (other[1] - one[1]),
        one[2] + share * (other[2] - one[2]),
    )


def fill(points: Sequence[Sequence[float]] | Points, ink: Colour | float, depth: float = 0.0) -> Mark:
    """Fill the smooth closed curve through points."""
    return Mark(smooth(points, closed=True), ink, depth)


def ellipse(centre: Sequence[float], radii: Sequence[float], ink: Colour | float, depth: float = 0.0) -> Mark:
    """Fill an ellipse."""
    return Mark(_circle() * radii + centre, ink, depth)


def stroke(
    points: Sequence[Sequence[float]] | Points,
    widths: Sequence[float],
    ink: Colour | float,
    depth: float = 0.0,
) -> Mark:
    """Draw the smooth curve through points, as wide at each of them as is said."""
    given = np.empty((len(widths), 3))
    given[:, :2], given[:, 2] = points, widths
    along, slopes = _basis(len(widths), False)
    x, y, wide = (along @ given).T
    right, down, _ = (slopes @ given).T
    reach = wide / (2 * np.sqrt(right * right + down * down) + 1e-9)
    across, upright = down * reach, right * reach
    edges = np.empty((2 * len(x), 2))
    edges[: len(x), 0], edges[: len(x), 1] = x - across, y + upright
    edges[: len(x) - 1 : -1, 0], edges[: len(x) - 1 : -1, 1] = x + across, y - upright
    return Mark(edges, ink, depth)


def smooth(points: Sequence[Sequence[float]] | Points, *, closed: bool = False) -> Points:
    """Return the Catmull-Rom curve through points."""
    return _basis(len(points), closed)[0] @ np.asarray(points, np.float64)


@cache
def _basis(count: int, closed: bool) -> tuple[Points, Points]:
    """Return the matrices from points to those of the curve and to its tangents."""
    steps = np.arange(STEPS) / STEPS
    cubic = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    weights = np.stack([steps**0, steps, steps**2, steps**3], 1) @ cubic
    slopes = np.stack([0 * steps, steps**0, 2 * steps, 3 * steps**2], 1) @ cubic
    segments = count if closed else count - 1
    along, tangents = np.zeros((2, segments * STEPS + (not closed), count))
    for segment in range(segments):
        rows = slice(segment * STEPS, (segment + 1) * STEPS)
        for offset in range(4):
            near = segment + offset - 1
            near = near % count if closed else min(max(near, 0), count - 1)
            along[rows, near] += weights[:, offset]
            tangents[rows, near] += slopes[:, offset]
    if not closed:
        along[-1, -1] = 1
        tangents[-1, -2:] = -1, 1
    return along, tangents


@cache
def _circle() -> Points:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], 1)
