import pytest
import torch
from toys import toy

from benchmarks.methods.gradnorm import FLOOR, GradNorm, balanced


def test_step_is_the_published_one_by_hand():
    # G = (2, 2), mean 2; losses have come to 1 and to 1/3 of the first, so r = (1.5, 0.5), targets (3, 1):
    # the first task's gradient is too small by 1, the second's too large; steps of 0.1 times the norms.
    weights, norms = torch.tensor([0.5, 1.5]), torch.tensor([4.0, 4 / 3])
    stepped = torch.tensor([0.5 + 0.4, 1.5 - 0.4 / 3])
    made = balanced(weights, norms, torch.tensor([0.9, 0.3]), alpha=1, rate=0.1)
    torch.testing.assert_close(made, stepped * 2 / stepped.sum())


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.5])
def test_step_goes_down_what_is_published(alpha):
    weights = torch.tensor([0.7, 1.3], dtype=torch.float64, requires_grad=True)
    norms = torch.tensor([2.0, 0.5], dtype=torch.float64)
    ratios = torch.tensor([0.5, 0.8], dtype=torch.float64)
    scaled = weights * norms
    target = (scaled.mean() * (ratios / ratios.mean()) ** alpha).detach()
    (gradient,) = torch.autograd.grad((scaled - target).abs().sum(), weights)
    stepped = weights.detach() - 0.01 * gradient
    made = balanced(weights.detach(), norms, ratios, alpha=alpha, rate=0.01)
    torch.testing.assert_close(made, 2 * stepped / stepped.sum())


def test_task_without_a_gradient_keeps_its_weight():
    weights = torch.tensor([0.4, 1.1, 1.5])
    made = balanced(
        weights, torch.tensor([2.0, 0.0, 1.0]), torch.tensor([1, torch.nan, 0.5]), alpha=1, rate=0.1
    )
    assert made[1] == weights[1]
    assert made[0] != weights[0]
    torch.testing.assert_close(made.sum(), torch.tensor(3.0))
    assert torch.equal(balanced(weights, torch.zeros(3), weights, alpha=1, rate=0.1), weights)


def test_weights_stay_positive():
    made = balanced(torch.ones(2), torch.tensor([100.0, 1.0]), torch.ones(2), alpha=1, rate=1)
    assert (made >= FLOOR / 2).all()
    torch.testing.assert_close(made.sum(), torch.tensor(2.0))


def test_gradients_are_those_of_the_weighted_losses():
    network, terms_of = toy()
    method = GradNorm(network, seed=0, steps=1)
    method.weights = torch.tensor([0.5, 1.5], dtype=torch.float64)
    features, terms = terms_of(method)
    parameters = list(network.parameters())
    weighted = torch.autograd.grad(
        0.5 * terms.classes + 1.5 * terms.attributes, parameters, retain_graph=True
    )
    method.backward(features, terms)
    for parameter, gradient in zip(parameters, weighted, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


def test_step_is_by_the_norms_of_the_last_kernel():
    network, terms_of = toy()
    method = GradNorm(network, seed=0, steps=1)
    features, terms = terms_of(method)
    kernel = network.trunk[2].weight
    norms = torch.stack(
        [torch.autograd.grad(loss, kernel, retain_graph=True)[0].norm() for loss in terms[1:3]]
    )
    method.backward(features, terms)
    expected = balanced(torch.ones(2), norms, torch.ones(2), alpha=1.5, rate=0.025)
    torch.testing.assert_close(method.weights, expected, check_dtype=False)
    torch.testing.assert_close(method.first, torch.stack(terms[1:3]).detach(), check_dtype=False)


def test_weights_come_to_balance_the_norms():
    weights, norms = torch.ones(2), torch.tensor([0.3, 0.9])
    for _ in range(400):
        weights = balanced(weights, norms, torch.ones(2), alpha=1, rate=0.01)
    torch.testing.assert_close(weights, torch.tensor([1.5, 0.5]), atol=0.02, rtol=0)


@pytest.mark.parametrize("missing", ["classes", "attributes"])
def test_batch_without_labels_of_a_task_changes_no_weight(missing):
    network, terms_of = toy(missing)
    method = GradNorm(network, seed=0, steps=1)
    method.backward(*terms_of(method))
    assert method.weights.tolist() == [1, 1]
    assert method.first.isnan().tolist() == [missing == "classes", missing == "attributes"]
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())


def test_factor_is_of_alpha():
    assert GradNorm(toy()[0], seed=0, steps=1, factor=0.5).alpha == 0.75
