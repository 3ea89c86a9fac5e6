"""What the JAX adapter brings to the core: precision, values where there are any, averages over an axis."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from coupling import Relatedness
from coupling.jax import _namespace, _pytree
from coupling.jax._devices import Average, over


def test_products_are_of_full_precision() -> None:
    x = jnp.ones((2, 2))
    made = jax.make_jaxpr(_namespace.matmul)(x, x)
    assert set(made.eqns[0].params["precision"]) == {jax.lax.Precision.HIGHEST}
    assert _namespace.matmul(x, 2 * x).tolist() == [[4.0, 4.0], [4.0, 4.0]]


def test_reading() -> None:
    x = jnp.asarray([1.0, 2.0])
    assert _namespace.read(x).tolist() == [1.0, 2.0]
    seen = []
    jax.jit(lambda x: seen.append(_namespace.read(x)))(x)
    assert seen == [None]
    assert _namespace.read(SimpleNamespace(devices=lambda: [SimpleNamespace(platform="gpu")])) is None


def test_constants_and_what_is_accepted() -> None:
    x = jnp.ones(1)
    assert _namespace.constant([1, 0], x, _namespace.bool).tolist() == [True, False]
    assert _namespace.constant(2, x, _namespace.float32).dtype == "float32"
    assert isinstance(_namespace.accept(np.ones(2)), jax.Array)
    assert _namespace.accept("x") == "x"
    accepted = _namespace.accept({"x": np.ones(2), "y": "z"})
    assert isinstance(accepted["x"], jax.Array)
    assert accepted["y"] == "z"
    assert _namespace.is_array(x)
    assert not _namespace.is_array(np.ones(1))


def test_an_average_along_an_axis() -> None:
    x = jnp.asarray([1.0, 3.0])

    def along(function, *arrays):
        return jax.vmap(function, axis_name="i")(*arrays)

    assert along(Average("i"), x).tolist() == [2.0, 2.0]
    assert along(Average("i").maximum, x).tolist() == [3.0, 3.0]
    slopes = jax.grad(lambda x: along(lambda x: x + Average("i").maximum(x), x).sum())(x)
    assert slopes.tolist() == [1.0, 1.0]
    assert jax.grad(lambda x: along(lambda x: x * _namespace.stop_gradient(x), x).sum())(x).tolist() == [1, 3]


def test_axes() -> None:
    assert over("a") == Average("a")
    assert over(("a", "b")) == Average(("a", "b"))
    for axis, got in ((1, "int"), (["a"], "list"), ((), r"\(\)"), (("a", 1), r"\('a', 1\)")):
        with pytest.raises(TypeError, match=f"a tuple of such, got {got}$"):
            over(axis)


def test_a_tree_and_back() -> None:
    table = Relatedness([[0.5, 1.0]], [[2.0, 3.0]], classes=["a"], attributes=["x", "y"], known=[False])
    table = Relatedness.from_dict(table.to_dict() | {"source": "here"})
    matrices, static = _pytree._flatten(table)
    assert static == (("a",), ("x", "y"), (False,), "here")
    again = _pytree._unflatten(static, ("K", "W"))
    assert (again.conditional, again.weights) == ("K", "W")
    assert (again.classes, again.attributes, again.source) == (("a",), ("x", "y"), "here")
    assert again.known.tolist() == [False]
    assert [x.tolist() for x in matrices] == [table.conditional.tolist(), table.weights.tolist()]
