"""rrtool merge: many recordings into one stream."""

from __future__ import annotations

import click

from rrtool.options import reads_recordings, shared_options, tolerates_errors, writes_recording
from rrtool.pipeline import rewrite
from rrtool.transforms.merge import without_repeats


@click.command("merge")
@reads_recordings
@writes_recording
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...], output: str | None, continue_on_error: bool, quiet: bool, jobs: int
) -> int:
    """Join recordings into one stream, copying what they hold untouched.

    Chunks that occur twice are written once. Chunks older than Rerun 0.41 are brought to its
    object model. Without IN reads standard input, without -o writes standard output.

    \b
    Examples:
      rrtool merge morning.rrd evening.rrd -o day.rrd
      cat *.rrd | rrtool merge > all.rrd
    """
    del jobs  # copying is the disk's work
    return rewrite(inputs, output, without_repeats, continue_on_error=continue_on_error, quiet=quiet)
