"""The databases of the study as suites, for whoever has them on a disk.

Where no test set is published, the published validation set is the test set; where none is left for
validation, a tenth of the training set is held out, of videos whole ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import datasets
from benchmarks.datasets import SPLITS, Annotations, splits
from benchmarks.datasets.annotations import TEST, TRAIN, VALIDATION
from benchmarks.datasets.images import Pixels
from benchmarks.datasets.lazy import LazyImages
from benchmarks.datasets.left_out import UNREADABLE
from benchmarks.recipes import CHECKPOINT_EVERY, NETWORK, RECIPES
from benchmarks.samples import Array, Samples, Size
from benchmarks.settings import BY_TABLE, settings
from benchmarks.suites import Schedule, Suite
from coupling import Relatedness, knowledge

CACHE = Path("benchmark-results") / "pixels"
"""Where images are kept once they are decoded."""
FOLDED = "clothing"
HELD_OUT = 0.1
MOST = {VALIDATION: 2_000, TEST: 20_000}
"""How many images are predicted for at most, drawn once: intervals hold 2000 draws of them in memory."""


@dataclass(frozen=True)
class Source:
    """A database on the disk, with options of its loader; equal ones are loaded once in a process."""

    name: str
    root: Path
    size: int
    cache: Path
    options: tuple[tuple[str, Any], ...] = ()


class Loaded(NamedTuple):
    """The images of a database that can be read, and where they are among the pixels."""

    annotations: Annotations
    pixels: Pixels
    positions: Array


@cache
def annotations(source: Source) -> Annotations:
    """Load a database without looking at its images."""
    own = _split(datasets.load(source.name, source.root, **dict(source.options)))
    limited = own.take(_limited(own.split))
    notes = [
        f"of {held} images for {SPLITS[code]}, {most} are predicted for, drawn once"
        for code, most in MOST.items()
        if (held := int((own.split == code).sum())) > most
    ]
    return replace(limited, notes=(*limited.notes, *notes))


@cache
def load(source: Source) -> Loaded:
    """Load a database, and decode those of its images that are not kept yet."""
    own = annotations(source)
    pixels = Pixels(own, size=source.size, cache=source.cache)
    positions = pixels.kept()
    return Loaded(pixels.readable(), pixels, positions)


def _split(own: Annotations) -> Annotations:
    """See to it that there are images for validation and for the test."""
    notes = list(own.notes)
    if not (own.split == TEST).any():
        own = replace(own, split=np.where(own.split == VALIDATION, TEST, own.split).astype(np.int8))
        notes.append("the published validation set is the test set here")
    if not (own.split == VALIDATION).any():
        own = splits.hold_out(own, HELD_OUT, groups=RECIPES[own.name].videos)
        notes.append(f"{HELD_OUT:.0%} of the training set are held out for validation")
    for code in (TRAIN, TEST):
        if not (own.split == code).any():
            raise ValueError(f"{own.name} should hold images for {SPLITS[code]}, holds none")
    return replace(own, notes=tuple(notes))


def _limited(split: Array) -> Array:
    """Return the positions of all training images, and of as many others as are predicted for."""
    rng = np.random.default_rng(0)
    kept = [np.flatnonzero(split == TRAIN)]
    for code, most in MOST.items():
        index = np.flatnonzero(split == code)
        kept.append(rng.permutation(index)[:most] if len(index) > most else index)
    return np.sort(np.concatenate(kept))


@dataclass(frozen=True)
class Part:
    """The images for training, validation or the test, of one database or of two.

    Of two, the first gives the classes, the last the attributes.
    """

    sources: tuple[Source, ...]
    split: int

    def __call__(self, size: Size | None = None, *, seed: int = 0) -> Samples:
        """Return them all: the size is theirs, and a seed draws nothing."""
        loaded = [load(source) for source in self.sources]
        chosen = [np.flatnonzero(own.annotations.split == self.split) for own in loaded]
        images = LazyImages(
            [(own.pixels, own.positions[index]) for own, index in zip(loaded, chosen, strict=True)]
        )
        counts = list(map(len, chosen))
        classes = np.full(len(images), -1, np.int64)
        classes[: counts[0]] = loaded[0].annotations.class_labels[chosen[0]]
        labels = loaded[-1].annotations.attribute_labels[chosen[-1]]
        attributes = np.full((len(images), labels.shape[1]), np.nan, np.float32)
        attributes[len(images) - counts[-1] :] = labels
        return Samples(images, classes, attributes)


@dataclass(frozen=True)
class Counted:
    """The relatedness of a database's own training labels, for the names of others where they are given."""

    source: Source
    names: tuple[Source, ...] = ()

    def __call__(self) -> Relatedness:
        own = annotations(self.source).select(split="train")
        counted = Relatedness.from_annotations(
            own.class_labels, own.attribute_labels, classes=own.classes, attributes=own.attributes
        )
        return aligned(counted, *_names(self.names)) if self.names else counted


@dataclass(frozen=True)
class ByTable:
    """Table 1 of the paper for the expressions and units that there are."""

    names: tuple[Source, ...]

    def __call__(self) -> Relatedness:
        return aligned(knowledge.du2014(), *_names(self.names))


def aligned(given: Relatedness, classes: tuple[str, ...], attributes: tuple[str, ...]) -> Relatedness:
    """Return a relatedness for these names; what it lacks is unknown where a known dataset orders them so."""
    orders = knowledge.orders()

    def asked(field: str, names: tuple[str, ...]) -> Any:
        return next((key for key, order in orders.items() if getattr(order, field) == names), names)

    try:
        return given.align(classes, asked("attributes", attributes))
    except KeyError:  # a class that the relatedness lacks, such as Other
        pass
    try:
        return given.align(asked("classes", classes), asked("attributes", attributes))
    except KeyError as error:
        raise ValueError(f"the relatedness should be of these names: {error.args[0]}") from error


def _names(sources: tuple[Source, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return annotations(sources[0]).classes, annotations(sources[-1]).attributes


@dataclass(frozen=True)
class Plan:
    """What is trained on, and how; `counted` is the database that gives the relatedness, if another does."""

    sources: tuple[Source, ...]
    counted: Source | None
    network: str
    schedule: Schedule

    def suite(self) -> Suite:
        """Load everything, since the number of labels is part of a suite."""
        recipe = RECIPES[self.sources[0].name]
        title = " and ".join(RECIPES[source.name].title for source in self.sources)
        training, relatednesses = Part(self.sources, TRAIN), self._relatednesses()
        size = _size(training())
        return Suite(
            name="-".join(source.name for source in self.sources),
            title=title,
            network=self.network,
            schedule=self.schedule,
            sizes=(size,),
            overlaps=(),
            settings=tuple(
                name for name in settings(size) if len(relatednesses) > 1 or not name.endswith(BY_TABLE)
            ),
            relatednesses=relatednesses,
            training_set=training,
            validation_set=Part(self.sources, VALIDATION),
            test_set=Part(self.sources, TEST),
            facts={
                "title": title,
                "image_size": self.sources[0].size,
                "data": [_record(source) for source in self.sources],
            },
            seeds=recipe.seeds,
            folds=self.fold if self._folded else None,
        )

    @property
    def _folded(self) -> bool:
        chosen = dict(self.sources[0].options)
        return self.sources[0].name == FOLDED and not {"repetition", "fold"} & chosen.keys()

    def fold(self, seed: int) -> Suite:
        """Return the suite of a seed where each is one half of a repetition, as the paper has it."""
        first, *others = self.sources
        options = {**dict(first.options), "repetition": seed // 2, "fold": seed % 2}
        own = replace(first, options=tuple(options.items()))
        return replace(self, sources=(own, *others)).suite()

    def _relatednesses(self) -> dict[str, Callable[[], Relatedness]]:
        by_table = {"table": ByTable(self.sources)} if RECIPES[self.sources[0].name].expressions else {}
        if self.counted is not None:
            return {"counted": Counted(self.counted, self.sources), **by_table}
        if len(self.sources) == 1:
            return {"counted": Counted(self.sources[0]), **by_table}
        if by_table:
            return by_table
        raise ValueError("counted_on should name a database with labels of both kinds, got none")


def suite(
    name: str,
    root: Path,
    *,
    options: Mapping[str, Any] | None = None,
    attributes_from: tuple[str, Path, Mapping[str, Any]] | None = None,
    counted_on: tuple[str, Path, Mapping[str, Any]] | None = None,
    network: str = NETWORK,
    steps: int | None = None,
    augmentation: str | None = None,
    size: int | None = None,
    cache: Path = CACHE,
) -> Suite:
    """Return the suite of a database, which is loaded, and its images decoded, to know what it holds.

    Args:
        name: one of `benchmarks.datasets.LOADERS`.
        root: its directory.
        options: of its loader.
        attributes_from: name, directory and options of another database, which gives the attributes.
        counted_on: the same, of one that gives the relatedness by its labels of both kinds.
        network: a name that `benchmarks.networks` knows.
        steps: how many; those of `RECIPES` by default.
        augmentation: one of `benchmarks.augmentations`; that of `RECIPES` by default.
        size: pixels of a side; that of `RECIPES` by default.
        cache: folder to keep the pixels in.

    Raises:
        ValueError: for a directory that does not hold the database, an option that its loader does not have,
            and where classes, attributes or a relatedness are missing.
    """

    def source(name: str, root: Path, options: Mapping[str, Any]) -> Source:
        datasets.check(name, options)
        fixed = {key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}
        return Source(name, root, size or RECIPES[first].size, cache, tuple(fixed.items()))

    first = name
    sources = [source(name, root, options or {})]
    if attributes_from is not None:
        sources.append(source(*attributes_from))
    counted = source(*counted_on) if counted_on is not None else None
    recipe = RECIPES[name]
    schedule = Schedule(
        steps or recipe.steps,
        recipe.batch,
        label_smoothing=recipe.label_smoothing,
        augmentation=augmentation or recipe.augmentation,
        checkpoint_every=CHECKPOINT_EVERY,
    )
    return Plan(tuple(sources), counted, network, schedule).suite()


def _size(samples: Samples) -> Size:
    """Count the labels."""
    has_class = samples.class_labels >= 0
    has_attributes = ~np.isnan(samples.attribute_labels).all(1)
    for name, there in (("classes", has_class), ("attributes", has_attributes)):
        if not there.any():
            raise ValueError(f"the training set should hold labels of {name}, holds none")
    return Size(int(has_class.sum()), int(has_attributes.sum()), int((has_class & has_attributes).sum()))


def _record(source: Source) -> dict[str, Any]:
    """Return what the record of a run says of its data: the same however often the images were read."""
    own = load(source).annotations
    left_out = [
        omission._replace(examples=tuple(example._replace(what="") for example in omission.examples))
        if omission.kind == UNREADABLE
        else omission
        for omission in own.left_out
    ]
    return {**replace(own, left_out=tuple(left_out)).record(), "options": dict(source.options)}
