"""The command line: relatedness estimated, shown, plotted, compared and diagnosed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

FAILED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error that a user can mend is one line on stderr, and 2."""
    try:
        import click

        from coupling.cli._commands import coupling

        code = coupling.main(arguments, prog_name="coupling", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except ModuleNotFoundError as error:
        return _fail(f'the command line needs {error.name}: pip install "coupling[cli]"')
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return FAILED
    except click.ClickException as error:
        return _fail(error.format_message())
    except click.Abort:
        _fail("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return PIPE_CLOSED
    except OSError as error:
        if error.filename is None:  # stdout's disk is full
            _discard_stdout()
        parts = (error.filename, error.strerror)
        return _fail(": ".join(str(part) for part in parts if part) or str(error))
    except KeyError as error:
        return _fail(str(error.args[0]))
    except (ImportError, ValueError) as error:
        return _fail(str(error))


def _fail(message: str) -> int:
    line = "".join(letter if letter.isprintable() else " " for letter in message)
    print(f"coupling: {' '.join(line.split())}", file=sys.stderr)
    return FAILED


def _discard_stdout() -> None:
    """Let nothing be written when the interpreter ends: the reader is gone, or the disk full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
