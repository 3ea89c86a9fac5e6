"""The messages of the checks that the losses' own tests do not reach."""

from typing import Any

import array_api_strict
import numpy as np
import pytest

from coupling._check import check_vector


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (2.0, TypeError, "prior should be a sequence or an array of 3 numbers, got float"),
        ([1.0, 1.0], ValueError, r"prior should have shape \(N,\) with N = 3, got \(2,\)"),
        ([1.0, 0.0, 1.0], ValueError, r"prior\[1\] should be in \(0.0, inf\), got 0.0"),
        (np.array([1.0, np.nan, 1.0]), ValueError, r"prior\[1\] should be in \(0.0, inf\), got nan"),
        (["a", 1.0, 1.0], TypeError, r"prior\[0\] should be a real number, got str"),
        (np.ones((3, 1)), ValueError, r"prior should have shape \(N,\) with N = 3, got \(3, 1\)"),
        (array_api_strict.ones(4), ValueError, r"prior should have shape \(N,\) with N = 3, got \(4,\)"),
    ],
)
def test_vector(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        check_vector("prior", value, 3, positive=True)
