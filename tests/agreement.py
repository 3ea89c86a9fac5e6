"""A backend against the oracle: on one batch, or traced once and held against many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import oracle
import pytest
from autodiff import evaluate
from compare import assert_outcome
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Arrays, cast

from backends import (
    TRACED,
    Backend,
    jax_adapter,
    jax_single,
    lazy_strict,
    numpy,
    strict,
    tensorflow,
    torch_adapter,
    torch_core,
)
from coupling import Relatedness

# JAX and TensorFlow compile or look up each operation by its shapes: they get fewer shapes and examples.
by_shape = (jax_adapter, jax_single, tensorflow)
any_shape = (numpy, strict, lazy_strict, torch_core, torch_adapter)

# Zero row and zero column, 0, 1 and in between, W unlike K, a class about which nothing is known.
AWKWARD = Relatedness(
    [[1, 0, 0.25, 0, 1], [0, 0, 0, 0, 0], [0.5, 1, 0.75, 0, 1], [1, 1, 1, 1, 0.5]],
    [[1, 0, 0.5, 0, 2], [0, 0, 0, 0, 0], [0, 3, 1, 0, 1], [1, 1, 1, 1, 1]],
    known=[True, True, True, False],
)
# Two batch sizes, as every size may be compiled anew.
traced_shapes = st.sampled_from([(3, 4, 5), (0, 4, 5)])


def cases(*backends: Backend) -> pytest.MarkDecorator:
    """Each backend with each of its float dtypes."""
    pairs = [pytest.param(b, d, id=f"{b.name}-{np.dtype(d)}") for b in backends for d in b.dtypes]
    return pytest.mark.parametrize(("backend", "dtype"), pairs)


each_traced_backend = cases(*TRACED)


def assert_agrees(
    backend: Backend, loss: str, batch: Arrays, options: Mapping[str, Any], dtype: type
) -> None:
    batch = cast(batch, dtype)
    if not backend.holds_fixed:
        options = {name: option for name, option in options.items() if name != "detach"}
    expected = evaluate(getattr(oracle, loss), batch, options)
    assert_outcome(backend.prepare(loss, options)(batch), expected, dtype)


def assert_agrees_when_traced(
    backend: Backend, loss: str, batches: st.SearchStrategy[Arrays], options: Mapping[str, Any], dtype: type
) -> None:
    call = backend.prepare(loss, options)

    @settings(max_examples=12)
    @given(batch=batches.map(lambda batch: cast(batch, dtype)))
    def check(batch: Arrays) -> None:
        assert_outcome(call(batch), evaluate(getattr(oracle, loss), batch, options), dtype)

    check()
