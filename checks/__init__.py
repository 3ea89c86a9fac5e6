"""Checks that hold every backend against the high-precision oracle: accuracy on the CPU, and on a GPU."""

import sys
from pathlib import Path

# The oracle stands with the tests, which are no package: pytest finds them in the same way.
sys.path.append(str(Path(__file__).parent.parent / "tests"))
