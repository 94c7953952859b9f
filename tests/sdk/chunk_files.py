"""Recordings for tests of lazy stores: made of any chunks, in memory or in files; and all that is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.payload import write_info, write_store_id
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.message import Message, StoreInfo
from rrsdk.sources.chunk_file import ChunkFile
from rrsdk.sources.memory import MemorySource
from rrsdk.store.lazy import LazyChunkStore
from tests.sdk.manifests import refuse, written

STORE = StoreId(StoreKind.RECORDING, "lazy_test", "run")


def recording(chunks: Iterable[Chunk], *, store: StoreId = STORE) -> bytes:
    """A recording with a footer."""
    raw, reader = write_store_id(store), ChunkReader()
    messages: list[Message] = [StoreInfo(store, write_info(store, row_id=Tuid(1, 2)))]
    for chunk in chunks:
        payload = chunk.to_ipc()
        messages.append(pack_chunk(store, raw, payload, reader.layout(payload), chunk.id.to_bytes()))
    return written(messages)


def plot(entity: str, steps: Sequence[int], *, values: Sequence[float] | None = None) -> Chunk:
    """A chunk of scalars on one timeline."""
    return Chunk.from_columns(
        entity,
        indexes={"step": list(steps)},
        components={"Scalars:scalars": [[value] for value in (values or steps)]},
    )


def in_memory(data: bytes, name: str = "in.rrd") -> ChunkFile:
    return ChunkFile(MemorySource(data, name=name, warn=refuse), warn=refuse)


def lazy(data: bytes, *, budget_bytes: int = 1 << 20) -> LazyChunkStore:
    """A store over a recording of one store."""
    return LazyChunkStore(in_memory(data).loaders, budget_bytes=budget_bytes)


def numbers(store: LazyChunkStore) -> list[int]:
    """All chunks of a store."""
    index = store.index
    return sorted(number for entity in index.entities() for number in index.numbers(entity))


def contents(store: LazyChunkStore) -> dict[Tuid, Chunk]:
    """All chunks of a store by their ids."""
    chunks = [store.open(number).chunk for number in numbers(store)]
    assert len({chunk.id for chunk in chunks}) == len(chunks) == len(store)
    return {chunk.id: chunk for chunk in chunks}
