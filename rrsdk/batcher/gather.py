"""Record batches as Arrow's message in pieces: large columns stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from rrsdk.message import Buffer

_ALONE: Final = 16 * 1024
"""Pieces from this size on are not copied together."""


class Gatherer:
    """Makes the messages of record batches that have the same columns.

    Arrow's writer hands what it writes to an object of Python's: buffers as they are, uncopied. A
    record batch's message depends on nothing that went before, so one writer serves them all; only
    dictionaries would be written before the first alone, so those must be done otherwise.
    """

    __slots__ = ("_pieces", "_writer")

    def __init__(self, schema: pa.Schema) -> None:
        self._pieces: list[Any] = []
        self._writer = pa.ipc.new_stream(pa.PythonFile(_Collector(self._pieces), "w"), schema)
        empty = [pa.nulls(0, kind) for kind in schema.types]  # pa.array([]) knows no unions
        self._writer.write_batch(pa.RecordBatch.from_arrays(empty, schema=schema))  # the schema comes first

    def pieces(self, batch: pa.RecordBatch) -> list[Buffer]:
        """The message, of which the first piece holds all metadata."""
        self._pieces.clear()
        self._writer.write_batch(batch)
        found: list[Buffer] = []
        small: list[Any] = []
        for piece in self._pieces:
            if piece.__class__ is bytes or len(piece) < _ALONE:  # the metadata come as bytes
                small.append(piece)
                continue
            if small:
                found.append(b"".join(small))
                small = []
            found.append(memoryview(piece).cast("B"))
        if small:
            found.append(b"".join(small))
        self._pieces.clear()
        return found


class _Collector:
    """As much of a file as Arrow wants."""

    closed = False

    def __init__(self, pieces: list[Any]) -> None:
        self.write = pieces.append

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """There is nothing to be closed."""


def can_gather(schema: pa.Schema) -> bool:
    """Whether no column is dictionary-encoded, itself or below."""
    return not any(_has_dictionary(kind) for kind in schema.types)


def _has_dictionary(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return True
    return any(_has_dictionary(kind.field(place).type) for place in range(kind.num_fields))
