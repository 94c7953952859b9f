"""Small chunks made one: decoded ones by Arrow, others as bytes, which are decoded then as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.chunk.build import assemble
from rrsdk.codec.chunks import ChunkReader
from rrsdk.identity import new_tuid
from rrsdk.ipc import stream
from rrsdk.ipc.gather import Part, Piece, gather
from rrsdk.ipc.keys import ENTITY_KEY, SORTED_KEY
from rrsdk.ipc.layout import LaidOut, new_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.ipc.layout import ChunkLayout
    from rrsdk.store.form import Payload, Record


def uncompressed(reader: ChunkReader, payload: Payload) -> LaidOut:
    """An undecoded chunk: a chunk message, or the Arrow stream in one."""
    whole = b"".join(payload) if isinstance(payload, tuple) else payload
    return reader.layout(whole) if whole[:4] == stream.CONTINUATION else reader.open(whole)


def decoded(record: Record) -> Chunk:
    """The chunk of a record."""
    if record.chunk is not None:
        return record.chunk
    assert record.payload is not None
    return Chunk.from_ipc(uncompressed(ChunkReader(), record.payload).payload)


def joined(records: Sequence[Record], reader: ChunkReader) -> Chunk:
    """The rows of all, in this order, with an id of their own; all are of one form."""
    rows = [record.row for record in records if record.row is not None]
    if len(rows) == len(records) and not any(row.shape.layout.is_opaque for row in rows):
        found = _gathered(records, reader)
    else:
        batches = [decoded(record).to_record_batch() for record in records]
        (found,) = pa.Table.from_batches(batches, batches[0].schema).combine_chunks().to_batches()
    columns = list(zip(found.schema, found.columns))
    return Chunk.from_record_batch(assemble(columns, records[0].form.entity, new_tuid()))


def _gathered(records: Sequence[Record], reader: ChunkReader) -> pa.RecordBatch:
    pieces = []
    for record in records:
        assert record.payload is not None
        chunk = uncompressed(reader, record.payload)
        batch = chunk.shape.batch
        pieces.append(Piece(Part(batch, chunk.payload[chunk.shape.body_start :]), 0, batch.num_rows))
    layout = _unmarked(chunk.shape.layout)
    nodes, buffers = gather(layout.columns, pieces)
    num_rows = sum(piece.stop for piece in pieces)
    parts = stream.write_stream(layout.schema_bytes(bytes(16)), num_rows, nodes, buffers)
    with pa.ipc.open_stream(pa.py_buffer(b"".join(parts))) as opened:
        return opened.read_next_batch()


def _unmarked(layout: ChunkLayout) -> ChunkLayout:
    """A layout that does not say what is sorted: of the whole that is yet to be found out."""
    fields = tuple(
        replace(field, metadata={key: told for key, told in field.metadata.items() if key != SORTED_KEY})
        for field in layout.schema.fields
    )
    return new_layout(fields, {ENTITY_KEY: layout.entity})
