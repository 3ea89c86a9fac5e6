import pytest
import torch
from torch import nn
from toys import SHAPES, batch, mlp, toy

from benchmarks.methods.adashare import AdaShare, disagreement, fitted
from benchmarks.networks.torch import Network

LEARNING = 2
"""The step of four in which policies are learned."""


def at(step: int, network: nn.Module | None = None, **options: float) -> AdaShare:
    method = AdaShare(network or mlp(), seed=0, steps=4, **options)
    method.step = step
    return method


def test_policies_are_per_task_and_gradients_reach_them():
    network, terms_of = toy()
    method = at(LEARNING, network, sparsity=0, sharing=0)
    method.backward(*terms_of(method))
    assert method.logits.shape == (2, 2)
    assert (method.logits.grad != 0).all()
    assert (method.logits != 0).all()
    assert len(set(method.choices.flatten().tolist())) == 4


@pytest.mark.parametrize("missing", ["classes", "attributes"])
def test_task_without_labels_moves_no_policy(missing):
    network, terms_of = toy(missing)
    method = at(LEARNING, network, sparsity=0, sharing=0)
    method.backward(*terms_of(method))
    without = int(missing == "attributes")
    assert (method.logits[without] == 0).all()
    assert (method.logits[1 - without] != 0).all()


def test_skipped_block_is_the_identity():
    images, *_ = batch()
    network = mlp()
    method = at(4)  # the policies are settled
    method.logits.data = torch.tensor([[1.0, -1.0], [-1.0, -1.0]])
    _, class_logits, attribute_logits = method(images)
    hidden = network.trunk[:2](images)
    torch.testing.assert_close(class_logits, network.classes(hidden))
    filled = torch.cat([images, torch.zeros(6, hidden.shape[1] - 5, dtype=images.dtype)], 1)
    torch.testing.assert_close(attribute_logits, network.attributes(filled))


@pytest.mark.parametrize("step", [0, 4])
def test_network_with_all_blocks_is_the_plain_one(step):
    images, *_ = batch()
    torch.testing.assert_close(at(step)(images), mlp()(images))


@pytest.mark.parametrize("step", [0, 3])
def test_policies_stand_before_and_after(step):
    network, terms_of = toy()
    method = at(step, network)
    method.backward(*terms_of(method))
    assert (method.logits == 0).all()
    assert method.step == step + 1


def test_learning_predicts_by_what_would_be_taken_now():
    method = at(LEARNING).eval()
    method.logits.data = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    method(batch()[0])
    assert method.choices.tolist() == [[1, 0], [0, 1]]


def test_samples_follow_the_policy():
    method = at(3)
    method.step = 2.999  # the lowest temperature
    method.logits.data = torch.tensor([[2.0, 0.0], [-2.0, 0.0]])
    drawn = torch.stack([method._chosen() for _ in range(2000)])
    taken = (drawn > 0.5).double().mean(0)
    torch.testing.assert_close(taken, method.logits.double().sigmoid(), atol=0.04, rtol=0)


def test_sparsity_takes_fewer_and_sharing_the_same():
    network, terms_of = toy()
    sparse = at(LEARNING, network, sparsity=100.0, sharing=0)
    sparse.backward(*terms_of(sparse))
    assert (sparse.logits < 0).all()
    network, terms_of = toy()
    shared = at(LEARNING, network, sparsity=0, sharing=100.0)
    shared.logits.data = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    shared.backward(*terms_of(shared))
    assert (shared.logits.detach().abs() < 1).all()


def test_disagreement_weighs_low_blocks_most():
    taken = torch.tensor([[0.9, 0.5, 0.2, 0.1], [0.4, 0.5, 0.4, 0.2]])
    torch.testing.assert_close(disagreement(taken), torch.tensor(0.5 + 0.2 / 2 + 0.1 / 4))


def test_what_skips_is_fitted():
    rng = torch.Generator().manual_seed(0)
    images = torch.rand(2, 4, 6, 3, generator=rng)
    assert fitted(images, images.shape, -1) is images
    made = fitted(images, torch.Size((2, 2, 3, 5)), -1)
    torch.testing.assert_close(made[..., :3], images.reshape(2, 2, 2, 3, 2, 3).mean((2, 4)))
    assert (made[..., 3:] == 0).all()
    assert torch.equal(fitted(images, torch.Size((2, 4, 6, 2)), -1), images[..., :2])


def test_network_that_is_no_chain_is_refused():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Linear(5, 7), nn.Linear(5, 7)

        def forward(self, images):
            return self.one(images) + self.other(images)

    with pytest.raises(ValueError, match="network should be a chain of layers or a residual network"):
        AdaShare(Network(Sum(), 7, SHAPES), seed=0, steps=1)


def test_factor_is_of_what_policies_pay():
    method = at(0, factor=10.0, sparsity=0.02, sharing=0.03)
    assert (method.sparsity, method.sharing) == pytest.approx((0.2, 0.3))
