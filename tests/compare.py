"""The one place where the tests say when two results are the same. Every function here asserts."""

from collections.abc import Mapping

import numpy as np
from autodiff import Outcome

# Rounding is relative to the numbers that a formula adds up. A loss of size v is a sum of terms of about
# that size, so its scale is |v|; below 1 the terms may be larger than their sum (a divergence near zero is
# a difference of entropies of order 1), so the scale does not sink under 1. A gradient is made of products
# of probabilities and log-ratios which cancel within a row: its scale is the largest entry, again at least 1.
TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}


def assert_close(
    actual: np.ndarray, expected: np.ndarray | float, *, scale: np.ndarray | float = 1.0, name: str = "value"
) -> None:
    """The same shape, finite, and equal within the tolerance of ``actual``'s dtype."""
    expected = np.asarray(expected, np.float64)
    assert actual.shape == expected.shape, f"{name}: shape {actual.shape}, expected {expected.shape}"
    assert np.all(np.isfinite(actual)), f"{name} is not finite: {actual}, expected {expected}"
    allowed = TOLERANCE[actual.dtype] * np.maximum(scale, np.abs(expected))
    error = np.abs(actual.astype(np.float64) - expected)
    assert np.all(error <= allowed), f"{name}: {actual}, expected {expected}, error {error} > {allowed}"


def assert_outcome(actual: Outcome, expected: Outcome, dtype: np.dtype | type) -> None:
    """A result of the given dtype that agrees with the oracle's, in its value and in the gradients taken."""
    assert actual.value.dtype == dtype, f"value has dtype {actual.value.dtype}, expected {np.dtype(dtype)}"
    assert_close(actual.value, expected.value)
    assert_gradients(actual.gradients, expected.gradients)


def assert_gradients(actual: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> None:
    """Gradients by the same logits, or by none where the backend takes none."""
    assert not actual or actual.keys() == expected.keys()
    for name, slope in actual.items():
        largest = np.max(np.abs(expected[name]), initial=1.0)
        assert_close(slope, expected[name], scale=largest, name=f"gradient by {name}")
