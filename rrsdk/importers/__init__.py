"""Files of other formats as chunks: what an importer is, and what it is handed.

An importer is anything with `suffixes` and `read`, a module too. Others add theirs by an entry point:

    [project.entry-points."rrkit.importers"]
    laser = "laser_kit.importing"  # a module (or module:object) with both

It is asked before those that are built in, so it may replace one.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rrsdk.errors import FormatError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from rrsdk.chunk import Chunk
    from rrsdk.message import Activation, ChunkMsg, StoreInfo

Imported: TypeAlias = "Chunk | ChunkMsg | StoreInfo | Activation"
"""A chunk of the recording that a file is imported into, or a message of whatever store it names."""

LARGEST_BLOB = 2**31 - 1
"""Bytes that one value can have: Arrow counts them in 32 bits."""


def _ignore(_line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class File:
    """What is to be imported, and where it belongs."""

    name: str
    """Its path, as the user wrote it; where `contents` are given, only a name."""
    entity: str
    """The entity that its data belong to: made of the path, behind the user's prefix."""
    application_id: str = ""
    """The application whose recording it is imported into; blueprints become this one's."""
    contents: bytes | None = None
    """What is in it; None: it is to be read."""
    warn: Callable[[str], None] = _ignore
    """Hears what is left out, a line each."""

    @property
    def suffix(self) -> str:
        """The end of its name, in lower case and with the dot; empty where there is none."""
        return PurePath(self.name).suffix.lower()

    def read(self) -> bytes:
        """All that is in it. InputError where that cannot be had, or is more than one value can hold."""
        if self.contents is not None:
            self._check_size(len(self.contents))
            return self.contents
        self._check_size(self.check_regular())
        try:
            with open(self.name, "rb") as file:
                return file.read()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", source=self.name) from None

    def check_regular(self) -> int:
        """Its size on disk. InputError where it is none that ends: reading a FIFO would wait for somebody."""
        try:
            about = os.stat(self.name)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", source=self.name) from None
        if not stat.S_ISREG(about.st_mode):
            raise InputError("is not a regular file", source=self.name)
        return about.st_size

    def _check_size(self, size: int) -> None:
        if size > LARGEST_BLOB:
            raise FormatError(f"has {size} bytes; a value has 2 GiB at most", source=self.name)


class Importer(Protocol):
    """Turns files of some formats into chunks, or into messages."""

    @property
    def suffixes(self) -> Collection[str]:
        """The ends of names that it knows, in lower case and with the dot: `.png`."""

    def read(self, file: File) -> Iterable[Imported]:
        """What is in the file, as `file.entity` or below it.

        FormatError (or another RrError) where it is broken, foreign or cut off: before the first chunk
        is handed out, so that nothing is imported by halves.
        """
