"""From a face to pixels: its marks are turned with the head, drawn large, reduced, lit, and made noisy."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.faces import cover, eyes, head, mouth
from benchmarks.faces.curves import Colour, Mark
from benchmarks.faces.latent import Face, Light, Noise, Pose
from benchmarks.faces.plan import Plan, plan

SIZE = 112
LARGE = 3
"""Shapes are drawn this many times as large: their edges are smooth once reduced."""

UNIT = 44.0
"""Pixels per head unit."""

CENTRE = (56.0, 57.0)
ROUND = 0.7
"""How far the middle of the face stands out before its outline, in head units."""


def render(face: Face) -> npt.NDArray[np.uint8]:
    """Return the image (112, 112, 3) of a face, RGB; the same face gives the same bits."""
    shape = plan(face)
    marks = list(_marks(face, shape))
    outlines = _project(marks, face.pose)
    tint = _tint(face.light)
    colours = Image.new("RGB", (SIZE * LARGE,) * 2, _whole(shape.colours.backdrop, tint))
    relief = Image.new("L", (SIZE, SIZE), 128)
    draw, soft = ImageDraw.Draw(colours), ImageDraw.Draw(relief)
    for mark, points in zip(marks, outlines, strict=True):
        if isinstance(mark.ink, tuple):
            draw.polygon(points, fill=_whole(mark.ink, tint))
        else:
            soft.polygon(points, fill=round(128 * (1 + mark.ink)))
    lit = _shade(face.light) * np.asarray(relief.filter(ImageFilter.GaussianBlur(1.6)))
    image = np.array(colours.reduce(LARGE), np.float32).reshape(SIZE, SIZE * 3)  # contiguous: faster
    image *= np.repeat(lit, 3, axis=1)
    image += np.repeat(_noise(face.noise), 3, axis=1)
    np.clip(image, 0, 255, out=image)
    return image.astype(np.uint8).reshape(SIZE, SIZE, 3)


def _marks(face: Face, shape: Plan) -> Iterator[Mark]:
    """Draw what is behind first."""
    who = face.identity
    yield from head.behind(shape, who.hair)
    yield from head.head(shape)
    yield from eyes.forehead(shape)
    yield from head.beard_of(shape, who.beard)
    yield from mouth.folds(shape, who)
    for side in (-1, 1):
        yield from eyes.eye(shape, who, side)
    yield from eyes.brows(shape, who)
    yield from mouth.nose(shape)
    yield from mouth.mouth(shape, who)
    yield from head.hair_of(shape, who.hair)
    yield from cover.cover(shape, face.occlusion)


def _project(marks: list[Mark], pose: Pose) -> list[list[float]]:
    """Turn points on a rounded surface about the head's centre; give each mark's x, y, x, y ... in pixels.

    Those of colours are as much larger as these are drawn.
    """
    lengths = [len(mark.points) for mark in marks]
    x, y = np.concatenate([mark.points for mark in marks]).T
    depth = np.repeat([mark.depth for mark in marks], lengths)
    z = depth + ROUND * np.sqrt(np.maximum(0.0, 1 - (x / 0.78) ** 2 - (y / 1.05) ** 2))
    yaw, pitch, roll = np.deg2rad(pose[:3])
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y = y * np.cos(pitch) + z * np.sin(pitch)
    large = np.repeat([LARGE if isinstance(mark.ink, tuple) else 1 for mark in marks], lengths)
    scale = UNIT * pose.scale
    pixels = np.empty((len(x), 2))
    pixels[:, 0] = CENTRE[0] + pose.right + scale * (x * np.cos(roll) - y * np.sin(roll))
    pixels[:, 1] = CENTRE[1] + pose.down + scale * (x * np.sin(roll) + y * np.cos(roll))
    flat: list[float] = (pixels * large[:, None]).ravel().tolist()
    ends = (2 * np.cumsum(lengths)).tolist()
    return [flat[end - 2 * length : end] for end, length in zip(ends, lengths, strict=True)]


_RAMP = np.linspace(-1, 1, SIZE, dtype=np.float32)


def _shade(light: Light) -> npt.NDArray[np.float32]:
    """Return how bright each pixel is, per unit of relief: brighter on the side that light comes from."""
    angle = np.deg2rad(light.angle)
    right, up = light.contrast * np.array([np.sin(angle), np.cos(angle)], np.float32) / 128
    shade: npt.NDArray[np.float32] = np.float32(1 / 128) + right * _RAMP[None, :] - up * _RAMP[:, None]
    return shade


def _noise(noise: Noise) -> npt.NDArray[np.float32]:
    """Draw grain, and the half that rounds to the nearest whole number."""
    if not noise.strength:
        return np.full((SIZE, SIZE), 0.5, np.float32)
    grain = np.random.Generator(np.random.SFC64(noise.key)).standard_normal((SIZE, SIZE), np.float32)
    return grain * np.float32(255 * noise.strength) + np.float32(0.5)


def _tint(light: Light) -> Colour:
    """Return by what light multiplies red, green and blue."""
    warm = 0.12 * light.warmth
    return light.brightness * (1 + warm), light.brightness, light.brightness * (1 - warm)


def _whole(colour: Colour, tint: Colour) -> tuple[int, int, int]:
    red, green, blue = (int(part * share + 0.5) for part, share in zip(colour, tint, strict=True))
    return min(red, 255), min(green, 255), min(blue, 255)
