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
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from rrsdk.errors import UsageError
from rrtool.streams import STDIN

F = TypeVar("F", bound=Callable[..., Any])

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_POWERS = " KMGT"


def parse_size(text: str) -> int:
    """Bytes in `2MiB`, `512KiB`, `1.5GB`, `1024B`, `1024`: powers of 1024 with an i, of 1000 without."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"{text!r} is not a size; write it like 2MiB, 512KiB, 1GB or 1024B")
    unit: int = (1024 if match[3] else 1000) ** _POWERS.index(match[2].upper() or " ")
    return int(match[1]) * unit if match[1].isdigit() else round(float(match[1]) * unit)


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


def writes_recording(verb: F) -> F:
    """Option `output`: a path, or None for standard output."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(readable=False),
        callback=_output,
        metavar="OUT",
        help="Write here, whole or not at all; may be one of the inputs.  [default: standard output]",
    )(verb)


def tolerates_errors(verb: F) -> F:
    """Option `continue_on_error`; a verb that had to use it returns EXIT_LOSS."""
    return click.option(
        "--continue-on-error", is_flag=True, help="Skip what is broken, say which bytes, and exit with 3."
    )(verb)


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
