"""Distribution matching as a layer, for any model that predicts classes and attributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Any, Self

import keras

from coupling._check import check_flag, check_number
from coupling._namespace import Array
from coupling._normalizer import average
from coupling._relatedness import Relatedness
from coupling.keras import _devices, functional
from coupling.keras._inputs import plain
from coupling.keras._namespace import xp
from coupling.losses._common import Detach
from coupling.losses._distribution_matching import AttributeDivergence, check_distribution_matching
from coupling.losses._matching import Matching


@keras.saving.register_keras_serializable(package="coupling")
class DistributionMatching(keras.layers.Layer):
    """Adds the distribution matching loss to a model, and passes its two inputs on.

    ``z, s = DistributionMatching(relatedness)([z, s])`` before `keras.Model`, then `compile` and `fit` as
    ever. The log shows the unweighted loss under the layer's name, "distribution_matching_loss" (on JAX at
    the end of an epoch, 0 before). See `coupling.losses.distribution_matching` for the formula.

    Args:
        relatedness: of C classes and A attributes.
        weight: the factor of this loss in the model's, at least 0.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy" (equation 3), "binary_cross_entropy", "kl" or "js".
        matching: "sample" or "class_mean".
        attribute_mask: (A,) boolean, the attributes that take part; all by default.
        eps: in (0, 0.5), how near the implied probabilities may come to 0 (and 1).
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        name: of the layer.
        trainable: kept for Keras; there is nothing to train.
        dtype: kept for Keras; the inputs are not cast.

    Shape:
        [class_predictions (B, C), attribute_predictions (B, A)]; returns the two unchanged.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) predictions of the wrong shape.

    Example:
        >>> from coupling.knowledge import du2014
        >>> layer = DistributionMatching(du2014().align(attributes=["AU12"]), divergence="js")
        >>> happy = keras.ops.one_hot([1], 7)
        >>> classes, attributes = layer([happy, keras.ops.full((1, 1), 0.5)])
        >>> [round(float(loss), 4) for loss in layer.losses]
        [0.2158]

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 2 and 3.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        weight: float = 1.0,
        from_logits: bool = False,
        divergence: AttributeDivergence = "cross_entropy",
        matching: Matching = "sample",
        attribute_mask: Any = None,
        eps: float = 1e-7,
        detach: Detach = None,
        synchronized: bool = False,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
    ) -> None:
        options: dict[str, Any] = {
            "divergence": divergence,
            "matching": matching,
            "attribute_mask": attribute_mask,
            "eps": eps,
            "detach": detach,
        }
        check_distribution_matching(relatedness, **options)
        check_flag("from_logits", from_logits)
        _devices.check_synchronized(synchronized)
        check_number("weight", weight, 0.0, float("inf"), closed="low")
        super().__init__(name=name, trainable=trainable, dtype=dtype, autocast=False)
        self.relatedness = relatedness
        self.weight = float(weight)
        self.from_logits = from_logits
        self.options = plain({**options, "synchronized": synchronized})
        self.supports_masking = True
        self._thread_of: dict[int, int] = {}
        # Weights of the layer: on JAX, Keras loses what a layer tells a metric.
        self.total, self.count = (
            keras.Variable(
                0.0, name=part, dtype="float32", trainable=False, aggregation="sum", synchronization="on_read"
            )
            for part in ("total", "count")
        )
        self.tracker = _Average(f"{self.name}_loss", lambda: (self.total, self.count))

    def call(self, inputs: Sequence[Array]) -> tuple[Array, Array]:
        """Add the loss and return the inputs."""
        class_predictions, attribute_predictions = inputs
        loss = functional.distribution_matching(
            class_predictions,
            attribute_predictions,
            self.relatedness,
            from_logits=self.from_logits,
            **self.options,
        )
        added = self.weight * loss
        self.add_loss(added)
        self._thread_of = {**self._thread_of, id(added): get_ident()}
        size = keras.ops.cast(keras.ops.shape(class_predictions)[0], "float32")
        size = average(size, _devices.over(self.options["synchronized"]), xp)
        self.total.assign_add(size * keras.ops.cast(loss, "float32"))
        self.count.assign_add(size)
        return class_predictions, attribute_predictions

    def _get_own_losses(self) -> list[Array]:
        """Return what was added; replicas that wait for one another find each other's losses here as well."""
        losses: list[Array] = super()._get_own_losses()
        if _devices.over(self.options["synchronized"]) is None:
            return losses
        self._thread_of = {id(loss): self._thread_of[id(loss)] for loss in losses}
        return [loss for loss in losses if self._thread_of[id(loss)] == get_ident()]

    def get_config(self) -> dict[str, Any]:
        """Return everything that the constructor takes, as lists, strings, numbers and booleans."""
        own = {
            "relatedness": self.relatedness.to_dict(),
            "weight": self.weight,
            "from_logits": self.from_logits,
        }
        return {**super().get_config(), **own, **plain(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer that `get_config` was called on."""
        return cls(**{**config, "relatedness": Relatedness.from_dict(config["relatedness"])})


class _Average(keras.metrics.Metric):
    """The average over an epoch of what a layer adds up in two of its weights.

    Args:
        name: of the metric.
        weights: gives the weights; a metric that held them would have Keras save them twice.
    """

    def __init__(self, name: str, weights: Callable[[], tuple[keras.Variable, keras.Variable]]) -> None:
        super().__init__(name=name)
        self._weights = weights

    def result(self) -> Array:
        """Return the average, 0 within a step on JAX, where Keras has taken the weights away."""
        total, count = self._weights()
        if total._value is None:
            return keras.ops.zeros(())
        return keras.ops.divide_no_nan(total, count)

    def reset_state(self) -> None:
        """Start anew."""
        for weight in self._weights():
            weight.assign(0.0)
