from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmarks.faces import EXPRESSIONS, UNITS, Faces, relatedness, sample
from coupling import knowledge

COUNT = 6000


@pytest.fixture(scope="module")
def drawn():
    return [sample(3, index) for index in range(COUNT)]


def test_names_are_those_of_table_1():
    table = knowledge.du2014()
    assert (table.classes, table.attributes) == (EXPRESSIONS, UNITS)
    known = relatedness()
    assert (known.classes, known.attributes) == (table.classes, table.attributes)


def test_relatedness_is_table_1_with_a_dropout_and_a_floor():
    conditional = relatedness(Faces(dropout=0.1, floor=0.02)).conditional
    table = knowledge.du2014()
    np.testing.assert_array_equal(conditional[table.weights == 1], 0.9)
    np.testing.assert_array_equal(conditional[table.weights == 0], 0.02)
    observational = (table.weights > 0) & (table.weights < 1)
    np.testing.assert_array_equal(conditional[observational], table.weights[observational])
    clean = relatedness(Faces(dropout=0, floor=0))
    np.testing.assert_array_equal(clean.conditional, table.weights)


def test_units_are_as_frequent_as_the_relatedness_says(drawn):
    conditional = relatedness().conditional
    expressions = np.array([face.expression for face in drawn])
    active = np.array([face.units for face in drawn]) > 0
    for kind in range(len(EXPRESSIONS)):
        of_kind = active[expressions == kind]
        for unit, probability in enumerate(conditional[kind]):
            test = binomtest(int(of_kind[:, unit].sum()), len(of_kind), probability)
            assert test.pvalue > 1e-5, (EXPRESSIONS[kind], UNITS[unit])


def test_units_tell_more_than_the_expression(drawn):
    happy = [face.units for face in drawn if EXPRESSIONS[face.expression] == "happiness"]
    assert len({tuple(np.array(units) > 0) for units in happy}) > 20


@pytest.mark.parametrize("prior", [(1 / 7,) * 7, (0.4, 0.2, 0.1, 0.1, 0.1, 0.1, 0.0)])
def test_expressions_are_as_frequent_as_the_prior_says(prior):
    kinds = [sample(0, index, Faces(prior=prior)).expression for index in range(1000)]
    for count, probability in zip(np.bincount(kinds, minlength=7), prior, strict=True):
        assert binomtest(int(count), 1000, probability).pvalue > 1e-4


def test_intensities_fill_their_range(drawn):
    intensities = np.array([face.units for face in drawn]).ravel()
    active = intensities[intensities > 0]
    assert 0.3 <= active.min() < 0.31
    assert 0.99 < active.max() <= 1
    assert abs(active.mean() - 0.65) < 0.01


def test_seed_and_index_decide(drawn):
    assert sample(3, 17) == drawn[17]
    assert len({sample(seed, index) for seed in range(5) for index in range(5)}) == 25


@pytest.mark.parametrize("part", ["pose", "light", "occlusion", "noise"])
def test_nuisance_changes_itself_alone(part):
    faces = Faces()
    changed = replace(faces, **{part: 0.0})
    for index in range(20):
        one, other = sample(5, index, faces), sample(5, index, changed)
        assert one._replace(**{part: getattr(other, part)}) == other
    without = [sample(5, index, changed) for index in range(20)]
    assert len({getattr(face, part)[:1] for face in without}) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"intensity": (0.0, 1.0)}, r"intensity should be a range within \(0, 1\], is \(0.0, 1.0\)"),
        ({"intensity": (0.8, 0.5)}, "intensity should be"),
        ({"dropout": -0.1}, r"dropout should be in \[0, 1\], is -0.1"),
        ({"occlusion": 1.5}, "occlusion should be"),
        ({"floor": float("nan")}, "floor should be"),
        ({"noise": -1.0}, "noise should be 0 or more, is -1.0"),
        ({"pose": float("nan")}, "pose should be"),
        ({"prior": (0.5, 0.5)}, "prior should be 7 frequencies that sum to 1"),
        ({"prior": (0.5,) * 7}, "prior should be"),
    ],
)
def test_parameters_out_of_range(wrong, message):
    with pytest.raises(ValueError, match=message):
        Faces(**wrong)
