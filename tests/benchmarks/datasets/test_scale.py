"""Databases of many rows in bounded memory: small here, of their true size with FULL_SIZE=1 (-s shows it)."""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from dataset_trees import aff_wild2 as faces_tree
from dataset_trees import cub as birds_tree
from dataset_trees.files import text

from benchmarks.datasets import Annotations, aff_wild2, cub

FULL = "FULL_SIZE" in os.environ
VIDEOS, FRAMES = (564, 5000) if FULL else (24, 1500)
IMAGES, ATTRIBUTES = (11_788, 312) if FULL else (1200, 40)


def measured(load: Callable[[], Annotations]) -> tuple[Annotations, float, int]:
    """Load, and return also the peak of memory as a multiple of the arrays, and how many objects are kept."""
    start, before = time.perf_counter(), sys.getallocatedblocks()
    tracemalloc.start()
    try:
        annotations = load()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    blocks = sys.getallocatedblocks() - before
    seconds = time.perf_counter() - start
    multiple = peak / annotations.nbytes
    print(
        f"\n{annotations.name}: {len(annotations)} images in arrays of {annotations.nbytes / 2**20:.1f} MiB,"
    )
    print(f"{multiple:.2f} times that at the peak, {blocks} objects kept, {seconds:.1f} s while traced")
    return annotations, multiple, blocks


def write_frames(root: Path) -> None:
    """Write videos of labels that are drawn; every fifth frame is missing on the disk."""
    rng = np.random.default_rng(0)
    lines = [",".join(map(str, row)) for row in rng.integers(-1, 2, (200, 12))]
    for video in range(VIDEOS):
        split, stem = ("Train_Set", "Validation_Set")[video % 4 == 0], f"video_{video:03d}"
        expressions = map(str, rng.integers(-1, 8, FRAMES))
        text(root / faces_tree.EXPR / split / f"{stem}.txt", [",".join(faces_tree.EXPRESSIONS), *expressions])
        units = (lines[line] for line in rng.integers(0, len(lines), FRAMES))
        text(root / faces_tree.AU / split / f"{stem}.txt", [",".join(faces_tree.UNITS), *units])
        faces_tree.touch_frames(root / f"cropped_aligned/{stem}", FRAMES)
        (root / f"cropped_aligned/{stem}/00005.jpg").unlink()


def test_frames(tmp_path: Path):
    """Millions of frames are a few arrays: below three times their size at the peak, no object for each."""
    write_frames(tmp_path)
    faces, multiple, blocks = measured(lambda: aff_wild2.load(tmp_path))
    assert len(faces) == VIDEOS * (FRAMES - 1)
    assert multiple < 3
    assert blocks < len(faces) / 10
    assert faces.images[-1].path == f"cropped_aligned/video_{VIDEOS - 1:03d}/{FRAMES:05d}.jpg"


def test_birds(tmp_path: Path):
    """Millions of lines of attributes are read block by block into one matrix."""
    names = [f"attribute_{number}" for number in range(ATTRIBUTES)]
    labels = np.random.default_rng(0).integers(0, 2, (IMAGES, ATTRIBUTES))
    birds_tree.write(tmp_path, present=labels.tolist(), attributes=names)
    birds, multiple, blocks = measured(lambda: cub.load(tmp_path))
    np.testing.assert_array_equal(birds.attribute_labels, labels)
    block = cub.BLOCK * 1000 / birds.nbytes
    assert multiple < 4 + block
    assert blocks < labels.size / 10
