"""A graph for the tests of the adapters, with arrays of its tasks, and graphs that differ from it."""

import numpy as np

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, directed

GARMENTS, PATTERNS, NECKLINES = ("shirt", "dress", "suit"), ("striped", "plain"), ("round", "v", "other")
TASKS = {"category": Classes(GARMENTS), "pattern": Attributes(PATTERNS), "neckline": Classes(NECKLINES)}
TABLES = {
    "pattern": Relatedness([[0.25, 0.75], [0.5, 1.0], [0.0, 0.5]], classes=GARMENTS, attributes=PATTERNS),
    "neckline": Relatedness(
        [[0.25, 0.75, 0.0], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], classes=GARMENTS, attributes=NECKLINES
    ),
}
OPTIONS = {
    "pattern": {"dm": {"divergence": "js"}, "sca": {"source": "both"}},
    "neckline": directed(200, 600),
}


def graph(targets=("pattern", "neckline"), tables=TABLES):
    return CouplingGraph(TASKS, [Edge("category", name, tables[name], **OPTIONS[name]) for name in targets])


GRAPH = graph()
OTHER_TABLE = Relatedness(TABLES["pattern"].conditional / 2, classes=GARMENTS, attributes=PATTERNS)
TWIN = CouplingGraph(
    {"category": TASKS["category"], "pattern": TASKS["pattern"], "collar": TASKS["neckline"]},
    [
        Edge("category", "pattern", TABLES["pattern"]),
        Edge("category", "collar", TABLES["neckline"]),
    ],
)
# A graph whose checkpoint is not one of GRAPH, and what is said of it.
OTHERS = [
    (
        graph(tables={**TABLES, "pattern": OTHER_TABLE}),
        "edges.0.conditional should be that of.*another matrix",
    ),
    (graph(("neckline", "pattern")), "edges.0.conditional should be that of"),
    (graph(("pattern",)), r"Missing key.*edges\.1"),
    (TWIN, "edges.1._extra_state should be that of .*, got target collar"),
]


def arrays():
    """Logits and labels of three samples, some of them missing."""
    rng = np.random.default_rng(0)
    logits = {name: rng.normal(size=(3, len(task.names))) for name, task in TASKS.items()}
    labels = {
        "category": np.asarray([0, -1, 2]),
        "pattern": np.asarray([[1.0, 0.25], [999.0, 0.0], [-1.0, -1.0]]),
        "neckline": np.asarray([-1, 1, 0]),
    }
    return {"logits": logits, "labels": labels}
