"""Whole entities kept or dropped: chunks are chosen by their manifest and copied, never opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.identity import StoreKind
from rrsdk.ipc.manifest import ENTITY
from rrsdk.message import ChunkMsg, Chunks, Message
from rrtool.transforms.filter_names import Choice, is_property

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def select_entities(messages: Iterable[Message], entities: Choice) -> Iterator[Message]:
    """The messages without the chunks of unwanted entities; blueprints pass as they are."""
    for message in messages:
        if not isinstance(message, (Chunks, ChunkMsg)) or message.store.kind is not StoreKind.RECORDING:
            yield message
        elif isinstance(message, ChunkMsg):
            entity = message.row.shape.layout.entity
            if entities.wants(entity, of_property=is_property(entity)):
                yield message
        else:
            chosen = _choose(message, entities)
            if len(chosen):
                yield chosen


def _choose(chunks: Chunks, entities: Choice) -> Chunks:
    paths = chunks.manifest.table.raw(ENTITY)
    wanted = {}
    for raw in set(paths):
        entity = raw.decode("utf-8", "replace")
        wanted[raw] = entities.wants(entity, of_property=is_property(entity))
    return chunks if all(wanted.values()) else chunks.take(bytearray(map(wanted.__getitem__, paths)))
