"""Records as a suite would leave them, with predictions that are right as often as is asked for."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from benchmarks import digits, measures
from benchmarks.records import Record, pack
from benchmarks.samples import Size
from benchmarks.settings import BASELINE, RECOMMENDED, SINGLE_TASK

RIGHT = {
    SINGLE_TASK["classes"]: (0.8, None),
    SINGLE_TASK["attributes"]: (None, 0.7),
    BASELINE: (0.7, 0.7),
    RECOMMENDED: (0.9, 0.4),
}


def _record(setting: str, size: Size, seed: int) -> Record:
    rng = np.random.default_rng([seed, *size[:2], len(setting)])
    _, classes, segments, _ = truth = digits.held_out()
    classes_right, attributes_right = RIGHT[setting]
    predictions = {}
    if classes_right is not None:
        predictions["classes"] = np.where(rng.random(classes.shape) < classes_right, classes, 0)
    if attributes_right is not None:
        right = rng.random(segments.shape) < attributes_right
        predictions["attributes"] = np.where(right, segments, 1 - segments)
    metrics = measures.metrics(truth, predictions)
    return Record(
        framework="torch",
        suite="digits",
        setting=setting,
        options={"weights": {"soft_co_annotation": 0.3}},
        size=size,
        seed=seed,
        training={"network": "mlp", "steps": 3},
        versions={"python": "3.14", "torch": "2.13"},
        device="cpu",
        source="0" * 16,
        revision=None,
        date="2026-01-01T00:00:00+00:00",
        metrics=metrics,
        curve={"1": {name: score / 2 for name, score in metrics.items()}, "3": metrics},
        truth={"classes": pack(classes), "attributes": pack(segments)},
        predictions={task: pack(own) for task, own in predictions.items()},
    )


@pytest.fixture
def single_thread() -> Iterator[None]:
    """PyTorch as in the suite's processes: threads cost more than they save on so small a network."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def make_record() -> Callable[[str, Size, int], Record]:
    return _record


@pytest.fixture(scope="session")
def records() -> list[Record]:
    """Four settings, two sizes, three seeds."""
    sizes = (Size(20, 600), Size(400, 30))
    return [_record(setting, size, seed) for setting in RIGHT for size in sizes for seed in range(3)]
