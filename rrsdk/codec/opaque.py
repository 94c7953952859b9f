"""Chunks whose values the kit cannot take apart itself, rewritten and checked by pyarrow.

Dictionaries, views and run ends keep values apart from the rows that use them. Few recordings have
such columns, so this is made to be right, not fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.errors import FormatError
from rrsdk.identity import format_chunk_id
from rrsdk.ipc.keys import ID_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.ipc.schema import Schema
    from rrsdk.message import Buffer


def read(payload: Buffer) -> pa.RecordBatch:
    """The record batch of a payload, validated in full: values are about to be followed."""
    buffer = pa.py_buffer(payload)
    if buffer.address % 8:
        buffer = pa.py_buffer(bytes(payload))
    try:
        batch = pa.ipc.open_stream(buffer).read_next_batch()
        batch.validate(full=True)
    except (pa.ArrowException, StopIteration, OSError, ValueError) as broken:
        raise FormatError(f"the Arrow data are broken: {' '.join(str(broken).split())}") from broken
    return batch


def rewritten(
    payload: Buffer,
    chunk_id: bytes,
    *,
    columns: Sequence[int] | None = None,
    ranges: Sequence[tuple[int, int]] | None = None,
) -> bytes:
    """The payload of a chunk with another id: of these columns and rows, else of all."""
    batch = read(payload)
    if columns is not None:
        batch = batch.select(list(columns))
    schema = batch.schema.with_metadata(
        {**(batch.schema.metadata or {}), ID_KEY.encode(): format_chunk_id(chunk_id).encode()}
    )
    if ranges is not None:
        pieces = [batch.slice(start, stop - start) for start, stop in ranges]
        batch = pieces[0] if len(pieces) == 1 else pa.concat_batches(pieces)
    return _written(batch.replace_schema_metadata(schema.metadata))


def renamed(payload: Buffer, chunk_id: bytes, *, columns: Sequence[int], names: Schema) -> bytes:
    """The payload of a chunk with another id: these columns, called as in `names`, with its metadata."""
    batch = read(payload)
    fields = [
        batch.schema.field(column).with_name(field.name).with_metadata(dict(field.metadata))
        for column, field in zip(columns, names.fields)
    ]
    metadata = {**names.metadata, ID_KEY: format_chunk_id(chunk_id)}
    arrays = [batch.column(column) for column in columns]
    return _written(pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, metadata)))


def _written(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
