"""The databases of the study, and `s-aff-wild2`, in their layouts on the disk, all read into one form.

Nothing is downloaded. What the files hold is taken as it is, what is left out is counted and named
(`Annotations.left_out`), and a directory that is not what it should be is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.datasets.annotations import SPLITS, Annotations, ImageReference, Images
from benchmarks.datasets.tree import refuse

__all__ = ["LOADERS", "SPLITS", "Annotations", "ImageReference", "Images", "check", "load", "options"]

KINDS: Mapping[type, tuple[Any, str]] = {
    bool: (bool, "True or False"),
    int: (int, "a whole number"),
    str: (str | Path, "text"),
    tuple: (tuple | list, "several in brackets"),
}
"""What an option may be, by the type of its default."""
EACH = {str: str, float: int | float}
"""The same, for what stands in the brackets."""
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
        ValueError: for a directory that does not hold the database (the message shows what it should hold),
            and an option that its loader does not have, or not of this kind.
    """
    check(name, chosen)
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


def check(name: str, chosen: Mapping[str, Any]) -> None:
    """Check that a loader has these options, and each is of the kind of its default; no default is a path."""
    known = options(name)
    for option, value in chosen.items():
        if option not in known:
            raise ValueError(
                f"options of {name} should be among {', '.join(known) or 'none'}, got {option!r}"
            )
        default = known[option]
        kind, what = KINDS[str if default is None else type(default)]
        if not isinstance(value, kind) or isinstance(value, bool) is not isinstance(default, bool):
            raise ValueError(f"{option} of {name} should be {what}, got {value!r}")
        if isinstance(default, tuple) and not all(isinstance(own, EACH[type(default[0])]) for own in value):
            raise ValueError(f"{option} of {name} should be like {default!r}, got {value!r}")


def _loader(name: str) -> Any:
    if name not in LOADERS:
        raise ValueError(f"name should be one of {', '.join(LOADERS)}, got {name!r}")
    return import_module(f"benchmarks.datasets.{name.replace('-', '_')}")
