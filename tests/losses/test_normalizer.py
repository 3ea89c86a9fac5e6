"""Parts of a batch that average their sums: the average of their losses is the loss of the batch.

Each part is a thread, so that one graph of PyTorch holds them all: gradients are those of the average.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest
import torch
from autodiff import Outcome
from compare import assert_close, assert_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    Arrays,
    annotation_options,
    batches,
    booleans,
    distributions,
    matching_options,
    relatednesses,
)
from torch import Tensor

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, losses
from coupling.torch import functional

pytestmark = pytest.mark.threads
SHAPE = (5, 3, 4)
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7], [0.5, 0.4]])
UNKNOWN = Relatedness(TABLE.conditional, known=[True, True, False])


class Parts:
    """What `count` threads hold, brought together."""

    def __init__(self, count: int) -> None:
        self.held: list[Any] = [None] * count
        self.barrier = Barrier(count, timeout=60)

    def exchange(self, part: int, x: Any) -> list[Any]:
        self.held[part] = x
        self.barrier.wait()
        everything = list(self.held)
        self.barrier.wait()
        return everything

    def averages(self, part: int) -> Callable[[Any], Any]:
        return lambda x: sum(self.exchange(part, x)) / len(self.held)

    def maxima(self, part: int) -> Callable[[Any], Any]:
        return lambda x: torch.stack([held.detach() for held in self.exchange(part, x)]).amax(dim=0)


def in_parts(count: int, loss: Callable[..., Any], *, maximum: bool) -> list[Any]:
    """What ``loss(part, normalizer)`` gives for each part."""
    parts = Parts(count)

    def call(part: int) -> Any:
        normalizer = parts.averages(part)
        if maximum:
            normalizer.maximum = parts.maxima(part)  # type: ignore[attr-defined]
        return loss(part, normalizer)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def outcome(value: Tensor, logits: dict[str, Tensor]) -> Outcome:
    slopes = torch.autograd.grad(value + sum(0.0 * x.sum() for x in logits.values()), list(logits.values()))
    found = {name: slope.numpy() for name, slope in zip(logits, slopes, strict=True)}
    return Outcome(value.detach().numpy(), found)


def assert_splits(
    loss: str, batch: Arrays, cuts: Sequence[int], options: dict[str, Any], *, maximum: bool = True
) -> Outcome:
    """In value and gradients, wherever the batch is cut."""
    function = getattr(functional, loss)
    tensors = {name: torch.asarray(x.copy()) for name, x in batch.items()}
    logits = {name: x.requires_grad_() for name, x in tensors.items() if name.endswith("_logits")}
    ends = [0, *sorted(cuts), len(next(iter(batch.values())))]

    def of_part(part: int, normalizer: Any) -> Tensor:
        rows = {name: x[ends[part] : ends[part + 1]] for name, x in tensors.items()}
        result = function(**rows, **options, normalizer=normalizer)
        return result.total if isinstance(result, tuple) else result

    count = len(ends) - 1
    mean = sum(in_parts(count, of_part, maximum=maximum)) / count
    whole = function(**tensors, **options)
    expected = outcome(whole.total if isinstance(whole, tuple) else whole, logits)
    actual = outcome(mean, logits)
    assert_close(actual.value, expected.value)
    assert_gradients(actual.gradients, expected.gradients)
    return actual


TASK_OPTIONS = {
    "class_cross_entropy": st.fixed_dictionaries(
        {
            "label_smoothing": st.sampled_from([0.0, 0.25]),
            "class_weight": st.sampled_from([None, [1.0, 0.5, 0.0]]),
        }
    ),
    "attribute_binary_cross_entropy": st.fixed_dictionaries(
        {"pos_weight": st.sampled_from([None, [1.0, 0.5, 0.0, 2.0]])}
    ),
}
ARGUMENTS = {
    "class_cross_entropy": ("class_logits", "class_labels"),
    "attribute_binary_cross_entropy": ("attribute_logits", "attribute_labels"),
    "distribution_matching": ("class_logits", "attribute_logits"),
    "soft_co_annotation": ("class_logits", "attribute_labels"),
    "categorical_distribution_matching": ("class_logits", "category_logits"),
    "categorical_soft_co_annotation": ("class_logits", "category_labels"),
    "coupled": ("class_logits", "attribute_logits", "class_labels", "attribute_labels"),
}


@st.composite
def options_of(draw: st.DrawFn, loss: str) -> dict[str, Any]:
    """The options of a loss, any that its mean can have."""
    _, classes, columns = SHAPE
    if loss in TASK_OPTIONS:
        return draw(TASK_OPTIONS[loss])
    categorical = loss.startswith("categorical")
    options = {"relatedness": draw((distributions if categorical else relatednesses)(classes, columns))}
    if loss == "coupled":
        return options | draw(
            st.sampled_from([{}, {"dm": {"matching": "class_mean"}, "sca": {"source": "both"}}])
        )
    if loss.endswith("matching"):
        class_mean = draw(booleans)
        own = draw(matching_options(columns, class_mean=class_mean))
        own["matching"] = "class_mean" if class_mean else "sample"
        own["divergence"] = "cross_entropy" if class_mean else draw(st.sampled_from(["kl", "js"]))
    else:
        soft_label = draw(st.sampled_from(["indicator", "posterior"]))
        own = draw(annotation_options(classes, soft_label=soft_label)) | {"soft_label": soft_label}
        own["divergence"] = draw(st.sampled_from(["cross_entropy", "distillation", "js"]))
    if categorical:
        own.pop("attribute_mask", None)
        own["detach"] = {"attributes": "categories"}.get(own["detach"], own["detach"])
    return options | own | {"reduction": "mean"}


@pytest.mark.parametrize("loss", ARGUMENTS)
def test_the_average_of_the_parts_is_the_whole(loss: str) -> None:
    renamed = {"attribute_logits": "category_logits", "attribute_labels": "category_labels"}

    @settings(max_examples=30)
    @given(batches(SHAPE), st.lists(st.integers(0, SHAPE[0]), min_size=1, max_size=3), options_of(loss))
    def check(batch: Arrays, cuts: list[int], options: dict[str, Any]) -> None:
        names = (*ARGUMENTS[loss], "sample_weight", *(("where",) if loss != "coupled" else ()))
        if loss.startswith("categorical"):
            batch = {renamed.get(name, name): x for name, x in batch.items()}
        assert_splits(loss, {name: batch[name] for name in names if name in batch}, cuts, options)

    check()


def rows(*missing: int) -> Arrays:
    """Four samples, of which some have no label."""
    draw = np.random.default_rng(0)
    classes, attributes = np.array([0, 2, 1, 1]), np.array([[0, 1], [1, 0], [1, 1], [0, 0.5]])
    classes[list(missing)], attributes[list(missing)] = -1, np.nan
    return {
        "class_logits": draw.normal(size=(4, 3)),
        "attribute_logits": draw.normal(size=(4, 2)),
        "class_labels": classes,
        "attribute_labels": attributes,
    }


@pytest.mark.parametrize("maximum", [True, False])
@pytest.mark.parametrize("matching", ["sample", "class_mean"])
def test_a_part_without_labels(matching: str, maximum: bool) -> None:
    options = {"relatedness": UNKNOWN, "dm": {"matching": matching}}
    assert_splits("coupled", rows(0, 1), [2], options, maximum=maximum)


def test_no_part_with_labels() -> None:
    batch = rows(0, 1, 2, 3)
    for loss in ("class_cross_entropy", "attribute_binary_cross_entropy"):
        found = assert_splits(loss, {name: batch[name] for name in ARGUMENTS[loss]}, [1, 3], {})
        assert found.value == 0
        assert not any(slope.any() for slope in found.gradients.values())


@pytest.mark.parametrize("matching", ["sample", "class_mean"])
def test_weights_that_underflow(matching: str) -> None:
    """All but certain of a class about which nothing is known: with a maximum as on one device, else none."""
    batch = {
        "class_logits": np.array([[0.0, 1.0, 2000.0]] * 4),
        "attribute_logits": rows()["attribute_logits"],
    }
    options = {"relatedness": UNKNOWN, "matching": matching}
    assert assert_splits("distribution_matching", batch, [1], options).value > 0
    logits = {name: torch.asarray(x).requires_grad_() for name, x in batch.items()}
    alone = outcome(functional.distribution_matching(**logits, **options, normalizer=lambda x: x), logits)
    assert alone.value == 0
    assert not any(slope.any() for slope in alone.gradients.values())


def test_a_graph() -> None:
    graph = CouplingGraph(
        {"classes": Classes(TABLE.classes), "attributes": Attributes(TABLE.attributes)},
        [Edge("classes", "attributes", TABLE, dm={"matching": "class_mean"})],
    )
    batch = {name: torch.asarray(x) for name, x in rows(0).items()}

    def of_part(part: slice, normalizer: Any = None) -> dict[str, Tensor]:
        z, s, classes, attributes = (x[part] for x in batch.values())
        return functional.coupled_graph(
            {"classes": z, "attributes": s},
            {"classes": classes, "attributes": attributes},
            graph,
            normalizer=normalizer,
        )

    cut = [slice(0, 1), slice(1, 4)]
    first, second = in_parts(2, lambda part, normalizer: of_part(cut[part], normalizer), maximum=True)
    for term, whole in of_part(slice(None)).items():
        torch.testing.assert_close((first[term] + second[term]) / 2, whole, rtol=0, atol=1e-12)


def test_a_count_that_is_known_before() -> None:
    """Of micro-batches, one after the other."""
    batch = rows(0, 1, 3)
    z, labels = batch["class_logits"], batch["class_labels"]
    parts = [
        losses.class_cross_entropy(z[cut], labels[cut], normalizer=lambda count: 1 / 2)
        for cut in (slice(0, 3), slice(3, 4))
    ]
    np.testing.assert_allclose(np.mean(parts), losses.class_cross_entropy(z, labels))


def test_a_normalizer_for_each_term() -> None:
    batch = rows()
    terms = losses.coupled(**batch, relatedness=TABLE)
    scaled = losses.coupled(**batch, relatedness=TABLE, normalizer={"classes": lambda count: 2 * count})
    assert scaled.classes == terms.classes / 2
    assert scaled[2:] == terms[2:]


NUMBER = r"normalizer should return an array of the shape that it is given, \(3,\), got \(\)"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"normalizer": 2.0}, TypeError, "normalizer should be a function or None, got float"),
        ({"normalizer": sum, "reduction": "sum"}, ValueError, "normalizer is not taken with reduction='sum'"),
        ({"normalizer": sum, "reduction": "none"}, ValueError, "is not taken with reduction='none', got <"),
        ({"normalizer": lambda x: 2.0, "matching": "class_mean"}, ValueError, NUMBER),
        ({"normalizer": lambda x: None}, ValueError, r"that it is given, \(\), got NoneType"),
    ],
)
def test_what_is_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    batch = rows()
    with pytest.raises(error, match=message):
        losses.distribution_matching(batch["class_logits"], batch["attribute_logits"], TABLE, **options)


@pytest.mark.parametrize(
    ("normalizer", "error", "message"),
    [
        ({"dm": np.sum}, ValueError, "normalizer should have keys among 'classes', .*, got 'dm'"),
        ({"classes": 2}, TypeError, r"normalizer\['classes'\] should be a function or None, got int"),
        ("mean", TypeError, "normalizer should be a function or None, got str"),
    ],
)
def test_what_a_sum_refuses(normalizer: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        losses.coupled(**rows(), relatedness=TABLE, normalizer=normalizer)
