"""New files get their names when the journal is sure to know them: what lies in view counts."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.draft import base_of
from rrsdk.broker.spool.layout import OURS, free_part, is_folder, pending_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

_TRIES: Final = 4


class Naming:
    """The files without a name, and the folders whose names are not durable yet."""

    def __init__(self, disk: Disk, folder: str, pending: set[int]) -> None:
        self._disk, self._folder = disk, folder
        self.pending = pending
        self._dirty: set[str] = set()

    def unsure(self, files: Iterable[File]) -> None:
        """Whoever named these may not have come to the end."""
        self._dirty.add(self._folder)
        for file in files:
            place = os.path.dirname(self._full(file.path))
            if is_folder(place):
                self._dirty.add(place)

    def add(self, number: int) -> None:
        """A file was made."""
        self.pending.add(number)
        self._dirty.add(os.path.join(self._folder, OURS))

    def sync(self) -> None:
        """All names are durable."""
        for path in list(self._dirty):
            self._disk.sync_folder(path)
            self._dirty.discard(path)

    def name(self, files: Mapping[int, File], moved: Callable[[File], None]) -> None:
        """Give all their names. OSError where that cannot be: then some may have got theirs.

        All that the journal says of them is durable. `moved` makes sure that it also knows of one that gets
        another name than was planned.
        """
        for number in sorted(self.pending):
            file = files.get(number)
            if file is not None:
                path, part = self._place(file)
                if path != file.path:
                    moved(file._replace(path=path, part=part))
                self._disk.rename(self._full(pending_path(number)), self._full(path))
                self._dirty.add(os.path.join(self._folder, OURS))
                self._dirty.add(os.path.dirname(self._full(path)))
            self.pending.discard(number)

    def _place(self, file: File) -> tuple[str, int]:
        """Where nothing lies, in a folder that is one."""
        base = base_of(file)
        for number in range(_TRIES):
            folder, slash, name = base.rpartition("/")
            place = self._full(folder)
            if not os.path.lexists(place):
                self._disk.make_folder(place)
                self._dirty.add(self._folder)
            if self._folder in self._dirty:  # no file is moved to where nothing may be tomorrow
                self._disk.sync_folder(self._folder)
                self._dirty.discard(self._folder)
            if is_folder(place):
                return free_part(self._folder, base, file.part - 1)
            digest = hashlib.sha256(f"{folder}\n{number}".encode()).hexdigest()[:8]
            base = f"{folder}-{digest}{slash}{name}"
        raise OSError(20, "is not a folder", place)

    def _full(self, path: str) -> str:
        return os.path.join(self._folder, *path.split("/"))
