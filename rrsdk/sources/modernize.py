"""Chunks of an older object model, brought to the current one on their way in (uses pyarrow)."""

from __future__ import annotations

import pyarrow as pa

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.wire import Envelope
from rrsdk.errors import FormatError
from rrsdk.ipc.layout import LaidOut
from rrsdk.migration import migrate


def modernize(message: memoryview, envelope: Envelope, reader: ChunkReader) -> tuple[bytes, LaidOut]:
    """The Arrow payload of a chunk message in the current object model, and its layout."""
    block = message[envelope.payload_start : envelope.payload_end]
    old = lz4.decompress(block, envelope.compression, envelope.uncompressed_size)
    try:
        batch = pa.ipc.open_stream(pa.py_buffer(old)).read_next_batch()
        batch.validate()
    except (pa.ArrowException, StopIteration, OSError) as broken:
        raise FormatError(f"the chunk's Arrow data are broken: {broken}") from broken
    modern = migrate(batch)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, modern.schema) as writer:
        writer.write_batch(modern)
    payload = sink.getvalue().to_pybytes()
    return payload, reader.layout(payload)
