"""Files one after the other as the messages of one recording; what is broken is an error, or is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.payload import write_store_id
from rrsdk.errors import RrError
from rrsdk.importers import File
from rrsdk.importers.importing import imported
from rrsdk.ipc.layout import LayoutCache
from rrsdk.recording.announce import announcement
from rrtool.conversion import channels, parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rrsdk.identity import StoreId
    from rrsdk.importers import Imported
    from rrsdk.message import ChunkMsg, Message
    from rrtool.conversion.plan import Item


class LeftOut(NamedTuple):
    """A file that could not be read."""

    error: RrError
    in_part: bool
    """Whether something of it was read before."""

    def __str__(self) -> str:
        self.error.hint = None  # it may speak of doing what was done
        return f"{self.error}; {'what comes before it is kept' if self.in_part else 'left out'}"


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
        indexes: Sequence[str] = (),
        warn: Callable[[str], None],
        tolerant: bool = False,
    ) -> None:
        """`timeline` counts the images of a folder, `indexes` are the columns of tables that are timelines.

        With `tolerant`, `left_out` gets what is broken.
        """
        self.store = store
        self.left_out: list[LeftOut] = []
        self.files_read = 0
        self._raw = write_store_id(store)
        self._timeline = timeline
        self._indexes = indexes
        self._warn = warn
        self._tolerant = tolerant
        self._announced = False
        self._layouts = LayoutCache()

    def messages(self, items: Iterable[Item]) -> Iterator[Message]:
        """What is in the files, in their order."""
        for item in items:
            came = 0
            try:
                for message in self._of(item):
                    yield message
                    came += 1
                self.files_read += 1
            except RrError as error:
                if not self._tolerant:
                    raise
                self.left_out.append(LeftOut(error, in_part=came > 0))

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
        if file.suffix in parquet.SUFFIXES:
            return _located(parquet.read_parquet(file, self._indexes), file.name)
        if file.suffix in channels.SUFFIXES:
            return _located(channels.read_mcap(file), file.name)
        return imported(file)

    def _pack(self, chunk: Chunk) -> ChunkMsg:
        payload = chunk.to_ipc()
        laid_out = self._layouts.read(payload)
        return pack_chunk(self.store, self._raw, payload, laid_out, laid_out.chunk_id)


def _located(chunks: Iterator[Chunk], name: str) -> Iterator[Chunk]:
    try:
        yield from chunks
    except RrError as error:
        raise error.located(source=name) from None
