"""What older releases wrote, brought to the current format on its way in (uses pyarrow for chunks).

Chunks change their object model; stores change their address: before 0.25 only the store info
knew the application id, and before 0.41 it could hold characters that are replaced today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.payload import (
    read_activation_store,
    read_info_store,
    read_store_id,
    readdress_activation,
    readdress_info,
    write_store_id,
)
from rrsdk.errors import FormatError
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.migration import current_application_id, migrate

if TYPE_CHECKING:
    from rrsdk.identity import StoreId


class Modernizer:
    """Rewrites the messages of one source; remembers which application a store belongs to."""

    def __init__(self, reader: ChunkReader, *, application_id: str = "") -> None:
        """`application_id`: of stores that do not name one and are not announced; else that is an error."""
        self._application_id = application_id
        self._reader = reader
        self._stores: dict[bytes, StoreId] = {}

    def info(self, payload: bytes) -> StoreInfo:
        """A store info with the store's current address."""
        store, raw = read_info_store(payload)
        store = _current(store)
        self._stores[raw] = store
        return StoreInfo(store, readdress_info(payload, store))

    def activation(self, payload: bytes) -> Activation:
        """An activation with the blueprint's current address."""
        store = self._address(read_activation_store(payload)[1])
        return Activation(store, readdress_activation(payload, store))

    def chunk(self, message: memoryview) -> ChunkMsg:
        """A chunk in the current object model."""
        envelope = self._reader.envelope(message)
        store = self._address(envelope.store)
        block = message[envelope.payload_start : envelope.payload_end]
        old = lz4.decompress(block, envelope.compression, envelope.uncompressed_size)
        try:
            batch = pa.ipc.open_stream(pa.py_buffer(old)).read_next_batch()
            batch.validate()
        except (pa.ArrowException, StopIteration, OSError) as broken:
            raise FormatError(f"the chunk's Arrow data are broken: {broken}") from broken
        modern = migrate(batch)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, modern.schema) as writer:
            writer.write_batch(modern)
        payload = sink.getvalue().to_pybytes()
        chunk = self._reader.layout(payload)
        return pack_chunk(store, write_store_id(store), payload, chunk, chunk.chunk_id)

    def _address(self, raw: bytes) -> StoreId:
        known = self._stores.get(raw)
        if known is None:
            known = _current(read_store_id(raw, application_id=self._application_id))
            if not known.application_id:
                raise FormatError(f"data for {known} come before the store is announced")
            self._stores[raw] = known
        return known


def _current(store: StoreId) -> StoreId:
    return replace(store, application_id=current_application_id(store.application_id))
