"""Equation 1 over a graph on every backend against the oracle; one pair is its special case."""

import copy
from types import SimpleNamespace

import numpy as np
import oracle_graph
import pytest
from agreement import FLOATS, any_shape, by_shape, each_traced_backend, needs_by_shape
from autodiff import evaluate
from compare import assert_close, assert_outcome
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_graph import terms
from strategies import ROUNDING, away_from_bounds, batches, cast, only, well_conditioned

from backends import chosen, jax_adapter, needs, numpy, strict, tensorflow, torch_adapter, torch_core
from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, directed, losses

TASKS = {
    "category": Classes(["shirt", "dress", "suit", "other"]),
    "pattern": Attributes(["striped", "plain", "floral"]),
    "neckline": Classes(["round", "v"]),
}
PATTERNS = Relatedness(
    [[0.5, 0.75, 0.0], [0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    [[1.0, 2.0, 0.0], [0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    classes=TASKS["category"].names,
    attributes=TASKS["pattern"].names,
    known=[True, True, True, False],
)
NECKLINES = Relatedness(
    [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5], [0.0, 0.0]],
    classes=TASKS["category"].names,
    attributes=TASKS["neckline"].names,
    known=[True, True, True, False],
)
CUTS = Relatedness(
    [[0.5, 0.25, 0.0], [0.25, 0.75, 0.5]],
    classes=TASKS["neckline"].names,
    attributes=TASKS["pattern"].names,
)


def graph(*options, **weights):
    ends = (
        ("category", "pattern", PATTERNS),
        ("category", "neckline", NECKLINES),
        ("neckline", "pattern", CUTS),
    )
    return CouplingGraph(TASKS, [Edge(*x, **o) for x, o in zip(ends, options, strict=False)], weights=weights)


FORMS = {
    "printed": graph({}, {}),
    "directed": graph(directed(20, 600), directed(600, 20), directed(1, 1), category=2.0, neckline=0.5),
    "predictions": graph(
        {"dm": {"divergence": "js", "attribute_mask": [True, False, True]}, "sca": {"source": "predictions"}},
        {
            "weights": {"distribution_matching": 0.5},
            "dm": {"divergence": "kl", "detach": "categories", "eps": 1e-3},
            "sca": {"source": "predictions", "divergence": "js", "temperature": 0.25},
        },
        pattern=0.0,
    ),
    "partly": graph(
        {"weights": {"distribution_matching": 0.0}},
        {
            "weights": {"soft_co_annotation": 2.0},
            "dm": {"matching": "class_mean"},
            "sca": {"soft_label": "posterior", "prior": [0.25, 0.25, 0.125, 0.375], "source": "both"},
        },
    ),
    "no edges": graph(pattern=3.0),
}
forms = pytest.mark.parametrize("form", FORMS)
adapted = [backend for backend in any_shape if backend is not torch_core]


def over_tasks(backend):
    """The backend with a loss that takes the arrays of the tasks by one name each, as the oracle does."""
    function = backend.module.coupled_graph

    def coupled_graph(*, graph, sample_weight=None, from_logits=None, **arrays):
        logits, labels = ({t: arrays[f"{t}_{x}"] for t in graph.tasks} for x in ("logits", "labels"))
        fixed = {} if from_logits is None else {"from_logits": from_logits}
        return terms(function(logits, labels, graph, sample_weight=sample_weight, **fixed))

    twin = copy.copy(backend)
    twin.module = SimpleNamespace(coupled_graph=coupled_graph)
    return twin


@st.composite
def inputs(draw, samples, *, everything=False):
    """The arrays of each task."""
    drawn = draw(batches((samples, 4, 3), everything=everything))
    other = draw(batches((samples, 2, 1), everything=everything))
    if everything:  # one dtype, one trace
        for batch in (drawn, other):
            batch["class_labels"] = batch["class_labels"].astype(np.int64)
    arrays = {
        "category_logits": drawn["class_logits"],
        "pattern_logits": drawn["attribute_logits"],
        "neckline_logits": other["class_logits"],
        "category_labels": drawn["class_labels"],
        "pattern_labels": drawn["attribute_labels"],
        "neckline_labels": other["class_labels"],
    }
    return arrays | only(drawn, "sample_weight")


def regular(graph, arrays):
    """Is no edge near a bound of its distribution matching, nor all certain of what is not known."""
    for edge in graph.edges:
        z, t = arrays[f"{edge.source}_logits"], arrays[f"{edge.target}_logits"]
        options = {"relatedness": edge.relatedness} | edge.dm
        pair = {"class_logits": z, "attribute_logits": t} | only(arrays, "sample_weight")
        if not well_conditioned(pair, options):
            return False
        if edge.target == "pattern" and not away_from_bounds(pair, options):
            return False
        if edge.target == "neckline":
            pair["category_logits"] = pair.pop("attribute_logits")
            if evaluate(oracle_graph.clip_distance, pair, options).value <= ROUNDING:
                return False
    return True


def drawn(graph, samples, **given):
    return samples.flatmap(lambda n: inputs(n, **given)).filter(lambda arrays: regular(graph, arrays))


def assert_agree(backends, graph, arrays, dtype):
    arrays = cast(arrays, dtype)
    expected = evaluate(oracle_graph.coupled_graph, arrays, {"graph": graph})
    for backend in chosen(backends):
        if dtype in backend.dtypes:
            got = over_tasks(backend).prepare("coupled_graph", {"graph": graph})(arrays)
            assert_outcome(got, expected, dtype)


@FLOATS
@forms
@settings(max_examples=12)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(adapted, FORMS[form], data.draw(drawn(FORMS[form], st.sampled_from([3, 2, 1, 0]))), dtype)


@needs_by_shape
@FLOATS
@pytest.mark.parametrize("form", ["directed", "predictions"])
@settings(max_examples=3)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, FORMS[form], data.draw(drawn(FORMS[form], st.just(3))), dtype)


@each_traced_backend
def test_agrees_with_the_oracle_when_traced(backend, dtype):
    graph = FORMS["directed"]
    call = over_tasks(backend).prepare("coupled_graph", {"graph": graph})

    @settings(max_examples=5)
    @given(arrays=drawn(graph, st.just(3), everything=True).map(lambda arrays: cast(arrays, dtype)))
    def check(arrays):
        expected = evaluate(oracle_graph.coupled_graph, arrays, {"graph": graph})
        assert_outcome(call(arrays), expected, dtype)

    check()


ONE_PAIR = {
    "printed": {},
    "directed": directed(20, 600),
    "options": {
        "weights": {"distribution_matching": 0.5, "soft_co_annotation": 0.0},
        "dm": {"divergence": "js", "detach": "attributes"},
        "sca": {"source": "both"},
    },
}


@pytest.mark.parametrize("options", ONE_PAIR.values(), ids=ONE_PAIR)
@given(data=st.data())
@settings(max_examples=25)
def test_a_single_edge_is_coupled(options, data):
    """To the last bit."""
    arrays = data.draw(inputs(data.draw(st.integers(0, 4))))
    by_task = {x: {t: arrays[f"{t}_{x}"] for t in ("category", "pattern")} for x in ("logits", "labels")}
    tasks = {name: TASKS[name] for name in ("category", "pattern")}
    pair = CouplingGraph(tasks, [Edge("category", "pattern", PATTERNS, **options)])
    weight = arrays.get("sample_weight")
    found = losses.coupled_graph(**by_task, graph=pair, sample_weight=weight)
    ordered = [by_task[x][t] for x in ("logits", "labels") for t in tasks]
    expected = losses.coupled(*ordered, PATTERNS, **options, sample_weight=weight)
    assert list(found) == ["total", *pair.terms]
    np.testing.assert_array_equal(list(found.values()), list(expected))


def batch():
    rng = np.random.default_rng(0)
    sizes = {name: len(task.names) for name, task in TASKS.items()}
    labels = {"category": np.asarray([0, -1, 2]), "neckline": np.asarray([-1, 1, 0])}
    return {
        "logits": {name: rng.normal(size=(3, size)) for name, size in sizes.items()},
        "labels": labels | {"pattern": rng.choice([0.0, 1.0, np.nan], size=(3, 3))},
    }


def test_weights_of_samples_by_term():
    weight = {"category": np.arange(3.0), "category/neckline/soft_co_annotation": np.asarray([2.0, 0.0, 1.0])}
    found = losses.coupled_graph(**batch(), graph=FORMS["printed"], sample_weight=weight)
    plain = losses.coupled_graph(**batch(), graph=FORMS["printed"])
    assert [name for name in found if found[name] != plain[name]] == ["total", *weight]
    z, c = batch()["logits"]["category"], batch()["labels"]["category"]
    assert_close(found["category"], losses.class_cross_entropy(z, c, sample_weight=weight["category"]))


@needs(torch_core)
def test_terms_of_weight_0_are_not_computed():
    """Distribution matching from the adapterless core could not hold a head fixed."""
    table = {
        "weights": {"distribution_matching": 0.0, "soft_co_annotation": 0.0},
        "dm": {"detach": "classes"},
    }
    arrays = batch() | {"graph": graph(table, table, category=0.0)}
    arrays |= {x: {t: torch_core.asarray(y) for t, y in arrays[x].items()} for x in ("logits", "labels")}
    found = losses.coupled_graph(**arrays)
    assert [name for name, term in found.items() if term] == ["total", "pattern", "neckline"]


WRONG = [
    ("logits", "neckline", np.zeros((3, 3)), r"logits\['neckline'\] should have shape \(B, C\) with .*C = 2"),
    ("logits", "pattern", np.zeros((2, 3)), r"logits\['pattern'\] .* with B = 3, A = 3, got \(2, 3\)"),
    (
        "labels",
        "neckline",
        np.zeros((3, 2), int),
        r"labels\['neckline'\] should have shape \(B,\) .*\(3, 2\)",
    ),
    ("labels", "pattern", np.zeros((3, 2)), r"labels\['pattern'\] should have shape \(B, A\) .*A = 3"),
    ("labels", "neckline", np.asarray([0, 2, -1]), r"labels\['neckline'\] should be below C = 2 .*, got 2"),
    ("labels", "sleeve", np.zeros(3, int), "labels should have keys among 'category', .*, got 'sleeve'"),
]


@pytest.mark.parametrize(("part", "task", "value", "message"), WRONG)
@pytest.mark.parametrize("backend", [numpy, strict, torch_adapter, jax_adapter, tensorflow], ids=repr)
def test_bad_arrays(backend, part, task, value, message):
    arrays = batch()
    arrays[part][task] = value
    arrays = {x: {t: backend.asarray(y) for t, y in by_task.items()} for x, by_task in arrays.items()}
    with backend.scope(), pytest.raises(ValueError, match=message):
        backend.module.coupled_graph(**arrays, graph=FORMS["printed"], **backend.fixed)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"logits": {}}, ValueError, "logits should have the keys .*, 'category' is missing"),
        ({"labels": [1]}, TypeError, "labels should be a mapping by the names of the tasks, got list"),
        ({"graph": TASKS}, TypeError, r"graph should be a coupling\.CouplingGraph, got dict"),
        (
            {"sample_weight": {"sleeve": np.ones(3)}},
            ValueError,
            "sample_weight should have keys among .*, got 'sleeve'",
        ),
    ],
)
@pytest.mark.parametrize("backend", [numpy, tensorflow], ids=repr)
def test_bad_arguments(backend, changes, error, message):
    with pytest.raises(error, match=message):
        backend.module.coupled_graph(**{**batch(), "graph": FORMS["printed"], **changes}, **backend.fixed)


def test_labels_of_the_wrong_dtype():
    arrays = batch()
    arrays["labels"]["neckline"] = np.zeros(3)
    with pytest.raises(
        TypeError, match=r"labels\['neckline'\] should have a dtype that is integral, got float64"
    ):
        losses.coupled_graph(**arrays, graph=FORMS["printed"])
