"""A recording file (or pipe) that grows while the program runs, and can be read all the while.

Every message goes to the operating system whole, at once: after a crash of the program all but the
last few milliseconds are there. (After a power failure what the system had not yet brought to the disk
is missing.) A write that fails is taken back, so that what follows is readable again as soon as there is
room; what could not be written is counted as lost, or goes to the overflow folder.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rrsdk.errors import BusyError, OutputError, UsageError
from rrsdk.message import ChunkMsg
from rrsdk.sinks import claim
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.sinks.live import Amount, Flushed, SinkStatus
from rrsdk.sinks.part import Part
from rrsdk.sinks.succession import SaveOptions, Succession, create_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message
    from rrsdk.sinks.rotation import Rotate

_RETRY_S: Final = 1.0
_FULL: Final = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")}
_OUT_OF_ORDER: Final = _FULL | {errno.EIO, errno.EROFS, errno.EACCES}
"""A file cannot be begun, which is not the caller's mistake."""


DEFAULTS: Final = SaveOptions()


class SaveSink:
    """Appends to a file descriptor; a LiveSink."""

    def __init__(
        self,
        name: str,
        fileno: int,
        *,
        owned: bool,
        compress: bool = True,
        options: SaveOptions = DEFAULTS,
        report: Callable[[str], None] | None = None,
        disk: Disk = DISK,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`report` hears of the first failure, and when it is over; `owned`: close the descriptor."""
        self.name = name
        """Of the first part."""
        self.compress = compress
        self._options, self._disk, self._clock = options, disk, clock
        self._report = report
        self._lock = threading.Lock()
        self._written = self._lost = Amount()
        self._state, self._last_error = "open", ""
        self._retry_at = 0.0
        self._first = self._part = Part(
            name,
            fileno,
            owned=owned,
            write_footer=options.write_footer,
            report=self._say,
            disk=disk,
            manifest_bytes=options.manifest_bytes,
            checksum=options.checksum,
        )
        """The first part stays claimed: who would save under its name must not find it free."""
        self._succession = Succession(name, options, disk=disk, report=self._say)
        if options.rotate is not None:
            self._succession.leave_older_parts()
        self._begun_at, self._begun_with = clock(), 0
        try:
            self._part.write_due()
        except OSError as error:
            self._failed_to_write(error, None)

    @property
    def parts(self) -> int:
        """How many files were written."""
        return self._succession.made + 1

    def is_on(self, path: str) -> bool:
        """Whether this is a file that it writes."""
        return self._state != "closed" and (self._first.is_at(path) or self._part.is_at(path))

    def change(self, options: SaveOptions) -> None:
        """Other options from now on; whether there is a footer was settled."""
        with self._lock:
            if self._options != options:
                self._options = options
                self._succession.change(options)

    def put(self, message: Message) -> None:
        """Write one message."""
        amount = Amount.of(message)
        with self._lock:
            if self._state == "closed" or not self._put(message):
                self._lost += amount
            else:
                self._written += amount

    def _put(self, message: Message) -> bool:
        """Whether it was written, or will be with what comes next."""
        rotate = self._options.rotate
        if isinstance(message, ChunkMsg):
            if rotate is not None and self._state == "open":
                self._rotate(rotate, message.size)
        else:
            self._succession.carry.announce(message)
        part = self._part
        will_be = part.keeps(message)
        try:
            place = part.write(message)
        except OSError as error:
            return self._failed_to_write(error, message) or will_be
        if part.is_regular:
            self._succession.carry.place(message, place)
        if self._state == "broken":
            self._state = "open"
            self._say(f"{part.path}: can be written again; {self._lost} were lost meanwhile")
        return True

    # --- when something goes wrong ---

    def _failed_to_write(self, error: OSError, message: Message | None) -> bool:
        """Whether the message was written elsewhere."""
        why = f"{self._part.path}: cannot be written: {_reason(error)}"
        elsewhere = ""
        if self._succession.has_overflow and self._clock() >= self._retry_at:
            try:
                self._go_on_elsewhere(message, why)
                return True
            except (OSError, OutputError) as second:
                self._retry_at = self._clock() + _RETRY_S
                elsewhere = f", nor in {self._options.overflow_dir}: {_reason(second)}"
        is_first = self._state != "broken"
        self._state = "broken"
        if is_first:
            self._last_error = _reason(error)
            hint = "" if self._options.overflow_dir else _hint(error)
            self._say(f"{why}{elsewhere}; what is logged meanwhile is lost{hint}")
        return False

    def _go_on_elsewhere(self, message: Message | None, why: str) -> None:
        before = self._part
        self._begin(self._succession.overflow(before, message))
        self._state, self._last_error = "open", why
        lost = f"{self._lost} were lost" if self._lost else "nothing is lost"
        footer = ", and the first file has no footer" if self._end(before) else ""
        self._say(f"{why}; goes on in {self._part.path}, {lost}{footer}")

    def _rotate(self, rotate: Rotate, coming: int) -> None:
        part = self._part
        age_s = self._clock() - self._begun_at
        if part.size <= self._begun_with or not rotate.is_due(
            part.size + coming, age_s, carried_bytes=self._begun_with
        ):
            return
        try:
            self._begin(self._succession.next(part))
        except (OSError, OutputError) as error:  # the next attempt comes when as much again was written
            self._begun_at, self._begun_with = self._clock(), part.size
            self._say(f"{part.path}: the next part cannot be begun: {_reason(error)}; it goes on in this one")
            return
        why = self._end(part)
        if why:
            self._say(
                f"{part.path}: has no footer: {why}; what was written to it can be read; "
                f"`rrtool merge {part.path} -o OUT` makes a copy with one"
            )

    def _begin(self, part: Part) -> None:
        self._part = part
        self._begun_at, self._begun_with = self._clock(), part.size

    def _end(self, part: Part) -> str:
        """Complete a part that has a successor; why it has no footer, where that cannot be."""
        why = ""
        try:
            part.finish()
        except OSError as error:
            why = _reason(error)
        if part is not self._first:
            self._close(part)
        return why

    def _close(self, part: Part) -> str:
        try:
            part.close()
        except OSError as error:
            self._last_error = _reason(error)
            why = f"{part.path}: cannot be written: {self._last_error}"
            self._say(why)
            return why
        return ""

    def _say(self, line: str) -> None:
        if self._report is not None:
            self._report(line)

    # --- how it stands, and the end ---

    def flush(self, timeout_s: float) -> Flushed:
        """What was put has been handed to the system already."""
        del timeout_s
        if self._state == "broken":
            return Flushed(False, 0, 0, 0, f"{self._part.path}: {self._last_error}; lost: {self._lost}")
        return Flushed(True)

    def close(self, timeout_s: float) -> Flushed:
        """Write the footer; the file is complete."""
        del timeout_s
        with self._lock:
            if self._state == "closed":
                return Flushed(True)
            try:
                self._part.write_due()
            except OSError as error:
                self._failed_to_write(error, None)
            part, lost, ended = self._part, self._lost, Flushed(True)
            if self._state == "broken":
                why = f"{part.path}: {self._last_error}; lost: {lost}"
                ended = Flushed(False, lost.messages, lost.rows, lost.bytes, why)
            try:
                part.finish()
            except OSError as error:
                if ended:
                    self._last_error = _reason(error)
                    ended = Flushed(False, 0, 0, 0, f"{part.path}: has no footer: {self._last_error}")
                    self._say(ended.why)
            self._state = "closed"
            for one in {id(one): one for one in (self._first, part)}.values():
                why = self._close(one)
                if why:
                    ended = Flushed(False, 0, 0, 0, why)
        return ended

    def abandon(self) -> None:
        """In a forked child: the descriptor is left as it is, shared with the parent."""
        self._lock = threading.Lock()
        self._state = "closed"

    def status(self) -> SinkStatus:
        """How it stands."""
        return SinkStatus(
            self._part.path,
            self._state,
            sent=self._written + self._lost,
            held=self._written,
            lost=self._lost,
            last_error=self._last_error,
        )


def _reason(error: OSError | OutputError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _hint(error: OSError) -> str:
    """What to do about it."""
    return "; make room, or save with overflow_dir=" if error.errno in _FULL else ""


def save_sink(
    path: str,
    *,
    options: SaveOptions = DEFAULTS,
    report: Callable[[str], None] | None = None,
    disk: Disk = DISK,
) -> SaveSink:
    """A sink on a new file (or on a pipe or device that is there); OutputError where that cannot be."""
    if options.overflow_dir is not None:
        try:
            disk.make_folder(options.overflow_dir)
        except OSError as error:
            raise OutputError(f"cannot be made: {error.strerror}", source=options.overflow_dir) from error
    try:
        fileno = _open_claimed(path, disk, is_rotated=options.rotate is not None)
    except OSError as error:
        if options.overflow_dir is None or error.errno not in _OUT_OF_ORDER:
            raise _refusal(path, error) from error
        reason, wanted = _reason(error), path
        path, fileno = _open_elsewhere(path, options.overflow_dir, disk)
        options = replace(options, overflow_dir=None)
        if report is not None:
            report(f"{wanted}: cannot be written: {reason}; goes on in {path}")
    return SaveSink(path, fileno, owned=True, options=options, report=report, disk=disk)


def _open_claimed(path: str, disk: Disk, *, is_rotated: bool) -> int:
    taken = BusyError("is being written already", source=path, hint="save under another name")
    if claim.is_claimed_here(path):
        raise taken
    fileno = _open(path, disk)
    if not claim.claim(fileno):
        disk.close(fileno)
        raise taken
    try:
        if stat.S_ISREG(os.fstat(fileno).st_mode):
            disk.truncate(fileno, 0)
        elif is_rotated:
            raise UsageError("is not a file: rotate= makes several of one", source=path)
    except (OSError, UsageError):
        claim.release(fileno)
        disk.close(fileno)
        raise
    return fileno


def _open_elsewhere(path: str, folder: str, disk: Disk) -> tuple[str, int]:
    try:
        path, _, fileno = create_part(os.path.join(folder, os.path.basename(path)), 1, disk)
    except OSError as error:
        raise _refusal(folder, error) from error
    if not claim.claim(fileno):
        disk.close(fileno)
        raise BusyError("is being written already", source=path)
    return path, fileno


def _open(path: str, disk: Disk) -> int:
    """To be read, too, where that can be: the next part gets static data from it."""
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        is_file = True
    if is_file:
        try:
            return disk.open(path, os.O_RDWR | os.O_CREAT)
        except PermissionError:
            pass
    return disk.open(path, os.O_WRONLY | os.O_CREAT)


def _refusal(path: str, error: OSError) -> OutputError:
    if isinstance(error, IsADirectoryError):
        return OutputError("cannot be written: it is a directory", source=path, hint="name a file in it")
    if isinstance(error, FileNotFoundError):
        return OutputError(
            "cannot be written: its folder does not exist", source=path, hint="create it first"
        )
    return OutputError(f"cannot be written: {error.strerror}", source=path)


def stdout_sink(*, write_footer: bool = True, report: Callable[[str], None] | None = None) -> SaveSink:
    """A sink on standard output; OutputError where that is closed."""
    try:
        sys.stdout.flush()
        fileno = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        raise OutputError("standard output is closed") from None
    return SaveSink("stdout", fileno, owned=False, options=SaveOptions(write_footer), report=report)
