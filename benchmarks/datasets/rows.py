"""Samples gathered one by one in typed arrays, for the databases that name their images."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.datasets.annotations import Annotations, Images
from benchmarks.datasets.left_out import Tally

CHUNK = 4096
STRING = np.dtypes.StringDType()


class Rows:
    """Samples in the order in which they are added. Paths are packed, so that none is an object for long."""

    def __init__(self, attributes: int) -> None:
        self._attributes = attributes
        self._missing = [float("nan")] * attributes
        self._paths: list[str] = []
        self._packed: list[np.ndarray] = []
        self._classes, self._split, self._group = array("i"), array("b"), array("i")
        self._labels, self._boxes = array("f"), array("f")

    def __len__(self) -> int:
        return len(self._classes)

    def add(
        self,
        path: str,
        *,
        class_label: int = -1,
        attributes: Sequence[float] | None = None,
        split: int = 0,
        group: int = -1,
        box: Sequence[float] = (),
    ) -> None:
        """Add a sample; boxes are given for all or for none."""
        self._paths.append(path)
        if len(self._paths) == CHUNK:
            self._pack()
        self._classes.append(class_label)
        self._labels.extend(self._missing if attributes is None else attributes)
        self._split.append(split)
        self._group.append(group)
        self._boxes.extend(box)

    def _pack(self) -> None:
        self._packed.append(np.array(self._paths, dtype=STRING))
        self._paths = []

    def annotations(
        self,
        name: str,
        root: Path,
        *,
        classes: Sequence[str] = (),
        attributes: Sequence[str] = (),
        tally: Tally,
        notes: Sequence[str] = (),
    ) -> Annotations:
        """Return the samples as annotations."""
        self._pack()
        count = len(self)
        boxes = np.array(self._boxes, np.float32).reshape(count, 4) if self._boxes else None
        return Annotations(
            name=name,
            classes=tuple(classes),
            attributes=tuple(attributes),
            images=Images(root, np.concatenate(self._packed), boxes),
            class_labels=np.array(self._classes, np.int32),
            attribute_labels=np.array(self._labels, np.float32).reshape(count, self._attributes),
            split=np.array(self._split, np.int8),
            group=np.array(self._group, np.int32),
            left_out=tally.done(),
            notes=tuple(notes),
        )
