"""A normalizer is handed down by every loss: here, on NumPy, without other devices."""

import numpy as np
import pytest
from compare import assert_close

from coupling import Relatedness, losses

RNG = np.random.default_rng(0)
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])  # its rows are distributions too
Z, S = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
CLASSES, CATEGORIES = np.array([0, -1, 2, 1, 0]), np.array([1, 0, -1, 1, 1])
ATTRIBUTES = RNG.integers(2, size=(5, 2)).astype(float)
CALLS = {
    "distribution_matching": (Z, S, TABLE),
    "categorical_distribution_matching": (Z, S, TABLE),
    "soft_co_annotation": (Z, ATTRIBUTES, TABLE),
    "categorical_soft_co_annotation": (Z, CATEGORIES, TABLE),
    "class_cross_entropy": (Z, CLASSES),
    "attribute_binary_cross_entropy": (S, ATTRIBUTES),
}
every_loss = pytest.mark.parametrize("loss", CALLS)


@every_loss
def test_the_count_is_what_it_returns(loss: str) -> None:
    call, given = getattr(losses, loss), CALLS[loss]
    assert_close(call(*given, normalizer=lambda count: 2.0 * count), call(*given) / 2.0)


@pytest.mark.parametrize("loss", [name for name in CALLS if name.endswith("matching")])
def test_expectations_have_one_too(loss: str) -> None:
    """Every sum is of both devices, and this one has half of each."""
    call, given = getattr(losses, loss), CALLS[loss]
    own = call(*given, matching="class_mean")
    assert_close(call(*given, matching="class_mean", normalizer=lambda x: x), own)
    assert abs(call(*given, matching="class_mean", normalizer=np.ones_like) - own) > 1e-3


@every_loss
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_only_a_mean_has_one(loss: str, reduction: str) -> None:
    with pytest.raises(ValueError, match=f"^normalizer is not taken with reduction='{reduction}'"):
        getattr(losses, loss)(*CALLS[loss], normalizer=np.sum, reduction=reduction)


@every_loss
def test_it_is_a_function(loss: str) -> None:
    with pytest.raises(TypeError, match="^normalizer should be a function or None, got str$"):
        getattr(losses, loss)(*CALLS[loss], normalizer="mean")
