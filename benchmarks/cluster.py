"""What the workers of a Dask cluster are told, those that are there and those that join later."""

import os
from collections.abc import Mapping
from typing import Any

from distributed import WorkerPlugin


class Variables(WorkerPlugin):
    """Set variables of the environment, before a framework is imported that reads them."""

    name = "variables"

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = dict(variables)

    def setup(self, worker: Any) -> None:
        """Set them in the process of a worker."""
        os.environ.update(self.variables)
