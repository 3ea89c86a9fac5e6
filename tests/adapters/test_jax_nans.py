"""JAX's search for NaNs: a NaN that codes a missing label never enters the arithmetic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import coupling.jax as cj
from coupling.knowledge import du2014

MISSING = np.where(np.eye(2, 17) > 0, 1.0, np.nan)
Z, S, CLASSES = np.zeros((2, 7)), np.zeros((2, 17)), np.asarray([0, -1])
CALLS = {
    "attributes": (cj.attribute_binary_cross_entropy, (S, MISSING), {}),
    "indicator": (cj.soft_co_annotation, (Z, MISSING, du2014()), {}),
    "posterior": (cj.soft_co_annotation, (Z, MISSING, du2014()), {"soft_label": "posterior"}),
    "coupled": (cj.coupled, (Z, S, CLASSES, MISSING, du2014()), {"sca": {"source": "both"}}),
}


@pytest.mark.nan  # in what is missing
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("loss", "arrays", "options"), CALLS.values(), ids=CALLS)
def test_no_nan_comes_up(loss, arrays, options, dtype):
    logits, *others = jax.tree.map(lambda x: jnp.asarray(x, dtype if x.dtype == float else None), arrays)

    def total(logits):
        value = loss(logits, *others, **options)
        return getattr(value, "total", value)

    expected = jax.value_and_grad(total)(logits)
    with jax.debug_nans(True):
        found = jax.value_and_grad(total)(logits)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
    assert np.isfinite(found[0])
