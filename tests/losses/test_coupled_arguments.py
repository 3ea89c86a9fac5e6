"""Equation 1 checks each of its arguments, and hands on what it is given."""

import re
from types import SimpleNamespace

import array_api_compat.numpy as compat_numpy
import array_api_strict
import numpy as np
import pytest
from compare import assert_close

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, losses
from coupling.losses._coupling import weighted_sum

TABLE = Relatedness([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]])
COUPLED = {
    "class_logits": np.zeros((4, 3)),
    "attribute_logits": np.ones((4, 2)),
    "class_labels": np.asarray([0, 1, 2, -1]),
    "attribute_labels": np.eye(4, 2),
    "relatedness": TABLE,
}
# NumPy's own namespace, as an adapter would bring it.
OWN = SimpleNamespace(
    **vars(compat_numpy), library="Own", is_array=lambda x: isinstance(x, np.ndarray), read=np.asarray
)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("class_logits", "B, C) with C = 3"),
        ("attribute_logits", "B, A) with B = 4, A = 2"),
        ("class_labels", "B,) with B = 4"),
        ("attribute_labels", "B, A) with B = 4, A = 2"),
    ],
)
def test_what_is_coupled_is_of_one_size(name, letters):
    bad = np.zeros(()) if name == "class_logits" else COUPLED[name][:3]
    if bad.ndim == 2:
        bad = bad[:, :1]
    with pytest.raises(ValueError, match=f"^{name} should have shape {re.escape('(' + letters)}, got "):
        losses.coupled(**COUPLED | {name: bad})


def test_the_namespace_of_what_is_coupled():
    z, labels = COUPLED["class_logits"], COUPLED["class_labels"]
    other = SimpleNamespace(library="Own", is_array=lambda x: False)
    with pytest.raises(TypeError, match="^class_logits should be an array of Own, got numpy"):
        losses.coupled(**COUPLED, xp=other)
    graph = CouplingGraph({"a": Classes(["x", "y", "z"])}, [])
    with pytest.raises(TypeError, match=r"^logits\['a'\] should be an array of Own, got numpy"):
        losses.coupled_graph({"a": z}, {"a": labels}, graph, xp=other)
    with pytest.raises(TypeError, match=r"^labels\['a'\] should be of the same library as logits\['a'\]"):
        losses.coupled_graph({"a": z}, {"a": array_api_strict.asarray(labels)}, graph)
    seen = {}
    weighted_sum({"a": lambda **common: seen.update(common) or z}, {}, None, None, zero=z, xp=OWN)
    assert seen["xp"] is OWN


def test_factors_of_another_library():
    weights = {"classes": array_api_strict.asarray(0.5)}
    with pytest.raises(TypeError, match=r"^weights\['classes'\] should be of the same library as"):
        losses.coupled(**COUPLED, weights=weights)
    with pytest.raises(TypeError, match=r"^weights\['classes'\] should be an array of Own, got array_api"):
        losses.coupled(**COUPLED, weights=weights, xp=OWN)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dm": [1]}, "dm should be a mapping or None, got list"),
        ({"sca": "js"}, "sca should be a mapping or None, got str"),
        ({"sca": {"eps": 0.1}}, "sca should have keys among 'divergence'"),
        ({"dm": {"divergence": "l2"}}, "divergence should be one of"),
        ({"sca": {"soft_label": "x"}}, "soft_label should be one of"),
    ],
)
def test_options_are_checked_though_their_part_is_not_computed(options, message):
    weights = {"distribution_matching": 0.0, "soft_co_annotation": 0.0}
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        losses.coupled(**COUPLED, **options, weights=weights)


def test_each_part_has_its_normalizer():
    """One that doubles what is divided by."""
    graph = CouplingGraph(
        {"class": Classes(TABLE.classes), "attribute": Attributes(TABLE.attributes)},
        [Edge("class", "attribute", TABLE)],
    )
    by_task = {
        kind: {task: COUPLED[f"{task}_{kind}"] for task in graph.tasks} for kind in ("logits", "labels")
    }

    def coupled(normalizer):
        return losses.coupled(**COUPLED, normalizer=normalizer)._asdict()

    def coupled_graph(normalizer):
        return losses.coupled_graph(**by_task, graph=graph, normalizer=normalizer)

    for loss in (coupled, coupled_graph):
        plain, half = loss(None), loss(lambda x: 2.0 * x)
        for name in plain:
            assert_close(half[name], plain[name] / 2.0)
        first = next(name for name in plain if name != "total")
        one = loss({first: lambda x: 2.0 * x})
        assert [name for name in plain if one[name] != plain[name]] == ["total", first]
