"""rrtool verify: whether a recording is what the format says it must be."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from rrsdk.codec.frames import FOOTER_ENTRY, FOOTER_TRAILER, MESSAGE_HEADER, Kind
from rrsdk.errors import FormatError, RrError
from rrtool.options import reads_recordings, shared_options
from rrtool.pipeline import opened
from rrtool.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.sources import Source
    from rrtool.reports.verification import Problem

MAX_SHOWN = 1000


@click.command("verify")
@reads_recordings
@click.option("--deep", is_flag=True, help="Also full Arrow validation, order, and the footer made anew.")
@click.option(
    "--check-footers/--no-check-footers",
    default=True,
    show_default=True,
    help="Whether a file without a footer, or with one that does not fit, is wrong.",
)
@shared_options
def command(inputs: tuple[str, ...], deep: bool, check_footers: bool, quiet: bool, jobs: int) -> int:
    """Decode every chunk and check the footer against it; say what is wrong, a line each.

    Every message is parsed, every chunk decompressed and its layout, its texts, and the types of
    known components checked, and the footer must say of each chunk what is there. With --deep also:
    full Arrow validation, row ids and times that claim to be sorted, repeated chunks, old object
    models, and all of the footer made anew from the chunks. A flipped bit in a number is a number.

    \b
    Examples:
      rrtool verify drive.rrd
      rrtool verify --deep --no-check-footers live.rrd
    """
    broken = 0
    total = 0
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        sources = [opened(name, stack, damage=None, warn=progress.warn) for name in inputs]
        progress.expect(sum(source.size or 0 for source in sources))
        for source in sources:
            found = 0
            for problem in _verified(source, progress, deep=deep, check_footers=check_footers, jobs=jobs):
                found += 1
                if found <= MAX_SHOWN:
                    progress.warn(str(problem))
            if found > MAX_SHOWN:
                progress.warn(f"{source.name}: and {found - MAX_SHOWN} problems more")
            broken += bool(found)
            total += found
    files = f"{len(inputs)} file{'s' if len(inputs) > 1 else ''}"
    if total:
        sys.stderr.write(f"{files} verified: {total} problem{'s' if total > 1 else ''} in {broken}.\n")
        return 1
    sys.stderr.write(f"{files} verified without error.\n")
    return 0
