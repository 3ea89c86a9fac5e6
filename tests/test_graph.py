"""Graphs of tasks: what they hold, what they refuse, and plain values that they can be made from again."""

import copy
import json
import pickle

import numpy as np
import pytest

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, directed

TASKS = {
    "category": Classes(["shirt", "dress"]),
    "pattern": Attributes(["striped", "plain"]),
    "neckline": Classes(["round", "v", "other"]),
}
PATTERNS = Relatedness(
    [[0.25, 0.75], [0.5, 1.0]], classes=["shirt", "dress"], attributes=["striped", "plain"], source="counts"
)
NECKLINES = Relatedness(
    [[0.2, 0.7, 0.1], [0.5, 0.5, 0.0]], classes=["shirt", "dress"], attributes=["round", "v", "other"]
)


def edges(**options):
    return [Edge("category", "pattern", PATTERNS), Edge("category", "neckline", NECKLINES, **options)]


OPTIONS = {
    "weights": {"distribution_matching": np.float32(0.5)},
    "dm": {"divergence": "js", "eps": 1e-3},
    "sca": {"soft_label": "posterior", "prior": np.asarray([0.25, 0.75]), "source": "both"},
}
GRAPH = CouplingGraph(TASKS, edges(**OPTIONS), weights={"pattern": 2})


def test_what_it_holds():
    assert GRAPH.tasks == TASKS
    assert GRAPH.tasks["neckline"].names == ("round", "v", "other")
    assert GRAPH.weights == {"category": 1.0, "pattern": 2.0, "neckline": 1.0}
    edge = GRAPH.edges[1]
    assert (edge.source, edge.target, edge.relatedness) == ("category", "neckline", NECKLINES)
    assert edge.weights == {"distribution_matching": 0.5, "soft_co_annotation": 1.0}
    assert edge.sca == {"soft_label": "posterior", "prior": (0.25, 0.75), "source": "both"}
    assert GRAPH.terms == (
        "category",
        "pattern",
        "neckline",
        "category/pattern/distribution_matching",
        "category/pattern/soft_co_annotation",
        "category/neckline/distribution_matching",
        "category/neckline/soft_co_annotation",
    )


def test_one_task_is_enough():
    assert CouplingGraph({"category": TASKS["category"]}).terms == ("category",)


def test_nothing_in_it_changes():
    before = GRAPH.to_dict()
    for mapping in (
        GRAPH.tasks,
        GRAPH.weights,
        GRAPH.edges[1].weights,
        GRAPH.edges[1].dm,
        GRAPH.edges[1].sca,
    ):
        mapping.clear()
    assert GRAPH.to_dict() == before
    for name in ("tasks", "edges", "weights"):
        with pytest.raises(AttributeError):
            setattr(GRAPH, name, None)
    options = {"dm": {"eps": 1e-3}}
    edge = Edge("category", "pattern", PATTERNS, **options)
    options["dm"]["eps"] = 1e-2
    assert edge.dm == {"eps": 1e-3}


def test_equal_by_value():
    again = CouplingGraph(dict(TASKS), edges(**OPTIONS), weights={"pattern": 2.0})
    assert again == GRAPH
    assert hash(again) == hash(GRAPH)
    assert len({again, GRAPH, *GRAPH.edges, *again.edges}) == 3
    turned = {name: dict(reversed(options.items())) for name, options in OPTIONS.items()}
    assert CouplingGraph(TASKS, edges(**turned), weights={"pattern": 2}) == GRAPH
    for other in (
        CouplingGraph(TASKS, edges(**OPTIONS)),
        CouplingGraph(TASKS, edges(), weights={"pattern": 2}),
        CouplingGraph(TASKS, edges(**OPTIONS)[:1], weights={"pattern": 2}),
        CouplingGraph(TASKS | {"fabric": Classes(["knit"])}, edges(**OPTIONS), weights={"pattern": 2}),
    ):
        assert other != GRAPH
    assert Classes(["a"]) != Attributes(["a"])


def test_other_values_have_other_hashes():
    assert len({hash(Classes([name])) for name in "abc"}) == 3


def test_repr():
    assert repr(CouplingGraph({"a": Classes(["x"])})) == "CouplingGraph(a: 1 classes)"
    ends = "category -> pattern, category -> neckline"
    assert (
        repr(GRAPH)
        == f"CouplingGraph(category: 2 classes, pattern: 2 attributes, neckline: 3 classes; {ends})"
    )
    assert repr(GRAPH.edges[0]) == "Edge('category', 'pattern', Relatedness(2 classes x 2 attributes))"
    assert repr(TASKS["category"]) == "Classes(['shirt', 'dress'])"


@pytest.mark.parametrize(
    "again",
    [
        lambda graph: CouplingGraph.from_dict(json.loads(json.dumps(graph.to_dict()))),
        lambda graph: pickle.loads(pickle.dumps(graph)),
        copy.deepcopy,
    ],
    ids=["json", "pickle", "copy"],
)
def test_round_trips(again):
    made = again(GRAPH)
    assert made == GRAPH
    assert made.edges[0].relatedness.source == "counts"
    assert made.to_dict() == GRAPH.to_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": None}, "graph should have the keys 'tasks', .*, 'tasks' is missing"),
        ({"nodes": []}, "graph should have keys among .*, got 'nodes'"),
        ({"tasks": {"a": {"labels": ["b"]}}}, r"tasks\['a'\] should hold either 'classes' or 'attributes'"),
        ({"edges": [{"source": "category"}]}, "edge should have the keys .*, 'target' is missing"),
    ],
)
def test_bad_content(change, message):
    content = {name: value for name, value in (GRAPH.to_dict() | change).items() if value is not None}
    with pytest.raises(ValueError, match=message):
        CouplingGraph.from_dict(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "graph should be a mapping, got list"),
        (GRAPH.to_dict() | {"tasks": []}, "tasks should be a mapping, got list"),
        (GRAPH.to_dict() | {"tasks": {"a": "x"}}, r"tasks\['a'\] should be a mapping, got str"),
        (GRAPH.to_dict() | {"edges": 1}, "edges should be a list, got int"),
        (GRAPH.to_dict() | {"edges": ["x"]}, "edge should be a mapping, got str"),
        (
            GRAPH.to_dict() | {"edges": [GRAPH.edges[0].to_dict() | {"relatedness": None}]},
            "relatedness should be a mapping, got None",
        ),
    ],
)
def test_content_of_another_type(content, message):
    with pytest.raises(TypeError, match=message):
        CouplingGraph.from_dict(content)


def test_content_with_an_edge_from_nowhere():
    edge = GRAPH.edges[0].to_dict() | {"source": ""}
    with pytest.raises(KeyError, match=r"edges should be between the tasks, got '' \(known: category, "):
        CouplingGraph.from_dict(GRAPH.to_dict() | {"edges": [edge]})


def test_options_become_lists():
    content = GRAPH.to_dict()["edges"][1]
    assert content["sca"] == {"soft_label": "posterior", "prior": [0.25, 0.75], "source": "both"}
    assert content["dm"] == {"divergence": "js", "eps": 1e-3}


def test_options_of_directed():
    graph = CouplingGraph(TASKS, edges(**directed(20, 600)))
    assert graph.edges[1].dm == directed(20, 600)["dm"]


def graph(*made, tasks=TASKS, **options):
    return lambda: CouplingGraph(tasks, made, **options)


def edge(source="category", target="pattern", table=PATTERNS, **options):
    return Edge(source, target, table, **options)


UNKNOWN = Relatedness(
    [[0.2, 0.8, 0.0], [0.0, 0.0, 0.0]],
    classes=["shirt", "dress"],
    attributes=["round", "v", "other"],
    known=[True, False],
)


def necklines(*rows, **options):
    return edge(
        target="neckline",
        table=Relatedness(rows, classes=UNKNOWN.classes, attributes=UNKNOWN.attributes),
        **options,
    )


def test_a_row_of_an_unknown_class_need_not_sum_to_1():
    assert graph(edge(target="neckline", table=UNKNOWN))().edges[0].relatedness == UNKNOWN


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: Classes([]), ValueError, "names should hold at least one name, got none"),
        (lambda: Classes(["a", "a"]), ValueError, "names should be unique, got 'a' more than once"),
        (lambda: Attributes("ab"), TypeError, "names should be a sequence of names, got the string 'ab'"),
        (lambda: edge(source=1), TypeError, "source should be the name of a task, got int"),
        (lambda: edge(table=[[1.0]]), TypeError, r"relatedness should be a coupling\.Relatedness, got list"),
        (lambda: edge(weights={"dm": 1}), ValueError, "weights should have keys among .*, got 'dm'"),
        (
            lambda: edge(weights={"soft_co_annotation": -1}),
            ValueError,
            r"weights\['soft_co_annotation'\] should be in \[0.0, inf\), got -1",
        ),
        (lambda: edge(target=1), TypeError, "target should be the name of a task, got int"),
        (lambda: edge(dm="js"), TypeError, "dm should be a mapping or None, got str"),
        (lambda: edge(sca="js"), TypeError, "^sca should be a mapping or None, got str"),
        (lambda: edge(weights=[1]), TypeError, "^weights should be a mapping or None, got list"),
        (graph(tasks={}), ValueError, "tasks should hold at least one task, got none"),
        (graph(tasks=["category"]), TypeError, "tasks should be a mapping by name, got list"),
        (
            graph(tasks={"category": ["a"]}),
            TypeError,
            r"tasks\['category'\] should be coupling\.Classes or .*list",
        ),
        (graph(tasks={"a/b": TASKS["category"]}), ValueError, "names without '/', .*, got 'a/b'"),
        (graph(tasks={"total": TASKS["category"]}), ValueError, "none be empty or 'total', got 'total'"),
        (graph(tasks={1: TASKS["category"]}), TypeError, "tasks should have strings for names, got 1"),
        (
            graph(weights={"colour": 1}),
            ValueError,
            "weights should have keys among 'category', .*, got 'colour'",
        ),
        (
            graph(weights={"pattern": -1}),
            ValueError,
            r"weights\['pattern'\] should be in \[0.0, inf\), got -1",
        ),
        (lambda: CouplingGraph(TASKS, 3), TypeError, r"edges should be several of coupling\.Edge, got int"),
        (graph("edge"), TypeError, r"edges should hold coupling\.Edge only, got str"),
        (graph(edge("categories")), KeyError, r"got 'categories' \(close matches: 'category', "),
        (graph(edge(target="zzz")), KeyError, r"got 'zzz' \(known: category, pattern, neckline\)"),
        (graph(edge("pattern", "category")), ValueError, "should come from a task of Classes, got 'pattern'"),
        (graph(edge("category", "category")), ValueError, "between two tasks, got 'category' to itself"),
        (graph(edge(), edge()), ValueError, "edges should be unique, got 'category' to 'pattern' twice"),
        (
            graph(edge(table=PATTERNS.align(attributes=["plain", "striped"]))),
            ValueError,
            r"relatedness.attributes should be the names of 'pattern' in their order \(as relatedness.align\("
            r"attributes=…\) gives them\), got 'plain' in place of 'striped'",
        ),
        (
            graph(edge(table=PATTERNS.align(classes=["dress"]))),
            ValueError,
            "relatedness.classes should be the names of 'category' .*, got 1 in place of 2",
        ),
        (
            graph(necklines([0.2, 0.7, 0.1], [0.5, 0.4, 0.0])),
            ValueError,
            r"edge 'category' to 'neckline': relatedness .* sum to 1 .*, got 0\.9 for 'dress'",
        ),
        (graph(necklines([0.2, 0.7, 0.1], [0.0, 0.0, 0.0])), ValueError, "sum to 1 .*, got 0 for 'dress'"),
        (
            graph(edge(dm={"divergence": "hellinger"})),
            ValueError,
            "edge 'category' to 'pattern': divergence should be one of .*, got 'hellinger'",
        ),
        (
            graph(edge(dm={"detach": "categories"})),
            ValueError,
            "detach should be one of .*, got 'categories'",
        ),
        (graph(edge(dm={"eps": "small"})), TypeError, "edge .*: eps should be a real number, got str"),
        (graph(edge(sca={"source": "both "})), ValueError, "source should be one of .*, got 'both '"),
        (graph(edge(sca={"eps": 0.1})), ValueError, "sca should have keys among .*, got 'eps'"),
        (graph(*edges(dm={"divergence": "binary_cross_entropy"})), ValueError, "divergence should be one of"),
        (
            graph(*edges(dm={"attribute_mask": [True]})),
            ValueError,
            "dm should have keys among .*'attribute_mask'",
        ),
        (
            graph(*edges(sca={"empty_row": "zero"})),
            ValueError,
            "sca should have keys among .*, got 'empty_row'",
        ),
        (
            graph(*edges(sca={"prior": [1.0, 2.0]})),
            ValueError,
            "prior is not taken with soft_label='indicator'",
        ),
        (
            graph(*edges(dm={"detach": "attributes"})),
            ValueError,
            "detach should be one of .*, got 'attributes'",
        ),
    ],
)
def test_what_is_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_an_adapter_takes_a_graph_apart():
    """And puts it together again, with the matrices in its own hands."""
    again = CouplingGraph._assemble(GRAPH._frame(), [edge.relatedness for edge in GRAPH.edges])
    assert again == GRAPH
    swapped = CouplingGraph._assemble(GRAPH._frame(), [PATTERNS, PATTERNS])
    assert swapped != GRAPH
    assert [edge.relatedness for edge in swapped.edges] == [PATTERNS, PATTERNS]
    assert [edge.weights for edge in swapped.edges] == [edge.weights for edge in GRAPH.edges]
