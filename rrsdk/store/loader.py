"""Where the chunks of a lazy store come from: a manifest, and a chunk message's bytes by its row.

A loader is one place that holds chunks of one store: a stream in a file, bytes in memory, an object that
is read by ranges. It knows the medium; what the bytes mean is the store's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.ipc.manifest import Manifest
    from rrsdk.message import Buffer


class ChunkLoader(Protocol):
    """Chunks of one store in one place. All methods may be called from several threads at once."""

    @property
    def name(self) -> str:
        """For error messages: the file's path."""

    @property
    def store(self) -> StoreId:
        """Whose chunks these are."""

    @property
    def manifest(self) -> Manifest:
        """A row a chunk."""

    def read(self, row: int) -> Buffer:
        """The chunk message (an ArrowMsg) of a row.

        Raises FormatError or InputError where it is not, or no longer, where the manifest says: with the
        place. The message may be of an older object model than its row in the manifest.
        """

    def place(self, row: int) -> int:
        """At which byte the chunk message of a row begins, for error messages."""

    def close(self) -> None:
        """Give back what is held. Loaders of one file share it: all are closed with the first."""
