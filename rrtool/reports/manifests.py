"""Manifests of whatever comes: of chunks that lie in files, and made for those that come one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.message import ChunkMsg, Chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.message import Message


def manifests(messages: Iterable[Message]) -> Iterator[tuple[StoreId, Manifest]]:
    """Every chunk is in one of them; their offsets mean nothing."""
    alone: dict[StoreId, ManifestBuilder] = {}
    for message in messages:
        if isinstance(message, Chunks):
            yield message.store, message.manifest
        elif isinstance(message, ChunkMsg):
            builder = alone.setdefault(message.store, ManifestBuilder())
            builder.add(message.row, offset=0, size=message.size, size_uncompressed=message.size_uncompressed)
    for store, builder in alone.items():
        yield store, builder.build()
