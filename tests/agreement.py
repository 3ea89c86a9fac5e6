"""Backends against the oracle: all of them on one batch, or one traced once and held against many."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import oracle
import oracle_graph
import pytest
from autodiff import Loss, evaluate
from compare import assert_outcome
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Arrays, cast

from backends import (
    TRACED,
    Backend,
    chosen,
    jax_adapter,
    jax_single,
    lazy_strict,
    needs,
    numpy,
    strict,
    tensorflow,
    torch_adapter,
    torch_core,
)
from coupling import Relatedness

FLOATS = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
any_shape = (numpy, strict, lazy_strict, torch_core, torch_adapter)
# JAX compiles, and TensorFlow looks up, each operation by its shapes: they get few shapes and examples.
by_shape = (jax_adapter, jax_single, tensorflow)
needs_by_shape = needs(*by_shape)

# Zero row and zero column, 0, 1 and in between, W unlike K, a class about which nothing is known.
AWKWARD = Relatedness(
    [[1, 0, 0.25, 0, 1], [0, 0, 0, 0, 0], [0.5, 1, 0.75, 0, 1], [1, 1, 1, 1, 0.5]],
    [[1, 0, 0.5, 0, 2], [0, 0, 0, 0, 0], [0, 3, 1, 0, 1], [1, 1, 1, 1, 1]],
    known=[True, True, True, False],
)
# Two batch sizes, as every size may be compiled anew.
traced_shapes = st.sampled_from([(3, 4, 5), (0, 4, 5)])


def literal(loss: str) -> Loss:
    """The oracle of a loss."""
    return getattr(oracle if hasattr(oracle, loss) else oracle_graph, loss)


def assert_agree(
    backends: Iterable[Backend], loss: str, batch: Arrays, options: Mapping[str, Any], dtype: type
) -> None:
    """Every backend that has this dtype, and these options, gives what the oracle does."""
    batch = cast(batch, dtype)
    expected = evaluate(literal(loss), batch, options)
    for backend in chosen(backends):
        if dtype in backend.dtypes and (backend.holds_fixed or not options.get("detach")):
            try:
                assert_outcome(backend.prepare(loss, options)(batch), expected, dtype)
            except Exception as error:
                error.add_note(f"Backend: {backend}")
                raise


traced = [pytest.param(b, d, id=f"{b}-{np.dtype(d)}") for b in TRACED for d in b.dtypes]
each_traced_backend = pytest.mark.parametrize(("backend", "dtype"), traced)


def assert_agrees_when_traced(
    backend: Backend, loss: str, batches: st.SearchStrategy[Arrays], options: Mapping[str, Any], dtype: type
) -> None:
    call = backend.prepare(loss, options)

    @settings(max_examples=12)
    @given(batch=batches.map(lambda batch: cast(batch, dtype)))
    def check(batch: Arrays) -> None:
        assert_outcome(call(batch), evaluate(literal(loss), batch, options), dtype)

    check()
