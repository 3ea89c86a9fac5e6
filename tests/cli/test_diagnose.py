"""`coupling relatedness diagnose` says what `coupling.diagnose` says of the same labels."""

import json
from pathlib import Path

import numpy as np
import pytest
from commands import assert_refused, run

from coupling import Relatedness, diagnose

TABLE = Relatedness(
    [[0.75, 0.5, 0.0], [0.25, 0.5, 1.0]], classes=["gull", "crow"], attributes=["white", "large", "black"]
)
LABELS = "black,bird,white\n,gull,1\n1,crow,\n0,,1\n-1,gull,\n"
CLASSES = np.array([0, 1, -1, 0])
ATTRIBUTES = np.array([[np.nan, 1], [1, np.nan], [0, 1], [-1, np.nan]])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    TABLE.save("birds.json")
    Path("labels.csv").write_text(LABELS)


def test_without_labels() -> None:
    expected = diagnose(TABLE, temperature=0.5)
    done = run("relatedness", "diagnose", "birds.json", "--temperature", 0.5)
    assert done == (0, f"{expected}\n", "")
    done = run("relatedness", "diagnose", "birds.json", "--temperature", 0.5, "--json")
    assert json.loads(done.out) == json.loads(json.dumps(expected.to_dict()))


def test_with_labels() -> None:
    options = ["--class", "bird", "--attributes", "white", "--attributes", "black"]
    done = run("relatedness", "diagnose", "birds.json", "labels.csv", *options)
    expected = diagnose(TABLE.align(attributes=["black", "white"]), CLASSES, ATTRIBUTES)
    assert done == (0, f"{expected}\n", "")


def test_labels_in_pieces() -> None:
    """Several files, a row each, are counted as one."""
    head, *rows = LABELS.splitlines()
    for number, row in enumerate(rows):
        Path(f"{number}.csv").write_text(f"{head}\n{row}\n")
    options = ["--class", "bird", "--attributes", "white", "--attributes", "black", "--json"]
    whole = run("relatedness", "diagnose", "birds.json", "labels.csv", *options)
    assert run("relatedness", "diagnose", "birds.json", "[0-3].csv", *options) == whole
    assert json.loads(whole.out)["both_labelled"] == 2


def test_columns_are_the_attributes_by_default() -> None:
    done = run("relatedness", "diagnose", "birds.json", "labels.csv", "--class", "bird")
    assert_refused(done, message="labels.csv: should have columns 'large', has none")
    Path("labels.csv").write_text("bird,black,large,white\ngull,0,1,1\n")
    done = run("relatedness", "diagnose", "birds.json", "labels.csv", "--class", "bird")
    own = TABLE.align(attributes=["black", "large", "white"])
    assert done.out == f"{diagnose(own, np.array([0]), np.array([[0.0, 1.0, 1.0]]))}\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--class", "bird", "--attributes", "b*", "--attributes", "bird2"], "should have columns 'bird2'"),
        (["--class", "white", "--attributes", "black"], "column 'white' should be below 2"),
        (["--class", "bird", "--attributes", "other"], "got 'other'"),
        (["--class", "kind", "--attributes", "black"], "column 'kind' should hold names of the classes"),
    ],
)
def test_labels_of_something_else(options: list[str], message: str) -> None:
    Path("labels.csv").write_text("black,bird,white,other,kind\n1,gull,2,1,tern\n")
    assert_refused(run("relatedness", "diagnose", "birds.json", "labels.csv", *options), message=message)
