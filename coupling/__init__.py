"""Losses that couple classification tasks whose labels hardly overlap."""

from coupling import knowledge, losses
from coupling._diagnosis import Diagnosis, diagnose
from coupling._relatedness import Relatedness
from coupling.losses._coupled import directed

__all__ = ["Diagnosis", "Relatedness", "diagnose", "directed", "knowledge", "losses"]


def __getattr__(name: str) -> str:
    if name == "__version__":  # looked up when asked for: the metadata's reader is slow to import
        from importlib.metadata import version

        return version("coupling")
    raise AttributeError(f"module 'coupling' has no attribute {name!r}")
