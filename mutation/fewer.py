"""A plugin of pytest: a fifth of the examples of each property, and none made smaller once it fails."""

from typing import Any

from hypothesis import Phase, settings

SHARE, LEAST = 0.2, 5
PHASES = (Phase.explicit, Phase.generate)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Change the settings of every property."""
    for item in items:
        own = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
        if own is not None:
            examples = min(max(int(SHARE * own.max_examples), LEAST), own.max_examples)
            fewer = settings(own, max_examples=examples, phases=PHASES, report_multiple_bugs=False)
            item.obj._hypothesis_internal_use_settings = fewer
