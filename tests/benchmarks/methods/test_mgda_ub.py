import numpy as np
import pytest
import torch
from toys import toy

from benchmarks.methods.mgda_ub import MGDAUB, common_gradient


def nearest_to_zero(gradients: torch.Tensor) -> torch.Tensor:
    """Try ten thousand points of the segment between two gradients."""
    share = torch.linspace(0, 1, 10001, dtype=gradients.dtype)[:, None]
    points = share * gradients[0].flatten() + (1 - share) * gradients[1].flatten()
    return points[points.norm(dim=1).argmin()].reshape(gradients.shape[1:])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_common_gradient_has_the_least_norm_of_the_hull(seed, scale):
    gradients = torch.as_tensor(np.random.default_rng(seed).normal(size=(2, 3, 2)))
    gradients[1] = scale * (gradients[1] + gradients[0])
    made = common_gradient(gradients)
    torch.testing.assert_close(made, nearest_to_zero(gradients), atol=1e-3, rtol=0)
    for gradient in gradients:  # what descends for all: no task's loss grows
        assert (made * gradient).sum() > made.square().sum() - 1e-9


def test_opposite_gradients_leave_nothing_to_gain():
    gradients = torch.tensor([[1.0, -2.0], [-1.0, 2.0]])
    torch.testing.assert_close(common_gradient(gradients), torch.zeros(2))


def test_task_without_a_gradient_takes_no_part():
    gradients = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    torch.testing.assert_close(common_gradient(gradients), gradients[1])
    torch.testing.assert_close(common_gradient(0 * gradients), torch.zeros(2))


@pytest.mark.parametrize("missing", [None, "classes", "attributes"])
def test_trunk_follows_the_common_gradient_and_heads_their_own(missing):
    network, terms_of = toy(missing)
    features, terms = terms_of(network)
    gradients = [
        torch.autograd.grad(loss, features, retain_graph=True)[0]
        for loss in (terms.classes, terms.attributes)
    ]
    common = gradients[missing == "classes"] if missing else nearest_to_zero(torch.stack(gradients))
    heads = [*network.classes.parameters(), *network.attributes.parameters()]
    own = torch.autograd.grad(terms.total, heads, retain_graph=True)
    trunk = list(network.trunk.parameters())
    shared = torch.autograd.grad(features, trunk, common, retain_graph=True)
    MGDAUB(network, seed=0, steps=1).backward(features, terms)
    for parameter, gradient in zip([*heads, *trunk], [*own, *shared], strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-4, rtol=1e-3)


def test_factor_is_of_the_attributes_gradient():
    network, terms_of = toy()
    features, terms = terms_of(network)
    ours, theirs = (
        torch.autograd.grad(loss, features, retain_graph=True)[0]
        for loss in (terms.classes, terms.attributes)
    )
    common = nearest_to_zero(torch.stack([ours, 3 * theirs]))
    trunk = list(network.trunk.parameters())
    shared = torch.autograd.grad(features, trunk, common, retain_graph=True)
    MGDAUB(network, seed=0, steps=1, factor=3.0).backward(features, terms)
    for parameter, gradient in zip(trunk, shared, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-4, rtol=1e-3)
