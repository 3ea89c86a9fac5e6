import pytest
import torch
from toys import RELATEDNESS, toy

from benchmarks.methods.warm_up import WarmUp
from coupling.torch import CoupledLoss

COUPLED = CoupledLoss(RELATEDNESS)


@pytest.mark.parametrize(("step", "ramp"), [(0, 0.0), (1, 0.25), (3, 0.75), (4, 1.0), (7, 1.0)])
def test_coupling_sets_in_over_half_of_the_training(step, ramp):
    network, terms_of = toy(loss=COUPLED)
    method = WarmUp(network, seed=0, steps=8)
    for _ in range(step):
        method.backward(*terms_of(method))
    method.zero_grad()
    features, terms = terms_of(method)
    expected = terms.classes + terms.attributes + ramp * (terms.total - terms.classes - terms.attributes)
    assert terms.total > terms.classes + terms.attributes
    gradients = torch.autograd.grad(expected, list(network.parameters()), retain_graph=True)
    method.backward(features, terms)
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


def test_goes_on_where_it_stood():
    network, terms_of = toy(loss=COUPLED)
    method, other = (WarmUp(network, seed=0, steps=8) for _ in range(2))
    for _ in range(3):
        method.backward(*terms_of(method))
    other.restore(method.state())
    assert other.step == method.step == 3
