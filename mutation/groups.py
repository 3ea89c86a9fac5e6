"""Which tests have to notice the mutants of which files."""

from typing import NamedTuple

BARE = "numpy strict strict-lazy"


class Group(NamedTuple):
    """Files by patterns, the tests that run for them, and the backends that take part."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    backends: str = BARE


def _core(files: str, tests: str) -> Group:
    names = (path.rpartition("/") for path in tests.split())
    return Group(
        tuple(f"coupling/{path}.py" for path in files.split()),
        tuple(f"tests/{folder}{slash}test_{name}.py" for folder, slash, name in names),
    )


def _adapter(framework: str, topics: str, backends: str) -> Group:
    tests = (f"tests/adapters/test_{framework}{topic}.py" for topic in ("", *topics.split()))
    return Group((f"coupling/{framework}/*.py",), tuple(tests), backends)


GROUPS = {
    "numeric": _core("_numeric _divergence", "numeric"),
    "machinery": _core(
        "_check _namespace _bind _reduce losses/_common losses/_participants",
        "check namespace bind losses/common losses/participants",
    ),
    "matching": _core(
        "losses/_matching losses/_distribution_matching losses/_categorical_distribution_matching",
        "losses/distribution_matching losses/categorical_distribution_matching losses/worked_examples"
        " losses/degenerate_optima losses/bad_input losses/arguments losses/invariances",
    ),
    "annotation": _core(
        "losses/_annotation losses/_soft_co_annotation losses/_categorical_soft_co_annotation",
        "losses/soft_co_annotation losses/categorical_soft_co_annotation losses/worked_examples"
        " losses/degenerate_optima losses/bad_input losses/arguments losses/invariances",
    ),
    "task": _core(
        "losses/_task",
        "losses/task_losses losses/worked_examples losses/bad_input losses/precision losses/arguments",
    ),
    "coupled": _core(
        "losses/_coupled losses/_coupling losses/_coupled_graph",
        "losses/coupled losses/coupled_graph losses/bad_input losses/arguments",
    ),
    "counting": _core("_counts _exact _tally _tables _groups _dask", "counts estimation cluster doctests"),
    "relatedness": _core(
        "_relatedness _names _fields _table _storage _views knowledge",
        "relatedness names storage views knowledge",
    ),
    "graph": _core("_graph _edge _tasks", "graph"),
    "diagnosis": _core("_diagnosis _findings _flatness", "diagnosis"),
    "torch": _adapter("torch", "_graph _options", "torch"),
    "jax": _adapter("jax", "_graph", "jax"),
    "keras": _adapter("keras", "_graph _inputs _model _objects _tensorflow", "tensorflow"),
}

if __name__ == "__main__":
    print(*GROUPS)
