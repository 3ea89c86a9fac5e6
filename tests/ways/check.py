"""Ways against the reference: as declared, for every loss and in every form."""

from types import ModuleType

import numpy as np
import pytest
from compare import assert_close

from ways import OTHER_VALUES, WAYS, holding
from ways.cases import EVERY_WAY, Found
from ways.reference import reference


def each_way(framework: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", WAYS[framework])


def each_other(framework: str) -> pytest.MarkDecorator:
    found = [(way, loss) for (of, way, loss) in OTHER_VALUES if of == framework]
    return pytest.mark.parametrize(("way", "loss"), found)


def assert_holds(module: ModuleType, framework: str, way: str) -> None:
    names = holding(framework, way)
    if WAYS[framework][way].costly and not EVERY_WAY:
        names = names[-1:]
    found = getattr(module, way)(names)
    assert {key.partition(" as ")[0] for key in found} == set(names)
    assert_found(found)


def assert_differs(module: ModuleType, way: str, loss: str) -> None:
    with pytest.raises(AssertionError, match="error"):
        assert_found(getattr(module, way)([loss]))


# Each term of a loss gives the logits a gradient that is rounded by half of the last place.
HALF = {"float16": 2.0**-10, "bfloat16": 2.0**-7}


def assert_found(found: Found) -> None:
    for key, quantities in found.items():
        expected = reference(key.partition(" as ")[0])
        derivatives = [name for name in expected if name in quantities and name != "value"]
        assert derivatives, f"{key}: no derivative is given"
        for name, x in quantities.items():
            largest = np.max(np.abs(expected[name]))
            if str(x.dtype) in HALF:
                error = np.max(np.abs(x.astype(np.float64) - expected[name]))
                assert error <= HALF[str(x.dtype)] * largest, f"{key}: {name}: error {error}"
            else:
                assert_close(x, expected[name], scale=max(largest, 1.0), name=f"{key}: {name}")
