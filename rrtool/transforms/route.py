"""Other names for stores: chunks are re-addressed without being opened.

Only the first field of a chunk message says whose it is. What follows is passed on byte for byte, and
what the manifest says of the chunk holds as before, but for its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rrsdk.codec import checksum
from rrsdk.codec.frames import Kind
from rrsdk.codec.payload import readdress_activation, readdress_info, write_store_id
from rrsdk.codec.wire import BYTES, read_fields, write_bytes
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.manifest import CHUNK_ID, SIZE_UNCOMPRESSED
from rrsdk.message import Activation, ChunkMsg, Chunks, Message, StoreInfo
from rrtool.transforms.filter_batch import Batch
from rrtool.transforms.filter_read import messages_of, whole_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rrsdk.message import Buffer

_STORE_FIELD = 1


@dataclass
class Route:
    """Gives recordings this id, and all stores this application id; None leaves them as they are.

    A blueprint keeps its own id: two stores of one id are what it must not become.
    """

    recording_id: str | None = None
    application_id: str | None = None
    drops_activations: bool = False
    """Of blueprints, when several inputs become one recording: they would contend for it."""
    suffix: str = ""
    """What is put behind the id of each recording."""
    dropped: int = field(default=0, init=False)

    def __call__(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages under their new addresses."""
        for message in messages:
            if isinstance(message, Activation) and self.drops_activations:
                self.dropped += 1
                continue
            store = self._new(message.store)
            if store == message.store:
                yield message
            elif isinstance(message, Chunks):
                yield from _chunks(message, store)
            elif isinstance(message, ChunkMsg):
                parts = readdressed(whole_message(message), message.store_raw, raw := write_store_id(store))
                yield replace(message, store=store, store_raw=raw, parts=tuple(parts))
            elif isinstance(message, StoreInfo):
                yield StoreInfo(store, readdress_info(message.payload, store))
            else:
                yield Activation(store, readdress_activation(message.payload, store))

    def _new(self, store: StoreId) -> StoreId:
        recording = store.recording_id
        if store.kind is StoreKind.RECORDING:
            recording = (recording if self.recording_id is None else self.recording_id) + self.suffix
        application = self.application_id if self.application_id is not None else store.application_id
        return StoreId(store.kind, application, recording)

    def warnings(self) -> list[str]:
        """What a user should know of what was done."""
        if not self.dropped:
            return []
        return [
            f"{self.dropped} activations of blueprints were left out: several inputs become one recording"
        ]


def _chunks(chunks: Chunks, store: StoreId) -> Iterator[Chunks]:
    raw = write_store_id(store)
    table = chunks.manifest.table
    batch = Batch(replace(chunks, store=store, store_raw=raw))
    rows = zip(table.raw(CHUNK_ID), table.u64(SIZE_UNCOMPRESSED), messages_of(chunks))
    for place, (chunk_id, uncompressed, message) in enumerate(rows):
        parts = readdressed(message, chunks.store_raw, raw)
        batch.add(place, chunk_id, parts, sum(map(len, parts)), uncompressed)
        if batch.is_full:
            yield batch.take()
    if len(batch):
        yield batch.take()


def readdressed(message: memoryview, old: bytes, new: bytes) -> list[Buffer]:
    """A chunk message with another store id, in pieces; `old` is what it most likely begins with.

    If it has a checksum, that is compared, and made anew.
    """
    if checksum.check(Kind.CHUNK, message):
        parts = readdressed(message[: -checksum.SIZE], old, new)
        return [*parts, checksum.checksum_field(Kind.CHUNK, parts)]
    before = write_bytes(_STORE_FIELD, old)
    if message[: len(before)] == before:
        return [write_bytes(_STORE_FIELD, new), message[len(before) :]]
    parts = [write_bytes(_STORE_FIELD, new)]
    start = 0
    for number, wire_type, _, end in read_fields(message, 0, len(message)):
        if number != _STORE_FIELD or wire_type != BYTES:
            parts.append(message[start:end])
        start = end
    return parts
