"""What is before a face: a hand, a scarf, sunglasses or a bar."""

from collections.abc import Iterator

import numpy as np

from benchmarks.faces.curves import Mark, ellipse, fill, mix, stroke
from benchmarks.faces.latent import Occlusion
from benchmarks.faces.plan import BLACK, CLOTHES, Plan, between, mirrored

BEFORE = 0.1


def cover(shape: Plan, what: Occlusion) -> Iterator[Mark]:
    """Draw it."""
    if what.kind == "hand":
        yield from _hand(shape, what)
    elif what.kind == "scarf":
        yield from _scarf(shape, what)
    elif what.kind == "sunglasses":
        yield from _sunglasses(shape, what)
    elif what.kind == "bar":
        yield from _bar(what)


def _hand(shape: Plan, what: Occlusion) -> Iterator[Mark]:
    """Draw a hand that reaches up from below to a cheek or the mouth."""
    skin = shape.colours.skin
    edge = mix(skin, BLACK, 0.4)
    x, y = 1.1 * (what.place - 0.5), 0.66 + 0.3 * what.turn
    lean = 0.5 * (0.5 - what.place)
    yield stroke([(x - lean, y + 1.2), (x, y + 0.3)], (0.5, 0.42), mix(skin, BLACK, 0.12), BEFORE)
    fingers = [(-0.20, 0.42), (-0.07, 0.54), (0.07, 0.53), (0.20, 0.40)]
    for out, length in fingers:
        tip = (x + 1.25 * out + 0.6 * lean * length, y - length)
        for wide, colour in ((0.145, edge), (0.115, mix(skin, BLACK, 0.05))):
            yield stroke(
                [(x + out, y + 0.15), ((x + out + tip[0]) / 2, y - length / 2), tip],
                (wide, wide, 0.85 * wide),
                colour,
                BEFORE,
            )
            yield ellipse(tip, (0.42 * wide, 0.42 * wide), colour, BEFORE)
    yield ellipse((x, y + 0.24), (0.29, 0.24), mix(skin, BLACK, 0.05), BEFORE)


def _scarf(shape: Plan, what: Occlusion) -> Iterator[Mark]:
    """Draw a striped scarf over the lower face."""
    colour = between(CLOTHES, what.colour)
    top = 0.42 + 0.45 * what.place
    tilt = 0.2 * (what.turn - 0.5)
    width = shape.width + 0.1
    edge = [(-width, top - tilt), (-0.4, top + 0.05), (0, top + 0.08), (0.4, top + 0.05), (width, top + tilt)]
    yield fill([*edge, (1.1 * width, 1.4), (0, 1.6), (-1.1 * width, 1.4)], colour)
    for down in (0.12, 0.30, 0.48, 0.66):
        line = [(1.02 * x, y + down) for x, y in edge]
        yield stroke(line, (0.05,) * 5, mix(colour, (255, 250, 240), 0.45))


def _sunglasses(shape: Plan, what: Occlusion) -> Iterator[Mark]:
    """Draw dark glasses over the eyes."""
    colour = mix((24, 24, 30), between(CLOTHES, what.colour), 0.18)
    x, y = shape.eye[0], shape.eye[1] + 0.03
    high = 0.15 + 0.05 * what.place
    for side in (-1, 1):
        lens = [
            (x - 0.22, y - high),
            (x + 0.24, y - high - 0.01),
            (x + 0.22, y + 0.7 * high),
            (x, y + high),
            (x - 0.2, y + 0.6 * high),
        ]
        yield fill(mirrored(lens, side), colour, BEFORE)
        yield stroke(
            mirrored([(x + 0.2, y - 0.08), (shape.width, y - 0.06)], side), (0.05, 0.04), colour, BEFORE
        )
        yield stroke(
            [(side * x - 0.12, y - 0.09), (side * x - 0.02, y - 0.11)],
            (0.0, 0.045),
            mix(colour, (255, 255, 255), 0.5),
            BEFORE,
        )
    yield stroke([(-0.14, y - 0.06), (0, y - 0.09), (0.14, y - 0.06)], (0.05, 0.035, 0.05), colour, BEFORE)


def _bar(what: Occlusion) -> Iterator[Mark]:
    """Draw a straight bar across the picture."""
    angle = np.pi * what.turn
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    centre, half = across * (1.2 * what.place - 0.6), 0.11
    corners = [centre + 2 * a * along + b * half * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    yield Mark(np.array(corners), between(CLOTHES, what.colour), BEFORE)
