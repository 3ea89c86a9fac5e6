"""Losses that couple classification tasks whose labels hardly overlap."""

from typing import TYPE_CHECKING, Any

from coupling import knowledge, losses
from coupling._edge import Edge
from coupling._graph import CouplingGraph
from coupling._relatedness import Relatedness
from coupling._tasks import Attributes, Classes
from coupling.losses._coupled import directed, task_weights

__all__ = [
    "Attributes",
    "Classes",
    "CouplingGraph",
    "Diagnosis",
    "Edge",
    "Relatedness",
    "RelatednessCounts",
    "diagnose",
    "directed",
    "knowledge",
    "losses",
    "task_weights",
]


if TYPE_CHECKING:
    from coupling._counts import RelatednessCounts
    from coupling._diagnosis import Diagnosis, diagnose

# Imported when asked for: training needs none of it, and an import should cost little more than NumPy's.
_LATE = {"RelatednessCounts": "_counts", "Diagnosis": "_diagnosis", "diagnose": "_diagnosis"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module

        return getattr(import_module(f"coupling.{_LATE[name]}"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("coupling")
    raise AttributeError(f"module 'coupling' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
