"""What couples a multi-class task to another, be that attributes or classes, and the sum of equation 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from coupling._check import NUMBERS, check_mapping, check_names, check_option, number
from coupling._namespace import Array, Namespace, compute_dtype, stop_gradient
from coupling._normalizer import Normalizers, by_term
from coupling._numeric import sigmoid, softmax
from coupling._relatedness import Relatedness
from coupling.losses._categorical_distribution_matching import (
    categorical_distribution_matching,
    check_categorical_distribution_matching,
)
from coupling.losses._categorical_soft_co_annotation import (
    categorical_soft_co_annotation,
    check_categorical_soft_co_annotation,
)
from coupling.losses._common import annotated, categories
from coupling.losses._distribution_matching import check_distribution_matching, distribution_matching
from coupling.losses._soft_co_annotation import check_soft_co_annotation, soft_co_annotation

COUPLING_PARTS = ("distribution_matching", "soft_co_annotation")
SOURCES = ("labels", "predictions", "both")


class Coupling(NamedTuple):
    """The two losses that couple a multi-class task to one kind of task, and how they are called."""

    match: Callable[..., Array]
    check_match: Callable[..., None]
    dm_options: tuple[str, ...]
    annotate: Callable[..., Array]
    check_annotate: Callable[..., None]
    sca_options: tuple[str, ...]
    predict: Callable[[Array, Namespace], Array]
    read_labels: Callable[..., tuple[Array, Array]]

    def check(self, relatedness: Relatedness, dm: Any, sca: Any) -> None:
        """Check the options of the two losses, as `coupled` takes them."""
        for name, mapping, keys in (("dm", dm, self.dm_options), ("sca", sca, (*self.sca_options, "source"))):
            check_mapping(name, mapping, optional=True)
            check_names(name, mapping or {}, keys)
        self.check_match(relatedness, **(dm or {}))
        options = dict(sca or {})
        check_option("source", options.pop("source", "labels"), SOURCES)
        self.check_annotate(relatedness, **options)

    def losses(
        self,
        class_logits: Array,
        logits: Array,
        labels: Array,
        relatedness: Relatedness,
        dm: Mapping[str, Any] | None,
        sca: Mapping[str, Any] | None,
        xp: Namespace,
    ) -> dict[str, Callable[..., Array]]:
        """Return the two losses by their names, to be called with what all losses take."""
        options = dict(sca or {})
        source = options.pop("source", "labels")

        def annotate(**common: Any) -> Array:
            evidence = self._evidence(logits, labels, source, xp)
            return self.annotate(class_logits, evidence, relatedness, **options, **common)

        matched = partial(self.match, class_logits, logits, relatedness, **(dm or {}))
        return {"distribution_matching": matched, "soft_co_annotation": annotate}

    def _evidence(self, logits: Array, labels: Array, source: str, xp: Namespace) -> Array:
        """Return the labels that the classes are co-annotated from."""
        if source == "labels":
            return labels
        dtype = compute_dtype((logits,), xp)
        predictions = stop_gradient(self.predict(xp.astype(logits, dtype), xp), xp)
        if source == "predictions":
            return predictions
        there, y = self.read_labels(labels, logits.shape[1], dtype=dtype, xp=xp)
        return xp.where(there, y, predictions)


ATTRIBUTES = Coupling(
    distribution_matching,
    check_distribution_matching,
    ("divergence", "matching", "attribute_mask", "eps", "detach"),
    soft_co_annotation,
    check_soft_co_annotation,
    ("divergence", "soft_label", "temperature", "empty_row", "prior", "detach"),
    predict=sigmoid,
    read_labels=lambda labels, count, **common: annotated(labels, **common),
)
CATEGORIES = Coupling(
    categorical_distribution_matching,
    check_categorical_distribution_matching,
    ("divergence", "matching", "eps", "detach"),
    categorical_soft_co_annotation,
    check_categorical_soft_co_annotation,
    ("divergence", "soft_label", "temperature", "prior", "detach"),
    predict=lambda logits, xp: softmax(logits, xp=xp).value,
    read_labels=categories,
)


def weighted_sum(
    losses: Mapping[str, Callable[..., Array]],
    factors: Mapping[str, Any],
    sample_weight: Array | Mapping[str, Array] | None,
    normalizer: Normalizers,
    *,
    zero: Array,
    xp: Namespace,
) -> tuple[Array, dict[str, Array]]:
    """Return Σ factor · loss, and each loss; one whose factor is 0 is not computed and is `zero`."""
    if not isinstance(sample_weight, Mapping):
        sample_weight = dict.fromkeys(losses, sample_weight)
    check_names("sample_weight", sample_weight, losses)
    normalizers = by_term(normalizer, losses)
    total, parts = zero, {}
    for name, loss in losses.items():
        factor = number(factors.get(name, 1.0))
        if not isinstance(factor, NUMBERS) or factor != 0:  # an array's value may not be known yet
            parts[name] = loss(sample_weight=sample_weight.get(name), normalizer=normalizers[name], xp=xp)
            total = total + factor * xp.astype(parts[name], zero.dtype)
        else:
            parts[name] = zero
    return total, parts
