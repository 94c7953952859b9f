"""What arrives from a stream, told apart by age: current messages pass, older ones are modernized."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rrsdk.codec import checksum
from rrsdk.codec.frames import NEWEST_KNOWN, Kind, Version
from rrsdk.codec.payload import read_activation_store, read_info_store, read_info_version, read_store_id
from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE
from rrsdk.message import Activation, ChunkMsg, StoreInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.codec.chunks import ChunkReader
    from rrsdk.codec.modernize import Modernizer
    from rrsdk.identity import StoreId


class Arrivals:
    """The messages of one source; knows the stores that were announced."""

    def __init__(
        self, name: str, reader: ChunkReader, warn: Callable[[str], None], *, application_id: str = ""
    ) -> None:
        """`application_id`: of stores that do not name one (before 0.25) and are not announced."""
        self._application_id = application_id
        self._name, self._reader, self._warn = name, reader, warn
        self._stores: dict[bytes, StoreId] = {}
        self.is_current = True
        """Whether chunks of the stream need not be migrated, as far as its header tells."""

    def begin(self, version: Version) -> None:
        """A stream begins, written by this release."""
        self.is_current = version.release >= FIRST_CURRENT_RELEASE
        if version.release > NEWEST_KNOWN:
            self._warn(
                f"{self._name}: written by Rerun {version}, newer than what is known "
                f"({NEWEST_KNOWN[0]}.{NEWEST_KNOWN[1]}); reading on as well as possible"
            )

    def info(self, payload: bytes) -> StoreInfo:
        """A store is announced. `rerun rrd route` puts old stores under a current header."""
        checksum.check(Kind.STORE_INFO, payload)
        version = read_info_version(payload)
        if not self.is_current or (version is not None and version.release < FIRST_CURRENT_RELEASE):
            return self._modernizer.info(payload)
        store, raw = read_info_store(payload)
        self._stores[raw] = store
        return StoreInfo(store, payload)

    def activation(self, payload: bytes) -> Activation:
        """A blueprint is activated."""
        checksum.check(Kind.BLUEPRINT_ACTIVATION, payload)
        if not self.is_current:
            return self._modernizer.activation(payload)
        return Activation(read_activation_store(payload)[0], payload)

    def store(self, raw: bytes) -> StoreId:
        """The store that a serialized id stands for."""
        store = self._stores.get(raw)
        if store is None:
            store = self._stores[raw] = read_store_id(raw)
        return store

    def old_chunk(self, message: memoryview) -> ChunkMsg:
        """A chunk of an older object model, in the current one."""
        return self._modernizer.chunk(message)

    @cached_property
    def _modernizer(self) -> Modernizer:
        from rrsdk.codec.modernize import Modernizer

        return Modernizer(self._reader, application_id=self._application_id)
