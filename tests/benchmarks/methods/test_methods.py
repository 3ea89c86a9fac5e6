import pytest
import torch
from toys import batch, mlp, toy

from benchmarks.methods import BY_NAME, find
from benchmarks.methods.method import Method
from benchmarks.settings import METHODS, WARM_UP


def test_all_that_settings_name_are_there():
    assert tuple(BY_NAME) == (*METHODS, WARM_UP)
    assert find(None) is Method
    with pytest.raises(ValueError, match="method should be one of MGDA-UB, .*, got 'PCGrad'"):
        find("PCGrad")


def test_without_a_method_the_network_is_as_it_is():
    network, terms_of = toy()
    method = Method(network, seed=0, steps=1)
    _, terms = terms_of(network)
    gradients = torch.autograd.grad(terms.total, list(network.parameters()), retain_graph=True)
    method.backward(*terms_of(method))
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        assert torch.equal(parameter.grad, gradient)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("missing", [None, "classes", "attributes"])
def test_training_goes_on_where_a_batch_lacks_a_task(name, missing):
    _, terms_of = toy(missing)
    network = mlp()
    method = find(name)(network, seed=0, steps=30)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    totals = []
    for _ in range(30):
        features, terms = terms_of(method)
        optimizer.zero_grad()
        method.backward(features, terms)
        optimizer.step()
        totals.append(float(terms.total.detach()))
    assert totals[-1] < 0.7 * totals[0]
    assert all(parameter.isfinite().all() for parameter in method.parameters())


@pytest.mark.parametrize("name", BY_NAME)
def test_training_is_the_same_again(name):
    def trained() -> list[torch.Tensor]:
        _, terms_of = toy()
        method = find(name)(mlp(), seed=3, steps=6)
        optimizer = torch.optim.Adam(method.network.parameters(), lr=1e-2)
        for _ in range(6):
            features, terms = terms_of(method)
            optimizer.zero_grad()
            method.backward(features, terms)
            optimizer.step()
        return list(method.eval()(batch()[0]))

    assert all(map(torch.equal, trained(), trained()))
