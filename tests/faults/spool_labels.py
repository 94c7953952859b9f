"""Messages that say in their chunk's id who made them and which they are, so that every copy can be told."""

from __future__ import annotations

import functools
from typing import NamedTuple

from rrsdk.chunk.chunk import Chunk
from rrsdk.codec.envelope import Kind
from rrsdk.codec.payload import write_info, write_store_id
from rrsdk.codec.receive import Receiver
from rrsdk.codec.wire import COMPRESSION_NONE, write_envelope
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.message import ChunkMsg, StoreInfo

APPLICATION = "app"
STATIC_EVERY = 23
_BASE = 0x18EA_0000_0000_0000
_STATIC = 1 << 40
_PLACES = 3
"""Static entities of one producer: what is logged to one later replaces what was before."""


class Label(NamedTuple):
    """Which message of which producer."""

    producer: int
    number: int
    is_static: bool


def store(name: str) -> StoreId:
    return StoreId(StoreKind.RECORDING, APPLICATION, name)


@functools.cache
def _reader() -> Receiver:
    return Receiver("test", warn=print)


@functools.lru_cache(maxsize=50_000)
def labelled(name: str, producer: int, number: int, *, floats: int = 1) -> ChunkMsg:
    """The chunk with this number; now and then one is static. `floats` makes it larger."""
    is_static = number % STATIC_EVERY == STATIC_EVERY - 1
    made = Chunk.from_columns(
        f"/p{producer}/s{number // STATIC_EVERY % _PLACES}" if is_static else f"/p{producer}",
        indexes=None if is_static else {"frame": [number]},
        components={"Scalars:scalars": [[float(number)] * floats]},
        chunk_id=Tuid(_BASE + producer, number + is_static * _STATIC),
    )
    payload = made.to_ipc()
    before, after = write_envelope(
        write_store_id(store(name)),
        compression=COMPRESSION_NONE,
        uncompressed_size=len(payload),
        payload_size=len(payload),
        chunk_id=made.id.to_bytes(),
        is_static=is_static,
    )
    message = _reader().read(Kind.CHUNK, before + payload + after)
    assert isinstance(message, ChunkMsg)
    return message


def announced(name: str) -> StoreInfo:
    message = _reader().read(Kind.STORE_INFO, write_info(store(name), row_id=Tuid(1, 0)))
    assert isinstance(message, StoreInfo)
    return message


def label_of(chunk_id: bytes) -> Label:
    said = Tuid.from_bytes(chunk_id)
    return Label(said.time_ns - _BASE, said.inc & (_STATIC - 1), bool(said.inc & _STATIC))
