"""Relatedness estimated from label files, in one pass, or two where samples come in groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coupling._counts import RelatednessCounts
from coupling._groups import GroupShares
from coupling._names import few
from coupling._relatedness import Relatedness
from coupling.cli._annotations import Annotations
from coupling.cli._files import Advance

MOST_PAIRS = 2**19


class Estimate(NamedTuple):
    """A relatedness, how many samples there were, and how many of them have a class."""

    relatedness: Relatedness
    samples: int
    labelled: int


def passes(annotations: Annotations) -> int:
    """Return how often the files are read."""
    return 1 if annotations.group_column is None else 2


def estimate(annotations: Annotations, *, smoothing: float, min_support: float, advance: Advance) -> Estimate:
    """Count annotations, and return the relatedness that they give.

    Raises:
        ValueError: for a file that cannot be read, or that holds something else than labels.
    """
    names = annotations.attributes
    shares = GroupShares()
    if annotations.group_column is not None:
        for batch in annotations.batches(advance, attributes=False):
            shares.update(batch.groups, batch.class_labels, batch.weights)
            if len(shares) > MOST_PAIRS:
                raise ValueError(
                    f"{annotations.files[0]}: column {annotations.group_column!r} should give at most"
                    f" {MOST_PAIRS} pairs of a group and a class, gives more"
                )
    counts = RelatednessCounts(classes=annotations.classes, attributes=names)
    samples = labelled = 0
    for batch in annotations.batches(advance):
        weights = batch.weights
        if annotations.group_column is not None:
            weights = shares.weights(batch.groups, batch.class_labels, weights)
        counts.update(batch.class_labels, batch.attribute_labels, sample_weight=weights)
        samples += len(batch.class_labels)
        labelled += _labelled(batch.class_labels)
    if not labelled:
        column = f"column {annotations.class_column!r}"
        raise ValueError(f"{annotations.files[0]}: {column} should hold classes, all are missing")
    first, *others = annotations.files
    source = f"{first.name} and {len(others)} more files" if others else first.name
    relatedness = counts.to_relatedness(smoothing=smoothing, min_support=min_support, source=source)
    return Estimate(relatedness, samples, labelled)


def summary(result: Estimate, output: Path | None) -> str:
    """Say what was counted, which classes came out unknown, and where it was written."""
    own = result.relatedness
    text = (
        f"{len(own.classes)} classes x {len(own.attributes)} attributes from {result.samples:,} samples,"
        f" {result.labelled:,} of them with a class"
    )
    unknown = [name for name, known in zip(own.classes, own.known, strict=True) if not known]
    if unknown:
        text += f"; too few labels, so not known: {few(unknown)}"
    return text if output is None else f"{text}; written to {output}"


def _labelled(class_labels: npt.NDArray[Any]) -> int:
    """Return how many samples have a class: a name, or a number of at least 0."""
    names = class_labels.dtype == object
    return int(np.sum(class_labels != None if names else class_labels >= 0))  # noqa: E711
