"""rrtool cat: recordings one behind the other, as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rrtool.options import reads_recordings, shared_options, tolerates_errors, writes_recording
from rrtool.pipeline import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rrsdk.message import Message


@click.command("cat")
@reads_recordings
@writes_recording
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...], output: str | None, continue_on_error: bool, quiet: bool, jobs: int
) -> int:
    """Put recordings one behind the other, with one header and one footer.

    What the shell's cat makes of recordings has several of both: Rerun's verify refuses it, and a
    footer at the end speaks of the last recording only. All chunks are copied untouched, also those
    that are there twice (merge leaves them out); a store info that says nothing new is not repeated.

    \b
    Examples:
      rrtool cat morning.rrd evening.rrd -o day.rrd
      cat *.rrd | rrtool cat > all.rrd
    """
    del jobs  # copying is the disk's work
    return rewrite(inputs, output, _as_it_is, continue_on_error=continue_on_error, quiet=quiet)


def _as_it_is(messages: Iterable[Message]) -> Iterable[Message]:
    return messages
