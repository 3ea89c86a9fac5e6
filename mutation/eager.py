"""A plugin of pytest: Keras trains without tracing, which would take most of the time that a mutant has."""

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have TensorFlow run the functions that it would trace."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)


def pytest_configure(config: pytest.Config) -> None:
    """Let TensorFlow say that this is not so for data."""
    config.addinivalue_line("filterwarnings", "ignore:Even though the:UserWarning")
