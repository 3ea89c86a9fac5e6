"""Every way of running PyTorch code that is declared, for every loss."""

import pytest
from ways import torch as ways
from ways.check import assert_differs, assert_holds, each_other, each_way

# torch's own compiler and func.jvp call torch's own deprecated decorators.
pytestmark = pytest.mark.filterwarnings(
    "ignore:`torch.jit.script(_method)?` is deprecated:DeprecationWarning"
)


@each_way("torch")
def test_holds(way: str) -> None:
    assert_holds(ways, "torch", way)


@each_other("torch")
def test_other_values(way: str, loss: str) -> None:
    assert_differs(ways, way, loss)
