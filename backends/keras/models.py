"""Equation 1 as a Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import keras

from coupling._check import check_flag, check_shapes
from coupling._namespace import Array, describe_type
from coupling._relatedness import Relatedness
from coupling.keras import functional
from coupling.keras._devices import check_synchronized
from coupling.keras._inputs import plain, tensor, vector
from coupling.keras._model import SumModel, counted, of_couplings
from coupling.losses._coupled import PARTS, check_coupled
from coupling.losses._participants import Evidence

TASKS = ("classes", "attributes")


@keras.saving.register_keras_serializable(package="coupling")
class CoupledModel(SumModel):
    """A functional model of two tasks that is trained on equation 1.

    ``compile(optimizer)``, then ``fit(x, {"classes": c, "attributes": a})``: c (B,) integers, negative where
    the label is missing; a (B, A), a label where in [0, 1], missing elsewhere (NaN, -1, 999). The log shows
    each unweighted part, "classes_loss", "attributes_loss", "distribution_matching_loss" and
    "soft_co_annotation_loss", averaged over the samples that take part in it. Regularisation, losses that
    layers add and a ``loss`` given to `compile` are added. A `sample_weight` counts in every part; where each
    task has its own, that of the classes counts in the class loss, that of the attributes in the attribute
    loss and in soft co-annotation from labels, and the larger in what needs no label: distribution matching,
    and soft co-annotation from predictions. See `coupling.losses.coupled` for the formula.

    Args:
        inputs: as of `keras.Model`.
        outputs: ``{"classes": (B, C), "attributes": (B, A)}``, probabilities or logits.
        name: of the model.
        relatedness: of C classes and A attributes.
        weights: factors by the names "classes", "attributes", "distribution_matching" and
            "soft_co_annotation", numbers of at least 0; 1 each by default. A part whose weight is 0 is not
            computed.
        dm: "divergence", "matching", "attribute_mask", "eps" and "detach", as of
            `coupling.keras.DistributionMatchingLoss`.
        sca: "divergence", "soft_label", "temperature", "empty_row", "prior" and "detach", as of
            `coupling.keras.SoftCoAnnotationLoss`, and "source": "labels", "predictions" or "both".
        from_logits: whether the outputs are logits; probabilities in [0, 1] by default.
        synchronized: whether means are taken over all replicas, as in `keras.layers.BatchNormalization`.
        trainable: as of `keras.Model`.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an unknown name, an option out of range, outputs or labels of the wrong shape.

    Example:
        >>> import numpy as np
        >>> from coupling.knowledge import du2014
        >>> images = keras.Input((4,))
        >>> classes = keras.layers.Dense(7, activation="softmax")(images)
        >>> attributes = keras.layers.Dense(17, activation="sigmoid")(images)
        >>> outputs = {"classes": classes, "attributes": attributes}
        >>> model = CoupledModel(images, outputs, relatedness=du2014(), dm={"divergence": "js"})
        >>> model.compile("adam")
        >>> labels = {"classes": np.array([3, -1]), "attributes": np.full((2, 17), np.nan)}
        >>> sorted(model.fit(np.ones((2, 4)), labels, verbose=0).history)[:4]
        ['attributes_loss', 'classes_loss', 'distribution_matching_loss', 'loss']

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Mapping[str, Any],
        name: str | None = None,  # by position, or Keras does not take this class for a functional model
        *,
        relatedness: Relatedness,
        weights: Mapping[str, Any] | None = None,
        dm: Mapping[str, Any] | None = None,
        sca: Mapping[str, Any] | None = None,
        from_logits: bool = False,
        synchronized: bool = False,
        trainable: bool | None = None,
    ) -> None:
        check_coupled(relatedness, weights=weights, dm=dm, sca=sca)
        _check_outputs(outputs, relatedness)
        check_flag("from_logits", from_logits)
        check_synchronized(synchronized)
        super().__init__(inputs=inputs, outputs=dict(outputs), name=name, trainable=trainable)
        self.relatedness = relatedness
        self.from_logits = from_logits
        self.synchronized = synchronized
        self.options = plain({"weights": weights or {}, "dm": dm or {}, "sca": sca or {}})
        self._track(PARTS)

    def _terms(
        self, y: Any, y_pred: Any, sample_weight: Any
    ) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        labels = _by_task("y", y)
        weights = _by_part(sample_weight, self.options["sca"])
        terms = functional.coupled(
            y_pred["classes"],
            y_pred["attributes"],
            labels["classes"],
            labels["attributes"],
            self.relatedness,
            from_logits=self.from_logits,
            synchronized=self.synchronized,
            sample_weight=weights,
            **self.options,
        )
        targets = {
            "classes": vector("class_labels", labels["classes"]),
            "attributes": tensor("attribute_labels", labels["attributes"]),
        }
        evidence = Evidence("attributes", self.relatedness, self.options["sca"])
        return terms._asdict(), counted(targets, {"": evidence}, weights)

    def get_config(self) -> dict[str, Any]:
        """Return everything that the constructor takes, as lists, strings, numbers and booleans."""
        own = {
            "relatedness": self.relatedness.to_dict(),
            "from_logits": self.from_logits,
            "synchronized": self.synchronized,
        }
        return {**super().get_config(), **own, **plain(self.options)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Return the model that `get_config` was called on, with new weights.

        `keras.models.clone_model` hands on inputs and outputs alone, so that it fails: copy by this.
        """
        relatedness = Relatedness.from_dict(config["relatedness"])
        model: Self = super().from_config({**config, "relatedness": relatedness}, custom_objects)
        return model


def _check_outputs(outputs: Any, relatedness: Relatedness) -> None:
    """Check that there is one output for each task, of the relatedness' sizes."""
    given = _by_task("outputs", outputs)
    check_shapes(
        {"C": len(relatedness.classes), "A": len(relatedness.attributes)},
        **{
            "outputs['classes']": (given["classes"], "BC"),
            "outputs['attributes']": (given["attributes"], "BA"),
        },
    )


def _by_task(name: str, given: Any) -> Mapping[str, Any]:
    """Return a mapping that should have one entry for each task."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} should be a mapping with the keys {TASKS}, got {describe_type(given)}")
    if set(given) != set(TASKS):
        raise ValueError(f"{name} should be a mapping with the keys {TASKS}, got {tuple(given)}")
    return given


def _by_part(sample_weight: Any, sca: Mapping[str, Any]) -> Any:
    """Return the weights of each part from those of each task: Keras copies a single array to both."""
    if not isinstance(sample_weight, Mapping):
        return sample_weight
    given = _by_task("sample_weight", sample_weight)
    return {**given, **of_couplings(given["classes"], given["attributes"], sca)}
