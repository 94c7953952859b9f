"""A recording file (or pipe) that grows while the program runs, and can be read all the while.

Every message goes to the operating system whole, at once: after a crash all but the last few
milliseconds are there. A write that fails (a full disk) is taken back, so that what follows is
readable again as soon as there is room; what could not be written is counted as lost.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, Final

from rrsdk.codec.encoder import Encoder, Extent
from rrsdk.codec.frames import Kind, message_header
from rrsdk.errors import BusyError, OutputError
from rrsdk.message import ChunkMsg
from rrsdk.sinks import claim
from rrsdk.sinks.live import Amount, Flushed, SinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Message

_MAX_PIECES: Final = 512  # of one writev; the system's own limit is 1024
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class SaveSink:
    """Appends to a file descriptor; a LiveSink."""

    def __init__(
        self,
        name: str,
        fileno: int,
        *,
        owned: bool,
        compress: bool = True,
        write_footer: bool = True,
        report: Callable[[str], None] | None = None,
    ) -> None:
        """`report` hears of the first failure, and when it is over; `owned`: close the descriptor."""
        self.name = name
        self.compress = compress
        self._fileno, self._owned = fileno, owned
        self._write_footer = write_footer
        self._report = report
        self._regular = stat.S_ISREG(os.fstat(fileno).st_mode)
        self._lock = threading.Lock()
        self._encoder = Encoder()
        self._written = self._lost = Amount()
        self._state, self._last_error = "open", ""
        self._due: list[Buffer] = [self._encoder.begin()]
        """What must be written before anything else: the header, store infos that found a full disk."""
        self._write([])

    def is_on(self, path: str) -> bool:
        """Whether this is the file that it writes."""
        try:
            is_open = self._owned and self._state != "closed"
            return is_open and os.path.samestat(os.fstat(self._fileno), os.stat(path))
        except OSError:
            return False

    def put(self, message: Message) -> None:
        """Write one message."""
        with self._lock:
            if self._state == "closed":
                self._lost += Amount.of(message)
            elif not isinstance(message, ChunkMsg):
                pieces = self._encoder.encode(message)
                assert not any(isinstance(piece, Extent) for piece in pieces), "what is logged lies in memory"
                self._due += pieces  # type: ignore[arg-type]
                self._write([])
                self._written += Amount.of(message)
            elif self._write([message_header(Kind.CHUNK, message.size), *message.parts]):
                if self._write_footer:
                    self._encoder.encode(message)  # puts it down in the manifest
                self._written += Amount.of(message)
            else:
                self._lost += Amount.of(message)

    def _write(self, pieces: list[Buffer]) -> bool:
        """Write all of it or, where that is possible, nothing."""
        if self._state == "broken" and not self._regular:
            return False  # what follows a message cut off in a pipe could not be read
        written = 0
        try:
            waiting = [memoryview(piece) for piece in (*self._due, *pieces) if len(piece)]
            if len(waiting) > 1 and sum(map(len, waiting)) < 64 * 1024:
                waiting = [memoryview(b"".join(waiting))]
            while waiting:
                if hasattr(os, "writev"):
                    done = os.writev(self._fileno, waiting[:_MAX_PIECES])
                else:
                    done = os.write(self._fileno, waiting[0])
                written += done
                while waiting and done >= len(waiting[0]):
                    done -= len(waiting.pop(0))
                if done:
                    waiting[0] = waiting[0][done:]
        except OSError as error:
            self._failed(error, written)
            return False
        self._due.clear()
        if self._state == "broken":
            self._state = "open"
            self._say(f"{self.name}: can be written again; {self._lost} were lost meanwhile")
        return True

    def _failed(self, error: OSError, written: int) -> None:
        if written and self._regular:
            try:
                end = os.lseek(self._fileno, -written, os.SEEK_CUR)
                os.ftruncate(self._fileno, end)
            except OSError:
                self._regular = False  # half a message stays: nothing may follow it
        elif written:
            self._regular = False
        first = self._state != "broken"
        self._state, self._last_error = "broken", error.strerror or str(error)
        if first:
            self._say(f"{self.name}: cannot be written: {self._last_error}; what is logged meanwhile is lost")

    def _say(self, line: str) -> None:
        if self._report is not None:
            self._report(line)

    def flush(self, timeout_s: float) -> Flushed:
        """What was put has been handed to the system already."""
        del timeout_s
        if self._state == "broken":
            return Flushed(False, 0, 0, 0, f"{self.name}: {self._last_error}; lost: {self._lost}")
        return Flushed(True)

    def close(self, timeout_s: float) -> Flushed:
        """Write the footer; the file is complete."""
        del timeout_s
        with self._lock:
            if self._state == "closed":
                return Flushed(True)
            if self._write([]) and self._write_footer:
                self._write([self._encoder.end()])
                for line in self._encoder.warnings:
                    self._say(line)
            ended = Flushed(True)
            if self._state == "broken":
                lost = self._lost
                why = f"{self.name}: {self._last_error}"
                ended = Flushed(False, lost.messages, lost.rows, lost.bytes, why)
            self._state = "closed"
            if self._owned:
                try:
                    claim.release(self._fileno)
                    os.close(self._fileno)
                except OSError as error:  # on some file systems this is where a full disk is noticed
                    self._last_error = error.strerror or str(error)
                    self._say(f"{self.name}: cannot be written: {self._last_error}")
                    ended = Flushed(False, 0, 0, 0, f"{self.name}: {self._last_error}")
        return ended

    def abandon(self) -> None:
        """In a forked child: the descriptor is left as it is, shared with the parent."""
        self._lock = threading.Lock()
        self._state = "closed"

    def status(self) -> SinkStatus:
        """How it stands."""
        return SinkStatus(
            self.name,
            self._state,
            sent=self._written + self._lost,
            held=self._written,
            lost=self._lost,
            last_error=self._last_error,
        )


def save_sink(
    path: str, *, write_footer: bool = True, report: Callable[[str], None] | None = None
) -> SaveSink:
    """A sink on a new file (or on a pipe or device that is there); OutputError where that cannot be."""
    taken = BusyError("is being written already", source=path, hint="save under another name")
    if claim.is_claimed_here(path):
        raise taken
    try:
        fileno = os.open(path, _FLAGS, 0o666)
        if not claim.claim(fileno):
            os.close(fileno)
            raise taken
        if stat.S_ISREG(os.fstat(fileno).st_mode):
            os.ftruncate(fileno, 0)
    except IsADirectoryError:
        raise OutputError(
            "cannot be written: it is a directory", source=path, hint="name a file in it"
        ) from None
    except FileNotFoundError:
        raise OutputError(
            "cannot be written: its folder does not exist", source=path, hint="create it first"
        ) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", source=path) from error
    return SaveSink(path, fileno, owned=True, write_footer=write_footer, report=report)


def stdout_sink(*, write_footer: bool = True, report: Callable[[str], None] | None = None) -> SaveSink:
    """A sink on standard output; OutputError where that is closed."""
    try:
        sys.stdout.flush()
        fileno = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        raise OutputError("standard output is closed") from None
    return SaveSink("stdout", fileno, owned=False, write_footer=write_footer, report=report)
