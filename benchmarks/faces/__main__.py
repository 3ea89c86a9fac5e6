"""The command line: python -m benchmarks.faces sheet|difficulty."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.faces.latent import Faces
from benchmarks.faces.sheet import png


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that a user can mend is one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faces", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("sheet", help="write the contact sheet")
    command.add_argument("path", type=Path, help="a PNG")
    command = commands.add_parser("difficulty", help="train a small PyTorch network on each task alone")
    command.add_argument("--sizes", type=int, nargs="+", default=[300, 3000], help="how many images")
    command.add_argument("--steps", type=int, default=900, help="how long (default: %(default)s)")
    for name in ("noise", "pose", "light", "occlusion", "identity"):
        command.add_argument(f"--{name}", type=float, default=argparse.SUPPRESS, help="as in Faces")
    options = vars(parser.parse_args(arguments))
    try:
        if options.pop("command") == "sheet":
            options["path"].write_bytes(png())
        else:
            from benchmarks.faces import difficulty  # needs PyTorch

            sizes, steps = options.pop("sizes"), options.pop("steps")
            difficulty.measure(Console(), sizes, faces=Faces(**options), steps=steps)
    except (ValueError, OSError, ImportError) as error:
        print(f"benchmarks.faces: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
