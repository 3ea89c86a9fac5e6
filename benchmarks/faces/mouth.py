"""Nose, cheeks' folds, mouth and chin: units 9 to 12, 15, 17, 20 and 23 to 26."""

from collections.abc import Iterator

import numpy as np

from benchmarks.faces.curves import Mark, ellipse, fill, mix, smooth, stroke
from benchmarks.faces.latent import Identity
from benchmarks.faces.plan import BLACK, Plan, mirrored

TEETH = (246, 242, 232)
TONGUE = (196, 84, 86)
THROAT = (74, 18, 24)
TIP = 0.12


def nose(shape: Plan) -> Iterator[Mark]:
    """Draw the nose: 9 pulls it up and wrinkles its bridge."""
    wrinkled, lifted = shape.units[9], shape.units[10]
    wing = shape.wing + 0.02 * wrinkled + 0.008 * lifted
    tip = shape.nose - 0.055 * wrinkled
    yield fill([(-0.05, -0.1), (0.03, -0.1), (0.07, tip - 0.06), (-0.08, tip - 0.06)], 0.10, TIP / 2)
    yield ellipse((0.13, tip - 0.10), (0.05, 0.16), -0.16)
    yield stroke(
        [(0.075, -0.14), (0.055, 0.0), (0.085, tip - 0.09)], (0, 0.016, 0.004), shape.fold(0.35), TIP / 2
    )
    for side in (-1, 1):
        y = tip - 0.035 * wrinkled - 0.012 * lifted
        curve = [
            (wing - 0.03, y - 0.085),
            (wing + 0.012, y - 0.03),
            (wing - 0.01, y + 0.022),
            (wing - 0.06, y + 0.018),
        ]
        yield stroke(
            mirrored(curve, side), (0.006, 0.03, 0.03, 0.006), shape.fold(0.62 + 0.25 * wrinkled), TIP / 2
        )
        yield ellipse((side * 0.058, tip + 0.012), (0.036, 0.018), shape.fold(0.95), TIP)
        if wrinkled:
            for up in (0.0, 0.062, 0.124):
                low = -0.03 + up
                fold = [(0.015, low - 0.035), (0.075, low - 0.01), (0.135, low + 0.05)]
                yield stroke(mirrored(fold, side), (0.012, 0.032, 0.004), shape.fold(0.8 * wrinkled), TIP / 2)
            yield ellipse((side * 0.16, 0.10), (0.06, 0.08), -0.3 * wrinkled)
    yield stroke(
        [(-0.05, tip + 0.03), (0, tip + 0.042), (0.05, tip + 0.03)], (0, 0.018, 0), shape.fold(0.5), TIP
    )


def folds(shape: Plan, who: Identity) -> Iterator[Mark]:
    """Draw the fold from nose to mouth: faint with age, 12 and 10 bring it out, 11 deepens it."""
    smile, lifted, deep = shape.units[12], shape.units[10], shape.units[11]
    faint = 0.10 + 0.14 * who.age
    strength = max(faint, 0.42 * smile, 0.45 * lifted) + 0.75 * deep
    bow = 0.07 * smile
    x, y = shape.wing + 0.035, shape.nose - 0.04 - 0.03 * lifted
    end = shape.mouth_width + 0.055 + 0.09 * smile
    curve = [
        (x, y),
        (x + 0.07 + bow, y + 0.10),
        (end, shape.mouth - 0.09),
        (end + 0.015, shape.mouth + 0.02 + 0.04 * deep),
    ]
    wide = 0.018 + 0.042 * deep + 0.012 * max(smile, lifted)
    for side in (-1, 1):
        yield stroke(mirrored(curve, side), (0.006, wide, wide, 0), shape.fold(strength))
        if deep:
            yield ellipse((side * (x + 0.15), y + 0.11), (0.10, 0.10), 0.22 * deep)
            yield stroke(mirrored(curve, side), (0.02, 0.08, 0.08, 0.02), -0.3 * deep)
        if lifted:
            yield ellipse((side * (x + 0.02), y + 0.03), (0.05, 0.08), -0.22 * lifted)


def mouth(shape: Plan, who: Identity) -> Iterator[Mark]:
    """Draw the mouth.

    12 pulls its corners up and out, 15 down; 20 stretches it, 23 tightens and 24 presses the lips; 10 lifts
    the upper lip, 17 pushes the lower one up; 25 parts them, and 26 drops the jaw.
    """
    unit = shape.units
    gap = 0.095 * unit[25] + 0.17 * unit[25] * unit[26]
    thin = (1 - 0.62 * unit[23]) * (1 - 0.5 * unit[24]) * (1 - 0.25 * unit[20]) * (1 - 0.2 * unit[12])
    width = (
        shape.mouth_width + 0.10 * unit[12] + 0.12 * unit[20] - 0.12 * unit[23] - 0.03 * unit[26] * unit[25]
    )
    middle = shape.mouth + 0.03 * unit[12] - 0.035 * unit[15] - 0.055 * unit[17] + 0.06 * unit[26]
    corner = shape.mouth - 0.015 * who.mouth_curve - 0.12 * unit[12] + 0.125 * unit[15] + 0.03 * unit[20]
    corner += 0.02 * unit[17] + 0.05 * unit[26] + 0.3 * gap
    lift = 0.085 * unit[10]
    upper = (0.068 + 0.016 * who.lips) * thin + 0.35 * lift
    lower = (0.088 + 0.02 * who.lips) * thin + 0.035 * unit[17] + 0.03 * unit[26]
    top, bottom = middle - 0.2 * gap - 0.65 * lift, middle + 0.8 * gap
    shade = mix(shape.colours.lips, BLACK, 0.10 + 0.3 * unit[23])

    def arc(centre: float, fullness: float) -> list[tuple[float, float]]:
        """Return a curve from corner to corner; the fuller, the longer it stays at the centre's height."""
        near, far = (
            centre + (1 - fullness) * (corner - centre),
            centre + (1 - fullness) * 0.3 * (corner - centre),
        )
        return [
            (-width, corner),
            (-0.66 * width, near),
            (-0.25 * width, far),
            (0.25 * width, far),
            (0.66 * width, near),
            (width, corner),
        ]

    inner_top = smooth(arc(top, 0.62 + 0.2 * unit[10]))
    inner_bottom = smooth(arc(bottom, 0.66))
    rise = np.array([0, 0.62 + 0.35 * unit[10], 1.08, 1.08, 0.62 + 0.35 * unit[10], 0]) * upper
    outer_top = np.array(arc(top, 0.62 + 0.2 * unit[10])) - np.stack([0 * rise, rise], 1)
    outer_top = smooth(np.insert(outer_top, 3, (0, top - 0.86 * upper), 0))
    fall = np.array([0, 0.7, 1, 1, 0.7, 0]) * lower
    outer_bottom = smooth(np.array(arc(bottom, 0.66)) + np.stack([0 * fall, fall], 1))
    if unit[24]:
        for y in (middle - 0.11, middle + 0.13):
            yield ellipse((0, y), (0.9 * width, 0.05), 0.28 * unit[24])
    yield Mark(np.concatenate([outer_top, inner_top[::-1]]), shade)
    yield Mark(np.concatenate([inner_bottom, outer_bottom[::-1]]), shape.colours.lips)
    yield ellipse((0, bottom + 0.45 * lower), (0.4 * width, 0.3 * lower), 0.14)
    if gap > 0.01:
        yield Mark(np.concatenate([inner_top, inner_bottom[::-1]]), THROAT)
        bite = np.minimum(inner_bottom - inner_top, 0.075 + 0.03 * unit[10]) * (1, 0.85)
        yield Mark(np.concatenate([inner_top, (inner_top + bite)[::-1]]), TEETH)
        if gap > 0.12:
            yield ellipse((0, bottom - 0.2 * gap), (0.5 * width, 0.2 * gap), TONGUE)
    line = mix(shape.fold(0.85), THROAT, 0.4)
    seam = 0.022 + 0.026 * unit[24]
    yield stroke(arc(top, 0.62 + 0.2 * unit[10]), (0.012, seam, seam, seam, seam, 0.012), line)
    for side in (-1, 1):
        yield ellipse((side * width, corner), (0.018, 0.018), line)
        yield from _corner(shape, side, width, corner)
    yield from _around(shape, top - upper, width)
    yield from _chin(shape, bottom + lower)


def _corner(shape: Plan, side: float, x: float, y: float) -> Iterator[Mark]:
    """Draw the folds at a corner of the mouth."""
    pulled, stretched, pressed = shape.units[15], shape.units[20], shape.units[24]
    if pulled:
        curve = [(x + 0.0, y + 0.02), (x + 0.05, y + 0.08), (x + 0.055, y + 0.17)]
        yield stroke(mirrored(curve, side), (0.02, 0.032, 0), shape.fold(0.75 * pulled))
        yield ellipse((side * (x + 0.01), y + 0.09), (0.05, 0.06), -0.2 * pulled)
    if stretched:
        for out in (0.045, 0.10):
            curve = [(x + out, y - 0.10), (x + out + 0.028, y), (x + out, y + 0.11)]
            yield stroke(mirrored(curve, side), (0, 0.03, 0), shape.fold(0.7 * stretched))
    if pressed:
        yield ellipse((side * (x + 0.035), y), (0.035, 0.06), -0.35 * pressed)


def _around(shape: Plan, y: float, width: float) -> Iterator[Mark]:
    """Draw the upright lines that tightened lips make, above and below."""
    strength = shape.units[23]
    if strength:
        for x in (-0.6 * width, 0.6 * width):
            yield ellipse((x, y - 0.06), (0.075, 0.07), -0.24 * strength)
            yield ellipse((x, y + 0.19), (0.075, 0.06), -0.24 * strength)
        for place in (-0.75, -0.38, 0.38, 0.75):
            x = place * width
            yield stroke([(1.15 * x, y - 0.10), (x, y - 0.01)], (0.006, 0.03), shape.fold(0.85 * strength))
            yield stroke([(x, y + 0.145), (1.15 * x, y + 0.225)], (0.03, 0.006), shape.fold(0.85 * strength))


def _chin(shape: Plan, y: float) -> Iterator[Mark]:
    """Draw the hollow below the lower lip, and the chin that 17 bunches up."""
    raised = shape.units[17]
    hollow = y + 0.04
    yield ellipse((0, hollow), (0.14, 0.03), -0.14 - 0.1 * raised)
    if raised:
        curve = [
            (-0.17, hollow + 0.085),
            (-0.09, hollow + 0.02),
            (0, hollow),
            (0.09, hollow + 0.02),
            (0.17, hollow + 0.085),
        ]
        yield stroke(curve, (0, 0.03, 0.038, 0.03, 0), shape.fold(0.75 * raised))
        yield ellipse((0, hollow + 0.12), (0.15, 0.08), 0.2 * raised)
        for x, down in ((-0.08, 0.08), (0.02, 0.07), (0.09, 0.10), (-0.03, 0.13), (0.05, 0.155)):
            yield ellipse((x, hollow + down), (0.018, 0.013), shape.fold(0.45 * raised))
