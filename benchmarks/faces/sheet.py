"""The contact sheet: expressions, action units and nuisances, to be looked at."""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from benchmarks.faces.latent import (
    EXPRESSIONS,
    OCCLUDERS,
    TABLE,
    UNITS,
    Face,
    Light,
    Noise,
    Occlusion,
    Pose,
    sample,
)
from benchmarks.faces.paint import SIZE, render

NAMES = (
    "inner brow raiser, outer brow raiser, brow lowerer, upper lid raiser, cheek raiser, lid tightener,"
    "nose wrinkler, upper lip raiser, nasolabial deepener, lip corner puller, lip corner depressor,"
    "chin raiser, lip stretcher, lip tightener, lip pressor, lips part, jaw drop"
)
MEANINGS = dict(zip(UNITS, (name.strip() for name in NAMES.split(",")), strict=True))
"""What each action unit is called."""

PEOPLE = (39, 27, 23, 4)
"""Faces of seed 0 that differ."""

SHOWN = 28
"""The face that the units and the nuisances are shown on."""

COLUMNS = 9
GAP, TITLE, CAPTION = 6, 34, 30
PAPER, INK, FAINT = (255, 255, 255), (30, 30, 36), (96, 96, 104)

Cell = tuple[str, Face]


def plain(person: int, units: Iterable[str] = (), intensity: float = 1.0, expression: int = 0) -> Face:
    """Return a face of seed 0 without nuisances, and with these units alone."""
    active = frozenset(units)
    return sample(0, person)._replace(
        pose=Pose(),
        light=Light(contrast=0.0),
        occlusion=Occlusion(),
        noise=Noise(),
        expression=expression,
        units=tuple(intensity * (unit in active) for unit in UNITS),
    )


def typical(person: int, expression: int) -> Face:
    """Return an expression with the units that at least half of the observers saw."""
    units = [unit for unit, weight in zip(UNITS, TABLE.weights[expression], strict=True) if weight >= 0.5]
    return plain(person, units, 0.85, expression)


def sections() -> list[tuple[str, int, list[Cell]]]:
    """Return the title, the columns and the cells of each part."""
    everyone = [(EXPRESSIONS[kind], typical(person, kind)) for person in PEOPLE for kind in range(7)]
    alone = [("neutral", plain(SHOWN))]
    alone += [(f"{unit}\n{MEANINGS[unit]}", plain(SHOWN, [unit])) for unit in UNITS]
    drawn = [(EXPRESSIONS[face.expression], face) for face in (sample(1, index) for index in range(7))]
    return [
        ("Expressions, four people", len(EXPRESSIONS), everyone),
        ("Action units, each alone at full intensity", COLUMNS, alone),
        ("What makes them hard to read", COLUMNS, _nuisances()),
        ("As they are drawn: images 0 to 6 of seed 1", len(EXPRESSIONS), drawn),
    ]


def _nuisances() -> list[Cell]:
    face = typical(SHOWN, EXPRESSIONS.index("happiness"))
    turned = {"yaw": Pose(yaw=25), "pitch": Pose(pitch=12), "roll": Pose(roll=-12), "scale": Pose(scale=0.92)}
    lit = {"from the side": Light(100, 0.5), "dim": Light(0, 0.2, 0.7), "warm": Light(warmth=1)}
    lit |= {"cold": Light(warmth=-1), "bright": Light(0, 0.2, 1.2)}
    covered = {
        kind: Occlusion(kind, place, 0.25, 0.3)
        for kind, place in zip(OCCLUDERS, (0.35, 0.2, 0.5, 0.8), strict=True)
    }
    grain = {f"noise {strength}": Noise(strength, 1) for strength in (0.04, 0.08)}
    people = {
        f"another person:\n{kind}": person
        for kind, person in (("beard", 11), ("curls", 12), ("long hair", 21))
    }
    cells = [(name, face._replace(pose=pose)) for name, pose in turned.items()]
    cells += [(name, face._replace(light=light)) for name, light in lit.items()]
    cells += [(name, face._replace(occlusion=what)) for name, what in covered.items()]
    cells += [(name, face._replace(noise=noise)) for name, noise in grain.items()]
    cells += [(name, face._replace(identity=sample(0, person).identity)) for name, person in people.items()]
    return cells


def png() -> bytes:
    """Return the contact sheet as a PNG."""
    parts = sections()
    across = GAP + COLUMNS * (SIZE + GAP)
    down = sum(TITLE + _rows(cells, columns) * (SIZE + CAPTION + GAP) for _, columns, cells in parts) + GAP
    page = Image.new("RGB", (across, down), PAPER)
    draw = ImageDraw.Draw(page)
    top = 0
    for title, columns, cells in parts:
        draw.text((GAP, top + 9), title, INK, ImageFont.load_default(18))
        top += TITLE
        for place, (caption, face) in enumerate(cells):
            x = GAP + place % columns * (SIZE + GAP)
            y = top + place // columns * (SIZE + CAPTION + GAP)
            page.paste(_picture(face), (x, y))
            draw.text((x, y + SIZE + 2), caption, FAINT, ImageFont.load_default(10))
        top += _rows(cells, columns) * (SIZE + CAPTION + GAP)
    buffer = BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _picture(face: Face) -> Image.Image:
    """Draw a face in fewer colours, to spare room; noise hides that a noisy one has fewer yet."""
    image = Image.fromarray(render(face))
    return ImageOps.posterize(image, 4 if face.noise.strength else 6)


def _rows(cells: list[Cell], columns: int) -> int:
    return -(-len(cells) // columns)
