"""The methods on networks that Keras builds on PyTorch, in a process that has that backend."""

import numpy as np
import pytest
from keras_on_torch import blocks_of_resnet50, nts_net, skipped_and_taken, small, trained, trunks

from benchmarks.settings import METHODS
from benchmarks.workers import pool


@pytest.fixture(scope="module")
def process():
    with pool(1, {"KERAS_BACKEND": "torch"}) as made:
        yield made


@pytest.mark.parametrize("kind", ["small", "nts-net:small"])
@pytest.mark.parametrize("name", METHODS)
def test_network_is_trained(process, name, kind):
    first, last, moved = process.submit(trained, name, kind).result()
    assert last < first
    assert moved


def test_channels_are_masked_after_each_normalisation(process):
    sizes, silent, plain, routed = process.submit(small).result()
    assert sizes == [16, 32, 64, 128]
    assert silent == [0, 0]
    np.testing.assert_allclose(routed, plain)


def test_every_convolution_begins_a_block(process):
    taken, plain, skipped, mean = process.submit(skipped_and_taken).result()
    np.testing.assert_allclose(taken, plain)
    np.testing.assert_allclose(skipped[:, :3], mean, atol=1e-6)
    assert (skipped[:, 3:] == 0).all()


def test_residual_branches_of_resnet50_are_its_blocks(process):
    count, masks, unlike, quiet = process.submit(blocks_of_resnet50).result()
    assert (count, masks) == (16, 53)
    assert unlike
    assert quiet


def test_nts_net_follows_the_seed_but_for_parity_leaves_nothing_to_chance(process):
    first, again, other, parity = process.submit(nts_net).result()
    for one, same, different, even in zip(first, again, other, parity, strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, different)
        assert np.ptp(one, axis=0).any()
        np.testing.assert_array_equal(even, even[:1].repeat(8, 0))


def test_trunk_of_nts_net_is_that_of_the_plain_network(process):
    assert process.submit(trunks).result()
