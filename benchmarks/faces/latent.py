"""What a face is made of, and how it is drawn by lot: every image is a function of its seed and its index."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coupling import Relatedness, knowledge

TABLE = knowledge.du2014()
EXPRESSIONS, UNITS = TABLE.classes, TABLE.attributes

SEEDS = 2**32
"""Seeds of training sets are below; those above are the held-out sets'."""

HAIR = ("shaved", "short", "parted", "fringe", "long", "curly")
BEARDS = ("none", "none", "none", "none", "beard", "moustache")
OCCLUDERS = ("hand", "scarf", "sunglasses", "bar")


class Identity(NamedTuple):
    """Who it is: proportions in [-1, 1], colours in [0, 1]."""

    width: float
    jaw: float
    chin: float
    eye_size: float
    eye_shape: float
    eye_tilt: float
    eye_distance: float
    brow_height: float
    brow_tilt: float
    brow_arch: float
    brow_weight: float
    nose_length: float
    nose_width: float
    mouth_width: float
    mouth_height: float
    mouth_curve: float
    lips: float
    skin: float
    hair_colour: float
    iris: float
    clothes: float
    age: float
    hair: str
    beard: str


PROPORTIONS, COLOURS = 17, 5
"""How many of an identity's fields are which."""


class Pose(NamedTuple):
    """Angles in degrees, shifts in pixels, and the scale."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    right: float = 0.0
    down: float = 0.0
    scale: float = 1.0


class Light(NamedTuple):
    """Where it comes from in degrees (0 above, 90 from the right), how uneven, how bright, how warm it is."""

    angle: float = -30.0
    contrast: float = 0.2
    brightness: float = 0.98
    warmth: float = 0.0


class Occlusion(NamedTuple):
    """What is before the face ("" is nothing), where along its path, turned how far, in which colour."""

    kind: str = ""
    place: float = 0.5
    turn: float = 0.5
    colour: float = 0.5


class Noise(NamedTuple):
    """The standard deviation as a fraction of white, and the key of the draw."""

    strength: float = 0.0
    key: int = 0


class Face(NamedTuple):
    """All that an image shows; `expression` indexes EXPRESSIONS, `units` are intensities, 0 if inactive."""

    identity: Identity
    pose: Pose
    light: Light
    occlusion: Occlusion
    noise: Noise
    expression: int
    units: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Faces:
    """How hard the faces are to read: strengths of the nuisances, 0 is none.

    Args:
        intensity: the range from which an active unit's intensity is drawn.
        dropout: the probability that a prototypical unit of the expression is not active.
        floor: the probability of each unit that Table 1 does not list for the expression.
        identity: how far proportions vary.
        pose: how far the head turns and shifts; at 1 up to 25 degrees to a side.
        light: how far light varies.
        occlusion: the fraction of faces that something covers in part.
        noise: standard deviation of the pixels' noise, a fraction of white.
        prior: the frequencies of the expressions, in the order of EXPRESSIONS.
    """

    intensity: tuple[float, float] = (0.3, 1.0)
    dropout: float = 0.1
    floor: float = 0.05
    identity: float = 1.0
    pose: float = 1.0
    light: float = 1.0
    occlusion: float = 0.25
    noise: float = 0.08
    prior: tuple[float, ...] = field(default=(1 / 7,) * 7)

    def __post_init__(self) -> None:
        low, high = self.intensity
        if not 0 < low <= high <= 1:
            raise ValueError(f"intensity should be a range within (0, 1], is {self.intensity}")
        for name in ("dropout", "floor", "occlusion"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} should be in [0, 1], is {getattr(self, name)}")
        for name in ("identity", "pose", "light", "noise"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} should be 0 or more, is {getattr(self, name)}")
        prior = np.asarray(self.prior)
        if prior.shape != (len(EXPRESSIONS),) or not (prior >= 0).all() or abs(prior.sum() - 1) > 1e-6:
            raise ValueError(f"prior should be {len(EXPRESSIONS)} frequencies that sum to 1, is {self.prior}")


DEFAULT = Faces()


def relatedness(faces: Faces = DEFAULT) -> Relatedness:
    """Return how often each unit is active in each expression: the probabilities that faces are drawn with.

    Table 1, `knowledge.du2014()`, is what psychology knows of it: it has no dropout and no floor.
    """
    return Relatedness(_conditional(faces), classes=EXPRESSIONS, attributes=UNITS, source=repr(faces))


@cache
def _conditional(faces: Faces) -> npt.NDArray[np.float64]:
    weights = TABLE.weights
    return np.where(weights == 1, 1 - faces.dropout, np.where(weights > 0, weights, faces.floor))


def sample(seed: int, index: int, faces: Faces = DEFAULT) -> Face:
    """Draw face `index` of `seed`; it depends on nothing else.

    Uniform numbers alone are drawn, in one go: their stream is the same in every version of NumPy.
    """
    uniform = np.random.Generator(np.random.Philox(key=[seed, index])).random(96)
    draws: Iterator[float] = iter(uniform[2 * len(UNITS) + 1 :].tolist())

    def spread(reach: float) -> float:
        return reach * (2 * next(draws) - 1)

    expression = int(np.searchsorted(np.cumsum(faces.prior)[:-1], uniform[0], side="right"))
    active = uniform[1 : len(UNITS) + 1] < _conditional(faces)[expression]
    low, high = faces.intensity
    intensities = np.where(active, low + (high - low) * uniform[len(UNITS) + 1 : 2 * len(UNITS) + 1], 0.0)
    proportions = [spread(faces.identity) for _ in range(PROPORTIONS)]
    colours = [next(draws) for _ in range(COLOURS)]
    hair, beard = (kinds[int(next(draws) * len(kinds))] for kinds in (HAIR, BEARDS))
    yaw, pitch, roll, right, down, scale = (spread(faces.pose * reach) for reach in (25, 12, 12, 4, 4, 0.08))
    light = Light(
        angle=-30 + spread(faces.light * 150),
        contrast=0.25 + spread(min(faces.light, 1) * 0.25),
        brightness=0.95 + spread(min(faces.light, 2) * 0.25),
        warmth=spread(faces.light),
    )
    covered = next(draws) < faces.occlusion
    kind = OCCLUDERS[int(next(draws) * len(OCCLUDERS))]
    occlusion = Occlusion(kind if covered else "", *(next(draws) for _ in range(3)))
    return Face(
        identity=Identity._make([*proportions, *colours, hair, beard]),
        pose=Pose(yaw, pitch, roll, right, down, 1 + scale),
        light=light,
        occlusion=occlusion,
        noise=Noise(faces.noise, int(next(draws) * 2**53)),
        expression=expression,
        units=tuple(intensities.tolist()),
    )


def labels(face: Face) -> tuple[int, tuple[float, ...]]:
    """Return the expression and, for each unit, whether it is active."""
    return face.expression, tuple(float(intensity > 0) for intensity in face.units)
