"""A plugin of pytest: Keras trains without tracing, which would take most of the time that a mutant has."""

import inspect
from types import SimpleNamespace

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have TensorFlow run the functions that it would trace, and Keras see which function a mutant is of."""
    import tensorflow as tf
    from keras.src.ops import operation

    tf.config.run_functions_eagerly(True)
    given = {**vars(inspect), "getfullargspec": lambda own: inspect.getfullargspec(inspect.unwrap(own))}
    operation.inspect = SimpleNamespace(**given)


def pytest_configure(config: pytest.Config) -> None:
    """Let TensorFlow say that this is not so for data."""
    config.addinivalue_line("filterwarnings", "ignore:Even though the:UserWarning")
