import hashlib
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.faces import UNITS, Faces, render, sample
from benchmarks.faces.latent import HAIR, OCCLUDERS, Light, Noise, Occlusion, Pose
from benchmarks.faces.sheet import plain

PEOPLE = range(12)
ROWS = {  # of the 112, where a unit may change a face that looks straight ahead
    "AU1": (20, 52),
    "AU2": (20, 52),
    "AU4": (32, 62),
    "AU5": (32, 62),
    "AU6": (42, 80),
    "AU7": (42, 64),
    "AU9": (32, 76),
    "AU10": (55, 88),
    "AU11": (58, 90),
    "AU12": (60, 92),
    "AU15": (71, 99),
    "AU17": (70, 106),
    "AU20": (72, 94),
    "AU23": (70, 95),
    "AU24": (66, 97),
    "AU25": (71, 99),
    "AU26": (58, 112),
}
VISIBLE = 24
"""Levels out of 255 by which a pixel visibly changes."""


def changed(face, other):
    return np.abs(render(face).astype(int) - render(other)).max(2)


def test_image_is_rgb():
    image = render(sample(0, 0))
    assert image.shape == (112, 112, 3)
    assert image.dtype == np.uint8
    assert not (image[..., 0] == image[..., 2]).all()


@pytest.mark.parametrize("unit", UNITS)
def test_unit_shows_where_it_should_and_nowhere_else(unit):
    top, bottom = ROWS[unit]
    for person in PEOPLE:
        change = changed(plain(person, [unit]), plain(person))
        assert (change >= VISIBLE).sum() >= 40, person
        assert change[:top].max(initial=0) < 8, person
        assert change[bottom:].max(initial=0) < 8, person
        assert change[:, :8].max() < 8, person


@pytest.mark.parametrize("unit", UNITS)
def test_unit_shows_the_more_the_stronger(unit):
    strong = np.mean([changed(plain(person, [unit]), plain(person)).sum() for person in PEOPLE])
    weak = np.mean([changed(plain(person, [unit], 0.4), plain(person)).sum() for person in PEOPLE])
    assert 0 < weak < strong


def test_units_look_different_from_each_other():
    images = [render(plain(3, [unit])) for unit in UNITS]
    for place, image in enumerate(images):
        for other in images[:place]:
            assert (np.abs(image.astype(int) - other).max(2) >= VISIBLE).sum() >= 40


@pytest.mark.parametrize(
    "nuisance",
    [
        *(
            {"pose": Pose(yaw=15)},
            {"pose": Pose(pitch=10)},
            {"pose": Pose(roll=10)},
            {"pose": Pose(scale=0.9)},
        ),
        *({"light": Light(90)}, {"light": Light(brightness=0.7)}, {"light": Light(warmth=1)}),
        *({"occlusion": Occlusion(kind)} for kind in OCCLUDERS),
        *({"identity": sample(0, 0).identity._replace(hair=hair)} for hair in HAIR[1:]),
        {"noise": Noise(0.05)},
    ],
    ids=str,
)
def test_nuisance_shows(nuisance):
    face = plain(0)
    face = face._replace(identity=face.identity._replace(hair=HAIR[0]))
    assert (changed(face, face._replace(**nuisance)) >= VISIBLE).sum() >= 150


def test_expression_shows_by_its_units_alone():
    assert not changed(plain(0, expression=0), plain(0, expression=4)).any()


def test_noise_is_as_strong_as_it_says():
    face = plain(0)
    noisy = render(face._replace(noise=Noise(0.05, 7))).astype(float) - render(face)
    assert abs(noisy.std() / 255 - 0.05) < 0.003
    assert abs(noisy.mean()) < 0.5


def test_every_face_of_many_can_be_drawn():
    faces = Faces(identity=1.5, pose=1.5, light=1.5, occlusion=1.0, floor=0.5)
    for index in range(60):
        image = render(sample(9, index, faces))
        assert 5 < image.std() < 128


def test_another_process_draws_the_same_bits():
    code = (
        "import hashlib; from benchmarks.faces import render, sample;"
        "print(hashlib.sha256(b''.join(render(sample(4, i)).tobytes() for i in (5, 2, 9))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(render(sample(4, index)).tobytes() for index in (5, 2, 9)))
    assert there.stdout.strip() == here.hexdigest()
