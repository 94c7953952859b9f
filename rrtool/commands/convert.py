"""rrtool convert: files of other formats as a recording."""

from __future__ import annotations

import click

from rrsdk.errors import UsageError
from rrtool.options import shared_options, tolerates_errors
from rrtool.streams import STDIN


@click.command("convert")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(readable=False), metavar="IN...")
@click.option(
    "-o",
    "--output",
    type=click.Path(readable=False),
    metavar="OUT",
    help="Write here, whole or not at all.  [default: standard output]",
)
@click.option(
    "--entity",
    metavar="E",
    help="Put everything below this entity.  [default: entities are the paths of files]",
)
@click.option(
    "--timeline",
    metavar="NAME",
    help="The timeline that counts the images of a folder; images that are named one by one"
    " are counted too where it is given.  [default: frame]",
)
@click.option("--one-by-one", is_flag=True, help="Each image is static data of an entity of its own.")
@click.option("--application-id", metavar="ID", help="Of the recording.  [default: the first input's name]")
@click.option("--recording-id", metavar="ID", help="Of the recording.  [default: a new one]")
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    entity: str | None,
    timeline: str | None,
    one_by_one: bool,
    application_id: str | None,
    recording_id: str | None,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Make a recording of files: images, 3D models, PLY, text, Markdown, sound, video.

    Files are taken as they are encoded, and become entities named after their paths. The images of a
    folder are one entity instead, the folder, one image a frame in the order of their names (2.png comes
    before 10.png). What is cut off, or not what its name says, is an error, and nothing is written.

    \b
    Examples:
      rrtool convert pictures/ -o pictures.rrd
      rrtool convert scan.ply notes.md left/ right/ --timeline shot -o scan.rrd
      rrtool convert archive/ --one-by-one --continue-on-error | rrtool info
    """
    del jobs  # files are read one after the other
    from rrtool.conversion.recording import make_recording

    if STDIN in inputs:
        raise UsageError("standard input has no name that says what it is; name files or folders")
    if one_by_one and timeline is not None:
        raise UsageError("--one-by-one makes static data; it does not go with --timeline")
    return make_recording(
        inputs,
        None if output == "-" else output,
        prefix=entity,
        timeline="frame" if timeline is None else timeline,
        in_sequence=False if one_by_one else True if timeline is not None else None,
        application_id=application_id,
        recording_id=recording_id,
        continue_on_error=continue_on_error,
        quiet=quiet,
    )
