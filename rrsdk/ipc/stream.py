"""One Arrow IPC stream of a schema and one record batch: taken apart and put together as bytes.

    FF FF FF FF · size · schema metadata · FF FF FF FF · size · batch metadata · body · end marker

The batch's metadata says how many rows there are, where each buffer lies in the body, and how
many nulls each node has. None of it depends on the schema, and nothing here decodes a value.
Where columns are dictionary-encoded, their dictionaries stand between schema and batch, as
messages of the same build.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.errors import FormatError, UnsupportedError
from rrsdk.ipc.flatbuf import BROKEN, Builder, Table
from rrsdk.ipc.schema import HEADER_DICTIONARY, HEADER_RECORD_BATCH, METADATA_V5

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTINUATION = b"\xff\xff\xff\xff"
END_OF_STREAM = CONTINUATION + b"\0\0\0\0"
ALIGNMENT = 64  # of buffers in the body: what the Rust writer uses, and SIMD readers like

_SIZE = struct.Struct("<4si")
_MAX_ENTRIES = 1_000_000


class Stream(NamedTuple):
    """The parts of a stream: both metadata without framing, and the body."""

    schema: memoryview
    batch: memoryview
    body: memoryview
    body_start: int
    """Where the body begins in the payload."""
    has_dictionaries: bool
    """Whether messages stand between schema and batch."""


class Batch(NamedTuple):
    """A record batch's shape: rows, (length, nulls) of each node, (start, size) of each buffer."""

    num_rows: int
    nodes: tuple[tuple[int, int], ...]
    buffers: tuple[tuple[int, int], ...]
    body_size: int
    variadic: tuple[int, ...]
    """For each view column (texts or bytes), depth first: how many buffers its long values lie in."""


def split(payload: bytes | bytearray | memoryview) -> Stream:
    """Find the parts of a stream; raises FormatError where the framing is not that of one batch."""
    view = memoryview(payload)
    schema_start, schema_end = _message(view, 0)
    start, end = _message(view, schema_end)
    has_dictionaries = False
    while (body := _dictionary_body(view[start:end])) is not None:
        has_dictionaries = True
        start, end = _message(view, end + body)
    return Stream(view[schema_start:schema_end], view[start:end], view[end:], end, has_dictionaries)


def _dictionary_body(message: memoryview) -> int | None:
    """The size of a dictionary's body; None where the message is another one."""
    try:
        root = Table.root(message)
        if root.u8(1) != HEADER_DICTIONARY:
            return None
        size = root.i64(3)
    except BROKEN as broken:
        raise FormatError("a message of the Arrow stream is broken") from broken
    if size < 0:
        raise FormatError("a dictionary claims a negative size")
    return size


def _message(view: memoryview, at: int) -> tuple[int, int]:
    if len(view) - at < _SIZE.size:
        raise FormatError("the Arrow stream is cut off")
    marker, size = _SIZE.unpack_from(view, at)
    if marker != CONTINUATION or size <= 0 or size > len(view) - at - _SIZE.size:
        raise FormatError("the Arrow stream's framing is broken")
    return at + _SIZE.size, at + _SIZE.size + size


def read_batch(message: bytes | memoryview) -> Batch:
    """The shape in a record batch's metadata, checked to lie within the body it announces."""
    try:
        root = Table.root(message)
        header_type, header = root.u8(1), root.table(2)
        if header_type != HEADER_RECORD_BATCH or header is None:
            raise FormatError("the Arrow stream holds no record batch where one is due")
        if header.slot(3):
            raise UnsupportedError("the chunk's buffers are compressed one by one")
        num_rows = header.i64(0)
        body_size = root.i64(3)
        start, count = header.vector(1, 16)
        flat = struct.unpack_from(f"<{2 * count}q", message, start)
        nodes = tuple(zip(flat[::2], flat[1::2]))
        start, count = header.vector(2, 16)
        flat = struct.unpack_from(f"<{2 * count}q", message, start)
        buffers = tuple(zip(flat[::2], flat[1::2]))
        start, count = header.vector(4, 8)
        variadic = struct.unpack_from(f"<{count}q", message, start)
    except BROKEN as broken:
        raise FormatError("the record batch's metadata is broken") from broken
    if num_rows < 0 or any(length < 0 or not 0 <= nulls <= length for length, nulls in nodes):
        raise FormatError("the record batch claims a negative number of rows or nulls")
    for offset, size in buffers:
        if offset < 0 or size < 0 or offset + size > body_size:
            raise FormatError("a buffer of the record batch lies outside its body")
    if sum(variadic) > len(buffers) or any(number < 0 for number in variadic):
        raise FormatError("the record batch counts the buffers of its views wrongly")
    return Batch(num_rows, nodes, buffers, body_size, variadic)


def frame(message: bytes) -> bytes:
    """Metadata with its framing; the flatbuffer's size is a multiple of 8 already."""
    return _SIZE.pack(CONTINUATION, len(message)) + message


@lru_cache(maxsize=256)
def _batch_message(num_rows: int, nodes: tuple[int, ...], buffers: tuple[int, ...], body_size: int) -> bytes:
    builder = Builder()
    nodes_at = builder.structs(struct.pack(f"<{len(nodes)}q", *nodes), len(nodes) // 2, 8)
    buffers_at = builder.structs(struct.pack(f"<{len(buffers)}q", *buffers), len(buffers) // 2, 8)
    header = builder.table([(0, "q", num_rows), (1, "@", nodes_at), (2, "@", buffers_at)])
    fields = [(3, "q", body_size), (2, "@", header), (0, "h", METADATA_V5), (1, "B", HEADER_RECORD_BATCH)]
    return frame(builder.finish(builder.table(fields)))


def write_stream(
    schema: bytes,
    num_rows: int,
    nodes: Sequence[tuple[int, int]],
    buffers: Sequence[bytes | bytearray | memoryview | list[bytes | bytearray | memoryview]],
) -> list[bytes | bytearray | memoryview]:
    """The parts of a stream, to be joined or written one after the other.

    A buffer may come in pieces, as a list: large ones need not be copied together.
    """
    places: list[int] = []
    body: list[bytes | bytearray | memoryview] = []
    at = 0
    for buffer in buffers:
        size = sum(map(len, buffer)) if isinstance(buffer, list) else len(buffer)
        places += (at, size)
        if size:
            body.extend(buffer) if isinstance(buffer, list) else body.append(buffer)
            padding = -size % ALIGNMENT
            if padding:
                body.append(bytes(padding))
            at += size + padding
    flat = tuple(number for node in nodes for number in node)
    message = _batch_message(num_rows, flat, tuple(places), at)
    return [frame(schema), message, *body, END_OF_STREAM]
