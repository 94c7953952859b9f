"""rrtool route: give recordings another id, or another application, without decoding them."""

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
from rrtool.transforms.route import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Message


@click.command("route")
@reads_recordings
@writes_recording
@click.option("--recording-id", metavar="ID", help="The id of all recordings in the output.")
@click.option("--application-id", metavar="ID", help="The application of all recordings and blueprints.")
@rewrites_files
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    recording_id: str | None,
    application_id: str | None,
    in_place: bool,
    dry_run: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Give recordings another id, or another application, without decoding them.

    Several recordings that get one id become one recording; chunks that are in it twice are kept once, and
    activations of blueprints are left out, with a warning. Blueprints keep their own ids.

    \b
    Examples:
      rrtool route --recording-id drive mon.rrd tue.rrd -o drive.rrd
      rrtool route --application-id robot --in-place *.rrd
    """
    if recording_id is None and application_id is None:
        raise UsageError("nothing to do; give --recording-id, --application-id or both")
    if recording_id == "" or application_id == "":
        raise UsageError("an id must not be empty")
    options = {
        "recording_id": recording_id,
        "application_id": application_id,
    }
    return over_many(
        Job("route", _route, options),
        inputs,
        output,
        in_place=in_place,
        dry_run=dry_run,
        continue_on_error=continue_on_error,
        quiet=quiet,
        jobs=jobs,
    )


def _route(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    recording_id: str | None,
    application_id: str | None,
    continue_on_error: bool,
    jobs: int,  # nothing here is worth a second core
    quiet: bool,
    dry_run: bool,
) -> int:
    route = Route(
        recording_id, application_id, drops_activations=recording_id is not None and len(inputs) > 1
    )

    def transform(messages: Iterable[Message]) -> Iterator[Message]:
        return without_repeats(route(messages))

    code = rewrite(
        inputs, output, transform, continue_on_error=continue_on_error, quiet=quiet, dry_run=dry_run
    )
    for line in route.warnings():
        click.echo(f"rrtool route: {line}", err=True)
    return code
