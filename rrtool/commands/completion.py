"""rrtool completion: the shell function that completes rrtool's command line."""

from __future__ import annotations

import sys

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print a script after which TAB completes verbs, options and files.

    What there is to complete, the shell asks rrtool. Bash has to be 4.4 or newer.

    \b
    Examples:
      eval "$(rrtool completion bash)"     (in ~/.bashrc)
      eval "$(rrtool completion zsh)"      (in ~/.zshrc, behind compinit)
      rrtool completion fish > ~/.config/fish/completions/rrtool.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    completion = kind(click.Command("rrtool"), {}, "rrtool", "_RRTOOL_COMPLETE")
    # `source()` would first run a bash to see how old it is, which need not be the one that asks.
    sys.stdout.write(completion.source_template % completion.source_vars())
