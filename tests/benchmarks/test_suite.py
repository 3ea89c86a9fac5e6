import pytest

from benchmarks import suite
from benchmarks.samples import Size
from benchmarks.settings import METHODS, OVERLAPPING, settings
from benchmarks.suites import DIGITS, FACES


def test_every_setting_size_and_seed_is_planned_once():
    runs = suite.planned("torch", DIGITS, seeds=5, smoke=False)
    assert len(set(runs)) == len(runs) == ((17 + len(METHODS)) * 3 + 5 * 2) * 5
    assert {run.setting for run in runs} == set(DIGITS.settings) < set(settings(DIGITS.sizes[0]))
    assert {run.size for run in runs} == {*DIGITS.sizes, *DIGITS.overlaps}
    assert {run.setting for run in runs if run.size.both} == set(OVERLAPPING)


@pytest.mark.parametrize("framework", ["keras", "jax"])
def test_methods_are_planned_for_pytorch_alone(framework):
    def names(framework):
        return {run.setting for run in suite.planned(framework, DIGITS, seeds=2, smoke=False)}

    assert names("torch") - names(framework) == set(METHODS)


def test_smoke_is_small():
    runs = suite.planned("torch", DIGITS, seeds=2, smoke=True)
    assert len(runs) == 6
    assert {run.size for run in runs} == {Size(20, 600)}
    assert max(run.steps for run in runs) <= 20


def test_run_says_what_is_trained():
    run = suite.Run("torch", DIGITS, "DM JS", Size(20, 600), 3, 200)
    assert str(run) == "DM JS, 20 / 600 labels, seed 3"
    assert str(run._replace(size=Size(20, 600, 5))) == "DM JS, 20 / 600 labels, 5 with both, seed 3"


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_workers_share_each_suite_but_no_setting_of_it(framework):
    suites = (DIGITS, FACES)
    runs = [run for own in suites for run in suite.planned(framework, own, seeds=5, smoke=False)]
    queues = suite.split(runs, 2)
    assert sorted(map(str, runs)) == sorted(str(run) for queue in queues for run in queue)
    assert not set.intersection(*({(run.suite.name, run.setting) for run in queue} for queue in queues))
    for own, most in zip(suites, (25, 10), strict=True):  # the networks of one setting
        shares = [sum(run.suite.name == own.name for run in queue) for queue in queues]
        assert max(shares) - min(shares) <= most
