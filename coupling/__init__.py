"""Losses that couple classification tasks whose labels hardly overlap."""

from coupling import knowledge, losses
from coupling._edge import Edge
from coupling._graph import CouplingGraph
from coupling._relatedness import Relatedness
from coupling._tasks import Attributes, Classes
from coupling.losses._coupled import directed

__all__ = [
    "Attributes",
    "Classes",
    "CouplingGraph",
    "Edge",
    "Relatedness",
    "directed",
    "knowledge",
    "losses",
]


def __getattr__(name: str) -> str:
    if name == "__version__":  # looked up when asked for: the metadata's reader is slow to import
        from importlib.metadata import version

        return version("coupling")
    raise AttributeError(f"module 'coupling' has no attribute {name!r}")
