"""rrtool rename: call entities and timelines something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rrsdk.errors import UsageError
from rrtool.many import Job, over_many
from rrtool.options import (
    reads_recordings,
    rewrites_files,
    shared_options,
    tolerates_errors,
    writes_recording,
)
from rrtool.pipeline import rewrite
from rrtool.transforms.merge import without_repeats
from rrtool.transforms.rename import Names, Rename, parse_rename

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Message


@click.command("rename")
@reads_recordings
@writes_recording
@click.option("--entity", "entities", multiple=True, metavar="OLD=NEW", help="An entity, with all below it.")
@click.option("--timeline", "timelines", multiple=True, metavar="OLD=NEW", help="A timeline, in all chunks.")
@rewrites_files
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    entities: tuple[str, ...],
    timelines: tuple[str, ...],
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Call entities and timelines something else.

    Both options may be given many times and hold at once, so that two names can be swapped. An entity
    takes what is below it along; of several that cover a path the longest counts. Recording properties
    keep their paths, and so do blueprints, which may then speak of what is not there any more.

    \b
    Examples:
      rrtool rename --entity /car/cam=/car/camera drive.rrd -o better.rrd
      rrtool rename --timeline frame=frame_nr --in-place *.rrd
    """
    if not entities and not timelines:
        raise UsageError("nothing to do; give --entity or --timeline")
    options = {
        "entities": [parse_rename(text, option="--entity") for text in entities],
        "timelines": [parse_rename(text, option="--timeline") for text in timelines],
    }
    Names(options["entities"], options["timelines"])  # wrong ones are found before any work
    return over_many(
        Job("rename", _rename, options),
        inputs,
        output,
        in_place=in_place,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


def _rename(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    entities: list[tuple[str, str]],
    timelines: list[tuple[str, str]],
    continue_on_error: bool,
    jobs: int,
    quiet: bool,
    dry_run: bool,
) -> int:
    names = Names(entities, timelines)
    rename = Rename(names)

    def transform(messages: Iterable[Message]) -> Iterator[Message]:
        return rename(without_repeats(messages))

    code = rewrite(
        inputs, output, transform, continue_on_error=continue_on_error, quiet=quiet, dry_run=dry_run
    )
    for line in names.warnings():
        click.echo(f"rrtool rename: {line}", err=True)
    return code
