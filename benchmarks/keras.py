"""Training in Keras, on the backend that KERAS_BACKEND names; TensorFlow by default."""

import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import keras
import numpy as np

from benchmarks.checkpoints import State, named, part
from benchmarks.networks import HEADS, MLP, WIDTH, Shapes, images, mlp_weights
from benchmarks.samples import Array, Samples
from benchmarks.settings import Setting
from benchmarks.suites import Suite
from benchmarks.training import Job, Trained, run, smoothing
from coupling.keras import CoupledModel
from coupling.keras.functional import CoupledTerms, class_cross_entropy

packages = ("keras", keras.backend.backend())

MLP_LAYERS = ("first", "second", "classes", "attributes")
TERMS = ("loss", *(f"{part}_loss" for part in CoupledTerms._fields[1:]))


def device() -> str:
    """Name the first device that the backend sees."""
    return str(keras.distribution.list_devices()[0])


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    return run(job, Learner(job))


class Learner:
    """A compiled model; see `benchmarks.training.Learner`."""

    def __init__(self, job: Job) -> None:
        keras.config.set_floatx(job.batches.dtype.name)
        setting = job.setting.without_method()
        self.model, state = _compiled(setting, job.suite, job.shapes, job.batches.dtype.name, job.parity)
        self.model.set_state_tree(state)
        keras.utils.set_random_seed(job.seed)  # of what PyTorch draws by itself
        _set_weights(self.model, job.suite.network, job.shapes, job.seed)

    def learn(self, batch: Samples) -> Sequence[Any]:
        """Take a step."""
        labels = {"classes": batch.class_labels, "attributes": batch.attribute_labels}
        with warnings.catch_warnings():  # a single task leaves the other's head without a gradient
            warnings.filterwarnings("ignore", "Gradients do not exist")
            logs = self.model.train_on_batch(batch.images, labels, batch.weights, return_dict=True)
        return [logs[term] for term in TERMS]

    def predict(self, images: Array) -> tuple[Array, Array]:
        """Return the logits of both tasks."""
        logits = self.model.predict_on_batch(images)
        return np.asarray(logits["classes"]), np.asarray(logits["attributes"])

    def kernels(self) -> list[Array]:
        """Return those of the heads."""
        return [self.model.get_layer(head).get_weights()[0] for head in HEADS]

    def weights(self) -> list[Array]:
        """Return them in Keras' order."""
        return images.weights(self.model)

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Take them."""
        images.set_weights(self.model, weights)

    def state(self) -> State:
        """Return all variables in their order, those of the optimiser and random seeds among them."""
        own = {str(number): variable.numpy() for number, variable in enumerate(self._variables)}
        return {**named("variables", own), **named("chance", _chance())}

    def restore(self, state: State) -> None:
        """Take it back."""
        own = part("variables", state)
        for number, variable in enumerate(self._variables):
            variable.assign(own[str(number)])
        _set_chance(part("chance", state))

    @property
    def _variables(self) -> list[keras.Variable]:
        return [*self.model.variables, *self.model.optimizer.variables]


def _chance() -> dict[str, Array]:
    """Return what is drawn from beside the variables: on PyTorch, its own generators."""
    if keras.backend.backend() != "torch":
        return {}
    from benchmarks.torch_state import chance

    return {name: value.numpy() for name, value in chance().items()}


def _set_chance(state: State) -> None:
    if state:
        import torch

        from benchmarks.torch_state import set_chance

        set_chance({name: torch.as_tensor(value) for name, value in state.items()})


class Smoothed(CoupledModel):
    """A model to whose sum label smoothing may add something."""

    added: Callable[..., Any] | None = None

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return equation 1 and what is added to it."""
        total = super().compute_loss(x, y, y_pred, sample_weight, training)
        return total + self.added(y_pred["classes"], y["classes"], sample_weight) if self.added else total


def network(name: str, shapes: Shapes, *, parity: bool) -> keras.Model:
    """Build a trunk with a head for each task."""
    if name != MLP:
        return images.build(name, shapes, seed=0, parity=parity)
    inputs = keras.Input(shapes.images)
    features = keras.layers.Dense(WIDTH, "relu", name="first")(inputs)
    features = keras.layers.Dense(WIDTH, "relu", name="second")(features)
    heads = {
        "classes": keras.layers.Dense(shapes.classes, name="classes")(features),
        "attributes": keras.layers.Dense(shapes.attributes, name="attributes")(features),
    }
    return keras.Model(inputs, {"features": features, **heads})


@cache
def _compiled(
    setting: Setting, suite: Suite, shapes: Shapes, dtype: str, parity: bool
) -> tuple[CoupledModel, dict[str, Any]]:
    """Build and compile a setting's model once, so that its training is traced once, with its first state."""
    plain = network(suite.network, shapes, parity=parity)
    heads = {task: plain.output[task] for task in ("classes", "attributes")}
    model = Smoothed(
        plain.input,
        heads,
        relatedness=suite.relatedness(setting.relatedness),
        from_logits=True,
        **setting.options,
    )
    schedule = suite.schedule
    model.added = smoothing(schedule, setting, partial(class_cross_entropy, from_logits=True))
    sgd = keras.optimizers.SGD(schedule.sgd_rate, momentum=schedule.momentum)
    optimizer = sgd if parity else keras.optimizers.Adam(schedule.learning_rate)
    model.compile(optimizer)
    model.optimizer.build(model.trainable_variables)
    return model, model.get_state_tree(value_format="numpy_array")


def _set_weights(model: CoupledModel, name: str, shapes: Shapes, seed: int) -> None:
    if name == MLP:
        for layer, weights in zip(MLP_LAYERS, mlp_weights(shapes, seed=seed), strict=True):
            model.get_layer(layer).set_weights(weights)
    else:
        images.draw(model, seed=seed)
