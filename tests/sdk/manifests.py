"""Manifests of recordings: as their footer has them, and as we make them from the chunks alone."""

from __future__ import annotations

import os
import tempfile

from rrsdk.identity import StoreId
from rrsdk.ipc.manifest import Manifest
from rrsdk.message import Chunks, Message
from rrsdk.sinks.output import Output
from rrsdk.sinks.rrd import RrdSink
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from tests.faults import damage


def refuse(line: str) -> None:
    raise AssertionError(f"a warning: {line}")


def messages_of(data: bytes) -> list[Message]:
    return list(FileSource(MemoryOrigin("in.rrd", data), damage=None, warn=refuse).messages())


def chunks_of(data: bytes) -> list[Chunks]:
    return [message for message in messages_of(data) if isinstance(message, Chunks)]


def from_footer(data: bytes) -> dict[StoreId, Manifest]:
    return {chunks.store: chunks.manifest for chunks in chunks_of(data)}


def from_chunks(data: bytes) -> dict[StoreId, Manifest]:
    """Made by walking the messages; `data` may have a footer, which is cut off."""
    return from_footer(damage.without_footer(data))


def written(messages: list[Message]) -> bytes:
    """What a sink makes of messages."""
    with tempfile.TemporaryFile() as file:
        sink = RrdSink(Output("out.rrd", os.dup(file.fileno())))
        for message in messages:
            sink.put(message)
        sink.close()
        file.seek(0)
        return file.read()


Cells = dict[str, list[int | bytes | None]]


def cells(manifest: Manifest) -> Cells:
    """All values by the key of their column."""
    columns = manifest.table.columns
    return {name: [column.get(row) for row in range(len(column))] for name, column in columns.items()}
