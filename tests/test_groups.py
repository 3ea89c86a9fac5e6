"""Weights with which the frames of a video count once."""

import re

import numpy as np
import pytest

from coupling._groups import GroupShares


def test_shares_of_groups_add_up() -> None:
    """Those of two pieces are those of the whole."""
    whole, one, other = GroupShares(), GroupShares(), GroupShares()
    whole.update(["v", "v", "w"], [0, 0, 1], [1.0, 2.0, 4.0])
    one.update(["v"], [0], [1.0])
    other.update(["v", "w"], [0, 1], [2.0, 4.0])
    one.merge(other)
    np.testing.assert_array_equal(one.weights(["v", "w"], [0, 1]), whole.weights(["v", "w"], [0, 1]))
    np.testing.assert_array_equal(one.weights(["v", "w"], [0, 1]), [1 / 3, 1 / 4])


def test_classes_are_told_apart_by_name() -> None:
    """Their numbers differ from batch to batch, and a missing label is a class of its own."""
    shares = GroupShares()
    shares.update(["v", "v", "v"], ["b", "a", None])
    shares.update(["v"], ["b"])
    assert len(shares) == 3
    np.testing.assert_array_equal(shares.weights(["v"] * 4, ["a", "b", None, "b"]), [1.0, 0.5, 1.0, 0.5])


def test_a_group_without_weight_has_none() -> None:
    shares = GroupShares()
    shares.update(["v", "w"], [0, 0], [0.0, 2.0])
    np.testing.assert_array_equal(shares.weights(["v", "w"], [0, 0], [0.0, 2.0]), [0.0, 1.0])


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a", "b"], "groups should have shape (B,) with B = 1, got (2,)"),
        ([["a"]], "groups should have shape (B,), got (1, 1)"),
        ([""], "groups should have one for each sample, got ''"),
    ],
)
def test_bad_groups(groups: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        GroupShares().update(groups, [0])
