"""Every chunk once: repeats, known by their id within their store, are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.ipc.manifest import CHUNK_ID
from rrsdk.message import ChunkMsg, Chunks, Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.identity import StoreId


def without_repeats(messages: Iterable[Message]) -> Iterator[Message]:
    """Pass everything on, but of chunks with one id in one store only the first."""
    seen: dict[StoreId, set[bytes]] = {}
    for message in messages:
        if isinstance(message, Chunks):
            ids = message.manifest.table.raw(CHUNK_ID)
            known = seen.setdefault(message.store, set())
            before = len(known)
            keep: bytearray | None = None
            if known or len(set(ids)) < len(ids):
                keep = bytearray(len(ids))
                for place, chunk_id in enumerate(ids):
                    if chunk_id not in known:
                        known.add(chunk_id)
                        keep[place] = 1
            else:
                known.update(ids)
            if keep is not None and len(known) - before < len(ids):
                message = message.take(keep)
            if len(message):
                yield message
        elif isinstance(message, ChunkMsg):
            known = seen.setdefault(message.store, set())
            if message.row.chunk_id not in known:
                known.add(message.row.chunk_id)
                yield message
        else:
            yield message
