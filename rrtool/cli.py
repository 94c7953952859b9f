"""The command `rrtool`: finds the verb, runs it, and turns how it ended into one line and an exit code.

Exit codes: 0 done · 1 bad input or failure · 2 usage · 3 done, but something was lost and reported ·
130 interrupted. A verb returns None (0) or its exit code. No verb's module is imported before it is
asked for: start-up time is a large part of what a verb costs on a small recording.

Nor is click for `rrtool merge IN... -o OUT` without other options, which is understood here: importing and
asking it takes a tenth of the time in which a recording of 30,000 chunks is merged.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from rrsdk.errors import OutputError, RrError
from rrtool.verbs import ALIASES, VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

BUG = 1
INTERRUPTED = 130
GC_THRESHOLD = 100_000


def run(args: Sequence[str]) -> int:
    """Run one verb to its exit code; whatever goes wrong becomes one line on stderr."""
    program = f"rrtool {args[0]}" if args and (args[0] in VERBS or args[0] in ALIASES) else "rrtool"
    try:
        plain = plain_merge(list(args))
        code = _with_click(args) if plain is None else _merge(*plain)
        sys.stdout.flush()
        return code
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


def _with_click(args: Sequence[str]) -> int:
    import click

    from rrtool.group import cli

    try:
        if not args:
            with cli.make_context("rrtool", ["--help"], resilient_parsing=True) as ctx:
                click.echo(cli.get_help(ctx), err=True)
            return 2
        with cli.make_context("rrtool", list(args)) as ctx:
            code = cli.invoke(ctx)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code


def plain_merge(args: list[str]) -> tuple[list[str], str] | None:
    """Inputs and output of `merge IN... -o OUT`, in any order; None where click has to look."""
    if args[:1] != ["merge"] or args.count("-o") != 1 or args[-1] == "-o":
        return None
    at = args.index("-o")
    inputs, output = [*args[1:at], *args[at + 2 :]], args[at + 1]
    if not inputs or any(name[:1] in ("", "-") for name in (*inputs, output)):
        return None
    return inputs, output


def _merge(inputs: Sequence[str], output: str) -> int:
    from rrtool.pipeline import rewrite
    from rrtool.transforms.merge import without_repeats

    return rewrite(inputs, output, without_repeats, continue_on_error=False, quiet=False)


def _explain(error: BaseException, program: str) -> tuple[str, int]:
    """What to tell the user, on one line, and the exit code."""
    if isinstance(error, RrError):
        return str(error), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if isinstance(error, MemoryError):
        return "out of memory; fewer --jobs need less", 1
    if isinstance(error, OSError):
        reason = error.strerror or str(error) or type(error).__name__
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return f"{' -> '.join(names)}: {reason}" if names else reason, 1
    import click

    if isinstance(error, click.Abort):
        return "interrupted", INTERRUPTED
    if isinstance(error, click.ClickException):
        line = " ".join(error.format_message().split()).rstrip(".")
        return f"{line} (see {program} --help)", error.exit_code
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
        from rrtool.group import cli

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
