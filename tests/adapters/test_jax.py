"""The JAX functions, with strict promotion and rank-promotion errors."""

from collections.abc import Callable, Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import coupling.jax as cj
from coupling import Relatedness, diagnose, directed, losses
from coupling.knowledge import du2014

OPTIONS = {
    "printed": {},
    "js and posterior": {
        "dm": {"divergence": "js"},
        "sca": {"soft_label": "posterior", "divergence": "js", "source": "both"},
    },
    "class_mean and complement": {
        "dm": {"matching": "class_mean", "detach": "classes"},
        "sca": {"empty_row": "complement", "divergence": "distillation"},
    },
    "directed": directed(20, 600),
}


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"), jax.debug_nans(True):
        yield


def batch(dtype: str = "float32") -> tuple[jax.Array, ...]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, size=(5, 17)).astype("float32")
    labels[:, ::3] = -1
    return (
        jnp.asarray(rng.normal(size=(5, 7)), dtype=dtype),
        jnp.asarray(rng.normal(size=(5, 17)), dtype=dtype),
        jnp.asarray([0, -1, 6, 3, -1]),
        jnp.asarray(labels),
    )


def total(table: Relatedness, options: dict, *arrays: jax.Array) -> jax.Array:
    return cj.coupled(*arrays, table, **options).total


@pytest.fixture(params=OPTIONS)
def loss(request: pytest.FixtureRequest) -> Callable[..., jax.Array]:
    return partial(total, du2014(), OPTIONS[request.param])


def test_equals_core(loss: partial) -> None:
    core = losses.coupled(*map(np.asarray, batch()), du2014(), **loss.args[1]).total
    np.testing.assert_allclose(loss(*batch()), core, rtol=1e-5)


def test_relatedness_is_a_pytree() -> None:
    table = du2014()
    leaves, structure = jax.tree.flatten(table)
    assert [leaf.shape for leaf in leaves] == [(7, 17), (7, 17)]
    assert hash(structure) == hash(jax.tree.structure(du2014()))
    assert jax.tree.unflatten(structure, leaves) == table
    assert jax.tree.unflatten(structure, leaves).source == table.source
    partly = Relatedness(table.conditional, known=[False] + 6 * [True])
    assert jax.tree.structure(partly) != jax.tree.structure(Relatedness(table.conditional))
    assert jax.tree.map(lambda x: x, partly).known.tolist() == partly.known.tolist()


def test_relatedness_that_comes_out_of_jax() -> None:
    table = Relatedness([[0.5, 1.0], [0.25, 0.0]], classes=["gull", "crow"])
    found = jax.jit(lambda own: own)(table)
    assert isinstance(found.conditional, jax.Array)
    assert (found, hash(found)) == (table, hash(table))
    assert diagnose(found) == diagnose(table)


def test_relatedness_as_a_traced_argument() -> None:
    z, s, c, y = batch()
    tables = []

    @jax.jit
    def traced(table: Relatedness) -> jax.Array:
        tables.append(table)
        return cj.coupled(z, s, c, y, table).total

    np.testing.assert_allclose(traced(du2014()), cj.coupled(z, s, c, y, du2014()).total, rtol=1e-6)
    traced(du2014())
    assert len(tables) == 1


def test_relatedness_can_be_learnt() -> None:
    z, s, *_ = batch()
    table = Relatedness(0.2 + 0.6 * du2014().conditional)
    gradient = jax.grad(lambda t: cj.distribution_matching(z, s, t, divergence="kl"))(
        jax.tree.map(jnp.asarray, table)
    )
    assert isinstance(gradient, Relatedness)
    assert np.any(gradient.conditional)
    assert not np.any(gradient.weights)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_returns_float32(loss: Callable[..., jax.Array], dtype: str) -> None:
    value, gradient = jax.value_and_grad(loss)(*batch(dtype))
    assert value.dtype == jnp.float32
    assert gradient.dtype == dtype
    assert jnp.isfinite(value)


@pytest.mark.parametrize("head", [0, 1])
def test_detach(head: int) -> None:
    z, s, *_ = batch()
    loss = partial(cj.distribution_matching, divergence="kl", detach=("classes", "attributes")[head])
    gradients = jax.grad(loss, argnums=(0, 1))(z, s, du2014())
    assert not gradients[head].any()
    assert gradients[1 - head].any()


@pytest.mark.parametrize("transform", [lambda f: f, jax.jit, jax.grad])
def test_bad_shapes_also_while_tracing(transform: Callable) -> None:
    function = transform(lambda z: cj.distribution_matching(z, jnp.zeros((3, 17)), du2014()))
    with pytest.raises(ValueError, match=r"attribute_logits should have shape \(B, A\) with B = 2, A = 17"):
        function(jnp.zeros((2, 7)))


@pytest.mark.nan
def test_labels_beyond_the_classes() -> None:
    labels = jnp.asarray([7, 0])
    with pytest.raises(ValueError, match="class_labels should be below C = 7.*got 7"):
        cj.class_cross_entropy(jnp.zeros((2, 7)), labels)
    with jax.debug_nans(False):
        assert jnp.isnan(jax.jit(cj.class_cross_entropy)(jnp.zeros((2, 7)), labels))


def test_numpy_arrays_are_taken_as_by_jax(loss: partial) -> None:
    z, s, c, a = batch()
    assert loss(z, s, np.asarray(c), np.asarray(a)) == loss(z, s, c, a)
    jitted = jax.jit(lambda z: loss(z, np.asarray(s), np.asarray(c), np.asarray(a)))
    np.testing.assert_allclose(jitted(z), loss(z, s, c, a), rtol=1e-6)
