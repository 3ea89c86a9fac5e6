"""`Relatedness`: construction, tables, alignment."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coupling import Relatedness

matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(0, 1))


def test_defaults() -> None:
    table = Relatedness([[0, 1], [0.5, 0.25]])
    assert table.classes == ("class_0", "class_1")
    assert table.attributes == ("attribute_0", "attribute_1")
    assert table.known.tolist() == [True, True]
    assert np.array_equal(table.weights, table.conditional)
    assert table.conditional.dtype == table.weights.dtype == np.float64
    assert table.source == ""


@pytest.mark.parametrize("name", ["conditional", "weights", "known"])
def test_arrays_are_read_only(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(Relatedness([[0.5]]), name)[0] = 1


@pytest.mark.parametrize(
    "name", ["conditional", "weights", "classes", "attributes", "known", "source", "new"]
)
def test_immutable(name: str) -> None:
    table = Relatedness([[0.5]])
    with pytest.raises(AttributeError):
        setattr(table, name, None)


def test_does_not_share_memory_with_its_arguments() -> None:
    conditional = np.array([[0.5]])
    table = Relatedness(conditional)
    conditional[0, 0] = 1
    assert table.conditional[0, 0] == 0.5


@given(matrices)
def test_equality_compares_values_and_names(conditional: np.ndarray) -> None:
    table = Relatedness(conditional)
    twin = Relatedness(conditional, source="elsewhere")
    assert table == twin
    assert hash(table) == hash(twin)
    assert copy.deepcopy(table) == table
    assert pickle.loads(pickle.dumps(table)) == table
    assert table != Relatedness(conditional, classes=[f"c{i}" for i in range(len(conditional))])
    assert table != Relatedness(1 - conditional / 2)
    assert table != Relatedness(conditional, conditional + 1)
    assert table != Relatedness(conditional, known=np.zeros(len(conditional), bool))
    assert table != "table"
    assert hash(table) != hash(Relatedness(conditional, conditional + 1))


def test_negative_zero_is_zero() -> None:
    assert Relatedness([[-0.0]]) == Relatedness([[0.0]])


@pytest.mark.parametrize("code", [0xD800, 0xDC00, 0xDFFF])
def test_text_that_no_file_can_hold(code: int) -> None:
    with pytest.raises(ValueError, match="^source should be text that a file can hold"):
        Relatedness([[0.5]], source=f"a{chr(code)}")


@pytest.mark.parametrize("letter", ["\ud7ff", "\ue000", "\n"])
def test_text_that_a_file_can_hold(letter: str) -> None:
    assert Relatedness([[0.5]], source=letter).source == letter


def test_copies_stay_immutable() -> None:
    with pytest.raises(ValueError, match="read-only"):
        copy.deepcopy(Relatedness([[0.5]])).conditional[0, 0] = 1


def test_entries_that_are_masked_are_refused() -> None:
    values = np.ma.array([[0.5, 0.2]], mask=[[False, True]])
    for name in ("conditional", "weights"):
        with pytest.raises(ValueError, match=f"^{name} should have no masked entries, got 1$"):
            Relatedness(**{"conditional": [[0.5, 0.2]], name: values})
    assert Relatedness(np.ma.array([[0.5, 0.2]])) == Relatedness([[0.5, 0.2]])


def test_from_table() -> None:
    table = Relatedness.from_table(
        {"happy": ["AU12", "AU25"], "sad": ["AU4"]},
        {"happy": {"AU6": 0.51}, "afraid": {"AU25": 0.3}},
        classes=["neutral", "sad", "happy", "afraid"],
        attributes=["AU4", "AU6", "AU12", "AU25"],
        source="a study",
    )
    assert table.conditional.tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]]
    assert table.weights.tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 0.51, 1, 1], [0, 0, 0, 0.3]]
    assert table.known.all()
    assert table.source == "a study"


def test_from_table_orders_by_first_mention() -> None:
    table = Relatedness.from_table({"b": ["y"]}, {"a": {"x": 0.5}})
    assert (table.classes, table.attributes) == (("b", "a"), ("y", "x"))
    assert table.source == ""


def test_align() -> None:
    table = Relatedness(
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
        [[1, 2, 3], [4, 5, 6]],
        classes=["a", "b"],
        attributes=["x", "y", "z"],
        known=[True, False],
        source="here",
    )
    aligned = table.align(classes=["b", "a"], attributes=["z", "x"])
    assert aligned.conditional.tolist() == [[0.6, 0.4], [0.3, 0.1]]
    assert aligned.weights.tolist() == [[6, 4], [3, 1]]
    assert (aligned.classes, aligned.attributes) == (("b", "a"), ("z", "x"))
    assert aligned.known.tolist() == [False, True]
    assert aligned.source == "here"
    assert table.align() == table


@given(matrices, st.randoms())
def test_align_back_and_forth(conditional: np.ndarray, random: st.DataObject) -> None:
    table = Relatedness(conditional)
    classes, attributes = list(table.classes), list(table.attributes)
    random.shuffle(classes)
    random.shuffle(attributes)
    assert table.align(classes, attributes).align(table.classes, table.attributes) == table


def test_table_with_a_class_about_which_nothing_is_known() -> None:
    table = Relatedness.from_table({"gull": ["white"]}, {}, classes=["gull", "other"], known=[True, False])
    assert table.known.tolist() == [True, False]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            ({"gull": "white"}, {}),
            r"prototypical\['gull'\] should be a sequence of names, got the string 'white'",
        ),
        (({}, {"gull": ["white"]}), r"observational\['gull'\] should be a mapping, got list"),
        (([("gull", "white")], {}), "prototypical should be a mapping, got list"),
        (({}, [("gull", "white")]), "observational should be a mapping, got list"),
    ],
)
def test_table_that_is_none(tables: tuple, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        Relatedness.from_table(*tables)


def test_a_twin_with_the_arrays_of_a_framework() -> None:
    table = Relatedness([[0.5]], [[2.0]], classes=["a"], attributes=["x"], source="s", support=[[4]])
    twin = table._with_arrays("K", "W")
    assert (twin.conditional, twin.weights) == ("K", "W")
    for name in ("classes", "attributes", "source"):
        assert getattr(twin, name) == getattr(table, name)
    assert twin.known is table.known
    assert twin.support is table.support


def test_at_least_one_name_is_chosen() -> None:
    with pytest.raises(ValueError, match="^classes should have at least one name, got none$"):
        Relatedness([[0.5]]).align(classes=[])
