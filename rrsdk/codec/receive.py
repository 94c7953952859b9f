"""Payloads that come one by one, each said to be of some kind, to messages: what networks deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.arrivals import Arrivals
from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Kind
from rrsdk.codec.payload import read_info_version
from rrsdk.errors import FormatError
from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE
from rrsdk.message import ChunkMsg

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Activation, Buffer, StoreInfo


class Receiver:
    """Like a Decoder, where there is no stream and so no header; old chunks come in the current model."""

    def __init__(self, name: str, *, warn: Callable[[str], None]) -> None:
        """`name` is where they come from, for errors; `warn` hears of what is odd but loses nothing."""
        self._name = name
        self._reader = ChunkReader()
        self._arrivals = Arrivals(name, self._reader, warn)

    def read(self, kind: int, payload: Buffer) -> StoreInfo | Activation | ChunkMsg:
        """One message; FormatError where it is broken, after which the next can be read."""
        try:
            if kind == Kind.CHUNK:
                return self._chunk(memoryview(payload))
            if kind == Kind.STORE_INFO:
                return self._info(bytes(payload))
            if kind == Kind.BLUEPRINT_ACTIVATION:
                return self._arrivals.activation(bytes(payload))
        except FormatError as error:
            raise error.located(source=self._name) from error.__cause__
        raise FormatError(f"a message of unknown kind {kind}", source=self._name)

    def _info(self, payload: bytes) -> StoreInfo:
        version = read_info_version(payload)
        if version is not None and version.release < FIRST_CURRENT_RELEASE:
            self._arrivals.is_current = False  # there is no header to say so
        return self._arrivals.info(payload)

    def _chunk(self, message: memoryview) -> ChunkMsg:
        try:
            envelope = self._reader.envelope(message)
            row = self._reader.row(message, envelope)
        except FormatError:
            if self._arrivals.is_current:
                raise
            return self._arrivals.old_chunk(message)  # those of 0.23 do not even have ids
        if not row.shape.layout.is_current:
            return self._arrivals.old_chunk(message)
        return ChunkMsg(
            self._arrivals.store(envelope.store), envelope.store, row, (message,), envelope.payload_size
        )
