"""Options of the losses that are tensors, and what the core says of PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch

from coupling import losses
from coupling.knowledge import du2014
from coupling.torch import CoupledLoss, functional


def test_the_library_is_named() -> None:
    with pytest.raises(TypeError, match="holding an array of array_api_compat.torch fixed needs its adapter"):
        losses.distribution_matching(torch.zeros(1, 7), torch.zeros(1, 17), du2014(), detach="classes")


@pytest.mark.parametrize("prior", [[1.0] * 7, np.ones(7), torch.ones(7)])
def test_vectors_under_compile(prior: Any) -> None:
    torch.compiler.reset()
    loss = CoupledLoss(du2014(), sca={"soft_label": "posterior", "prior": prior})
    inputs = torch.zeros(2, 7), torch.zeros(2, 17), torch.tensor([0, 1]), torch.ones(2, 17)
    compiled = torch.compile(loss, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(*inputs).total, loss(*inputs).total)


def test_nothing_counts_where_every_class_weight_is_zero() -> None:
    logits, labels = torch.zeros(2, 3), torch.tensor([0, 0])
    options = {"class_weight": [0.0, 1.0, 1.0], "label_smoothing": 0.5}
    assert functional.class_cross_entropy(logits, labels, **options) == 0
