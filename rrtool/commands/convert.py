"""rrtool convert: files of other formats as a recording, and a recording as a table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from rrsdk.errors import UsageError
from rrtool.options import shared_options, tolerates_errors
from rrtool.streams import STDIN
from rrtool.tables import ENDINGS, FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORDINGS = (".rrd", ".rbl")


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
    "--to",
    "kind",
    type=click.Choice(["rrd", *FORMATS]),
    help="What is written.  [default: by the name of OUT; rrd to standard output]",
)
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="T",
    help="Of a Parquet file: this column is a timeline; may be repeated. Of a recording: the timeline that"
    " rows are counted on.  [default: your own timeline on which most entities are]",
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
@click.option(
    "--recording-id",
    metavar="ID",
    help="Of the recording; of which to read, for a table.  [default: a new one]",
)
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    output: str | None,
    kind: str | None,
    indexes: tuple[str, ...],
    entity: str | None,
    timeline: str | None,
    one_by_one: bool,
    application_id: str | None,
    recording_id: str | None,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int | None:
    """Make a recording of files, or a table of a recording.

    Images, 3D models, PLY, text, Markdown, sound, video, Parquet and MCAP become a recording, as they are
    encoded, as entities named after their paths. The images of a folder are one entity instead, the folder,
    one image a frame in the order of their names (2.png comes before 10.png). Of a Parquet file each row
    is a row; columns named /entity:Archetype:component go back to where they came from. Channels of an
    MCAP file are entities, with their messages as they are. What is cut off, or not what its name says, is
    an error, and nothing is written.

    A recording becomes CSV, NDJSON, Parquet or Arrow where the output is called so (query says which rows
    and columns, too).

    \b
    Examples:
      rrtool convert pictures/ -o pictures.rrd
      rrtool convert scan.ply notes.md left/ right/ --timeline shot -o scan.rrd
      rrtool convert drive.rrd -o drive.parquet
      rrtool convert measured.parquet --index time -o measured.rrd
    """
    del jobs  # files are read one after the other
    output = None if output == "-" else output
    kind = kind or _kind_of(output)
    if kind != "rrd":
        given = {
            "--entity": entity,
            "--timeline": timeline,
            "--one-by-one": one_by_one or None,
            "--application-id": application_id,
            "--continue-on-error": continue_on_error or None,
        }
        _refuse(f"makes a recording, and {kind} is a table", given)
        if len(indexes) > 1:
            raise UsageError("rows of a table are counted on one timeline", hint="give one --index")
        from rrtool.conversion.table import make_table

        index = indexes[0] if indexes else None
        make_table(inputs, output, kind, index=index, recording_id=recording_id)
        return None
    if STDIN in inputs:
        raise UsageError("standard input has no name that says what it is; name files or folders")
    if timeline == "":
        raise UsageError("--timeline needs a name; it is empty")
    if one_by_one:
        _refuse("counts images; --one-by-one does not", {"--timeline": timeline})
    from rrtool.conversion.recording import make_recording

    return make_recording(
        inputs,
        output,
        prefix=entity,
        timeline="frame" if timeline is None else timeline,
        in_sequence=False if one_by_one else True if timeline is not None else None,
        indexes=indexes,
        application_id=application_id,
        recording_id=recording_id,
        continue_on_error=continue_on_error,
        quiet=quiet,
    )


def _kind_of(output: str | None) -> str:
    if output is None:
        return "rrd"
    ending = os.path.splitext(output)[1].lower()
    if ending in _RECORDINGS:
        return "rrd"
    if ending not in ENDINGS:
        known = ", ".join((".rrd", *ENDINGS))
        raise UsageError(
            f"-o {output}: its name does not tell a format", hint=f"end it in {known}, or add --to"
        )
    return ENDINGS[ending]


def _refuse(why: str, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} {why}")
