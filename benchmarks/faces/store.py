"""Sets of faces: drawn by worker processes, in memory or kept in a file, with labels of either kind."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import starmap
from pathlib import Path

import numpy as np
import PIL
from rich.console import Console
from rich.progress import Progress

from benchmarks.digits import Array, Samples
from benchmarks.faces.latent import DEFAULT, SEEDS, TABLE, Faces, labels, sample
from benchmarks.faces.paint import SIZE, render
from benchmarks.workers import pool

HELD_OUT = {"validation": SEEDS, "test": SEEDS + 1}
"""The seeds that no training set has."""

CHUNK = 200
LONG = 2000
"""From this many images on, a bar shows how far it is."""

DRAWN_BY = ("latent", "plan", "curves", "head", "eyes", "mouth", "cover", "paint")
"""The modules that decide what an image is."""


def dataset(
    expression_labelled: int,
    unit_labelled: int,
    *,
    seed: int,
    overlap: int = 0,
    faces: Faces = DEFAULT,
    workers: int = 1,
    cache: Path | None = None,
) -> Samples:
    """Draw a training set: images labelled with expressions, then images labelled with units.

    Args:
        expression_labelled: how many have a class label; the others' is -1.
        unit_labelled: how many have attribute labels, 0 or 1; the others' are NaN.
        seed: below 2**32; image i of a seed is always the same.
        overlap: how many have both, and count as both.
        faces: how hard they are.
        workers: processes that draw. The images do not depend on it.
        cache: a folder that keeps the images, which are then a read-only memory map.

    Raises:
        ValueError: for counts below 0, an overlap of more than either, or a seed out of its range.
    """
    if not 0 <= seed < SEEDS:
        raise ValueError(f"seed should be in [0, 2**32), is {seed}")
    if not 0 <= overlap <= min(expression_labelled, unit_labelled):
        sizes = f"{expression_labelled} and {unit_labelled}"
        raise ValueError(f"overlap should be 0 to the smaller of {sizes} labelled images, is {overlap}")
    total = expression_labelled + unit_labelled - overlap
    drawn = _samples(seed, total, faces, workers, cache)
    place = np.arange(total)
    return drawn._replace(
        class_labels=np.where(place < expression_labelled, drawn.class_labels, -1),
        attribute_labels=np.where((place >= total - unit_labelled)[:, None], drawn.attribute_labels, np.nan),
    )


def held_out(
    name: str = "test",
    count: int = 1000,
    *,
    faces: Faces = DEFAULT,
    workers: int = 1,
    cache: Path | None = None,
) -> Samples:
    """Draw the `validation` or the `test` set: the same for every run, with both labels."""
    if name not in HELD_OUT:
        raise ValueError(f"name should be one of {', '.join(HELD_OUT)}, is {name}")
    if count < 0:
        raise ValueError(f"count should be 0 or more, is {count}")
    return _samples(HELD_OUT[name], count, faces, workers, cache)


def _samples(seed: int, count: int, faces: Faces, workers: int, cache: Path | None) -> Samples:
    found = [labels(sample(seed, index, faces)) for index in range(count)]
    classes = np.array([expression for expression, _ in found], np.int64)
    units = np.array([active for _, active in found]).reshape(count, len(TABLE.attributes))
    return Samples(images(seed, count, faces=faces, workers=workers, cache=cache), classes, units)


def images(
    seed: int, count: int, *, faces: Faces = DEFAULT, workers: int = 1, cache: Path | None = None
) -> Array:
    """Return images 0 to `count` - 1 of a seed, (count, 112, 112, 3), from the cache where they are there."""
    shape = count, SIZE, SIZE, 3
    if cache is None:
        drawn = np.empty(shape, np.uint8)
        for start, some in _chunks(seed, count, faces, workers):
            drawn[start : start + len(some)] = some
        return drawn
    path = cache / f"faces-{digest(seed, count, faces)}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _write(path, shape, _chunks(seed, count, faces, workers))
    kept: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    if kept.shape != shape or kept.dtype != np.uint8:
        raise ValueError(f"{path} should hold {count} images, does not: remove it")
    return kept


def digest(seed: int, count: int, faces: Faces) -> str:
    """Identify the images: by what is asked for, and by all that decides what they look like."""
    asked = (seed, count, faces, np.__version__, PIL.__version__, TABLE.weights.tolist())
    found = hashlib.sha256(repr(asked).encode())
    for module in DRAWN_BY:
        found.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    return found.hexdigest()[:16]


def _write(path: Path, shape: tuple[int, ...], chunks: Iterator[tuple[int, Array]]) -> None:
    """Write a NumPy file whole or not at all, in bounded memory; another process may write the same."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for _, drawn in chunks:
                file.write(drawn.tobytes())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _chunks(seed: int, count: int, faces: Faces, workers: int) -> Iterator[tuple[int, Array]]:
    """Draw in order, a chunk at a time."""
    starts = range(0, count, CHUNK)
    spans = [(start, min(start + CHUNK, count)) for start in starts]
    with ExitStack() as stack:
        progress = stack.enter_context(
            Progress(console=Console(stderr=True), transient=True, disable=count < LONG)
        )
        task = progress.add_task("drawing faces", total=count)
        draw = partial(chunk, seed, faces)
        if workers > 1 and len(spans) > 1:
            drawn = stack.enter_context(pool(min(workers, len(spans)))).map(draw, *zip(*spans, strict=True))
        else:
            drawn = starmap(draw, spans)
        for start, part in zip(starts, drawn, strict=True):
            yield start, part
            progress.advance(task, len(part))


def chunk(seed: int, faces: Faces, start: int, stop: int) -> Array:
    """Draw some images of a seed."""
    return np.stack([render(sample(seed, index, faces)) for index in range(start, stop)])
