"""What may enter the store: payloads are looked into as far as their heads, and classed by lifetime.

Nothing that a payload holds can do more than have it refused. Chunks of an older object model come
out in the current one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rrsdk.broker.shares import Shares
from rrsdk.codec import wire
from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.envelope import Kind
from rrsdk.codec.payload import read_info_version, read_store_id
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE
from rrsdk.ipc.rows import describe
from rrsdk.store.entry import Lifetime, Part

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from rrsdk.ipc.layout import LaidOut
    from rrsdk.store.message_log import MessageLog

_JOINED_BELOW = 64 * 1024
"""Smaller payloads are copied into one piece: pieces cost more than the copy."""
_HEAD = 64 * 1024
_TAIL = 256
_ENTITY_COST = 150
"""What it costs to know one more entity of a store."""
_STORE_COST = 600
"""What it costs to know one more store."""
_SHAPES, _SHAPES_BYTES = 8192, 24 * 1024 * 1024
"""So many shapes of chunks are remembered, whose heads are so long together: some 5 KB each."""
_MOST_DECOMPRESSED = 256 * 1024 * 1024
"""Where a head does not lie at the beginning. A few bytes of LZ4 may stand for a thousand times as many."""


class Admitted(NamedTuple):
    """What the store is to keep."""

    lifetime: Lifetime
    store: StoreId | None
    rows: int
    size: int
    parts: tuple[Part, ...]


class Admission:
    """Looks into payloads; keeps what those of all producers have in common."""

    def __init__(
        self, store: MessageLog, *, most_recordings: int = 10_000, most_entities: int = 1_000_000
    ) -> None:
        """No owner gets more than half of the recordings and entities that the others leave."""
        self._recordings, self._entities = Shares(most_recordings), Shares(most_entities)
        self._owners: dict[int, Hashable] = {}
        self._store = store
        self._reader = ChunkReader()
        self._reader_of_old = ChunkReader()
        self._shapes: set[int] = set()
        self._stores: dict[bytes, StoreId] = {}
        self._last: dict[bytes, int] = {}
        """By store, the index of what came last."""
        self._tidied = (0, 0, 0)

    def arrivals(self, name: str, owner: Hashable | None = None) -> Arrivals:
        """For one producer, whose release and stores it remembers. `owner`: whose shares; None: its own."""
        made = Arrivals(name, self._reader_of_old, _nobody)
        self._owners[id(made)] = id(made) if owner is None else owner
        return made

    def forget(self, arrivals: Arrivals) -> None:
        """Of a producer that is no more."""
        owner = self._owners.pop(id(arrivals))
        if owner == id(arrivals) or owner not in self._owners.values():
            self._recordings.forget(owner)
            self._entities.forget(owner)

    def tidy(self) -> None:
        """Where names become scarce, those are let go of of which nothing is in memory any more.

        Without a history every store info is, and so is every recording.
        """
        is_scarce = any(2 * len(shares) >= shares.most for shares in (self._recordings, self._entities))
        oldest = self._store.oldest
        if not is_scarce or oldest == self._tidied:
            return
        self._tidied = oldest
        self._store.charge(-_ENTITY_COST * len(self._entities.release(oldest)))
        if self._store.history is None:
            return
        for raw, last in self._last.items():
            self._recordings.touch(self._stores[raw], last, Lifetime.TEMPORAL)
        gone = set(self._recordings.release((oldest[Lifetime.TEMPORAL],) * 3))
        for raw in [raw for raw, store in self._stores.items() if store in gone]:
            del self._stores[raw], self._last[raw]
            self._store.charge(-_cost_of(raw))

    def admit(self, arrivals: Arrivals, kind: int, parts: Sequence[Part], size: int) -> Admitted:
        """Look into one payload; FormatError says why it must stay outside."""
        try:
            if kind == Kind.CHUNK:
                return self._chunk(arrivals, parts, size)
            if kind == Kind.STORE_INFO:
                return self._info(arrivals, _join(parts))
            if kind == Kind.ACTIVATION:
                activation = arrivals.activation(_join(parts))
                payload = activation.payload
                return Admitted(Lifetime.PERSISTENT, activation.store, 0, len(payload), (payload,))
            if kind == Kind.TABLE:
                payload = _join(parts)
                for _ in wire.read_fields(payload, 0, len(payload)):
                    pass
                return Admitted(Lifetime.STATIC, None, 0, len(payload), (payload,))
        except FormatError:
            raise
        except Exception as error:  # whatever is wrong with one payload is its own loss only
            what = " ".join(str(error).split())[:200]
            raise FormatError(f"cannot be read: {type(error).__name__}: {what}") from error
        raise FormatError(f"message kind {kind} is not known")

    def _info(self, arrivals: Arrivals, payload: bytes) -> Admitted:
        version = read_info_version(payload)
        if version is not None and version.release < FIRST_CURRENT_RELEASE:
            arrivals.is_current = False  # there is no header to say so: activations need a new address, too
        info = arrivals.info(payload)
        self._begin(arrivals, info.store)
        return Admitted(Lifetime.PERSISTENT, info.store, 0, len(info.payload), (info.payload,))

    def _chunk(self, arrivals: Arrivals, parts: Sequence[Part], size: int) -> Admitted:
        if not arrivals.is_current:
            return self._old_chunk(arrivals, _join(parts))
        if len(parts) > 1 and size >= _JOINED_BELOW:
            head, tail = _ends(parts)
            envelope = wire.read_envelope_parts(head, tail, size)
            if envelope is not None:
                chunk = self._head_of_pieces(parts, envelope)
                if chunk.shape.layout.is_current:
                    return self._admitted(arrivals, chunk, envelope, size, tuple(parts))
        whole = parts[0] if len(parts) == 1 else b"".join(parts)
        envelope = self._reader.envelope(whole)
        block = memoryview(whole)[envelope.payload_start : envelope.payload_end]
        chunk = self._head(block, envelope)
        if not chunk.shape.layout.is_current:
            return self._old_chunk(arrivals, whole)
        return self._admitted(arrivals, chunk, envelope, size, (whole,))

    def _old_chunk(self, arrivals: Arrivals, whole: Part) -> Admitted:
        if self._reader.envelope(whole).uncompressed_size > _MOST_DECOMPRESSED:
            raise FormatError("a chunk of an older object model is too large to be migrated")
        message = arrivals.old_chunk(memoryview(whole))
        modern, shape = b"".join(message.parts), message.row.shape
        store = self._known(arrivals, message.store_raw)
        lifetime = _lifetime(store, is_static=shape.layout.is_static)
        self._logs_to(arrivals, message.store_raw, shape.layout.entity, lifetime)
        return Admitted(lifetime, store, shape.batch.num_rows, len(modern), (modern,))

    def _admitted(
        self,
        arrivals: Arrivals,
        chunk: LaidOut,
        envelope: wire.Envelope,
        size: int,
        parts: tuple[Part, ...],
    ) -> Admitted:
        shape = chunk.shape
        self._shapes.add(id(shape))
        if (
            len(self._shapes) > _SHAPES or self._reader.layouts.size_bytes > _SHAPES_BYTES
        ):  # texts of all lengths, say: what the reader remembers is of no use
            self._reader, self._shapes = ChunkReader(), set()
        whole = envelope.uncompressed_size
        if envelope.compression == wire.COMPRESSION_NONE:
            whole = envelope.payload_end - envelope.payload_start
        if shape.body_start + shape.batch.body_size > whole:
            raise FormatError("the chunk is cut off", entity=shape.layout.entity)
        if len(chunk.payload) < shape.head_size:
            raise FormatError("the chunk is cut off", entity=shape.layout.entity)
        chunk_id = envelope.chunk_id or chunk.chunk_id
        if any(shape.nulls):  # which rows they are may not be there
            describe(chunk, chunk_id)
        store = self._known(arrivals, envelope.store)
        lifetime = _lifetime(store, is_static=not shape.layout.indexes)
        self._logs_to(arrivals, envelope.store, shape.layout.entity, lifetime)
        return Admitted(lifetime, store, shape.batch.num_rows, size, parts)

    def _head_of_pieces(self, parts: Sequence[Part], envelope: wire.Envelope) -> LaidOut:
        """The head of a chunk in pieces, without joining them."""
        start, end = envelope.payload_start, envelope.payload_end
        if envelope.compression == wire.COMPRESSION_NONE:
            wanted = start + _HEAD
            while True:
                block = memoryview(_prefix(parts, min(wanted, end)))[start:end]
                try:
                    chunk = self._reader.layout(block)
                    if len(block) >= chunk.shape.head_size or wanted >= end:
                        return chunk
                    wanted = start + chunk.shape.head_size
                except FormatError:  # a long schema
                    if wanted >= end:
                        raise
                    wanted = end
        return self._head(memoryview(b"".join(parts))[start:end], envelope)

    def _head(self, block: memoryview, envelope: wire.Envelope) -> LaidOut:
        return self._reader.head(
            block, envelope.compression, envelope.uncompressed_size, most_bytes=_MOST_DECOMPRESSED
        )

    def _begin(self, arrivals: Arrivals, store: StoreId) -> None:
        at = self._store.next_index
        if self._recordings.touch(store, at, Lifetime.TEMPORAL):
            return
        if not self._recordings.admit(self._owners[id(arrivals)], store, at, Lifetime.TEMPORAL):
            raise FormatError(f"this producer's share of the {self._recordings.most} recordings is used up")

    def _logs_to(self, arrivals: Arrivals, store: bytes, entity: str, lifetime: Lifetime) -> None:
        key = hash((store, entity))  # it is counted only: its name may be long
        at = self._store.next_index
        self._last[store] = at
        if self._entities.touch(key, at, lifetime):
            return
        if not self._store.has_room(_ENTITY_COST):
            raise FormatError("there is no memory left for one more entity")
        if not self._entities.admit(self._owners[id(arrivals)], key, at, lifetime):
            raise FormatError(f"this producer's share of the {self._entities.most} entities is used up")
        self._store.charge(_ENTITY_COST)

    def _known(self, arrivals: Arrivals, raw: bytes) -> StoreId:
        store = self._stores.get(raw)
        if store is None:
            cost = _cost_of(raw)
            if not self._store.has_room(cost):
                raise FormatError("there is no memory left for one more store")
            store = read_store_id(raw)
            self._begin(arrivals, store)
            self._stores[raw] = store
            self._store.charge(cost)
        return store


def _cost_of(raw: bytes) -> int:
    return _STORE_COST + 3 * len(raw)


def _lifetime(store: StoreId, *, is_static: bool) -> Lifetime:
    if store.kind is StoreKind.BLUEPRINT:
        return Lifetime.PERSISTENT
    return Lifetime.STATIC if is_static else Lifetime.TEMPORAL


def _nobody(_line: str) -> None:
    """A broker warns nobody of a release that it does not know: its subscribers may."""


def _join(parts: Sequence[Part]) -> bytes:
    return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)


def _prefix(parts: Sequence[Part], size: int) -> bytes:
    found: list[Part] = []
    left = size
    for part in parts:
        if left <= 0:
            break
        piece = part[:left]
        found.append(piece)
        left -= len(piece)
    return b"".join(found)


def _ends(parts: Sequence[Part]) -> tuple[bytes, bytes]:
    tail: list[Part] = []
    size = 0
    for part in reversed(parts):
        tail.append(part[max(0, len(part) - _TAIL) :])
        size += len(part)
        if size >= _TAIL:
            break
    return _prefix(parts, 4096), b"".join(reversed(tail))
