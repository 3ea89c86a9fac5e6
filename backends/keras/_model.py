"""What the models of equation 1 share: how they compute it, and note its terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from coupling._namespace import Array
from coupling._normalizer import average
from coupling.keras import _devices
from coupling.keras._inputs import vectors
from coupling.keras._namespace import per_replica, xp
from coupling.losses._participants import Evidence, from_labels, participants


class SumModel(keras.Model):
    """A model whose loss is a sum of named terms, and whatever else it is asked to minimise."""

    trackers: dict[str, keras.metrics.Metric]
    synchronized: bool

    def _track(self, terms: Iterable[str]) -> None:
        self.trackers = {term: keras.metrics.Mean(name=f"{term}_loss") for term in terms}

    def _terms(
        self, y: Any, y_pred: Any, sample_weight: Any
    ) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        """Return the sum, "total", and the terms by name, and how many samples took part in each term."""
        raise NotImplementedError

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Array:
        """Return equation 1 and whatever else the model is asked to minimise, and note the parts."""
        terms, counts = self._terms(y, y_pred, sample_weight)
        over = _devices.over(self.synchronized)
        for term, tracker in self.trackers.items():
            tracker.update_state(terms[term], sample_weight=average(counts[term], over, xp))
        total = per_replica(terms["total"])
        if self.losses or self.loss is not None:
            total = total + super().compute_loss(x, y, y_pred, sample_weight, training)
        return total


def counted(
    labels: Mapping[str, Array], couplings: Mapping[str, Evidence], sample_weight: Any
) -> Mapping[str, Array]:
    """Return how many samples take part in each term."""
    return participants(labels, couplings, vectors("sample_weight", sample_weight), xp=xp)


def of_couplings(source: Array, target: Array, sca: Mapping[str, Any]) -> dict[str, Array]:
    """Return what a sample counts in both coupling losses from what it counts in both tasks."""
    larger = keras.ops.maximum(source, target)
    return {"distribution_matching": larger, "soft_co_annotation": target if from_labels(sca) else larger}
