"""Losses that couple classification tasks whose labels hardly overlap."""

from importlib.metadata import version

from coupling import knowledge, losses
from coupling._relatedness import Relatedness
from coupling.losses._coupled import directed

__all__ = ["Relatedness", "directed", "knowledge", "losses"]

__version__ = version("coupling")
