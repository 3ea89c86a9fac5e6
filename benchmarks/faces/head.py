"""Head, hair, neck and ears."""

from collections.abc import Iterator

from benchmarks.faces.curves import Mark, ellipse, fill, mix, stroke
from benchmarks.faces.plan import BLACK, Plan, mirrored, outline

BEHIND = -0.25


def behind(shape: Plan, hair: str) -> Iterator[Mark]:
    """Draw what the head hides: long hair, neck, shoulders, ears."""
    colours, width = shape.colours, shape.width
    dark = mix(colours.skin, BLACK, 0.22)
    if hair == "long":
        right = [(0.55, -1.02), (width + 0.16, -0.5), (width + 0.2, 0.4), (width + 0.16, 1.15), (0.5, 1.3)]
        yield fill([(0, -1.12), *right, *mirrored(right[::-1], -1)], mix(colours.hair, BLACK, 0.25), BEHIND)
    neck = [(0.36, 0.5), (0.36, 0.95), (0.46, 1.2), (0.9, 1.9)]
    yield fill([*neck, *mirrored(neck[::-1], -1)], dark, BEHIND)
    shoulders = [(0.0, 1.34), (0.40, 1.16), (0.9, 1.3), (1.35, 1.6), (1.5, 2.4)]
    yield fill([*shoulders, *mirrored(shoulders[:0:-1], -1)], colours.clothes, BEHIND)
    for side in (-1, 1):
        yield ellipse((side * (width + 0.02), 0.06), (0.10, 0.19), mix(colours.skin, BLACK, 0.08), BEHIND / 2)
        yield ellipse((side * (width + 0.03), 0.06), (0.05, 0.12), dark, BEHIND / 2)


def head(shape: Plan) -> Iterator[Mark]:
    """Draw the skin, its cheeks, and what shadows the form throws."""
    skin = shape.colours.skin
    yield Mark(outline(shape), skin)
    for side in (-1, 1):
        rosy = mix(skin, (226, 104, 92), 0.10 + 0.10 * shape.units[6])
        yield ellipse((side * 0.46, 0.25 - 0.06 * shape.units[6]), (0.17, 0.13), rosy)
        hollow = [(shape.jaw - 0.10, 0.28), (shape.jaw - 0.15, 0.55), (0.62 * shape.jaw, 0.82)]
        yield stroke(mirrored(hollow, side), (0, 0.11, 0.02), -0.04 - 0.11 * shape.units[26])
        yield ellipse((side * shape.eye[0], shape.eye[1] - 0.06), (0.25, 0.16), -0.10)


def hair_of(shape: Plan, hair: str) -> Iterator[Mark]:
    """Draw the hair on top: between an outer curve and the hairline."""
    colour, width = shape.colours.hair, shape.width
    temple, side = (width + 0.01, -0.12), (width - 0.10, -0.34)
    volume = {"shaved": 0.0, "short": 0.10, "parted": 0.14, "fringe": 0.13, "long": 0.14, "curly": 0.10}[hair]
    outer = [
        temple,
        (width + 0.4 * volume, -0.5),
        (0.47 + 0.4 * volume, -0.93 - 0.6 * volume),
        (0, -1 - volume),
    ]
    inner = {
        "parted": [(-0.50, -0.56), (-0.30, -0.70), (0.25, -0.88), (0.48, -0.64)],
        "fringe": [(-0.5, -0.58), (-0.2, -0.64), (0.15, -0.60), (0.5, -0.58)],
        "long": [(-0.52, -0.52), (-0.22, -0.80), (0.22, -0.80), (0.52, -0.52)],
    }.get(hair, [(-0.5, -0.64), (-0.2, -0.80), (0.2, -0.80), (0.5, -0.64)])
    if hair == "shaved":
        colour = mix(shape.colours.skin, colour, 0.45)
    left = mirrored(outer[-2::-1], -1)
    yield fill([*outer, *left, (-side[0], side[1]), *inner, side], colour)
    if hair == "curly":
        for place in range(-4, 5):
            x = place / 4
            y = -1.04 + 0.52 * x * x
            yield ellipse((x * (width + 0.02), y), (0.19, 0.18), colour)
            yield ellipse(
                (x * (width + 0.02) - 0.04, y - 0.05), (0.06, 0.05), mix(colour, (255, 235, 210), 0.12)
            )
    elif hair != "shaved":
        shine = mix(colour, (255, 235, 210), 0.16)
        yield stroke([(-0.42, -0.80), (-0.2, -0.95), (0.1, -0.97)], (0.01, 0.07, 0.0), shine)


def beard_of(shape: Plan, beard: str) -> Iterator[Mark]:
    """Draw a beard along the jaw or a moustache; the mouth and the chin stay in view."""
    tint = mix(shape.colours.skin, shape.colours.hair, 0.55)
    drop = 0.17 * shape.units[26]
    if beard == "beard":
        jaw, chin = shape.jaw, shape.chin + drop
        outer = [
            (shape.width - 0.01, 0.12),
            (jaw + 0.05, 0.46),
            (0.66 * jaw, 0.83 + drop),
            (0.2, chin - 0.02),
        ]
        inner = [
            (0.14, chin - 0.12),
            (0.52 * jaw, 0.76 + drop),
            (0.84 * jaw, 0.5),
            (shape.width - 0.07, 0.14),
        ]
        yield fill([*outer, *mirrored(outer[::-1], -1), *mirrored(inner[::-1], -1), *inner], tint)
    if beard == "moustache":
        lift = 0.07 * shape.units[10]
        y = (shape.nose + shape.mouth) / 2 - lift
        yield stroke(
            [(-0.24, y + 0.06), (-0.1, y), (0, y + 0.01), (0.1, y), (0.24, y + 0.06)],
            (0.02, 0.07, 0.06, 0.07, 0.02),
            tint,
        )
