import numpy as np
import pytest
import torch
from toys import batch, mlp, toy

from benchmarks.methods.task_routing import TaskRouting, masks


@pytest.mark.parametrize("sharing", [0.0, 0.25, 0.5, 1.0])
def test_masks_share_the_stated_part_and_deal_out_the_rest(sharing):
    first, second = masks(64, sharing, np.random.default_rng(0))
    assert (first & second).sum() == 64 * sharing
    assert (first | second).all()
    assert abs(int(first.sum()) - int(second.sum())) <= 1


def test_masks_are_drawn_by_the_seed_and_stay():
    _, terms_of = toy()
    method, again, other = (TaskRouting(mlp(), seed=seed, steps=1) for seed in (0, 0, 1))
    drawn = dict(method.named_buffers())
    assert drawn
    for name, mask in drawn.items():
        assert torch.equal(mask, again.get_buffer(name))
        assert not torch.equal(mask, other.get_buffer(name))
    kept = {name: mask.clone() for name, mask in drawn.items()}
    optimizer = torch.optim.SGD(method.parameters(), lr=1)
    method.backward(*terms_of(method))
    optimizer.step()
    assert all(torch.equal(kept[name], mask) for name, mask in method.named_buffers())


def test_channels_of_a_task_are_moved_by_its_loss_alone():
    _, terms_of = toy("attributes")  # the classes' labels alone
    network = mlp()
    method = TaskRouting(network, seed=0, steps=1, sharing=0.25)
    method.backward(*terms_of(method))
    for number, layer in enumerate((network.trunk[0], network.trunk[2])):
        mine = method.get_buffer(f"mask_{number}")[0]
        assert (layer.weight.grad[~mine] == 0).all()
        assert layer.weight.grad[mine].any()


def test_each_task_goes_through_its_own_channels():
    images, *_ = batch()
    network = mlp()
    first, second, heads = network.trunk[0], network.trunk[2], (network.classes, network.attributes)
    method = TaskRouting(network, seed=0, steps=1)
    _, *logits = method(images)
    way = [method.get_buffer(f"mask_{number}").double() for number in range(2)]
    for task, head in enumerate(heads):
        hidden = torch.relu(images @ first.weight.T + first.bias) * way[0][task]
        features = torch.relu(hidden @ second.weight.T + second.bias) * way[1][task]
        torch.testing.assert_close(logits[task], features @ head.weight.T + head.bias)


def test_all_shared_is_the_network_as_it_is():
    images, *_ = batch()
    plain = mlp()(images)
    torch.testing.assert_close(TaskRouting(mlp(), seed=0, steps=1, sharing=1.0)(images), plain)


@pytest.mark.parametrize(("factor", "shared"), [(1 / 3, 64), (1.0, 128), (3.0, 192)])
def test_factor_is_of_what_is_shared_for_each_that_is_not(factor, shared):
    first, second = TaskRouting(mlp(), seed=0, steps=1, factor=factor).get_buffer("mask_0")
    assert (first & second).sum() == shared
