"""Recordings that lie in memory: bytes that were received, built or kept, read as a file would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.sources.damage import Damage


class MemorySource(FileSource):
    """A recording given as bytes, which are not copied and must not change."""

    def __init__(
        self,
        data: bytes | memoryview,
        *,
        name: str = "memory",
        damage: Damage | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        """`name` is for error messages; `damage` and `warn` are as for `open_source`."""
        hear = warn if warn is not None else _ignore
        super().__init__(MemoryOrigin(name, data), damage=damage, warn=hear)


def _ignore(_line: str) -> None:
    pass
