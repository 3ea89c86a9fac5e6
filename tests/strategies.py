"""What Hypothesis draws: NumPy arrays that every backend takes as they are, and options of the losses.

Logits, labels and matrices are float32 numbers, so that the oracle and both precisions read the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import oracle
from autodiff import evaluate
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coupling import Relatedness

Shape = tuple[int, int, int]
Arrays = dict[str, np.ndarray]

MISSING = (np.nan, -1.0, 999.0, -5.0, 1.5, np.inf, -np.inf)
# Samples, classes and attributes. Frameworks that compile operations by shape draw from a few.
FEW_SHAPES: tuple[Shape, ...] = ((3, 4, 5), (0, 1, 2))

# Few are the sizes at which nothing is left to see, or only a class that is certain.
shapes = st.tuples(
    st.sampled_from([3, 2, 4, 3, 2, 4, 1, 0]), st.sampled_from([3, 2, 4, 3, 2, 4, 1]), st.integers(1, 5)
)
few_shapes = st.sampled_from(FEW_SHAPES)


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, width=32, allow_subnormal=False)


def matrices(
    shape: Sequence[int], elements: st.SearchStrategy[Any], dtype: type = np.float64
) -> st.SearchStrategy[np.ndarray]:
    return arrays(dtype, tuple(shape), elements=elements, fill=st.nothing())


small_logits = floats(-6, 6)
large_logits = st.sampled_from([0.0, 1.0, -1.0, 20.0, -20.0, 90.0, -90.0, 1e4, -1e4])
labels = st.sampled_from([0.0, 1.0]) | st.sampled_from([1.0, 0.25]) | floats(0, 1) | st.sampled_from(MISSING)
conditionals = st.sampled_from([0.0, 1.0]) | floats(0.015625, 0.984375)
weights = st.sampled_from([0.0, 0.5, 1.0, 2.0]) | floats(0.015625, 3)
optional_weights = st.sampled_from([0.5, 1.0, 3.25, 2.0, 0.0])
booleans = st.booleans()


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def mostly(*shape: int) -> st.SearchStrategy[np.ndarray]:
    """True everywhere, or nearly: rarely nowhere, as little is left to see then."""
    return st.just(np.ones(shape, bool)) | matrices(shape, st.sampled_from([True, True, True, False]), bool)


@st.composite
def relatednesses(draw: st.DrawFn, classes: int, attributes: int) -> Relatedness:
    """K with 0, 1 and in between, W equal to it or another; zero rows and columns; unknown classes."""
    shape = (classes, attributes)
    kept = draw(mostly(classes, 1)) & draw(mostly(attributes))
    conditional = draw(matrices(shape, conditionals))
    weighted = draw(optional(matrices(shape, weights)))
    return Relatedness(
        np.where(kept, conditional, 0.0),
        None if weighted is None else np.where(kept, weighted, 0.0),
        known=draw(mostly(classes)),
    )


@st.composite
def distributions(draw: st.DrawFn, classes: int, categories: int) -> Relatedness:
    """A distribution of the categories in each known class, W equal to it or another; categories of none."""
    kept = draw(mostly(categories))
    kept[0] = True
    drawn = np.where(kept, draw(matrices((classes, categories), conditionals)), 0.0)
    drawn[:, 0] += drawn.sum(axis=1) == 0
    weighted = draw(optional(matrices((classes, categories), weights)))
    return Relatedness(
        drawn / drawn.sum(axis=1, keepdims=True),
        None if weighted is None else np.where(kept, weighted, 0.0),
        known=draw(mostly(classes)),
    )


def logits(*shape: int) -> st.SearchStrategy[np.ndarray]:
    """All of them small, or some of them so large that a probability is 0 or 1."""
    return matrices(shape, small_logits) | matrices(shape, small_logits | large_logits)


@st.composite
def attribute_labels(draw: st.DrawFn, samples: int, attributes: int) -> np.ndarray:
    """Hard and soft labels, every sentinel, samples without any label, batches without any."""
    values = draw(matrices((samples, attributes), labels))
    return np.where(draw(mostly(samples, 1)), values, draw(st.sampled_from(MISSING)))


def class_labels(samples: int, classes: int) -> st.SearchStrategy[np.ndarray]:
    values = st.integers(0, classes - 1) | st.sampled_from([-1, -5, -100])
    return st.sampled_from([np.int32, np.int64]).flatmap(lambda dtype: matrices((samples,), values, dtype))


@st.composite
def batches(draw: st.DrawFn, shape: Shape, *, everything: bool = False) -> Arrays:
    """Logits and labels by the names of the losses' arguments, with or without weights of the samples."""
    samples, classes, attributes = shape
    batch = {
        "class_logits": draw(logits(samples, classes)),
        "attribute_logits": draw(logits(samples, attributes)),
        "class_labels": draw(class_labels(samples, classes)),
        "attribute_labels": draw(attribute_labels(samples, attributes)),
    }
    if everything or draw(booleans):
        batch["where"] = draw(mostly(samples))
    if everything or draw(booleans):
        batch["sample_weight"] = draw(matrices((samples,), optional_weights))
    return batch


def cast(batch: Arrays, dtype: type) -> Arrays:
    """The same batch with its floats in ``dtype``."""
    return {name: x.astype(dtype) if x.dtype == np.float64 else x for name, x in batch.items()}


def only(batch: Arrays, *names: str) -> Arrays:
    return {name: batch[name] for name in names if name in batch}


# A probability this close to a bound, relative to it, may be rounded to the other side in float32.
ROUNDING = 1e-3


def away_from_bounds(batch: Arrays, options: Mapping[str, Any]) -> bool:
    """Are the probabilities of distribution matching not near a bound, where the derivative jumps."""
    logits = only(batch, "class_logits", "attribute_logits", "where", "sample_weight")
    return bool(evaluate(oracle.clip_distance, logits, options).value > ROUNDING)


def well_conditioned(batch: Arrays, options: Mapping[str, Any]) -> bool:
    """Is some sample not certain of a class about which nothing is known.

    The logarithm of what such a sample leaves to the other classes, -1e4 say, is one that float32 holds to
    1e-3 only, and the relative weights of samples and classes with it.
    """
    known = options["relatedness"].known
    takes_part = batch.get("where", True) & (batch.get("sample_weight", 1.0) > 0)
    logits = batch["class_logits"].astype(np.float64)
    if known.all() or not known.any() or not np.any(takes_part & np.ones(len(logits), bool)):
        return True
    left = np.logaddexp.reduce(logits[:, known], axis=1) - np.logaddexp.reduce(logits, axis=1)
    return bool(np.max(left[takes_part & np.ones(len(logits), bool)]) > -20)


reductions = st.sampled_from(["mean", "sum", "none"])
detached = st.sampled_from([None, "classes", "attributes"])


@st.composite
def matching_options(draw: st.DrawFn, attributes: int, *, class_mean: bool) -> dict[str, Any]:
    return {
        "eps": draw(st.sampled_from([1e-7, 1e-3, 0.05])),
        "attribute_mask": draw(optional(mostly(attributes))),
        "detach": draw(detached),
        "reduction": draw(st.sampled_from(["mean", "sum"]) if class_mean else reductions),
    }


@st.composite
def annotation_options(draw: st.DrawFn, classes: int, *, soft_label: str) -> dict[str, Any]:
    own: dict[str, Any] = (
        {"prior": draw(optional(priors(classes)))}
        if soft_label == "posterior"
        else {"temperature": draw(st.sampled_from([1.0, 0.125, 2.0]))}
    )
    return own | {"detach": draw(detached), "reduction": draw(reductions)}


@st.composite
def priors(draw: st.DrawFn, classes: int) -> np.ndarray:
    """Positive and normalised."""
    share = draw(matrices((classes,), floats(0.0625, 1)))
    return share / share.sum()
