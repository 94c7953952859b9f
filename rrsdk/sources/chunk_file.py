"""Recordings in files as chunk loaders: opened by their footers alone, chunks read where they lie.

Unlike a verb that copies chunks on the strength of a footer, this looks at no message header when a file
is opened: only that the chunks lie within the stream and do not overlap, and at what stands between them
(the store infos). A chunk's own header is checked when that chunk is read.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

from rrsdk.codec.footer import read_footer
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_TRAILER,
    MESSAGE_HEADER,
    NEWEST_KNOWN,
    STREAM_HEADER,
    Kind,
    parse_stream_header,
)
from rrsdk.codec.payload import read_info_store, read_info_version, read_store_id
from rrsdk.errors import FormatError, InputError, TruncatedError, UsageError
from rrsdk.ipc.keys import COMPONENT_KEY, COMPONENT_TYPE_KEY, FIRST_CURRENT_RELEASE
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.ipc.schema import Kind as ArrowKind
from rrsdk.message import Chunks, StoreInfo
from rrsdk.migration.application_id import current_application_id
from rrsdk.migration.renames import CELL_KIND_TYPE
from rrsdk.sources.file import FileSource, Region
from rrsdk.sources.gaps import messages_between, moved, places
from rrsdk.sources.opening import open_path
from rrsdk.sources.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.message import Buffer
    from rrsdk.sources.damage import Damage

_HEADER = MESSAGE_HEADER.size
_LAST_RENAMES = (0, 30)
"""From this release on, migration changes nothing that a manifest speaks of, but for one type."""


class FileChunks:
    """The chunks of one store in one stream of a file: a `ChunkLoader`."""

    def __init__(self, file: ChunkFile, store: StoreId, manifest: Manifest) -> None:
        self.name, self.store, self.manifest = file.name, store, manifest
        self._file, self._origin = file, file.origin
        self._offsets, self._sizes = places(manifest, OFFSET), places(manifest, SIZE)

    def read(self, row: int) -> Buffer:
        """The chunk message of a row, header checked."""
        offset, size = int(self._offsets[row]), int(self._sizes[row])
        if self._file.is_closed:
            raise UsageError("the file was closed", source=self.name)
        try:
            message = self._origin.read(offset - _HEADER, size + _HEADER)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", source=self.name, offset=offset) from error
        except TruncatedError as error:
            missing = error.offset if error.offset is not None else offset
            raise self._wrong(error.what.partition(":")[0], missing) from error
        if MESSAGE_HEADER.unpack(message[:_HEADER]) != (Kind.CHUNK, size):
            raise self._wrong("no chunk message of the expected size begins here", offset - _HEADER)
        return message[_HEADER:]

    def place(self, row: int) -> int:
        """At which byte of the file the chunk message of a row begins."""
        return int(self._offsets[row])

    def _wrong(self, what: str, offset: int) -> FormatError:
        change = self._file.change()
        hint = "open the file again" if change else "its footer is wrong: `rrtool verify` says more"
        return FormatError(f"{what}{change}", source=self.name, offset=offset, hint=hint)

    def close(self) -> None:
        """Not needed any more: the file is closed with the last of its loaders."""
        self._file.let_go(self)


class ChunkFile:
    """One recording file, or one in memory, as loaders: one for each store of each of its streams."""

    def __init__(
        self, source: FileSource, *, damage: Damage | None = None, warn: Callable[[str], None] | None = None
    ) -> None:
        """`damage` and `warn` are as for `open_source`, which must have been given the same."""
        self.name, self.origin = source.name, source.origin
        self.is_closed = False
        self._damage, self._warn = damage, warn if warn is not None else _ignore
        fileno = source.origin.fileno
        self._seen = None if fileno is None else os.fstat(fileno)
        # A notebook lets go of a store without a word.
        self._close = None if fileno is None else weakref.finalize(source.origin, os.close, fileno)
        self.loaders: list[FileChunks] = []
        self.infos: dict[StoreId, bytes] = {}
        """The SetStoreInfo payload of each store that is announced; the last one holds."""
        try:
            if not self.origin.size:
                raise FormatError("the file is empty", source=self.name, hint="was it written to the end?")
            for region in source.regions():
                self._take(region)
        except BaseException:
            self.close()
            raise
        self._needed = set(self.loaders)

    @classmethod
    def open(
        cls, path: str, *, damage: Damage | None = None, warn: Callable[[str], None] | None = None
    ) -> ChunkFile:
        """Open a regular file; UsageError where it can only be read once."""
        source = open_path(path, damage=damage, warn=warn if warn is not None else _ignore)
        if not isinstance(source, FileSource):
            source.close()
            raise UsageError("can only be read once, so its chunks cannot be looked up", source=path)
        return cls(source, damage=damage, warn=warn)

    def stores(self) -> list[StoreId]:
        """All stores that have chunks here, in the order of the file."""
        return list(dict.fromkeys(loader.store for loader in self.loaders))

    def change(self) -> str:
        """How the file differs from what was opened, in words for an error; nothing where it does not."""
        if self._seen is None or self.origin.fileno is None:
            return ""
        try:
            now = os.fstat(self.origin.fileno)
        except OSError:
            return ""
        if now.st_size != self._seen.st_size:
            return f" (the file had {self._seen.st_size} bytes when it was opened, and has {now.st_size} now)"
        if now.st_mtime_ns != self._seen.st_mtime_ns:
            return " (the file was changed since it was opened)"
        return ""

    def let_go(self, loader: FileChunks) -> None:
        """One loader is not needed any more; without any left the file is closed."""
        self._needed.discard(loader)
        if not self._needed:
            self.close()

    def close(self) -> None:
        """Close the file; its loaders cannot be used any more."""
        self.is_closed = True
        if self._close is not None:
            self.origin.fileno = None
            self._close()

    def _take(self, region: Region) -> None:
        if region.footer is None or not self._indexed(region):
            for message in Scan(
                self.origin, region.start, region.end, damage=self._damage, warn=self._warn, in_place=True
            ).messages():
                if isinstance(message, Chunks):
                    self._add(message.store, message.manifest)
                elif isinstance(message, StoreInfo):
                    self.infos[message.store] = message.payload

    def _add(self, store: StoreId, manifest: Manifest) -> None:
        self.loaders.append(FileChunks(self, store, manifest))

    def _indexed(self, region: Region) -> bool:
        """Take a stream by its footer; False where the messages must be walked instead."""
        assert region.footer is not None
        header = parse_stream_header(bytes(self.origin.read(region.start, STREAM_HEADER.size)), region.start)
        if header.version.release > NEWEST_KNOWN:
            return False
        place = region.end - len(region.footer) - FOOTER_ENTRY.size - FOOTER_TRAILER.size
        try:
            found = read_footer(region.footer)
            placed = [(raw, moved(manifest, region.start)) for raw, manifest in found]
            manifests = [manifest for _, manifest in placed]
            between = messages_between(
                self.origin, manifests, region.start + STREAM_HEADER.size, place - MESSAGE_HEADER.size
            )
            infos = [payload for kind, payload in between if kind == Kind.STORE_INFO]
            if not _speaks_as_now(infos, manifests):
                return False
            stores = [(_address(read_store_id(raw)), manifest) for raw, manifest in placed]
            announced = {_address(read_info_store(payload)[0]): payload for payload in infos}
        except FormatError as error:
            error.located(source=self.name, offset=place)
            if self._damage is None:
                error.hint = error.hint or "run with --continue-on-error to go by the messages instead"
                raise
            self._warn(f"{error}; going by the messages instead")
            return False
        self.infos.update(announced)
        for store, manifest in stores:
            self._add(store, manifest)
        return True


def _address(store: StoreId) -> StoreId:
    """Releases before 0.41 put characters into application ids that are replaced today."""
    return replace(store, application_id=current_application_id(store.application_id))


def _speaks_as_now(infos: Sequence[bytes], manifests: Sequence[Manifest]) -> bool:
    """Whether manifests name entities, components and types as they are once their chunks are migrated."""
    versions = (read_info_version(payload) for payload in infos)
    oldest = min((version.release for version in versions if version), default=FIRST_CURRENT_RELEASE)
    if oldest >= FIRST_CURRENT_RELEASE:
        return True
    if oldest < _LAST_RENAMES:
        return False
    fields = [field for manifest in manifests for field in manifest.fields.values()]
    return all(
        field.type.kind is ArrowKind.LIST and field.metadata.get(COMPONENT_TYPE_KEY) != CELL_KIND_TYPE
        for field in fields
        if COMPONENT_KEY in field.metadata
    )


def _ignore(_line: str) -> None:
    pass
