"""What several verbs share on the command line: inputs, output, --quiet, --jobs, sizes.

    @click.command()
    @reads_recordings
    @writes_recording
    @tolerates_errors
    @shared_options
    def command(inputs, output, continue_on_error, quiet, jobs): ...

`inputs` is never empty: "-" stands for standard input. `output` is None for standard output.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rrsdk.errors import UsageError
from rrsdk.quantity import parse_size
from rrtool.streams import STDIN

if TYPE_CHECKING:
    from rrsdk.sinks.rotation import Rotate

F = TypeVar("F", bound=Callable[..., Any])


class SizeType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.5
    """A size in bytes, as an option's type."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


SIZE = SizeType()


class RotateType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.5
    """When a part ends, as an option's type: a size or a time."""

    name = "size or time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Rotate:
        from rrsdk.sinks.rotation import Rotate, parse_rotate

        if isinstance(value, Rotate):
            return value
        try:
            found = parse_rotate(value)
        except UsageError as error:
            self.fail(f"{error.what}; {error.hint}".removeprefix("rotate="), param, ctx)
        assert found is not None
        return found


ROTATE = RotateType()


def _inputs(ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    names = value or (STDIN,)
    if names.count(STDIN) > 1:
        raise UsageError("standard input can be read only once; name - once")
    if STDIN in names and not ctx.resilient_parsing and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("no input; name a recording or pipe one in")
    return names


def _output(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value == "":
        raise UsageError("-o needs a name; it is empty")
    return None if value == "-" else value


def _jobs(_ctx: click.Context, _param: click.Parameter, value: int | None) -> int:
    return available_cores() if value is None else value


def available_cores() -> int:
    """Cores that this process may use, which in a container or under taskset are fewer than the machine's."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def reads_recordings(verb: F) -> F:
    """Argument `inputs`: paths. Whether they exist is for the source to say, in its own words."""
    return click.argument(
        "inputs", nargs=-1, type=click.Path(readable=False), metavar="[IN]...", callback=_inputs
    )(verb)


def one_input(verb: F) -> F:
    """Argument `name`: one path, or "-"."""
    return click.argument(
        "name", required=False, type=click.Path(readable=False), metavar="[IN]", callback=_one_input
    )(verb)


def _one_input(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    return _inputs(ctx, param, () if value is None else (value,))[0]


def writes_recording(verb: F) -> F:
    """Option `output`: a path, or None for standard output."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(readable=False),
        callback=_output,
        metavar="OUT",
        help="Write here, whole or not at all; may be one of the inputs. A directory gets a file for each"
        " input.  [default: standard output]",
    )(verb)


def tolerates_errors(verb: F) -> F:
    """Option `continue_on_error`; a verb that had to use it returns EXIT_LOSS."""
    return click.option(
        "--continue-on-error", is_flag=True, help="Skip what is broken, say which bytes, and exit with 3."
    )(verb)


def rewrites_files(verb: F) -> F:
    """Options `in_place` and `dry_run`."""
    in_place = click.option(
        "--in-place", is_flag=True, help="Write each input back to its own file, whole or not at all."
    )
    dry_run = click.option(
        "--dry-run", is_flag=True, help="Write nothing; say what would be written, and how large it would be."
    )
    return in_place(dry_run(verb))


def shared_options(verb: F) -> F:
    """Options `quiet` and `jobs`."""
    jobs = click.option(
        "--jobs",
        type=click.IntRange(min=1),
        callback=_jobs,
        metavar="N",
        help="Work on this many cores.  [default: all]",
    )
    quiet = click.option("-q", "--quiet", is_flag=True, help="No progress; warnings and errors only.")
    return jobs(quiet(verb))
