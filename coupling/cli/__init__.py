"""The command line: relatedness estimated, shown, plotted, compared and diagnosed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from coupling.cli._terminal import complain, warnings_in_lines

__all__ = ["main"]

FAILED, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error that a user can mend is one line on stderr, and 2."""
    try:
        import click

        from coupling.cli._commands import coupling

        with warnings_in_lines():
            code = coupling.main(arguments, prog_name="coupling", standalone_mode=False)
        return int(code or 0)
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        return _fail(f'the command line needs {package}: pip install "coupling[cli]"')
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return FAILED
    except click.ClickException as error:
        return _fail(error.format_message())
    except click.Abort:
        _fail("interrupted")
        return INTERRUPTED
    except OSError as error:
        if error.filename is None:  # stdout's disk is full: do not try again when the interpreter ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        parts = (error.filename, error.strerror)
        return _fail(": ".join(str(part) for part in parts if part) or str(error))
    except KeyError as error:
        return _fail(str(error.args[0]))
    except MemoryError:
        return _fail("not enough memory")
    except (ImportError, ValueError) as error:
        return _fail(str(error))


def _fail(message: str) -> int:
    complain(message)
    return FAILED
