"""The command line as a whole: its groups, and completion by the shell."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import get_completion_class

from coupling.cli._file_commands import diff, plot, show, tables
from coupling.cli._label_commands import diagnose, estimate
from coupling.cli._terminal import echo


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="coupling", message="%(version)s")
def coupling() -> None:
    """Losses that couple classification tasks whose labels hardly overlap.

    The commands are about the relatedness, the one thing that a user has to bring: how probable each
    attribute is in each class. Training itself is done in Python.

    \b
    coupling relatedness --help      the commands
    coupling completion --help       completion of commands, files and columns by the shell

    Exit codes: 0 if all went well, 1 where `diff` finds a difference, 2 where something is wrong with what
    was asked for or with the input; one line on stderr says what.
    """


@coupling.group()
def relatedness() -> None:
    """Estimate, show, plot, compare and diagnose a relatedness.

    Wherever FILE stands, a JSON file that `estimate` wrote is meant, or the name of a built-in table.

    \b
    coupling relatedness estimate labels.csv --class expression --attributes 'AU*' -o faces.json
    coupling relatedness show faces.json
    coupling relatedness plot faces.json -o faces.png
    coupling relatedness diff faces.json du2014
    """


@coupling.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets a shell complete the commands.

    And their options, files, and the columns of label files.

    \b
    eval "$(coupling completion bash)"               in ~/.bashrc
    eval "$(coupling completion zsh)"                in ~/.zshrc
    coupling completion fish | source                in ~/.config/fish/config.fish
    """
    kind: Any = get_completion_class(shell)
    echo(*kind(coupling, {}, "coupling", "_COUPLING_COMPLETE").source().splitlines())


for command in (estimate, show, plot, diff, diagnose, tables):
    relatedness.add_command(command)
