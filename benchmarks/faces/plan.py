"""What the parts of a face share: where things are, how strong each unit is, and the colours."""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.faces.curves import Colour, Points, mix, smooth
from benchmarks.faces.latent import UNITS, Face, Identity

SKIN: tuple[Colour, ...] = ((250, 222, 200), (236, 192, 158), (205, 150, 110), (150, 100, 70), (98, 64, 46))
HAIR: tuple[Colour, ...] = (
    (30, 24, 24),
    (72, 44, 28),
    (122, 74, 40),
    (206, 164, 92),
    (176, 78, 40),
    (184, 184, 188),
)
IRIS: tuple[Colour, ...] = ((64, 40, 26), (96, 62, 34), (84, 110, 62), (66, 112, 156), (104, 122, 134))
CLOTHES: tuple[Colour, ...] = (
    (52, 84, 140),
    (158, 58, 62),
    (62, 118, 92),
    (222, 218, 208),
    (64, 64, 74),
    (216, 162, 60),
)
BLACK: Colour = (22, 14, 14)


class Palette(NamedTuple):
    """The colours of a face; `line` is that of folds and outlines."""

    skin: Colour
    line: Colour
    lid: Colour
    lips: Colour
    hair: Colour
    brow: Colour
    iris: Colour
    clothes: Colour
    backdrop: Colour


class Plan(NamedTuple):
    """Where things are on a neutral face, in head units, and each action unit's intensity, by number."""

    width: float
    eye: tuple[float, float]
    eye_size: tuple[float, float]
    brow: float
    nose: float
    wing: float
    mouth: float
    mouth_width: float
    chin: float
    jaw: float
    colours: Palette
    units: dict[int, float]

    def fold(self, strength: float) -> Colour:
        """Return the colour of a fold of the skin."""
        return mix(self.colours.skin, self.colours.line, strength)


def plan(face: Face) -> Plan:
    """Lay out a face."""
    who = face.identity
    units = {int(name[2:]): intensity for name, intensity in zip(UNITS, face.units, strict=True)}
    return Plan(
        width=0.76 + 0.05 * who.width,
        eye=(0.34 + 0.025 * who.eye_distance, -0.07),
        eye_size=(0.185 + 0.012 * who.eye_size, 0.098 + 0.014 * who.eye_shape),
        brow=-0.325 - 0.035 * who.brow_height,
        nose=0.25 + 0.035 * who.nose_length,
        wing=0.125 + 0.025 * who.nose_width,
        mouth=0.56 + 0.025 * who.mouth_height,
        mouth_width=0.255 + 0.03 * who.mouth_width,
        chin=1.0 + 0.04 * who.chin,
        jaw=0.62 + 0.05 * who.jaw,
        colours=_palette(who),
        units=units,
    )


def mirrored(points: Sequence[Sequence[float]], side: float) -> list[tuple[float, float]]:
    """Put points of the right half on a side: 1 right, -1 left."""
    return [(side * x, y) for x, y in points]


def outline(shape: Plan) -> Points:
    """Return the outline of the head, the jaw as low as it drops."""
    drop, raised = 0.17 * shape.units[26], 0.035 * shape.units[17]
    width, jaw, chin = shape.width, shape.jaw, shape.chin + drop - raised
    right = [(0.44, -0.90), (width - 0.06, -0.50), (width, 0.02), (jaw + 0.05, 0.46 + 0.4 * drop)]
    right += [(0.66 * jaw, 0.83 + 0.85 * drop), (0.27 * jaw + 0.02, chin - 0.02)]
    left = mirrored(right[::-1], -1)
    return smooth([(0.0, -1.0), *right, *left], closed=True)


def _palette(who: Identity) -> Palette:
    skin = between(SKIN, who.skin)
    # Dark skin goes with dark hair, and everybody's brows are at least a little darker than the skin.
    hair = between(HAIR, who.hair_colour * (1 if who.skin < 0.6 else 0.3))
    dark = mix(skin, BLACK, 0.72)
    line = mix(dark, (120, 40, 30), 0.15)
    return Palette(
        skin=skin,
        line=line,
        lid=mix(skin, (120, 60, 60), 0.22),
        lips=mix(skin, (176, 48, 58), 0.52 - 0.1 * who.lips),
        hair=hair,
        brow=mix(hair, dark, 0.55),
        iris=between(IRIS, who.iris * (1 if who.skin < 0.6 else 0.3)),
        clothes=CLOTHES[int(who.clothes * len(CLOTHES))],
        backdrop=mix((214, 226, 234), between(CLOTHES, 1 - who.clothes), 0.35),
    )


def between(colours: Sequence[Colour], place: float) -> Colour:
    """Return the colour at a place in [0, 1] along some."""
    position = min(max(place, 0.0), 1.0) * (len(colours) - 1)
    first = min(int(position), len(colours) - 2)
    return mix(colours[first], colours[first + 1], position - first)
