"""Alignment by the names of others: spellings, the orders of datasets, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupling import Relatedness
from coupling._names import hint, visible
from coupling.knowledge import aff_wild2, du2014, orders

EXPRESSIONS = ("neutral", "happiness", "sadness", "fear", "anger", "surprise", "disgust")
SPELLINGS = {
    "neutral": ["Neutral", "NEUTRAL "],
    "happiness": ["Happy", "happy", " HAPPINESS", "'happy'"],
    "sadness": ["sad", "Sadness", '"Sad"'],
    "fear": ["Fear", "fearful", "Afraid"],
    "anger": ["ANGRY", "Anger"],
    "surprise": ["surprised", "Surprise\t"],
    "disgust": ["Disgusted", "disgust"],
}
UNIT_SPELLINGS = ["AU{0}", "AU{0:02}", "au_{0}", "'AU 1'", " au-{0} ", '"Au{0:02}"', "AU {0}"]


def table(classes: list[str], attributes: list[str]) -> Relatedness:
    values = np.arange(1, len(classes) * len(attributes) + 1).reshape(len(classes), len(attributes))
    return Relatedness(values / values.size, classes=classes, attributes=attributes)


@st.composite
def spelled_faces(draw: st.DrawFn) -> tuple[list[str], list[str], list[str], list[int]]:
    """Expressions and units of Table 1, each some of them in some order, with one spelling of each."""
    classes = draw(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, unique=True))
    units = draw(st.lists(st.sampled_from([1, 2, 4, 5, 6, 12, 25, 26]), min_size=1, unique=True))
    spelled = [draw(st.sampled_from(SPELLINGS[name])) for name in classes]
    attributes = [
        draw(st.sampled_from(UNIT_SPELLINGS)).replace("'AU 1'", f"'AU {unit}'").format(unit) for unit in units
    ]
    return classes, spelled, attributes, units


@given(spelled_faces())
def test_spellings_mean_the_same(faces: tuple[list[str], list[str], list[str], list[int]]) -> None:
    classes, spelled, attributes, units = faces
    plain = du2014().align(classes, [f"AU{unit}" for unit in units])
    aligned = du2014().align(spelled, attributes)
    assert np.array_equal(aligned.conditional, plain.conditional)
    assert np.array_equal(aligned.weights, plain.weights)
    assert (aligned.classes, aligned.attributes) == (tuple(spelled), tuple(attributes))
    assert aligned.align(spelled, attributes) == aligned
    assert aligned.align(classes, units) == plain


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8])
def test_integers_are_action_units(kind: type) -> None:
    aligned = du2014().align(attributes=[kind(12), "AU1", kind(4)])
    assert aligned == du2014().align(attributes=["AU12", "AU1", "AU4"])
    assert aligned.align(attributes=np.array([12, 1, 4])) == aligned


def test_exact_names_win() -> None:
    both = table(["happy", "happiness"], ["AU1", "AU01", " white"])
    aligned = both.align(["happiness", "happy"], ["AU01", " white", "AU1"])
    assert np.array_equal(aligned.conditional, both.conditional[[1, 0]][:, [1, 2, 0]])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"classes": ["Happy"]}, ValueError, "'Happy' could be 'happy' and 'happiness'"),
        ({"attributes": [3]}, KeyError, "attributes should be among.*got 'AU3'.*close matches: 'AU1'"),
        ({"attributes": [-1]}, ValueError, r"attributes\[0\] should be at least 0, got -1"),
        ({"attributes": ["AU1", True]}, TypeError, r"attributes\[1\] should be an integer, got bool"),
        ({"attributes": [1.0]}, TypeError, "attributes should be strings, got 1.0"),
        ({"attributes": ["white", " WHITE"]}, ValueError, "got 'white' and ' WHITE' for 'white'"),
        ({"attributes": ["au_1", 1]}, ValueError, "got 'au_1' and 'AU1' for 'AU1'"),
        ({"attributes": ["AU1", "AU1"]}, ValueError, "attributes should be unique, got 'AU1'"),
        ({"attributes": ["AU1a"]}, KeyError, "got 'AU1a'"),
        ({"classes": [1]}, TypeError, "classes should be strings, got 1"),
        ({"classes": ["sadness"]}, KeyError, "classes should be among.*got 'sadness'"),
        ({"classes": "affecnet"}, KeyError, "one of the orders 'affectnet', .*got 'affecnet'"),
        ({"classes": "emotionet"}, KeyError, "one of the orders 'affectnet', .*got 'emotionet'"),
        ({"attributes": "raf-db"}, KeyError, "one of the orders 'aff-wild2', .*got 'raf-db'"),
        (
            {"classes": "raf-db"},
            ValueError,
            "classes should each mean one .*'Happiness' could be 'happy' and 'happiness'",
        ),
        ({"classes": ["HAPPY"]}, ValueError, "classes should each mean one"),
    ],
)
def test_refused(options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        table(["happy", "happiness"], ["AU1", "white"]).align(**options)


def test_a_letter_more_is_another_name() -> None:
    with pytest.raises(KeyError, match="got 'Xerus'"):
        table(["erus"], ["white"]).align(classes=["Xerus"])


def test_two_that_could_be_meant_are_enough_to_say() -> None:
    with pytest.raises(ValueError, match="'SAD' could be 'sad' and 'Sad'$"):
        table(["sad", "Sad", "sadness"], ["white"]).align(classes=["SAD"])


def test_an_order_that_leaves_out_a_class_is_named() -> None:
    with pytest.raises(ValueError, match="^classes='abaw1' should have every class .* 'gull' is missing"):
        table(["gull"], ["white"]).align(classes="abaw1")


@pytest.mark.parametrize(
    ("entry", "names", "words"),
    [
        ("ab", ["abcdef", "xyz"], "close matches: 'abcdef'"),
        ("gul", ["gull", "gulls", "crow"], "close matches: 'gull', 'gulls'"),
        ("x" * 200, ["x" * 199 + "y"], f"close matches: '{'x' * 199}y'"),
        ("x" * 199, ["x" * 200], f"close matches: '{'x' * 200}'"),
        ("x" * 201, ["x" * 200], f"known: {'x' * 200}"),
        ("x" * 200, ["x" * 201], f"known: {'x' * 201}"),
        ("z", list("abcdefghij"), "known: a, b, c, d, e, f, g, h, i, j"),
        ("z", list("abcdefghijk"), "known: a, b, c, d, e, f, g, h, i, j, … (11 in all)"),
    ],
)
def test_hints(entry: str, names: list[str], words: str) -> None:
    assert hint(entry, names) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [("Überraschung 1", "Überraschung 1"), ("a\x1bé\n\u2028b", r"a\x1bé\n\u2028b"), ("\\\t", "\\\\t")],
)
def test_what_is_not_for_reading_is_shown(name: str, words: str) -> None:
    assert visible(name) == words


def test_a_long_list_of_names_is_cut() -> None:
    with pytest.raises(KeyError, match=r"got 'z' \(known: class_0, .*, class_9, … \(500 in all\)\)"):
        Relatedness(np.ones((500, 1))).align(classes=["z"])


@pytest.mark.parametrize("name", [name for name, order in orders().items() if order.classes])
@pytest.mark.parametrize("knowledge", [du2014, aff_wild2])
def test_orders_of_classes(name: str, knowledge: type) -> None:
    whole = knowledge()
    aligned = whole.align(classes=name)
    assert aligned.classes == orders()[name].classes
    meant = [entry.lower() for entry in aligned.classes]
    assert set(EXPRESSIONS) <= set(meant)
    assert aligned.known.tolist() == [entry in EXPRESSIONS for entry in meant]
    assert not aligned.conditional[~aligned.known].any()
    assert not aligned.weights[~aligned.known].any()
    assert aligned.align(classes=name) == aligned
    assert aligned.align(classes=whole.classes) == whole


@pytest.mark.parametrize("name", [name for name, order in orders().items() if order.attributes])
@pytest.mark.parametrize("knowledge", [du2014, aff_wild2])
def test_orders_of_attributes(name: str, knowledge: type) -> None:
    whole = knowledge()
    aligned = whole.align(attributes=name)
    assert aligned.attributes == orders()[name].attributes
    for column, unit in enumerate(aligned.attributes):
        there = whole.attributes.index(unit) if unit in whole.attributes else None
        for matrix, source in (
            (aligned.conditional, whole.conditional),
            (aligned.weights, whole.weights),
        ):
            expected = np.zeros(7) if there is None else source[:, there]
            assert np.array_equal(matrix[:, column], expected)
    assert aligned.align(attributes=name) == aligned


def test_orders_of_both() -> None:
    aligned = du2014().align(classes="Aff_Wild2", attributes="aff wild2")
    assert aligned.conditional.shape == (8, 12)
    assert aligned.classes[:3] == ("Neutral", "Anger", "Disgust")
    assert aligned == du2014().align(classes="aff-wild2").align(attributes="aff-wild2")


def test_orders_leave_out_no_class() -> None:
    faces = du2014().align(classes="aff-wild2")
    with pytest.raises(ValueError, match=r"every class of the relatedness, 'Other' is missing; .*classes=\["):
        faces.align(classes="affectnet")
    assert faces.align(classes=orders()["affectnet"].classes) == du2014().align(classes="affectnet")


def test_orders_share_an_attribute() -> None:
    with pytest.raises(ValueError, match="should share a name with the relatedness, got white, black"):
        table(["gull"], ["white", "black"]).align(attributes="emotionet")


def test_orders_by_the_labels_of_their_datasets() -> None:
    """The label of each expression, and the number of each unit's column, as the datasets count them."""
    labels = {
        "affectnet": {"Neutral": 0, "Surprise": 3, "Anger": 6},
        "affectnet-8": {"Neutral": 0, "Surprise": 3, "Anger": 6, "Contempt": 7},
        "raf-db": {"Surprise": 0, "Happiness": 3, "Neutral": 6},
        "aff-wild2": {"Neutral": 0, "Anger": 1, "Surprise": 6, "Other": 7, "AU1": 0, "AU23": 8, "AU26": 11},
        "abaw1": {"Neutral": 0, "Anger": 1, "Surprise": 6, "AU1": 0, "AU20": 6, "AU25": 7},
        "abaw3": {"Neutral": 0, "Anger": 1, "Surprise": 6, "Other": 7, "AU1": 0, "AU23": 8, "AU26": 11},
        "emotionet": {"AU1": 0, "AU9": 5, "AU26": 10},
    }
    assert labels.keys() == orders().keys()
    for name, expected in labels.items():
        order = orders()[name]
        assert order.source
        for entry, label in expected.items():
            assert (order.attributes if entry.startswith("AU") else order.classes).index(entry) == label


def test_orders_are_a_copy() -> None:
    orders().clear()
    assert orders()
