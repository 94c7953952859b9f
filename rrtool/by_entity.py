"""A recording's chunks by entity, decoded a bounded part at a time: small ones are joined first.

Decoding tens of thousands of chunks of one row with Arrow takes seconds; joined by `compact` they are few.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.identity import StoreKind
from rrsdk.ipc.manifest import ENTITY, SIZE_UNCOMPRESSED
from rrsdk.message import Activation, ChunkMsg, Chunks, StoreInfo
from rrsdk.sources.chunks import chunks_of
from rrtool.transforms.compact import compact
from rrtool.transforms.packing import Limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rrsdk.chunk import Chunk
    from rrsdk.identity import StoreId
    from rrsdk.message import Message

BUDGET_BYTES = 64 * 1024 * 1024
"""How much is decoded at a time, before compression: one entity at least."""
_JOINED = Limits(4 * 1024 * 1024, 1_000_000, 1_000_000, None)


class Stores:
    """What the messages of a recording hold, by store; chunks stay where they lie until they are read."""

    def __init__(self, messages: Iterable[Message], *, name: str) -> None:
        self.name = name
        self.stores: set[StoreId] = set()
        self.activations: defaultdict[StoreId, set[tuple[bool, bool]]] = defaultdict(set)
        self._chunks: defaultdict[StoreId, list[Chunks | ChunkMsg]] = defaultdict(list)
        for message in messages:
            self.stores.add(message.store)
            if isinstance(message, Activation):
                from rrsdk.codec.payload import read_activation

                said = read_activation(message.payload)
                self.activations[message.store].add((said.make_active, said.make_default))
            elif not isinstance(message, StoreInfo):
                self._chunks[message.store].append(message)

    @property
    def recordings(self) -> set[StoreId]:
        """The stores that are no blueprints."""
        return {store for store in self.stores if store.kind is StoreKind.RECORDING}

    def sizes(self, store: StoreId) -> dict[str, int]:
        """How large each entity's chunks are, before compression."""
        found: defaultdict[str, int] = defaultdict(int)
        for message in self._chunks[store]:
            if isinstance(message, ChunkMsg):
                found[message.row.shape.layout.entity] += message.size_uncompressed
            else:
                table = message.manifest.table
                for raw, size in zip(table.raw(ENTITY), table.u64(SIZE_UNCOMPRESSED)):
                    found[_path(raw)] += size
        return found

    def batches(self, store: StoreId, other: Stores, counterpart: StoreId) -> Iterator[list[str]]:
        """The entities of both, in order, as many at a time as the budget allows."""
        sizes, others = self.sizes(store), other.sizes(counterpart)
        batch: list[str] = []
        total = 0
        for entity in sorted({*sizes, *others}):
            size = sizes.get(entity, 0) + others.get(entity, 0)
            if batch and total + size > BUDGET_BYTES:
                yield batch
                batch, total = [], 0
            batch.append(entity)
            total += size
        if batch:
            yield batch

    def read(self, store: StoreId, entities: Collection[str]) -> dict[str, list[Chunk]]:
        """The chunks of these entities, decoded."""
        found: defaultdict[str, list[Chunk]] = defaultdict(list)
        joined = compact(self._of(store, set(entities)), _JOINED)
        for chunk in self._decoded(joined):
            found[chunk.entity_path].append(chunk)
        return found

    def chunks(self, store: StoreId) -> Iterator[Chunk]:
        """All chunks of a store as they are, decoded."""
        return self._decoded(self._chunks[store])

    def _decoded(self, messages: Iterable[Message]) -> Iterator[Chunk]:
        try:
            for _, chunk in chunks_of(messages):
                yield chunk
        except FormatError as error:
            raise error.located(source=self.name) from error.__cause__

    def _of(self, store: StoreId, entities: set[str]) -> Iterator[Message]:
        raw_paths = {entity.encode("utf-8", "surrogateescape") for entity in entities}
        for message in self._chunks[store]:
            if isinstance(message, ChunkMsg):
                if message.row.shape.layout.entity in entities:
                    yield message
            else:
                keep = bytearray(raw in raw_paths for raw in message.manifest.table.raw(ENTITY))
                if all(keep):
                    yield message
                elif any(keep):
                    yield message.take(keep)


def _path(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
