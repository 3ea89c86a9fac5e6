"""Eyes and brows: units 1, 2, 4, 5, 6 and 7."""

from collections.abc import Iterator

import numpy as np

from benchmarks.faces.curves import Mark, Points, ellipse, mix, smooth, stroke
from benchmarks.faces.latent import Identity
from benchmarks.faces.plan import BLACK, Plan, mirrored

WHITE = (246, 242, 238)
IRIS = 0.102


def brows(shape: Plan, who: Identity) -> Iterator[Mark]:
    """Draw the brows: 1 lifts the inner ends, 2 the outer, 4 lowers them and draws them together."""
    inner, outer, lower = shape.units[1], shape.units[2], shape.units[4]
    tilt, arch = 0.022 * who.brow_tilt, 0.04 + 0.02 * who.brow_arch
    wide = -0.02 * shape.units[5]
    points = [
        (0.135 - 0.075 * lower, 0.02 + tilt - 0.17 * inner + 0.13 * lower + 0.04 * shape.units[9]),
        (0.25 - 0.05 * lower, -0.2 * arch + 0.5 * tilt - 0.11 * inner - 0.05 * outer + 0.115 * lower),
        (0.41 - 0.01 * lower, -arch - 0.5 * tilt - 0.015 * inner - 0.15 * outer + 0.07 * lower),
        (0.55, 0.05 - tilt - 0.16 * outer + 0.02 * lower),
    ]
    weight = 0.075 + 0.02 * who.brow_weight
    for side in (-1, 1):
        placed = mirrored([(x, shape.brow + y + wide) for x, y in points], side)
        yield stroke(placed, (0.75 * weight, weight, 0.8 * weight, 0.012), shape.colours.brow)


def forehead(shape: Plan) -> Iterator[Mark]:
    """Draw the folds that brows make: across above what is lifted, upright between what is drawn together."""
    inner, outer, lower = shape.units[1], shape.units[2], shape.units[4]
    if inner:
        for y, half in ((-0.60, 0.21), (-0.69, 0.24)):
            curve = [
                (-half, y + 0.035),
                (-half / 2, y - 0.005),
                (0, y + 0.012),
                (half / 2, y - 0.005),
                (half, y + 0.035),
            ]
            yield stroke(curve, (0, 0.026, 0.028, 0.026, 0), shape.fold(0.55 * inner))
    for side in (-1, 1):
        if outer:
            for y in (-0.58, -0.655):
                curve = [(0.27, y + 0.02), (0.40, y - 0.035), (0.53, y + 0.035)]
                yield stroke(mirrored(curve, side), (0, 0.032, 0), shape.fold(0.6 * outer))
        if lower:
            top = -0.46 - 0.05 * inner
            curve = [(0.065, top), (0.035, -0.33), (0.052, -0.19)]
            yield stroke(mirrored(curve, side), (0.004, 0.036, 0.006), shape.fold(0.8 * lower))
            yield ellipse((side * 0.12, shape.brow + 0.20), (0.10, 0.07), -0.25 * lower)


def eye(shape: Plan, who: Identity, side: float) -> Iterator[Mark]:
    """Draw an eye: 5 lifts the upper lid, 7 narrows it from below and above, 6 pushes the lower lid up."""
    raised, cheek, tight = shape.units[5], shape.units[6], shape.units[7]
    (x, y), (half, height) = shape.eye, shape.eye_size
    tilt = 0.02 + 0.02 * who.eye_tilt
    upper = height * (1 + 0.72 * raised - 0.34 * tight - 0.08 * cheek)
    lower = height * max(0.78 + 0.12 * raised - 0.62 * tight - 0.40 * cheek, 0.08)
    colours = shape.colours

    def along(place: float, rise: float) -> tuple[float, float]:
        """Return a point of the eye; its place is -1 at the inner corner and 1 at the outer."""
        return side * (x + place * half), y - tilt * place - rise

    top = smooth(
        [along(-1, 0), along(-0.5, 0.82 * upper), along(0.2, upper), along(0.75, 0.58 * upper), along(1, 0)]
    )
    bottom = smooth([along(-1, 0), along(-0.4, -0.8 * lower), along(0.35, -lower), along(1, 0)])
    yield Mark(_closed(top, bottom), WHITE)
    centre = (side * x, y + 0.004)
    yield ellipse(centre, (IRIS, IRIS), mix(colours.iris, BLACK, 0.45))
    yield ellipse(centre, (0.8 * IRIS, 0.8 * IRIS), colours.iris)
    yield ellipse(centre, (0.42 * IRIS, 0.42 * IRIS), BLACK)
    yield ellipse((side * x - 0.032, y - 0.034), (0.022, 0.022), (255, 255, 255))
    above = max(upper, IRIS) + 0.04
    lid = [
        along(-1, 0),
        along(-0.75, 0.7 * above),
        along(0, above),
        along(0.75, 0.75 * above),
        along(1.04, 0),
    ]
    yield Mark(_closed(top, smooth(lid)), colours.lid)
    below = -max(lower, IRIS) - 0.03
    bag = [along(-1, 0), along(-0.7, 0.75 * below), along(0, below), along(0.7, 0.75 * below), along(1, 0)]
    yield Mark(_closed(bottom, smooth(bag)), colours.skin)
    lash = mix(colours.line, BLACK, 0.6)
    lashes = [
        along(-1.02, 0),
        along(-0.5, 0.82 * upper),
        along(0.2, upper),
        along(0.75, 0.58 * upper),
        along(1.1, 0.012),
    ]
    yield stroke(lashes, (0.012, 0.03, 0.036, 0.036, 0.012), lash)
    rim = [along(-0.9, -0.01), along(-0.4, -0.8 * lower), along(0.35, -lower), along(1, 0)]
    yield stroke(rim, (0.006, 0.014, 0.018, 0.012), shape.fold(0.5 + 0.4 * max(tight, 0.5 * cheek)))
    if tight:
        pouch = [along(-0.7, -lower - 0.045), along(0, -lower - 0.068), along(0.7, -lower - 0.04)]
        yield stroke(pouch, (0, 0.034, 0), shape.fold(0.6 * tight))
        yield ellipse(along(0, -lower - 0.04), (0.13, 0.03), 0.15 * tight)
    if cheek:
        yield from _cheek(shape, side, cheek)


def _cheek(shape: Plan, side: float, strength: float) -> Iterator[Mark]:
    """Draw a raised cheek: its upper edge below the eye, its light, and crow's feet."""
    x, y = shape.eye
    half = shape.eye_size[0]
    edge = [(x - 0.75 * half, y + 0.155), (x - 0.1 * half, y + 0.195), (x + 0.6 * half, y + 0.18)]
    yield stroke(mirrored(edge, side), (0, 0.036, 0), shape.fold(0.55 * strength))
    yield ellipse((side * (x + 0.09), y + 0.30), (0.17, 0.085), 0.25 * strength)
    yield ellipse((side * (x + 0.12), y + 0.42), (0.13, 0.03), -0.16 * strength)
    for turn in (-0.07, 0.005, 0.08):
        feet = [
            (x + half + 0.045, y + 0.5 * turn),
            (x + half + 0.10, y + 0.8 * turn),
            (x + half + 0.15, y + 1.5 * turn),
        ]
        yield stroke(mirrored(feet, side), (0.006, 0.024, 0.004), shape.fold(0.65 * strength))


def _closed(there: Points, back: Points) -> Points:
    return np.concatenate([there, back[::-1]])
