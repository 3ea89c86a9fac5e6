import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dataset_trees import aff_wild2, clothing, cub, emotionet, raf_db
from dataset_trees.files import text

from benchmarks import databases
from benchmarks import records as io
from benchmarks.__main__ import main
from benchmarks.augmentations import AUGMENTATIONS
from benchmarks.datasets import LOADERS
from benchmarks.recipes import RECIPES
from benchmarks.samples import Size
from benchmarks.settings import BY_TABLE, settings
from benchmarks.suite import planned
from benchmarks.suites import Suite
from coupling import knowledge

SIDE = 8


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Suite]:
    """Return what makes a suite of databases that are written before."""
    writers = {
        "cub": cub.write,
        "emotionet": emotionet.write,
        "aff-wild2": aff_wild2.write,
        "raf-db": lambda root: raf_db.write(root, train=tuple(range(1, 8)) * 3),
        "clothing": lambda root: clothing.write(root, labels=clothing.sample(61)),
    }

    def written(name: str) -> Path:
        if not (tmp_path / name).exists():
            writers[name](tmp_path / name)
        return tmp_path / name

    def made(name: str, attributes: str | None = None, counted: str | None = None, **more: Any) -> Suite:
        return databases.suite(
            name,
            written(name),
            attributes_from=attributes and (attributes, written(attributes), {}),
            counted_on=counted and (counted, written(counted), {}),
            size=SIDE,
            cache=tmp_path / "cache",
            **more,
        )

    return made


def labelled(samples):
    return samples.class_labels >= 0, ~np.isnan(samples.attribute_labels).all(1)


def test_every_database_has_a_recipe():
    assert tuple(RECIPES) == LOADERS


def test_recipes_are_the_paper_s():
    printed = {
        name: (RECIPES[name].size, RECIPES[name].batch) for name in ("celeba", "cub", "shoes", "clothing")
    }
    assert printed == {"celeba": (112, 200), "cub": (280, 150), "shoes": (280, 100), "clothing": (280, 50)}
    faces = [recipe for recipe in RECIPES.values() if recipe.expressions]
    assert {(recipe.size, recipe.augmentation) for recipe in faces} == {(112, "mixaugment")}
    assert {recipe.augmentation for recipe in RECIPES.values()} <= set(AUGMENTATIONS)


def test_what_is_chosen_takes_the_place_of_a_recipe(make):
    schedule = make("clothing", steps=3, augmentation="affine").at(1).schedule  # of a fold, too
    assert (schedule.steps, schedule.augmentation, schedule.checkpoint_every) == (3, "affine", 500)
    assert make("cub").schedule.augmentation == "affine"
    assert make("cub", augmentation="none").schedule.augmentation == "none"


def test_one_database_has_both_kinds_of_labels(make):
    suite = make("cub")
    (size,) = suite.sizes
    sets = suite.training_set(size, seed=0), suite.validation_set(size, seed=0), suite.test_set()
    assert [len(own.images) for own in sets] == [4, 2, 3]
    assert size == Size(4, 4, 4)
    assert sets[0].images[:].shape == (4, SIDE, SIDE, 3)
    assert len({image.tobytes() for own in sets for image in own.images[:]}) == 9
    assert suite.relatedness().attributes == cub.ATTRIBUTES
    assert not any(name.endswith(BY_TABLE) for name in suite.settings)


def test_of_two_databases_one_gives_the_classes_the_other_the_attributes(make):
    suite = make("raf-db", "emotionet")
    assert (suite.name, suite.title) == ("raf-db-emotionet", "RAF-DB and EmotioNet")
    for own in (suite.training_set(suite.sizes[0], seed=0), suite.test_set()):
        classed, attributed = labelled(own)
        assert not (classed & attributed).any()
        assert classed.any()
        assert attributed.any()
    train = suite.training_set(suite.sizes[0], seed=0)
    alone = make("raf-db", "emotionet", options={}).training_set(suite.sizes[0], seed=1)
    np.testing.assert_array_equal(train.images[:], alone.images[:])
    assert suite.sizes == (Size(14, 7),)
    assert suite.relatedness() == knowledge.du2014().align("raf-db", "emotionet")
    assert list(suite.relatednesses) == ["table"]


def test_relatedness_counted_on_a_third_is_for_these_names(make):
    suite = make("raf-db", "emotionet", "aff-wild2")
    counted, table = suite.relatedness(), suite.relatedness("table")
    assert (counted.classes, counted.attributes) == (table.classes, table.attributes)
    own = make("aff-wild2").relatedness()
    row, column = own.classes.index("Happiness"), own.attributes.index("AU12")
    found = counted.conditional[counted.classes.index("Happiness"), counted.attributes.index("AU12")]
    assert found == own.conditional[row, column]
    assert any(name.endswith(BY_TABLE) for name in suite.settings)


def test_a_class_that_the_table_lacks_is_unknown(make):
    table = make("aff-wild2").relatedness("table")
    assert table.classes[-1] == "Other"
    assert table.known.tolist() == [True] * 7 + [False]


def test_without_a_relatedness(make):
    with pytest.raises(
        ValueError, match="counted_on should name a database with labels of both kinds, got none"
    ):
        make("cub", "emotionet")


def test_classes_alone(make):
    with pytest.raises(ValueError, match="the training set should hold labels of attributes, holds none"):
        make("raf-db")


def test_an_option_that_the_loader_lacks(make):
    with pytest.raises(
        ValueError, match="options of cub should be among crop, min_certainty, got 'certainty'"
    ):
        make("cub", options={"certainty": 1})


@pytest.mark.parametrize(
    "names", [("cub",), ("raf-db", "emotionet", "aff-wild2"), ("clothing",)], ids="-".join
)
def test_workers_can_be_given_a_suite(make, names):
    suite = make(*names)
    again = pickle.loads(pickle.dumps(suite))
    assert (again, hash(again)) == (suite, hash(suite))
    np.testing.assert_array_equal(again.test_set().images[:], suite.test_set().images[:])
    for name in suite.settings:
        suite.relatedness(settings(suite.sizes[0])[name].relatedness)


def test_seeds_of_clothing_are_the_folds(make):
    suite = make("clothing")
    assert suite.seeds == 12
    runs = planned("torch", suite, seeds=4, smoke=True)
    tests = [{image.tobytes() for image in run.suite.test_set().images[:]} for run in runs[:4]]
    assert [len(own) for own in tests] in ([31, 30, 31, 30], [30, 31, 30, 31])
    assert not tests[0] & tests[1]
    assert not tests[2] & tests[3]
    assert tests[0] | tests[1] == tests[2] | tests[3]
    assert tests[0] not in tests[2:]
    counted = [run.suite.relatedness().conditional for run in runs[:2]]
    assert not np.array_equal(*counted)  # each on its own half


def test_a_fold_may_be_chosen(make):
    suite = make("clothing", options={"repetition": 1, "fold": 1})
    np.testing.assert_array_equal(suite.test_set().images[:], make("clothing").at(3).test_set().images[:])
    assert suite.at(0) is suite


def test_no_more_images_are_predicted_for_than_fit(make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(databases, "MOST", {1: 2, 2: 20})
    databases.annotations.cache_clear()
    databases.load.cache_clear()
    suite = make("clothing", options={"fold": 0})
    samples = suite.training_set, suite.validation_set
    train, validation = (draw(suite.sizes[0], seed=0) for draw in samples)
    assert len(train.images) > 20
    assert (len(validation.images), len(suite.test_set().images)) == (2, 20)
    (data,) = suite.facts["data"]
    drawn = "images for test, 20 are predicted for, drawn once"
    assert [note for note in data["notes"] if drawn in note] == [f"of 31 {drawn}"]


def test_the_record_says_what_was_left_out(make, tmp_path: Path):
    cub.write(tmp_path / "cub")
    text(tmp_path / "cub" / cub.IMAGE, ["no image"])
    suite = make("cub")
    (data,) = suite.facts["data"]
    assert data["images"] == {"train": 4, "validation": 1, "test": 3}
    assert data["left_out"] == {"unreadable image": {"count": 1, "examples": [cub.IMAGE.partition("/")[2]]}}
    databases.annotations.cache_clear()
    databases.load.cache_clear()
    assert make("cub").facts == suite.facts  # where images were read before


ARGUMENTS = ("--network", "small", "--image-size", str(SIDE), "--smoke")


def test_a_database_is_trained_on_and_reported(tmp_path: Path, capsys):
    """Of two folds with different numbers of test images, one image unreadable."""
    clothing.write(tmp_path / "data", labels=clothing.sample(60))
    text(tmp_path / "data" / clothing.IMAGE, ["no image"])
    places = ("--data-root", tmp_path / "data", "--cache", tmp_path / "cache", "--output", tmp_path / "out")
    assert main(["torch", "--suite", "clothing", *map(str, places), *ARGUMENTS]) == 0, capsys.readouterr().err
    records = io.load(tmp_path / "out/records.jsonl")
    assert not (tmp_path / "out/checkpoints").exists()
    assert [record.truth["classes"]["shape"][0] for record in records] in ([30, 29] * 3, [29, 30] * 3)
    for name in ("report.md", "report.html"):
        report = (tmp_path / "out" / name).read_text()
        assert "left out: unreadable image: 1 (images/000001.jpg)" in report
        assert "Clothing Attributes with PyTorch" in report
    assert main(["report", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out/report.html").read_text() == report


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--data-root should be the directory of cub, is not given"),
        (["--data-root", "nowhere"], "nowhere: not a directory; root should hold"),
        (
            ["--data-root", ".", "--attributes-root", "."],
            "--attributes-suite and --attributes-root should both",
        ),
        (["--data-root", ".", "-o", "certainty=3"], "options of cub should be among crop, min_certainty"),
        (["--data-root", ".", "-o", "crop=no"], "crop of cub should be True or False, got 'no'"),
        (
            ["--data-root", ".", "--counted-option", "seed=1"],
            "--counted-suite and --counted-root should both",
        ),
    ],
)
def test_errors_are_one_line(arguments, message, tmp_path: Path, capsys):
    assert main(["torch", "--suite", "cub", "--output", str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("benchmarks: ")
    assert message in error
    assert error.count("\n") == 1


def test_options_of_each_database_are_its_own(tmp_path: Path, capsys):
    raf_db.write(tmp_path / "raf")
    emotionet.write_table(tmp_path / "emotionet", units=(1, 2), labels=[[1, 0], [0, 1], [1, 1]])
    places = ("--data-root", tmp_path / "raf", "--attributes-root", tmp_path / "emotionet")
    arguments = ["--attributes-suite", "emotionet", *map(str, places)]
    chosen = ["--attributes-option", "table=manual.csv", "--attributes-option", "units=('AU1', 'AU9')"]
    assert main(["torch", "--suite", "raf-db", "--output", str(tmp_path / "out"), *arguments, *chosen]) == 1
    assert "units should be among the columns of the files, got 'AU9'" in capsys.readouterr().err


def test_names_that_do_not_fit_are_one_line(make):
    with pytest.raises(ValueError, match="the relatedness should be of these names: "):
        make("raf-db", "cub").relatedness()
