"""rrtool stats: how many chunks, rows and bytes a recording has, and where."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.heads import HeadReader
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import IS_STATIC, NUM_ROWS, OFFSET, SIZE, SIZE_UNCOMPRESSED
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sources.damage import Damage
from rrtool.many import recordings_in
from rrtool.options import reads_recordings, shared_options, tolerates_errors
from rrtool.pipeline import one_by_one, report_losses, watched
from rrtool.progress import Progress
from rrtool.reports.compaction import Joinable, Limit
from rrtool.reports.peek import Peeker, compressed_size
from rrtool.reports.statistics import Gathering
from rrtool.transforms.packing import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.ipc.layout import LaidOut


@click.command("stats")
@reads_recordings
@click.option("--json", "as_json", is_flag=True, help="One object instead of text.")
@click.option("--no-decode", is_flag=True, help="Ask the footer only: no sizes of schemas, no sortedness.")
@tolerates_errors
@shared_options
def command(
    inputs: tuple[str, ...],
    as_json: bool,
    no_decode: bool,
    continue_on_error: bool,
    quiet: bool,
    jobs: int,
) -> int:
    """Count chunks, rows and bytes, by entity, timeline and component, of all inputs together.

    Of a directory, all recordings below count. No values are decoded: what footers do not say stands in the
    first bytes of each chunk.

    \b
    Examples:
      rrtool stats drive.rrd
      rrtool stats --json *.rrd | jq .compressed.total
    """
    del jobs  # looking at a few bytes of each chunk is the disk's work
    damage = Damage() if continue_on_error else None
    limits = PROFILES["object-store"]
    joinable = Joinable(Limit(limits.max_bytes, limits.max_rows))
    gathering = Gathering(looked_inside=not no_decode, joinable=joinable)
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(quiet=quiet))
        names = recordings_in(inputs)
        sources = one_by_one(names, progress, damage)
        for message in watched(sources, progress, damage, alone=len(names) == 1):
            if isinstance(message, Chunks):
                if no_decode:
                    gathering.add_chunks(message, _reckoned(message))
                else:
                    gathering.add_chunks(*_looked_into(message, gathering, damage))
            elif isinstance(message, ChunkMsg):
                _add(message, gathering)
        losses = report_losses(damage, progress)
    stats = gathering.result()
    if as_json:
        from rrtool.reports.text import compact_json

        text = compact_json(stats.to_json()) + "\n"
    else:
        from rrtool.reports.statistics_text import statistics_text

        text = statistics_text(stats)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return losses


def _reckoned(chunks: Chunks) -> Iterator[int]:
    """The sizes of the chunks' compressed data, from what the manifest says of their messages."""
    table = chunks.manifest.table
    for size, uncompressed in zip(table.u64(SIZE), table.u64(SIZE_UNCOMPRESSED)):
        yield compressed_size(size, uncompressed, chunks.store_raw)


def _looked_into(chunks: Chunks, gathering: Gathering, damage: Damage | None) -> tuple[Chunks, list[int]]:
    """The chunks that can be read, and the sizes of their compressed data."""
    table = chunks.manifest.table
    places = list(zip(table.u64(OFFSET), table.u64(SIZE), table.u64(NUM_ROWS), table.flags(IS_STATIC)))
    heads = HeadReader(chunks.origin, max((offset + size for offset, size, _, _ in places), default=0))
    peeker, at, found = Peeker(chunks.store_raw), heads.window.at, gathering.schemas.append
    compressed: list[int] = []
    broken: list[int] = []
    for place, (offset, size, rows, is_static) in enumerate(places):
        if rows < 2 or is_static:  # nothing that could be out of order
            peek = peeker.peek(at(offset, min(size, peeker.size)))
            if peek is not None:
                compressed.append(peek.compressed)
                found(peek.schema)
                continue
        try:
            envelope, chunk = heads.head(offset, size)
        except FormatError as error:
            error.located(source=chunks.origin.name, offset=offset)
            if damage is None:
                raise
            damage.add(chunks.origin.name, offset, offset + size, error)
            broken.append(place)
            continue
        compressed.append(envelope.payload_end - envelope.payload_start)
        found(len(chunk.shape.layout.raw))
        gathering.add_sorting(chunk.shape.layout.entity, _sorting(chunk))
    if broken:
        keep = bytearray(b"\1") * len(places)
        for place in broken:
            keep[place] = 0
        chunks = chunks.take(keep)
    return chunks, compressed


def _add(message: ChunkMsg, gathering: Gathering) -> None:
    reader = ChunkReader()
    whole = b"".join(message.parts)
    envelope = reader.envelope(whole)
    compressed = envelope.payload_end - envelope.payload_start
    gathering.add_chunk(
        message.store, message.row, compressed=compressed, uncompressed=message.size_uncompressed
    )
    if gathering.looked_inside:
        shape = message.row.shape
        gathering.schemas.append(len(shape.layout.raw))
        if shape.batch.num_rows > 1 and not all(is_sorted for _, _, is_sorted in shape.times):
            sorting = _sorting(reader.open(whole, envelope))
            gathering.add_sorting(shape.layout.entity, sorting)


def _sorting(chunk: LaidOut) -> Iterator[tuple[str, bool]]:
    """For each timeline, whether the chunk's times ascend: where that is not claimed, they are looked at."""
    for column, (start, end, is_sorted) in zip(chunk.shape.layout.indexes, chunk.shape.times):
        times = [] if is_sorted else chunk.payload[start:end].cast("q").tolist()
        yield column.name, times == sorted(times)
