"""The command line as click sees it: a group that finds its verbs late."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from rrtool.verbs import ALIASES, VERBS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class VerbGroup(click.Group):
    """Looks verbs up in VERBS and imports one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = VERBS.get(ALIASES.get(cmd_name, cmd_name))
        if verb is None:
            return None
        command = import_module(f"rrtool.commands.{verb.module}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and args[0] not in ALIASES and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], [*VERBS, *ALIASES], n=1)
            meant = f"did you mean {near[0]}?" if near else f"there is {', '.join(VERBS)}"
            raise click.UsageError(f"no verb named {args[0]}; {meant}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs by their table: click would import every one of them."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=verb.summary)
            for name, verb in VERBS.items()
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"rrtool {version('rrkit')}")
        except PackageNotFoundError:
            click.echo("rrtool (from a checkout that is not installed)")
        ctx.exit()


@click.group(
    cls=VerbGroup,
    subcommand_metavar="VERB ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="`rrtool VERB --help` explains a verb, with examples.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
def cli() -> None:
    """Work on Rerun recordings (.rrd, .rbl). Reads standard input where no file is named."""
