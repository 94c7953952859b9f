"""A chunk message's bytes to a chunk, whatever release wrote it, if it is the chunk that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.chunk.order import sort_keys
from rrsdk.codec import lz4
from rrsdk.codec.wire import EnvelopeReader
from rrsdk.errors import FormatError
from rrsdk.identity import format_chunk_id
from rrsdk.migration import migrate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rrsdk.message import Buffer


class Expected(NamedTuple):
    """What a manifest says of a chunk."""

    chunk_id: bytes
    entity: str
    num_rows: int
    spans: Mapping[str, tuple[int, int]]
    """On each timeline its first and last time."""


def decode(message: Buffer, expected: Expected) -> Chunk:
    """The chunk in a chunk message, in the current object model; FormatError where it is another one.

    What is compared is what answers are found by: where a chunk had more rows or other times than its
    manifest says, queries would pass it over in silence.
    """
    about = EnvelopeReader().read(message, 0, len(message))
    if about.chunk_id is not None and about.chunk_id != expected.chunk_id:
        raise FormatError(f"{format_chunk_id(about.chunk_id)} is there instead")
    block = memoryview(message)[about.payload_start : about.payload_end]
    payload = lz4.decompress(block, about.compression, about.uncompressed_size)
    chunk = Chunk.from_record_batch(migrate(_batch(payload)))
    if about.chunk_id is None and chunk.id.to_bytes() != expected.chunk_id:
        raise FormatError(f"chunk_{chunk.id} is there instead")
    _compare(chunk, expected)
    return chunk


def _batch(payload: Buffer) -> pa.RecordBatch:
    buffer = pa.py_buffer(payload)
    if buffer.address % 8:
        buffer = pa.py_buffer(bytes(payload))
    try:
        with pa.ipc.open_stream(buffer) as reader:
            batches = list(reader)
        if len(batches) != 1:
            raise FormatError(
                f"an Arrow stream with {len(batches)} record batches is no chunk, which has one"
            )
        batches[0].validate()
    except (pa.ArrowException, OSError, ValueError) as broken:
        raise FormatError(f"the chunk's Arrow data are broken: {broken}") from broken
    return batches[0]


def _compare(chunk: Chunk, expected: Expected) -> None:
    if chunk.entity_path != expected.entity:
        raise FormatError(f"it belongs to {chunk.entity_path}, not to {expected.entity}")
    if chunk.num_rows != expected.num_rows:
        raise FormatError(f"it has {chunk.num_rows} rows, not {expected.num_rows}")
    if not chunk.num_rows:
        return
    if chunk.timelines.keys() != expected.spans.keys():
        has, should = (", ".join(sorted(names)) or "none" for names in (chunk.timelines, expected.spans))
        raise FormatError(f"it has other timelines ({has}) than the manifest says ({should})")
    for timeline, (first, last) in expected.spans.items():
        (times,) = sort_keys(chunk.times(timeline))
        if times.min() < first or times.max() > last:
            raise FormatError("its times are not those that the manifest says", field=timeline)
