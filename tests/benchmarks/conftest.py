"""Records as a suite would leave them, with predictions that are right as often as is asked for."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks import digits, measures
from benchmarks.records import Record, pack
from benchmarks.settings import BASELINE, SINGLE_TASK

RIGHT = {
    SINGLE_TASK["classes"]: (0.8, None),
    SINGLE_TASK["attributes"]: (None, 0.7),
    BASELINE: (0.7, 0.7),
    "directed preset": (0.9, 0.4),
}


def _record(setting: str, size: tuple[int, int], seed: int) -> Record:
    rng = np.random.default_rng([seed, *size, len(setting)])
    truth = digits.held_out().class_labels
    classes_right, attributes_right = RIGHT[setting]
    classes = attributes = None
    if classes_right is not None:
        classes = np.where(rng.random(truth.shape) < classes_right, truth, 0)
    if attributes_right is not None:
        segments = digits.CONDITIONAL[truth]
        attributes = np.where(rng.random(segments.shape) < attributes_right, segments, 1 - segments)
    return Record(
        framework="torch",
        setting=setting,
        options={"weights": {"soft_co_annotation": 0.3}},
        class_labelled=size[0],
        attribute_labelled=size[1],
        seed=seed,
        training={"steps": 3},
        versions={"python": "3.14", "torch": "2.13"},
        device="cpu",
        source="0" * 16,
        revision=None,
        date="2026-01-01T00:00:00+00:00",
        metrics=measures.metrics(truth, classes, attributes),
        truth="".join(map(str, truth)),
        classes=None if classes is None else "".join(map(str, classes)),
        attributes=None if attributes is None else pack(attributes),
    )


@pytest.fixture(scope="session")
def make_record() -> Callable[[str, tuple[int, int], int], Record]:
    return _record


@pytest.fixture(scope="session")
def records() -> list[Record]:
    """Four settings, two sizes, three seeds."""
    sizes = ((20, 600), (400, 30))
    return [_record(setting, size, seed) for setting in RIGHT for size in sizes for seed in range(3)]
