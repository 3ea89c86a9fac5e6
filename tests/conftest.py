"""Hypothesis profiles, and threads that leave the cores to pytest-xdist."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Compiling takes nearly all of the time that the tests spend in JAX, and a third of it like this.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

settings.register_profile(
    "coupling",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", parent=settings.get_profile("coupling"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "coupling"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*backends): left out where none of the backends takes part")
    config.addinivalue_line("markers", "nan: a NaN is what should come out")
    config.addinivalue_line("markers", "threads: PyTorch computes in several; its anomaly mode may lock")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about backends that were not chosen."""
    from backends import Backend, chosen

    def takes_part(item: pytest.Item) -> bool:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        about = [[x] for x in parameters if isinstance(x, Backend)]
        about += [mark.args for mark in item.iter_markers("needs")]
        return all(chosen(backends) for backends in about)

    left_out = [item for item in items if not takes_part(item)]
    items[:] = [item for item in items if takes_part(item)]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse="SCRUTINY" in os.environ)
def scrutiny(request: pytest.FixtureRequest) -> Iterator[None]:
    """JAX raises at NaNs and where it would promote, PyTorch at gradients that are NaN and at chance."""
    import jax
    import torch

    finite = request.node.get_closest_marker("nan") is None
    torch.use_deterministic_algorithms(True)
    strict = jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise")
    with ExitStack() as stack:
        for context in (*strict, jax.debug_nans(finite)):
            stack.enter_context(context)
        if request.node.get_closest_marker("threads") is None:
            stack.enter_context(torch.autograd.set_detect_anomaly(True, check_nan=finite))
        yield


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a test was skipped: nothing here is optional."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
