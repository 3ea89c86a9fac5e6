"""The databases of the study, and `s-aff-wild2`, in their layouts on the disk, all read into one form.

Nothing is downloaded. What the files hold is taken as it is, what is left out is counted and named
(`Annotations.left_out`), and a directory that is not what it should be is refused.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.datasets.annotations import SPLITS, Annotations, ImageReference, Images
from benchmarks.datasets.tree import refuse

__all__ = ["LOADERS", "SPLITS", "Annotations", "ImageReference", "Images", "load", "options"]

LOADERS = (
    *("affectnet", "raf-db", "lsd", "aff-wild2", "s-aff-wild2", "emotionet"),
    *("celeba", "cub", "shoes", "clothing"),
)
"""The databases. Each has a module of its name with `load` and with `TREE`, what its directory holds."""


def load(name: str, root: str | Path, **chosen: Any) -> Annotations:
    """Load a database.

    Args:
        name: one of `LOADERS`.
        root: its directory.
        **chosen: options of its loader, see `options`.

    Raises:
        ValueError: for a directory that does not hold the database; the message shows what it should hold.
    """
    known = options(name)
    for option in chosen:
        if option not in known:
            raise TypeError(f"{name} should have options among {', '.join(known) or 'none'}, got {option!r}")
    loader = _loader(name)
    annotations: Annotations = loader.load(Path(root), **chosen)
    if not len(annotations):
        found = "; ".join(map(str, annotations.left_out)) or "there are none"
        refuse(Path(root), loader.TREE, f"no image with an annotation is left ({found})")
    return annotations


def options(name: str) -> dict[str, Any]:
    """Return the options of a loader with their defaults."""
    parameters = inspect.signature(_loader(name).load).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if parameter.name != "root"}


def _loader(name: str) -> Any:
    if name not in LOADERS:
        raise ValueError(f"name should be one of {', '.join(LOADERS)}, got {name!r}")
    return import_module(f"benchmarks.datasets.{name.replace('-', '_')}")
