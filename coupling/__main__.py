"""`python -m coupling`: the command line."""

import sys

from coupling.cli import main

if __name__ == "__main__":
    sys.exit(main())
