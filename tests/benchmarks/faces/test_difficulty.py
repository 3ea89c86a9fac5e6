import numpy as np
from rich.console import Console

from benchmarks.faces import Faces, difficulty, held_out, relatedness
from benchmarks.faces.__main__ import main


def test_scores_are_fractions_of_each_task_and_size(capsys, tmp_path):
    scores = difficulty.measure(Console(), (12, 24), steps=3, test=20, cache=tmp_path)
    assert set(scores) == {"expressions", "units"}
    assert all(len(found) == 2 and all(0 <= score <= 1 for score in found) for found in scores.values())
    assert capsys.readouterr().out.count("labelled images:") == 4


def test_ceiling_is_that_of_bayes_rule():
    tested = held_out("test", 40)
    clean = Faces(dropout=0.001, floor=0.001)
    assert 0.85 < difficulty.ceiling(tested) <= 1
    table = relatedness(clean).conditional
    exact = tested._replace(class_labels=np.arange(7), attribute_labels=np.round(table))
    assert difficulty.ceiling(exact, clean) == 1
    always_sad = Faces(prior=(0, 0, 1, 0, 0, 0, 0), dropout=0.1, floor=0.1)
    assert difficulty.ceiling(exact, always_sad) == 1 / 7


def test_easy_faces_are_learned():
    faces = Faces(
        intensity=(1.0, 1.0), dropout=0, floor=0, pose=0, light=0, occlusion=0, noise=0, identity=0.5
    )
    scores = difficulty.measure(Console(quiet=True), (100,), faces=faces, steps=50, test=100)
    assert scores["expressions"][0] > 0.35  # guessing: 0.14
    assert scores["units"][0] > 0.28  # units guessed as often as they are: 0.20; about 0.36 with one thread


def test_options_are_those_of_faces(monkeypatch):
    asked = {}
    monkeypatch.setattr(difficulty, "measure", lambda console, sizes, **options: asked.update(options))
    assert main(["difficulty", "--noise", "0.1", "--occlusion", "0", "--steps", "7"]) == 0
    assert asked == {"faces": Faces(noise=0.1, occlusion=0.0), "steps": 7}


def test_option_out_of_range_is_one_line(capsys):
    assert main(["difficulty", "--occlusion", "2"]) == 1
    assert capsys.readouterr().err == "benchmarks.faces: occlusion should be in [0, 1], is 2.0\n"
