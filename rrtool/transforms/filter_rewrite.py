"""One chunk message made from another that loses columns."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.splice import HeadSplicer
from rrsdk.codec.wire import COMPRESSION_LZ4, write_envelope, write_tuid
from rrsdk.errors import RrError
from rrsdk.ipc.rows import describe
from rrsdk.message import Buffer, ChunkMsg
from rrtool.transforms.filter_plan import Cut, Planner, Slices, derived_id

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.ipc.layout import LaidOut


class Rewritten(NamedTuple):
    """A message in place of another, for a `Batch`; its manifest row is known."""

    chunk_id: bytes
    parts: tuple[Buffer, ...]
    size: int
    uncompressed: int


class Described(NamedTuple):
    """A message that must bring its own manifest row."""

    message: ChunkMsg
    made_static: bool


class Broken(NamedTuple):
    """A chunk that cannot be opened."""

    error: RrError


Result: TypeAlias = "Rewritten | Described | Broken | None"
"""What becomes of a chunk; None where nothing is left of it."""


class _Recent(NamedTuple):
    """A head that was met, around the digits of the id in it, and how such chunks are cut."""

    before_id: bytes
    after_id: bytes
    slices: Slices


_RECENT: Final = 8
_ID_DIGITS: Final = 32


class Rewriter:
    """Carries out a planner's plans. Several threads may call `rewrite`."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._reader = ChunkReader()
        self._recent: list[_Recent] = []

    def rewrite(
        self, store: StoreId, store_raw: bytes, message: memoryview, *, describes: bool, alone: bool = True
    ) -> Result:
        """Open a chunk and leave its unwanted columns out.

        `describes` says that its manifest row is not known; `alone` that no other thread is here.
        """
        try:
            about = (self._reader if alone else ChunkReader()).envelope(message)
            block = message[about.payload_start : about.payload_end]
            data = lz4.decompress(block, about.compression, about.uncompressed_size)
            if alone and not describes and about.chunk_id is not None and isinstance(data, bytes):
                slices = self._recall(data)
                if slices is not None:
                    chunk_id = derived_id(about.chunk_id, slices.cut.seed)
                    payload = slices.apply(data, chunk_id)
                    return _wrapped(store_raw, slices.cut, chunk_id, (lz4.compress(payload),), len(payload))
            chunk = self._reader.layout(data)
            chunk_id = about.chunk_id or chunk.chunk_id
            cut = self._planner.cut(chunk.shape.layout)
            if cut is None:
                size = len(chunk.payload)
                if describes:
                    row = describe(chunk, chunk_id)
                    return Described(ChunkMsg(store, store_raw, row, (message,), size), made_static=False)
                return Rewritten(chunk_id, (message,), len(message), size)
            if cut.is_gone:
                return None
            chunk_id = derived_id(chunk_id, cut.seed)
            slices = None
            if cut.layout.is_opaque:
                from rrsdk.codec.opaque import rewritten

                columns = [place for place, one in enumerate(chunk.shape.layout.columns) if one in cut.kept]
                payload = rewritten(chunk.payload, chunk_id, columns=columns)
            else:
                slices = self._planner.slices(chunk, cut)
                payload = slices.apply(chunk.payload, chunk_id)
            if describes or cut.becomes_static:
                made = pack_chunk(store, store_raw, payload, self._reader.layout(payload), chunk_id)
                return Described(made, cut.becomes_static)
            if alone and slices is not None:
                self._remember(chunk, slices)
            return _wrapped(store_raw, cut, chunk_id, (lz4.compress(payload),), len(payload))
        except RrError as error:
            return Broken(error)

    def _recall(self, data: bytes) -> Slices | None:
        """How to cut a chunk whose head is like one of the last: cheaper than to lay it out again."""
        for before, after, slices in self._recent:
            if data.startswith(before) and data.startswith(after, len(before) + _ID_DIGITS):
                return slices
        return None

    def _remember(self, chunk: LaidOut, slices: Slices) -> None:
        id_at = 8 + chunk.shape.layout.id_at
        head = bytes(chunk.payload[: chunk.shape.body_start])
        self._recent.insert(0, _Recent(head[:id_at], head[id_at + _ID_DIGITS :], slices))
        del self._recent[_RECENT:]

    def splice(self, store_raw: bytes, message: memoryview) -> Rewritten | None:
        """The new message where only the head has to change; None where all must be opened."""
        try:
            about = self._reader.envelope(message)
            if about.compression != COMPRESSION_LZ4:
                return None
            block = message[about.payload_start : about.payload_end]
            splicer = HeadSplicer(block, about.uncompressed_size)
            chunk = self._reader.layout(splicer.head)
            cut = self._planner.cut(chunk.shape.layout)
            if cut is None or cut.is_gone or cut.becomes_static or cut.layout.is_opaque:
                return None
            chunk_id = derived_id(about.chunk_id or chunk.chunk_id, cut.seed)
            found = self._planner.slices(chunk, cut).head(chunk.payload, about.uncompressed_size, chunk_id)
        except RrError:
            return None  # its head is longer than what was decoded, or broken: `rewrite` will say so
        if found is None:
            return None
        old_size, head = found
        parts = splicer.splice(old_size, head)
        if parts is None:
            return None
        return _wrapped(store_raw, cut, chunk_id, parts, about.uncompressed_size - old_size + len(head))


def _wrapped(
    store_raw: bytes, cut: Cut, chunk_id: bytes, block: tuple[Buffer, ...], uncompressed: int
) -> Rewritten:
    payload_size = sum(map(len, block))
    before = _opening(store_raw, uncompressed, payload_size)
    # As write_envelope has it.
    after = b"\x32\x12%b\x38%c" % (write_tuid(chunk_id), cut.layout.is_static)
    return Rewritten(chunk_id, (before, *block, after), len(before) + payload_size + len(after), uncompressed)


@lru_cache(maxsize=1024)  # small chunks come in few sizes
def _opening(store_raw: bytes, uncompressed: int, payload_size: int) -> bytes:
    return write_envelope(
        store_raw,
        compression=COMPRESSION_LZ4,
        uncompressed_size=uncompressed,
        payload_size=payload_size,
        chunk_id=bytes(16),
        is_static=False,
    )[0]
