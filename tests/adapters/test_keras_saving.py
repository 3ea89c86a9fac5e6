"""The coupled model saved and loaded: the same predictions, losses and relatedness, and training goes on."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from coupling import Relatedness, directed
from coupling.keras import CoupledModel

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

RELATEDNESS = Relatedness(
    [[0.9, 0.1, 0.0, 0.5], [0.2, 0.7, 1 / 3, 0.0], [0.0, 0.0, 0.4, 0.0]],
    [[1.0, 0.5, 0.0, 2.0], [0.2, 0.7, 1.0, 0.0], [0.0, 0.0, 1 / 7, 0.0]],
    classes=["gull", "crow", "other"],
    attributes=["white", "black", "große Flügel", "grey"],
    known=[True, True, False],
    source="birds",
)
OPTIONS = {
    "weights": {"distribution_matching": np.float32(0.5), "soft_co_annotation": 0.25},
    "dm": {"divergence": "js", "attribute_mask": np.array([True, True, False, True])},
    "sca": {"soft_label": "posterior", "prior": (0.2, 0.3, 0.5), "source": "both"},
}
X = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
Y = {
    "classes": np.array([0, 1, 2, -1] * 2),
    "attributes": np.array([[0.0, 1.0, np.nan, -1.0], [1.0, 1.0, 0.5, 0.0]] * 4),
}


def model(**options: Any) -> CoupledModel:
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    hidden = keras.layers.Dense(8, "relu", name="hidden")(x)
    outputs = {
        "classes": keras.layers.Dense(3, "softmax")(hidden),
        "attributes": keras.layers.Dense(4, "sigmoid")(hidden),
    }
    made = CoupledModel(x, outputs, relatedness=RELATEDNESS, name="birds", **options)
    made.compile(keras.optimizers.Adam(0.02), metrics={"classes": "accuracy"})
    return made


@pytest.mark.parametrize("options", [{}, OPTIONS, directed(20, 600)], ids=["printed", "options", "directed"])
def test_round_trip(options: dict[str, Any], tmp_path: Path) -> None:
    made = model(**options)
    made.fit(X, Y, epochs=2, verbose=0)
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is CoupledModel
    assert loaded.name == "birds"
    assert loaded.relatedness == RELATEDNESS
    assert loaded.relatedness.source == "birds"
    assert loaded.options == made.options
    expected, predictions = made.predict(X, verbose=0), loaded.predict(X, verbose=0)
    for task in ("classes", "attributes"):
        np.testing.assert_array_equal(predictions[task], expected[task])
    assert loaded.evaluate(X, Y, verbose=0, return_dict=True) == made.evaluate(
        X, Y, verbose=0, return_dict=True
    )


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    made = model()
    made.fit(X, Y, epochs=2, verbose=0)
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert int(loaded.optimizer.iterations) == int(made.optimizer.iterations) == 2
    histories = [each.fit(X, Y, epochs=2, shuffle=False, verbose=0).history for each in (made, loaded)]
    assert histories[1].keys() == histories[0].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-5)


def test_the_file_holds_plain_lists(tmp_path: Path) -> None:
    model(**OPTIONS).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        saved = json.loads(file.read("config.json"))
    assert saved["registered_name"] == "coupling>CoupledModel"
    config = saved["config"]
    assert config["relatedness"] == RELATEDNESS.to_dict()
    assert config["weights"] == {"distribution_matching": 0.5, "soft_co_annotation": 0.25}
    assert config["dm"] == {"divergence": "js", "attribute_mask": [True, True, False, True]}
    assert config["sca"] == {"soft_label": "posterior", "prior": [0.2, 0.3, 0.5], "source": "both"}
    assert config["from_logits"] is False


def test_another_process_needs_the_import_only(tmp_path: Path) -> None:
    made = model(**OPTIONS)
    made.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", X)
    code = (
        "import coupling.keras, keras, numpy as np\n"
        "model = keras.saving.load_model('model.keras')\n"
        "np.save('classes.npy', model.predict(np.load('x.npy'), verbose=0)['classes'])\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    np.testing.assert_allclose(
        np.load(tmp_path / "classes.npy"), made.predict(X, verbose=0)["classes"], rtol=1e-6
    )


def test_weights_alone(tmp_path: Path) -> None:
    made, other = model(), model()
    made.set_weights([weight + 0.1 for weight in made.get_weights()])
    made.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert other.evaluate(X, Y, verbose=0) == made.evaluate(X, Y, verbose=0)


def test_frozen_layers_stay_frozen() -> None:
    made = model()
    made.get_layer("hidden").trainable = False
    again = CoupledModel.from_config(made.get_config())
    assert not again.get_layer("hidden").trainable
    assert len(again.trainable_variables) == 4


def test_the_relatedness_of_a_config_is_checked() -> None:
    config = model().get_config()
    config["relatedness"]["conditional"][0][0] = 1.5
    with pytest.raises(ValueError, match=r"conditional should be in \[0, 1\], got 1\.5"):
        CoupledModel.from_config(config)
