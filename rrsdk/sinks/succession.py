"""The files that follow the first one: parts when it is large or old enough, another folder when it fails."""

from __future__ import annotations

import os
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from rrsdk.errors import OutputError
from rrsdk.sinks import claim
from rrsdk.sinks.carry import Carry
from rrsdk.sinks.part import MANIFEST_BYTES, Part
from rrsdk.sinks.rotation import Rotate, first_free_number, part_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message
    from rrsdk.sinks.disk import Disk

NEW: Final = ".new"
"""What is behind the name of a part that has not all yet that it needs."""
_ATTEMPTS: Final = 100
_beginning = threading.Lock()


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """How a file is written that grows."""

    write_footer: bool = True
    rotate: Rotate | None = None
    """When it is ended, and goes on in the next part."""
    overflow_dir: str | None = None
    """Where it goes on when it cannot be written."""
    checksum: bool = False
    """Whether every message gets a checksum."""
    manifest_bytes: int = MANIFEST_BYTES
    """What its footer may take in memory while it grows."""

    def to_plain(self) -> dict[str, Any]:
        """As values that another process can be told."""
        return asdict(self)

    @classmethod
    def of_plain(cls, told: dict[str, Any]) -> SaveOptions:
        """The other way round; where nothing was told, as it is by default."""
        rotate = told.get("rotate")
        return cls(**{**told, "rotate": None if rotate is None else Rotate(**rotate)})


class Succession:
    """Makes parts that can be read alone. A file that is there already is never touched."""

    def __init__(self, path: str, options: SaveOptions, *, disk: Disk, report: Callable[[str], None]) -> None:
        self.carry = Carry()
        self.made = 0
        """How many parts, the first one not counted."""
        self._base, self._number = path, 1
        self._options, self._disk, self._report = options, disk, report
        self._is_elsewhere = False

    @property
    def has_overflow(self) -> bool:
        """Whether there is a folder left to go on in."""
        return self._options.overflow_dir is not None and not self._is_elsewhere

    def change(self, options: SaveOptions) -> None:
        """Other options from now on."""
        had_none, self._options = self._options.rotate is None, options
        if had_none and options.rotate is not None and not self.made:
            self.leave_older_parts()

    def leave_older_parts(self) -> None:
        """Parts of an earlier run stay; those of this one are numbered on from behind them."""
        free = first_free_number(self._base)
        if free > 2:
            self._number = free - 1
            self._report(
                f"{part_path(self._base, 2)} is there from an earlier run and stays: "
                f"{self._base} goes on in {part_path(self._base, free)}"
            )

    def next(self, before: Part) -> Part:
        """The part behind another one of the same folder."""
        return self._make(self._base, self._number + 1, before, None)

    def overflow(self, before: Part, message: Message | None) -> Part:
        """A part in the overflow folder, with the message that could not be written to the one before."""
        folder = self._options.overflow_dir
        assert folder is not None
        self._disk.make_folder(folder)
        part = self._make(os.path.join(folder, os.path.basename(self._base)), 1, before, message)
        self._is_elsewhere = True
        return part

    def _make(self, base: str, number: int, before: Part, message: Message | None) -> Part:
        path, number, fileno = begin_part(base, number, self._disk)
        try:
            part = Part(
                path,
                fileno,
                owned=True,
                write_footer=self._options.write_footer,
                report=self._report,
                disk=self._disk,
                manifest_bytes=self._options.manifest_bytes,
                checksum=self._options.checksum,
            )
            carry = self._copied(before, part)
            if message is not None:
                carry.place(message, part.write(message))
            self._disk.rename(path + NEW, path)
        except OSError:
            self._discard(path + NEW, fileno)
            raise
        self.carry, self._base, self._number = carry, base, number
        self.made += 1
        return part

    def _copied(self, before: Part, part: Part) -> Carry:
        """The part begins with what it needs of the one before."""
        carry = Carry()
        missing: list[str] = []
        part.write_due()
        for message in self.carry.messages(before.read, missing.append):
            carry.announce(message)
            carry.place(message, part.write(message))
        if missing:
            self._report(
                f"{part.path}: lacks the static data of {len(missing)} entities, which are in {before.path} "
                f"and cannot be read there ({missing[0]})"
            )
        return carry

    def _discard(self, path: str, fileno: int) -> None:
        """A part that could not be begun: there is nothing in it that is not elsewhere."""
        try:
            claim.release(fileno)
            self._disk.close(fileno)
        except OSError:
            pass
        try:
            self._disk.remove(path)
        except OSError:
            pass


def create_part(base: str, number: int, disk: Disk) -> tuple[str, int, int]:
    """A new file under the first name that is free: the name, its number, a descriptor."""
    for _ in range(_ATTEMPTS):
        path = part_path(base, number)
        try:
            return path, number, disk.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            number = first_free_number(base, number)
    raise _no_name(base)


def begin_part(base: str, number: int, disk: Disk) -> tuple[str, int, int]:
    """The same, but the file gets that name only later, by renaming: `NEW` is behind it.

    So who is killed meanwhile leaves no part that cannot be read alone; what he leaves is used again.
    """
    with _beginning:
        for _ in range(_ATTEMPTS):
            path = part_path(base, number)
            if os.path.lexists(path):
                number = first_free_number(base, number)
                path = part_path(base, number)
            if not claim.is_claimed_here(path + NEW):
                fileno = disk.open(path + NEW, os.O_RDWR | os.O_CREAT)
                if _is_ours(fileno, path, disk):
                    return path, number, fileno
                disk.close(fileno)
            number += 1
    raise _no_name(base)


def _is_ours(fileno: int, path: str, disk: Disk) -> bool:
    """Whether nobody else is just about to give the file that name, or has done so; then it is empty."""
    if not claim.claim(fileno):
        return False
    try:
        if os.path.samestat(os.fstat(fileno), os.stat(path + NEW)) and not os.path.lexists(path):
            disk.truncate(fileno, 0)
            return True
    except OSError:
        pass
    claim.release(fileno)
    return False


def _no_name(base: str) -> OutputError:
    return OutputError("others take every name for the next part", source=base)
