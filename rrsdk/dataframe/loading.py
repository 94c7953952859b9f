"""Recordings by name, as tables: files stay where they are, what can be read only once is held in memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rrsdk.dataframe.recording import Recording
from rrsdk.errors import InputError, UsageError
from rrsdk.identity import StoreKind
from rrsdk.message import HEADER_SIZE, ChunkMsg, Chunks
from rrsdk.sources import open_source
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.lazy import BUDGET_BYTES
from rrsdk.stores import open_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.message import Message

    Name = str | os.PathLike[str]


def load_recording(
    source: Name | Iterable[Name],
    *,
    recording_id: str | None = None,
    budget_bytes: int = BUDGET_BYTES,
    warn: Callable[[str], None] | None = None,
) -> Recording:
    """The recording in a file, or in several files that hold parts of it.

    Files are opened by their footers; chunks are loaded as rows are read, and kept within `budget_bytes`.
    What can be read only once (`-` for standard input, pipes, a session like `localhost:9876`) is held in
    memory, as it is now. Where there are several recordings, `recording_id` says which.

        with load_recording("drive.rrd") as recording: ...
    """
    names = [os.fspath(name) for name in ([source] if isinstance(source, (str, os.PathLike)) else source)]
    if not names:
        raise UsageError("no recording is named")
    if all(name != "-" and os.path.isfile(name) for name in names):
        return Recording(
            open_recording(*names, recording_id=recording_id, budget_bytes=budget_bytes, warn=warn)
        )
    stores: dict[StoreId, ChunkStore] = {}
    for name in names:
        opened = open_source(name, warn=warn)
        try:
            for store, chunk in _raw(opened.messages()):
                if store.kind is StoreKind.RECORDING:
                    stores.setdefault(store, ChunkStore()).insert(chunk)
        finally:
            opened.close()
    return Recording(stores[_chosen(sorted(stores), recording_id, ", ".join(names))])


def _chosen(there: list[StoreId], recording_id: str | None, where: str) -> StoreId:
    found = [one for one in there if recording_id in (None, one.recording_id)]
    if len(found) == 1:
        return found[0]
    ids = ", ".join(one.recording_id for one in there[:8]) + (" …" if len(there) > 8 else "")
    if not there:
        raise InputError("no recording in it", source=where)
    if not found:
        raise UsageError(f"no recording {recording_id}", source=where, hint=f"there is {ids}")
    raise UsageError(f"several recordings: {ids}", source=where, hint="say which by its id")


def _raw(messages: Iterable[Message]) -> Iterator[tuple[StoreId, bytes]]:
    for message in messages:
        if isinstance(message, ChunkMsg):
            yield message.store, b"".join(message.parts)
        elif isinstance(message, Chunks):
            for row in range(len(message)):
                start, end = message.extent(row)
                raw = message.origin.read(start + HEADER_SIZE, end - start - HEADER_SIZE)
                yield message.store, bytes(raw)
