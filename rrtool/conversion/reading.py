"""Files one after the other as the messages of one recording; what is broken is an error, or is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.payload import write_store_id
from rrsdk.errors import RrError
from rrsdk.importers import File
from rrsdk.importers.importing import imported
from rrsdk.ipc.layout import LayoutCache
from rrsdk.recording.announce import announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.identity import StoreId
    from rrsdk.importers import Imported
    from rrsdk.message import ChunkMsg, Message
    from rrtool.conversion.plan import Item


class Reading:
    """Reads files into one recording.

    reading = Reading(store, timeline="frame", warn=progress.warn)
    for message in reading.messages(plan.items):
        sink.put(message)
    """

    def __init__(
        self,
        store: StoreId,
        *,
        timeline: str,
        warn: Callable[[str], None],
        tolerant: bool = False,
    ) -> None:
        """`timeline` counts the images of a folder; with `tolerant`, `left_out` gets what is broken."""
        self.store = store
        self.left_out: list[RrError] = []
        self.files_read = 0
        self._raw = write_store_id(store)
        self._timeline = timeline
        self._warn = warn
        self._tolerant = tolerant
        self._announced = False
        self._layouts = LayoutCache()

    def messages(self, items: Iterable[Item]) -> Iterator[Message]:
        """What is in the files, in their order."""
        for item in items:
            try:
                yield from self._of(item)
                self.files_read += 1
            except RrError as error:
                if not self._tolerant:
                    raise
                self.left_out.append(error)

    def _of(self, item: Item) -> Iterator[Message]:
        def warn(line: str) -> None:
            self._warn(line if line.startswith(item.path) else f"{item.path}: {line}")

        for one in self.read(File(item.path, item.entity, self.store.application_id, None, warn)):
            if not isinstance(one, Chunk):
                yield one
                continue
            if not self._announced:
                self._announced = True
                yield announcement(self.store)
            if item.frame is not None and one.is_static:
                one = one.with_columns(indexes={self._timeline: [item.frame] * one.num_rows})
            yield self._pack(one)

    def read(self, file: File) -> Iterator[Imported]:
        """What is in one file."""
        return imported(file)

    def _pack(self, chunk: Chunk) -> ChunkMsg:
        payload = chunk.to_ipc()
        laid_out = self._layouts.read(payload)
        return pack_chunk(self.store, self._raw, payload, laid_out, laid_out.chunk_id)
