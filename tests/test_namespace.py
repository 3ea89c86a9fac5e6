"""How the arrays' namespace is found, and the hooks that a namespace may bring."""

from types import ModuleType, SimpleNamespace

import array_api_compat.numpy as compat_numpy
import array_api_strict as strict
import dask.array
import numpy as np
import pytest

from coupling._namespace import (
    compute_dtype,
    constant,
    describe_type,
    library,
    read,
    resolve,
    stop_gradient,
)

OWN = SimpleNamespace(
    library="Own",
    is_array=lambda x: isinstance(x, str),
    constant=lambda value, like, dtype: (value, like, dtype),
    stop_gradient=lambda x: f"{x} held",
    read=lambda x: f"{x} read",
)


def test_resolve_finds_the_one_library() -> None:
    assert resolve(None, a=np.zeros(1), b=None, c=np.ones(2)) is compat_numpy
    assert resolve(None, a=None, b=strict.zeros(1)) is strict


def test_resolve_keeps_the_namespace_that_is_given() -> None:
    given = SimpleNamespace()
    assert resolve(given, a=np.zeros(1)) is given
    assert resolve(OWN, a="x", b=None) is OWN


@pytest.mark.parametrize(
    ("xp", "arrays", "message"),
    [
        (OWN, {"a": "x", "b": 1}, "b should be an array of Own, got int"),
        (
            None,
            {"a": np.zeros(1), "b": strict.zeros(1)},
            r"b should be of the same library as a \(numpy.ndarray\), got array_api_strict.*Array",
        ),
        (SimpleNamespace(), {"a": strict.zeros(1), "b": np.zeros(1)}, "b should be of the same library as a"),
        (None, {"a": [1.0]}, r"a should be an array of a library that follows .*coupling.keras\), got list"),
    ],
)
def test_resolve_refuses(xp: object, arrays: dict, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        resolve(xp, **arrays)


@pytest.mark.parametrize(
    ("xp", "name"),
    [
        (OWN, "Own"),
        (np, "numpy"),
        (SimpleNamespace(library=np, __name__="torch"), "torch"),
        ("nameless", "nameless"),
    ],
)
def test_library(xp: object, name: str) -> None:
    assert library(xp) == name


def test_describe_type() -> None:
    assert describe_type(1) == "int"
    assert describe_type(np.zeros(1)) == "numpy.ndarray"
    assert describe_type(OWN) == "types.SimpleNamespace"


def test_hooks() -> None:
    assert constant(1, "x", dtype="float", xp=OWN) == (1, "x", "float")
    assert stop_gradient("x", OWN) == "x held"
    assert read("x", OWN) == "x read"


def test_without_hooks() -> None:
    x = strict.asarray([1.0, 2.0])
    assert stop_gradient(x, strict) is x
    np.testing.assert_array_equal(read(x, strict), [1.0, 2.0])
    assert read(x, ModuleType("other")) is None


@pytest.mark.parametrize("framework", ["torch", "jax.numpy"])
def test_a_framework_that_differentiates_needs_its_adapter(framework: str) -> None:
    with pytest.raises(TypeError, match=f"^holding an array of {framework} fixed needs its adapter"):
        stop_gradient(np.zeros(1), ModuleType(framework))


def test_constant_is_a_copy_of_its_dtype_on_the_device() -> None:
    value = np.asarray([1, 2])
    made = constant(value, np.zeros(1), dtype=np.dtype("float32"), xp=compat_numpy)
    assert made.dtype == "float32"
    same = constant(value, np.zeros(1), dtype=value.dtype, xp=compat_numpy)
    same[0] = 9
    assert value[0] == 1
    device = strict.Device("device1")
    like = strict.zeros(1, device=device)
    assert constant(value, like, dtype=strict.float32, xp=strict).device == device


def test_lazy_arrays_place_constants_themselves() -> None:
    xp = SimpleNamespace(asarray=lambda value, dtype, device: device)
    assert constant(1.0, dask.array.zeros(1), dtype="float32", xp=xp) is None
    assert constant(1.0, np.zeros(1), dtype="float32", xp=xp) == "cpu"


@pytest.mark.parametrize(
    ("dtypes", "wanted"),
    [
        (["float32"], "float32"),
        (["float16", "float32"], "float32"),
        (["float32", "float64"], "float64"),
        (["float64", "float16"], "float64"),
    ],
)
def test_compute_dtype(dtypes: list[str], wanted: str) -> None:
    assert compute_dtype([np.zeros(1, dtype) for dtype in dtypes], compat_numpy) == np.dtype(wanted)
