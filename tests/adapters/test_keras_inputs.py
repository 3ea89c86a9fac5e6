"""What may be passed to the Keras functions and what may not, and what importing them needs."""

import inspect
import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest

from coupling import Relatedness, losses
from coupling.keras import functional

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

BACKEND = keras.backend.backend()


def test_inputs_that_keras_users_pass() -> None:
    draw = np.random.default_rng(0)
    z, c = draw.normal(size=(6, 3)).astype(np.float32), draw.integers(-1, 3, size=6)
    reference = float(functional.class_cross_entropy(z, c, from_logits=True))
    weights = np.arange(6.0)
    weighted = float(functional.class_cross_entropy(z, c, from_logits=True, sample_weight=weights))
    assert weighted == pytest.approx(float(losses.class_cross_entropy(z, c, sample_weight=weights)), rel=1e-5)
    for labels in (c.tolist(), c[:, None], keras.ops.convert_to_tensor(c.astype(np.int8)), tuple(c.tolist())):
        assert float(functional.class_cross_entropy(z, labels, from_logits=True)) == reference
    for predictions in (z.tolist(), keras.Variable(z)):
        assert (
            keras.ops.convert_to_numpy(functional.class_cross_entropy(predictions, c, from_logits=True))
            == reference
        )
    for sample_weight in (weights.tolist(), weights[:, None], weights.astype(int)):
        again = functional.class_cross_entropy(z, c, from_logits=True, sample_weight=sample_weight)
        assert float(again) == weighted
    part = functional.class_cross_entropy(z, c, from_logits=True, where=[True, False] * 3)
    assert float(part) == pytest.approx(
        float(losses.class_cross_entropy(z, c, where=np.array([True, False] * 3))), rel=1e-5
    )


class Foreign:
    """An array of a library that Keras does not run on."""

    shape, dtype = (1, 3), np.dtype("float32")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ([Foreign(), [0]], {}, TypeError, r"class_logits should be a tensor of \w+, a NumPy array or a list"),
        ([[[0.5, 0.5]], Foreign()], {}, TypeError, "class_labels should be a tensor"),
        ([keras.Input((3,)), [0]], {}, TypeError, "class_logits should be a tensor"),
        ([[[1, 0]], [0]], {}, TypeError, "class_logits should have a dtype that is real floating"),
        ([[[0.5, 0.5]], [0.0]], {}, TypeError, "class_labels should have a dtype that is integral"),
        ([[[0.5, 0.5]], [2]], {}, ValueError, "class_labels should be below C = 2"),
        ([[[0.5, 0.5]], [0, 1]], {}, ValueError, r"class_labels should have shape \(B,\) with B = 1"),
        ([[0.5, 0.5], [0]], {}, ValueError, r"class_logits should have shape \(B, C\)"),
        (
            [[[-3.0, 3.0]], [0]],
            {},
            ValueError,
            "class_logits should be probabilities unless from_logits=True",
        ),
        ([[[0.25, 1.25]], [0]], {}, ValueError, "class_logits should be probabilities unless from_logits"),
        ([[[0.5, 0.5]], [0]], {"reduction": "average"}, ValueError, "reduction should be one of"),
        ([[[0.5, 0.5]], [0]], {"sample_weight": [[1.0, 1.0]]}, ValueError, "sample_weight should have shape"),
        ([[[0.5, 0.5]], [0]], {"where": [1.0]}, TypeError, "where should have a dtype that is bool"),
    ],
)
def test_bad_input(
    arguments: list[Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        functional.class_cross_entropy(*arguments, **options)


def run(code: str, backend: str = BACKEND) -> str:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr + done.stdout  # what TensorFlow has to say comes first


def test_without_keras_the_extra_is_named() -> None:
    code = "import sys; sys.modules['keras'] = None; import coupling.keras"
    assert 'ImportError: coupling.keras needs Keras 3: pip install "coupling[keras]"' in run(code)


def test_an_unknown_backend_is_refused() -> None:
    code = "from coupling.keras._namespace import namespace_of; namespace_of('openvino')"
    assert "ImportError: coupling.keras needs Keras to run on one of tensorflow, jax, torch" in run(code)


def test_only_the_backend_in_use_is_imported() -> None:
    modules = {"tensorflow": "coupling.keras._tensorflow", "jax": "coupling.jax", "torch": "coupling.torch"}
    code = f"import coupling.keras, sys; print(sorted(set({list(modules.values())}) & set(sys.modules)))"
    assert run(code).splitlines()[-1] == str([modules[BACKEND]])


def test_numpy_as_the_backend_of_keras() -> None:
    code = "from coupling.keras.functional import *; print(class_cross_entropy([[0.25, 0.75]], [0]))"
    assert float(run(code, "numpy").splitlines()[-1]) == pytest.approx(-np.log(0.25), rel=1e-6)


TABLE = Relatedness([[0.75, 0.25], [0.5, 0.5]])
GIVEN = {
    "relatedness": TABLE,
    "class_logits": [[0.25, 0.75]],
    "attribute_logits": [[0.75, 0.5]],
    "category_logits": [[0.5, 0.5]],
    "class_labels": [0],
    "attribute_labels": [[1.0, 0.0]],
    "category_labels": [1],
    "where": [True],
    "sample_weight": [2.0],
}
FUNCTIONS = [
    functional.class_cross_entropy,
    functional.attribute_binary_cross_entropy,
    functional.distribution_matching,
    functional.soft_co_annotation,
    functional.categorical_distribution_matching,
    functional.categorical_soft_co_annotation,
    functional.coupled,
]
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)


def arguments(function: Any) -> dict[str, Any]:
    return {name: GIVEN[name] for name in inspect.signature(function).parameters if name in GIVEN}


@each_function
def test_an_array_of_another_library_is_named(function: Any) -> None:
    given = arguments(function)
    for name in given.keys() - {"relatedness"}:
        with pytest.raises(TypeError, match=f"^{name} should be a tensor of "):
            function(**given | {name: Foreign()})


@each_function
def test_predictions_are_probabilities_by_default(function: Any) -> None:
    given = arguments(function)
    default, said, not_so = (
        function(**given | own) for own in ({}, {"from_logits": False}, {"from_logits": True})
    )
    first = [outcome[0] if isinstance(outcome, tuple) else outcome for outcome in (default, said, not_so)]
    assert float(first[0]) == float(first[1]) != float(first[2])
