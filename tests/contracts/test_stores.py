"""The stores of chunks, each under the contract of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.lazy import LazyChunkStore
from tests.contracts.store_contract import StoreContract
from tests.faults import damage
from tests.sdk.chunk_files import in_memory, lazy, recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.chunk import Chunk
    from rrsdk.store.reader import StoreReader


class TestChunkStore(StoreContract):
    """Of decoded chunks."""

    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        store = ChunkStore()
        store.insert_many(chunks)
        return store


class TestChunkStoreOfPayloads(StoreContract):
    """Of chunks that are decoded when they are asked for."""

    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        store = ChunkStore()
        store.insert_many(chunk.to_ipc() for chunk in chunks)
        return store


class TestChunkStoreThatGrows(StoreContract):
    """Asked after each chunk, so that nothing is put in order at once."""

    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        store = ChunkStore()
        for chunk in chunks:
            store.insert(chunk)
            for timeline in chunk.timelines:
                for component in chunk.components:
                    store.spans(chunk.entity_path, timeline, component)
                store.spans(chunk.entity_path, timeline, None)
        return store


class TestLazyChunkStore(StoreContract):
    """Of a recording with a footer; the budget holds just the largest chunk."""

    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        largest = max(len(chunk.to_ipc()) + 2_500 * chunk.num_columns for chunk in chunks)
        return lazy(recording(chunks), budget_bytes=largest)


class TestLazyChunkStoreOfParts(StoreContract):
    """Of a recording in several files, some without a footer, which have chunks in common."""

    def made(self, chunks: Sequence[Chunk]) -> StoreReader:
        half = len(chunks) // 2
        parts = [
            recording(chunks[: half + 1]),
            damage.without_footer(recording(chunks[half:])),
            recording(chunks[half : half + 1]),
        ]
        return LazyChunkStore([loader for part in parts for loader in in_memory(part).loaders])
