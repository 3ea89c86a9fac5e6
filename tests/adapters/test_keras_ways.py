"""Every declared way of training in Keras, for every loss, on the backend that KERAS_BACKEND names."""

import keras
import pytest
from ways import keras as ways
from ways.check import assert_holds, each_way

pytestmark = [
    # Keras' own conversion of PyTorch tensors to NumPy arrays.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
    # PyTorch's compiler warns of itself.
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf"),
]


@each_way("keras")
def test_holds(way: str) -> None:
    assert_holds(ways, "keras", way)


if keras.backend.backend() == "tensorflow":
    from ways import tensorflow as tensorflow_ways

    @each_way("tensorflow")
    def test_tensorflow_holds(way: str) -> None:
        assert_holds(tensorflow_ways, "tensorflow", way)
