"""Every way of running JAX code that is declared, for every loss."""

from ways import jax as ways
from ways.check import assert_differs, assert_holds, each_other, each_way


@each_way("jax")
def test_holds(way: str) -> None:
    assert_holds(ways, "jax", way)


@each_other("jax")
def test_other_values(way: str, loss: str) -> None:
    assert_differs(ways, way, loss)
