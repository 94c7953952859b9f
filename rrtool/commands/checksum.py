"""rrtool checksum: every message with a checksum, so that each changed bit is noticed; and the check."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import click

from rrsdk.errors import FormatError
from rrsdk.sources.opening import open_bytes
from rrtool.many import Job, over_many, recordings_in
from rrtool.options import (
    reads_recordings,
    rewrites_files,
    shared_options,
    tolerates_errors,
    writes_recording,
)
from rrtool.pipeline import rewrite
from rrtool.progress import Progress
from rrtool.reports.checksums import checksums
from rrtool.transforms.checksums import with_checksums
from rrtool.transforms.merge import without_repeats


@click.group("checksum")
def command() -> None:
    """Give every message a checksum, or check those that are there.

    Without checksums a bit that was turned over inside a number is another number. With them every
    verb that opens a chunk notices, and so do verify and recover. Rerun reads the file as before, and
    writes none: what it rewrites has none any more. Ours keep them where chunks are copied untouched.

    \b
    Examples:
      rrtool checksum add drive.rrd -o drive.rrd
      rrtool checksum check drive.rrd
    """


@command.command("add")
@reads_recordings
@writes_recording
@rewrites_files
@tolerates_errors
@shared_options
def add(
    inputs: tuple[str, ...],
    output: str | None,
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Join recordings into one stream whose messages all have checksums; directories are mirrored.

    Every chunk is opened first, and one that does not match the checksum it has is an error.
    Of rrsdk, `rr.save(…, checksum=True)` writes them from the beginning.

    \b
    Example:
      rrtool checksum add drive.rrd -o drive.rrd
    """
    return over_many(
        Job("checksum add", _add, {}),
        inputs,
        output,
        in_place=in_place,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


def _add(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    continue_on_error: bool,
    jobs: int,  # reading and writing take longer than both
    quiet: bool,
    dry_run: bool,
) -> int:
    return rewrite(
        inputs,
        output,
        lambda messages: with_checksums(without_repeats(messages)),
        continue_on_error=continue_on_error,
        quiet=quiet,
        dry_run=dry_run,
    )


@command.command("check")
@reads_recordings
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each input, on standard output.")
@shared_options
def check(inputs: tuple[str, ...], as_json: bool, quiet: bool, jobs: int) -> int:
    """Check every message against its checksum; chunks are not opened. Of a directory, all recordings below.

    Exits with 0 where every chunk has a checksum that matches, with 1 where one does not, or has none.

    \b
    Example:
      rrtool checksum check monday.rrd tuesday.rrd
    """
    del jobs  # the sums are faster than memory
    good = True
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        for name in recordings_in(inputs):
            with open_bytes(name) as origin:
                if not origin.size:
                    raise FormatError("the input is empty", source=origin.name, offset=0)
                found = checksums(origin, origin.size)
            good = good and found.is_good
            if as_json:
                from rrtool.reports.text import compact_json

                sys.stdout.write(compact_json(found.to_json()) + "\n")
            elif not (quiet and found.is_good):
                for line in found.lines():
                    progress.warn(line)
    return 0 if good else 1
