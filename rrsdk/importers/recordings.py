"""Imports recordings and blueprints: their messages, in their own stores."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from rrsdk.codec.frames import Kind
from rrsdk.codec.payload import readdress_activation, readdress_info, write_store_id
from rrsdk.codec.receive import Receiver
from rrsdk.codec.wire import write_envelope
from rrsdk.identity import StoreId
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import Activation, ChunkMsg, Chunks, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.importers import File
    from rrsdk.message import Message
    from rrsdk.sources.file import FileSource
    from rrsdk.sources.pipe import PipeSource

suffixes: Final = frozenset({".rbl", ".rrd"})


def read(file: File) -> Iterator[StoreInfo | Activation | ChunkMsg]:
    """As they are; blueprints in an .rbl become those of the application that they are imported into.

    Which messages there are is known before the first goes out; chunks are read one at a time.
    """
    with closing(_source(file)) as source:
        found = list(source.messages())  # of a file: manifests, not data
        messages = _singly(found, file)
        yield from _readdressed(messages, file) if file.suffix == ".rbl" else messages


def _source(file: File) -> FileSource | PipeSource:
    if file.contents is not None:
        from rrsdk.sources.memory import MemorySource

        return MemorySource(file.contents, name=file.name, warn=file.warn)
    from rrsdk.sources.opening import open_path

    file.check_regular()
    return open_path(file.name, warn=file.warn)


def _singly(messages: Iterable[Message], file: File) -> Iterator[StoreInfo | Activation | ChunkMsg]:
    """Chunks one by one, as those who write live want them."""
    for message in messages:
        if not isinstance(message, Chunks):
            yield message
            continue
        receiver = Receiver(file.name, warn=file.warn)
        table, chunks = message.manifest.table, message.origin
        for offset, size in zip(table.u64(OFFSET), table.u64(SIZE)):
            single = receiver.read(Kind.CHUNK, chunks.read(offset, size))
            assert isinstance(single, ChunkMsg)
            yield single


def _readdressed(
    messages: Iterable[StoreInfo | Activation | ChunkMsg], file: File
) -> Iterator[StoreInfo | Activation | ChunkMsg]:
    """The same stores, of another application: a blueprint holds for one alone."""
    for message in messages:
        store = StoreId(message.store.kind, file.application_id, message.store.recording_id)
        if isinstance(message, StoreInfo):
            yield StoreInfo(store, readdress_info(message.payload, store))
        elif isinstance(message, Activation):
            yield Activation(store, readdress_activation(message.payload, store))
        else:
            yield _chunk(message, store)


def _chunk(message: ChunkMsg, store: StoreId) -> ChunkMsg:
    """The same payload in another envelope."""
    from rrsdk.codec.chunks import ChunkReader

    whole = b"".join(message.parts)
    about = ChunkReader().envelope(whole)
    raw = write_store_id(store)
    before, after = write_envelope(
        raw,
        compression=about.compression,
        uncompressed_size=message.size_uncompressed,
        payload_size=about.payload_end - about.payload_start,
        chunk_id=about.chunk_id or message.row.chunk_id,
        is_static=message.row.shape.layout.is_static,
    )
    payload = memoryview(whole)[about.payload_start : about.payload_end]
    return ChunkMsg(store, raw, message.row, (before, payload, after), message.size_uncompressed)
