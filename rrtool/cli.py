"""The command `rrtool`: finds the verb, runs it, and turns how it ended into one line and an exit code.

Exit codes: 0 done · 1 bad input or failure · 2 usage · 3 done, but something was lost and reported ·
130 interrupted. A verb returns None (0) or its exit code. No verb's module is imported before it is
asked for: start-up time is a large part of what a verb costs on a small recording.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from rrsdk.errors import OutputError, RrError

if TYPE_CHECKING:
    from collections.abc import Sequence

BUG = 1
INTERRUPTED = 130
GC_THRESHOLD = 100_000


class Verb(NamedTuple):
    """Where a verb lives in rrtool.commands, and its line in `rrtool --help`."""

    module: str
    summary: str


VERBS = {
    "merge": Verb("merge", "Join recordings into one stream, copying what they hold untouched."),
    "filter": Verb("filter", "Keep or drop entities, timelines, components and spans of time."),
    "compact": Verb("compact", "Turn many small chunks into few large ones."),
    "print": Verb("print_", "Show what a recording holds, one line a chunk."),
    "stats": Verb("stats", "Count chunks, rows and bytes, by entity and in all."),
    "verify": Verb("verify", "Decode every chunk and check the footer against it."),
}
ALIASES = {"optimize": "compact"}


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


def run(args: Sequence[str]) -> int:
    """Run one verb to its exit code; whatever goes wrong becomes one line on stderr."""
    program = f"rrtool {args[0]}" if args and (args[0] in VERBS or args[0] in ALIASES) else "rrtool"
    try:
        if not args:
            with cli.make_context("rrtool", ["--help"], resilient_parsing=True) as ctx:
                click.echo(cli.get_help(ctx), err=True)
            return 2
        with cli.make_context("rrtool", list(args)) as ctx:
            code = cli.invoke(ctx)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except BaseException as error:
        if _is_closed_pipe(error):
            _forget_stdout()
            return 0
        if isinstance(error, (SystemExit, GeneratorExit)):
            raise
        if os.environ.get("RRTOOL_TRACEBACK", "0") not in ("", "0"):
            import traceback

            traceback.print_exc()
        line, code = _explain(error, program)
        _say(f"{program}: {line}")
        try:
            sys.stdout.flush()
        except OSError:  # what went wrong is stdout itself, a full disk behind it for instance
            _forget_stdout()
        return code


def _explain(error: BaseException, program: str) -> tuple[str, int]:
    """What to tell the user, on one line, and the exit code."""
    if isinstance(error, RrError):
        return str(error), error.exit_code
    if isinstance(error, click.ClickException):
        line = " ".join(error.format_message().split()).rstrip(".")
        return f"{line} (see {program} --help)", error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return "interrupted", INTERRUPTED
    if isinstance(error, MemoryError):
        return "out of memory; fewer --jobs need less", 1
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return f"{' -> '.join(names)}: {reason}" if names else reason, 1
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{what}; this is a bug in rrtool, RRTOOL_TRACEBACK=1 shows where", BUG


def _say(line: str) -> None:
    """Write a line to stderr, or not at all where stderr is closed: there is nobody left to tell."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass


def _is_closed_pipe(error: BaseException) -> bool:
    """Whether the reader of stdout went away (`rrtool print … | head`); a sink may have wrapped the error."""
    return isinstance(error, BrokenPipeError) or isinstance(error.__cause__, BrokenPipeError)


class _ClosedOutput(io.TextIOBase):
    """Stands in for a standard output that is closed, which Python leaves as None."""

    def write(self, _text: str) -> int:
        raise OutputError("standard output is closed")

    @property
    def buffer(self) -> NoReturn:
        raise OutputError("standard output is closed")


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the flush at interpreter exit does not fail once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _unwind_on_signals() -> None:
    """Let what ends a process unwind the stack, so that an unfinished output is removed."""
    import signal

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):  # there is no SIGHUP on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the console script; never returns."""
    if "_RRTOOL_COMPLETE" in os.environ:
        cli.main(prog_name="rrtool")  # a shell asks for completions; click answers and exits
    # Imports make many objects and no garbage. Collecting less often while they run, and not at all at exit,
    # saves 40 of 200 ms of CPU for a verb that needs pyarrow. os._exit would save 4 ms more, but skip what
    # others have registered for the exit.
    gc.set_threshold(GC_THRESHOLD)
    _unwind_on_signals()
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    code = run(sys.argv[1:] if argv is None else argv)
    gc.freeze()
    sys.exit(code)
