"""Hypothesis profiles, and threads that leave the cores to pytest-xdist."""

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile(
    "coupling",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", parent=settings.get_profile("coupling"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "coupling"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a test was skipped: nothing here is optional."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
