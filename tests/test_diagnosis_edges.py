"""Diagnoses at the edges, and one of them whole, by hand."""

import math

import numpy as np
import pandas
import pytest

from coupling import Relatedness, diagnose, directed

BIRDS = Relatedness([[1, 0], [0, 1]], classes=["gull", "crow"], attributes=["white", "black"])


def test_everything_as_plain_values() -> None:
    q = math.e / (math.e + 1)
    found = diagnose(BIRDS, [0, 0, 1, -1], [[1, 0], [2, -1], [0.5, 1], [-1, 1]]).to_dict()
    assert found == {
        "classes": ["gull", "crow"],
        "attributes": ["white", "black"],
        "temperature": 1.0,
        "unknown_classes": [],
        "empty_classes": [],
        "empty_attributes": [],
        "same_conditional": [],
        "same_weights": [],
        "hardened": 0,
        "fullest_classes": ["gull", "crow"],
        "fullest_complete": False,
        "soft_labels": [pytest.approx(q), pytest.approx(q)],
        "largest_soft_label": pytest.approx(q),
        "soft_label_bound": pytest.approx(q),
        "sharp_temperature": pytest.approx(1 / math.log(9)),
        "information": [pytest.approx(0.9182958), pytest.approx(0.9182958)],
        "determined": [pytest.approx(1.0), pytest.approx(1.0)],
        "determination": pytest.approx(1.0),
        "class_label_counts": [2, 1],
        "attribute_label_counts": [2, 3],
        "class_labelled": 3,
        "attribute_labelled": 3,
        "both_labelled": 2,
        "matching": "sample",
        "soft_label": "indicator",
        "preset": directed(3, 3),
    }


def test_groups_are_lists() -> None:
    assert diagnose(Relatedness([[0.5]] * 2)).to_dict()["same_weights"] == [["class_0", "class_1"]]


def test_no_class_is_known() -> None:
    found = diagnose(Relatedness([[1.0]], known=[False]))
    assert found.largest_soft_label == found.soft_label_bound == 0
    assert found.fullest_classes == ()


def test_the_fullest_class_needs_no_certain_attribute() -> None:
    assert diagnose(Relatedness([[0.5], [0.25]])).fullest_classes == ("class_0",)


def test_complete_is_who_has_what_any_class_has() -> None:
    assert diagnose(Relatedness([[1, 0], [0, 0]])).fullest_complete


def test_a_weight_of_0_hardens_nothing() -> None:
    assert diagnose(Relatedness([[1.0, 1.0]], [[0.0, 0.5]])).hardened == 1


def test_a_table_has_its_columns_by_name() -> None:
    table = pandas.DataFrame({"black": [1.0, -1.0], "white": [0.0, 0.0]})
    assert diagnose(BIRDS, None, table).attribute_label_counts == (2, 1)


@pytest.mark.parametrize("temperature", [1e-310, 1e-300])
def test_temperatures_next_to_0(temperature: float) -> None:
    """Though the shares of seven equal weights add up to more than 1 by rounding."""
    weights = np.zeros((2, 8))
    weights[0, :7], weights[1, 7] = 0.3, 1.0
    found = diagnose(Relatedness(weights), temperature=temperature)
    assert found.soft_labels == (1.0, 1.0)
    assert found.largest_soft_label == 1.0
