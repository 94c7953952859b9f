"""rrtool compact: many small chunks into few large ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import click

from rrsdk import settings
from rrsdk.errors import RrError, UsageError
from rrtool.many import Job, over_many
from rrtool.memory import keep_freed_buffers
from rrtool.options import (
    SIZE,
    reads_recordings,
    rewrites_files,
    shared_options,
    tolerates_errors,
    writes_recording,
)
from rrtool.pipeline import rewrite
from rrtool.transforms.compact import Shared, compact
from rrtool.transforms.merge import without_repeats
from rrtool.transforms.packing import PROFILES, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Message

SMALLEST = 1024
"""A smaller limit makes every row a chunk; it is a unit that was left out."""


@click.command("compact")
@reads_recordings
@writes_recording
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    default="object-store",
    show_default=True,
    help="Limits to start from: object-store 2 MiB and 65,536 rows (8,192 unsorted), thick archetypes apart "
    "from thin; live 384 KiB and 4,096 rows (1,024 unsorted).",
)
@click.option("--max-size", type=SIZE, metavar="SIZE", help="Most data in a chunk, like 2MiB.")
@click.option("--max-rows", type=click.IntRange(min=1), metavar="N", help="Most rows in a chunk.")
@click.option(
    "--max-rows-if-unsorted",
    type=click.IntRange(min=1),
    metavar="N",
    help="Most rows in a chunk with a timeline that is not sorted.",
)
@click.option(
    "--split-size-ratio",
    type=float,
    metavar="R",
    help="Archetypes of one chunk whose sizes differ R times or more get chunks of their own.",
)
@rewrites_files
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    profile: str,
    max_size: int | None,
    max_rows: int | None,
    max_rows_if_unsorted: int | None,
    split_size_ratio: float | None,
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Turn many small chunks into few large ones.

    Rows, values and row ids stay as they are; chunks that are large enough are copied untouched.
    Video streams (H.264, H.265) are cut on key frames: a chunk begins with one and holds whole groups of
    pictures, even where one is larger than the limit. Streams of other codecs stay as they are.
    The same input gives the same output, byte for byte, and compacting twice changes nothing.
    Inputs are merged first, but for directories and --in-place, where each becomes a file of its own.
    The environment variables RERUN_CHUNK_MAX_BYTES, RERUN_CHUNK_MAX_ROWS and
    RERUN_CHUNK_MAX_ROWS_IF_UNSORTED stand between the profile and the options.

    \b
    Examples:
      rrtool compact drive.rrd -o drive.rrd
      rrtool compact --profile live --max-rows 1000 mon.rrd tue.rrd -o days.rrd
    """
    if split_size_ratio is not None and not 1 <= split_size_ratio < float("inf"):
        raise UsageError(f"--split-size-ratio must be a number from 1 on, not {split_size_ratio}")
    if max_size is not None and max_size < SMALLEST:
        raise UsageError(f"--max-size must be at least {SMALLEST} bytes; write it with its unit, like 2MiB")
    keep_freed_buffers()
    limits = _limits(profile, max_size, max_rows, max_rows_if_unsorted, split_size_ratio)
    return over_many(
        Job("compact", _compact, {"limits": limits}),
        inputs,
        output,
        in_place=in_place,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


@cache
def _shared() -> Shared:
    """What this process has learned: of a directory it compacts one recording after the other."""
    return Shared.new()


def _compact(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    limits: Limits,
    continue_on_error: bool,
    jobs: int,
    quiet: bool,
    dry_run: bool,
) -> int:
    broken: list[RrError] = []
    said: list[str] = []
    skip = broken.append if continue_on_error else None

    def packed(messages: Iterable[Message]) -> Iterator[Message]:
        return compact(
            without_repeats(messages), limits, jobs=jobs, skip=skip, say=said.append, shared=_shared()
        )

    code = rewrite(
        inputs,
        output,
        packed,
        continue_on_error=continue_on_error,
        quiet=quiet,
        left_out=broken,
        dry_run=dry_run,
    )
    for line in said:
        click.echo(f"rrtool compact: {line}", err=True)
    return code


def _limits(
    profile: str,
    max_size: int | None,
    max_rows: int | None,
    max_rows_if_unsorted: int | None,
    split_size_ratio: float | None,
) -> Limits:
    """Options over environment over profile."""
    start = PROFILES[profile]

    def chosen(option: int | None, variable: str, default: int) -> int:
        value = option if option is not None else settings.integer(variable)
        return default if value is None else value

    return replace(
        start,
        max_bytes=chosen(max_size, settings.CHUNK_MAX_BYTES, start.max_bytes),
        max_rows=chosen(max_rows, settings.CHUNK_MAX_ROWS, start.max_rows),
        max_rows_if_unsorted=chosen(
            max_rows_if_unsorted, settings.CHUNK_MAX_ROWS_IF_UNSORTED, start.max_rows_if_unsorted
        ),
        split_size_ratio=start.split_size_ratio if split_size_ratio is None else split_size_ratio,
    )
