"""The inside of chunks for `print -vv` and `-vvv`: schemas and values, as tables or as JSON.

What the kit's own reader cannot lay out (compressed buffers) and JSON's values go through pyarrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.heads import HeadReader
from rrsdk.errors import UnsupportedError
from rrsdk.identity import CHUNK_PREFIX, format_tuid
from rrsdk.ipc.keys import ID_KEY
from rrsdk.ipc.layout import ChunkLayout, LaidOut
from rrtool.reports.plain import plain, values
from rrtool.reports.tables import ID_PLACE, Header, Tables, make_header, transposed
from rrtool.reports.text import compact_json, one_line
from rrtool.reports.types import column_header, column_title, type_name
from rrtool.reports.values import Formatters, foreign_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Origin

Opened = LaidOut | bytes | bytearray | memoryview
"""A chunk laid out, or the whole Arrow payload of one that cannot be."""


class Contents:
    """Shows one chunk after the other."""

    def __init__(self, *, data: bool, as_json: bool, transposed: bool) -> None:
        self._data, self._json, self._transposed = data, as_json, transposed
        self._reader = ChunkReader()
        self._tables, self._formatters = Tables(), Formatters()
        self._headers: dict[ChunkLayout, Header] = {}

    def reader(self, origin: Origin, end: int) -> Callable[[int, int], Opened]:
        """What opens the messages of an origin, given where each lies and how long it is."""
        heads = HeadReader(origin, end, reader=self._reader)
        if not self._data:
            return lambda offset, size: heads.head(offset, size)[1]
        return lambda offset, size: self.open(heads.window.at(offset, size))

    def open(self, message: Buffer) -> Opened:
        """A whole message."""
        envelope = self._reader.envelope(message)
        block = memoryview(message)[envelope.payload_start : envelope.payload_end]
        payload = lz4.decompress(block, envelope.compression, envelope.uncompressed_size)
        try:
            return self._reader.layout(payload)
        except UnsupportedError:
            if not self._data:
                raise
            return payload

    def show(self, line: str, chunk: Opened) -> bytes:
        """A chunk below its line in the listing."""
        if self._json:
            return self._as_json(line, chunk)
        first = f"{line.partition(' - data columns: ')[0]}\n".encode("utf-8", "replace")
        if not isinstance(chunk, LaidOut):
            return first + self._foreign(chunk) + b"\n"
        header = self._header(chunk.shape.layout)
        cells = self._formatters.cells(chunk) if self._data else []
        chunk_id = CHUNK_PREFIX + format_tuid(chunk.chunk_id)
        if self._transposed and self._data:
            titles = [column_title(column) for column in chunk.shape.layout.columns]
            header, cells = transposed(header, titles, cells)
        return first + self._tables.draw(header, cells, chunk_id) + b"\n"

    def _header(self, layout: ChunkLayout) -> Header:
        header = self._headers.get(layout)
        if header is None:
            columns = [column_header(column) for column in layout.columns]
            header = self._headers[layout] = make_header(_metadata(dict(layout.schema.metadata)), columns)
        return header

    def _foreign(self, payload: Buffer) -> bytes:
        from rrsdk.codec.opaque import read

        batch = read(payload)
        metadata = {key.decode(): value.decode() for key, value in (batch.schema.metadata or {}).items()}
        titles = [one_line(name) for name in batch.schema.names]
        columns = [(title, "---", f"type: {kind}") for title, kind in zip(titles, batch.schema.types)]
        cells = [foreign_texts(column) for column in batch.columns]
        return self._tables.draw(make_header(_metadata(metadata), columns), cells, metadata.get(ID_KEY, ""))

    def _as_json(self, line: str, chunk: Opened) -> bytes:
        if not self._data:
            assert isinstance(chunk, LaidOut)
            schema = {
                field.name: {"type": type_name(field), "metadata": dict(field.metadata)}
                for field in chunk.shape.layout.schema.fields
            }
            return f'{line[:-1]},"schema":{compact_json(schema)}}}\n'.encode("utf-8", "replace")
        from rrsdk.codec.opaque import read

        batch = read(chunk.payload if isinstance(chunk, LaidOut) else chunk)
        columns = {
            field.name: [plain(value) for value in values(column)]
            for field, column in zip(batch.schema, batch.columns)
        }
        text = compact_json(columns)
        return f'{line[:-1]},"columns":{text}}}\n'.encode("utf-8", "replace")


def _metadata(metadata: dict[str, str]) -> tuple[str, ...]:
    """The lines in the head of a chunk's table, the id left open."""
    lines = ["METADATA:"]
    for key in sorted(metadata):
        name = key.rpartition(":")[2] if key.startswith(("rerun:", "sorbet:")) else key
        value = ID_PLACE if key == ID_KEY else one_line(metadata[key])
        lines.append(f"* {one_line(name)}: {value}")
    return tuple(lines)
