"""Splits drawn by a seed: the same for the same names, whatever their order, machine or version.

A name's place is the BLAKE2 digest of the seed and the name, so a split needs no random number generator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.annotations import SPLITS, TEST, TRAIN, VALIDATION, Annotations, Array
from benchmarks.datasets.tree import lines
from coupling import _storage

FRACTIONS = (0.8, 0.1, 0.1)


def assign(
    names: Iterable[str],
    groups: npt.ArrayLike | None = None,
    *,
    fractions: Sequence[float] = FRACTIONS,
    seed: int = 0,
) -> Array:
    """Return the split (N,) of each name, drawn within each group, for example within each identity.

    A group of at least as many images as there are splits with a fraction above 0 is in all of them; one of
    two images is in train and one other, test before validation; one of a single image is in train.

    Args:
        names: unique names of images.
        groups: (N,) integers, one group by default.
        fractions: of train (above 0), validation and test; they add up to 1.
        seed: any integer.
    """
    _check_fractions(fractions)
    keys = np.fromiter((_key(name, seed) for name in names), np.uint64)
    if len(np.unique(keys)) != len(keys):
        raise ValueError("names should be unique, some are there twice")
    group = np.zeros(len(keys), np.int64) if groups is None else np.asarray(groups)
    _, group, sizes = np.unique(group, return_inverse=True, return_counts=True)
    order = np.lexsort((keys, group))
    place = np.empty(len(keys), np.int64)
    place[order] = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    validation, test = (count[group] for count in _counts(sizes, fractions))
    codes = np.select([place < test, place < test + validation], [TEST, VALIDATION], TRAIN)
    return codes.astype(np.int8)


def halves(names: Iterable[str], *, repetition: int, fold: int, seed: int = 0) -> Array:
    """Return the split (N,) of one of two folds in one of several repetitions: half train, half test."""
    if fold not in (0, 1):
        raise ValueError(f"fold should be 0 or 1, got {fold}")
    codes = assign((f"{repetition}/{name}" for name in names), fractions=(0.5, 0.0, 0.5), seed=seed)
    return codes if fold == 0 else (TEST - codes).astype(np.int8)


def hold_out(
    annotations: Annotations, fraction: float, *, seed: int = 0, groups: bool = False
) -> Annotations:
    """Move a fraction of the training images to validation: of each class, or whole groups (videos)."""
    index = np.flatnonzero(annotations.split == TRAIN)
    fractions = (1 - fraction, fraction, 0.0)
    if groups:
        known, position = np.unique(annotations.group[index], return_inverse=True)
        codes = assign(map(str, known), fractions=fractions, seed=seed)[position]
    else:
        names = (annotations.images.paths[position] for position in index)
        codes = assign(names, annotations.class_labels[index], fractions=fractions, seed=seed)
    split = annotations.split.copy()
    split[index] = codes
    return replace(annotations, split=split)


def write(path: Path, names: Iterable[str], codes: Iterable[int]) -> str:
    """Write a split in the form of CelebA's `list_eval_partition.txt`, by name; return its SHA-256 digest."""
    text = "".join(f"{name} {int(code)}\n" for name, code in sorted(zip(names, codes, strict=True)))
    _storage.write(path, text.encode())
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> Mapping[str, int]:
    """Return the split of each name in a file that `write` wrote."""
    found: dict[str, int] = {}
    for number, line in lines(path):
        name, _, code = line.rpartition(" ")
        if not name or name in found or code not in ("0", "1", "2"):
            raise ValueError(f"{path}:{number}: should be a new name and 0, 1 or 2, got {line!r}")
        found[name] = int(code)
    return found


def _key(name: str, seed: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest())


def _counts(sizes: Array, fractions: Sequence[float]) -> tuple[Array, Array]:
    """Return how many images of groups of these sizes are for validation and for test."""
    _, validation, test = fractions
    wanted = [np.floor(sizes * fraction + 0.5).astype(np.int64) for fraction in (validation, test)]
    room = sizes - 1 - ((validation > 0) & (sizes > 2))  # one is left for train, and one for validation
    tested = np.minimum(np.maximum(wanted[1], test > 0), room)
    validated = np.minimum(np.maximum(wanted[0], validation > 0), sizes - 1 - tested)
    return validated, tested


def _check_fractions(fractions: Sequence[float]) -> None:
    total = len(fractions) == len(SPLITS) and abs(sum(fractions) - 1) < 1e-9
    if not total or min(fractions) < 0 or fractions[TRAIN] <= 0:
        raise ValueError(
            f"fractions should be three that add up to 1, the first above 0, got {tuple(fractions)}"
        )
