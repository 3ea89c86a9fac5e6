"""CelebA: celebrities with 40 attributes, the identities as classes.

The published sets share no person, so identities cannot be learned on one and told on another. The paper made
a split of its own within each identity and did not publish it; the one here is drawn by a seed
(`splits.assign`) and can be written to a file. Copies without the line of counts, flat copies and tables with
commas (`image_id,…`) are read alike. `list_bbox_celeba.txt` is about the images that are not aligned: it is
not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.datasets import splits
from benchmarks.datasets.annotations import SPLITS, Annotations
from benchmarks.datasets.cells import columns, whole
from benchmarks.datasets.left_out import MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, TWICE, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, first, lines, refuse, require

TREE = """
Anno/list_attr_celeba.txt        a line with the count, one with 40 names, then "000001.jpg -1 1 …"
Anno/identity_CelebA.txt         "000001.jpg 2880"
Eval/list_eval_partition.txt     "000001.jpg 0" (only for partition="official")
Img/img_align_celeba/*.jpg
or all of these flat, with img_align_celeba/*.jpg; .csv in place of .txt is read too
"""
VALUES = {"-1": 0.0, "1": 1.0}


def load(
    root: Path,
    *,
    partition: str = "identity",
    seed: int = 0,
    fractions: Sequence[float] = splits.FRACTIONS,
    images: str | None = None,
) -> Annotations:
    """Load CelebA. Classes are the identities that are left, named by their numbers, which are the groups.

    Args:
        root: see `TREE`.
        partition: "identity", a new split within each identity; "official"; or the path of a file that
            `splits.write` wrote.
        seed: of the new split.
        fractions: of train, validation and test in the new split.
        images: the folder of the images below `root`, where it is another.
    """
    require(root, TREE)
    images = images or first(root, TREE, ("Img/img_align_celeba", "img_align_celeba"))
    require(root, TREE, images)
    tally = Tally()
    people = _column(root, "Anno/identity_CelebA", tally)
    file = _find(root, "Anno/list_attr_celeba")
    table = _table(root / file)
    attributes = next(table, (0, [""]))[1]
    attributes = attributes[1:] if attributes[:1] == ["image_id"] else attributes
    if not any(attributes):
        refuse(root, TREE, f"{file} has no line of names")
    rows, shelf = Rows(len(attributes)), Shelf(root, images)
    for number, (name, *labels) in table:
        path = f"{images}/{name}"
        person = people.pop(name, None)
        if len(labels) != len(attributes):
            tally.add(MALFORMED, file, number, f"{name} and {len(labels)} of {len(attributes)} attributes")
        elif problem := shelf.fetch(path):
            tally.add(problem, file, number, name)
        elif person is None:
            tally.add("image without identity", file, number, name)
        else:
            strange = sum(label not in VALUES for label in labels)
            tally.add(OUT_OF_RANGE, file, number, f"{name}: neither -1 nor 1", count=strange)
            rows.add(path, attributes=[VALUES.get(label, np.nan) for label in labels], group=person)
    tally.add_all("identity without attributes", people)
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
    loaded = rows.annotations("celeba", root, attributes=attributes, tally=tally)
    identities, positions = np.unique(loaded.group, return_inverse=True)
    loaded = replace(loaded, classes=tuple(map(str, identities)), class_labels=positions.astype(np.int32))
    return _split(loaded, partition, seed, fractions)


def _split(loaded: Annotations, partition: str, seed: int, fractions: Sequence[float]) -> Annotations:
    """Give the images their split: a new one within each identity, or one from a file."""
    names = [path.rpartition("/")[2] for path in loaded.images.paths]
    if partition == "identity":
        codes = splits.assign(names, loaded.class_labels, fractions=fractions, seed=seed)
        note = f"split within each identity: seed {seed}, fractions {tuple(fractions)}"
        return replace(loaded, split=codes, notes=(*loaded.notes, note))
    tally = Tally(loaded.left_out)
    if partition == "official":
        known: Mapping[str, int] = _column(loaded.images.root, "Eval/list_eval_partition", tally)
    else:
        known = splits.read(Path(partition))
    codes = np.array([known.get(name, -1) for name in names], np.int8)
    outside = (codes < 0) | (codes >= len(SPLITS))
    tally.add_all("image without a split", (names[index] for index in np.flatnonzero(outside)))
    sound = replace(loaded, split=np.where(outside, 0, codes).astype(np.int8), left_out=tally.done())
    return replace(sound.take(~outside), notes=(*loaded.notes, f"split: {partition}"))


def _find(root: Path, stem: str) -> str:
    """Return where a table is: in its folder or flat, with blanks or with commas."""
    flat = stem.rpartition("/")[2]
    return first(root, TREE, [f"{stem}.txt", f"{flat}.txt", f"{stem}.csv", f"{flat}.csv"])


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines in columns, without the count."""
    for number, line in lines(path):
        cells = columns(line) if path.suffix == ".csv" else line.split()
        if number > 1 or len(cells) != 1 or whole(cells[0]) is None:
            yield number, cells or [""]


def _column(root: Path, stem: str, tally: Tally) -> dict[str, int]:
    """Return the number of each image in a table of two columns."""
    file = _find(root, stem)
    column: dict[str, int] = {}
    for number, cells in _table(root / file):
        value = whole(cells[1]) if len(cells) == 2 else None
        if value is None or value < 0:
            if cells[0] != "image_id":
                tally.add(MALFORMED, file, number, " ".join(cells))
        elif cells[0] in column:
            tally.add(TWICE, file, number, cells[0])
        else:
            column[cells[0]] = value
    return column
