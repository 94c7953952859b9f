"""The black box of a recording: the last of what was logged, written to a file when there is a reason to."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rrsdk.errors import OutputError, RrError, UsageError
from rrsdk.quantity import parse_size
from rrsdk.recording import crash, exit, family, here, modes  # noqa: A004  # the end of the process
from rrsdk.recording.core import streams
from rrsdk.sinks import open_sink
from rrsdk.sinks.claim import is_claimed_here, path_beside
from rrsdk.sinks.live import Amount
from rrsdk.sinks.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.recording.core import Core

SECONDS: Final = 30.0
MAX_BYTES: Final = "256MiB"
FLUSH_S: Final = 2.0
"""How long is waited for what was logged last; a sink that blocks may keep it longer."""
LOCK_S: Final = 0.5
"""How long is waited for another process's black box in the same folder."""
_LEAST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class When:
    """When a black box is written, besides when it is asked for."""

    exception: bool = True
    signal: bool = True
    exit: bool = False


class BlackBox:
    """What `save_last` returns: `write` is the trigger."""

    def __init__(self, path: Path, ring: Ring, stream: Core | None, when: When) -> None:
        self.path = path
        """Where it is written to, if nothing else is said."""
        self.when = when
        self._ring = ring
        self._stream = None if stream is None else weakref.ref(stream)
        self.pid = os.getpid()
        self._since = time.time()
        self._written_at = -1
        self._is_closed = False

    @property
    def kept(self) -> Amount:
        """How much it holds now."""
        return sum(map(Amount.of, self._ring.messages()), Amount())

    def write(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write what is kept now: whole or not at all, in place of what was there. Returns where.

        May be called any number of times, by any thread. OutputError where it cannot be written.
        """
        if self._is_closed:
            raise UsageError("the black box is closed", source=str(self.path))
        if self.pid != os.getpid():
            raise UsageError(
                f"the black box is process {self.pid}'s, this is its child", source=str(self.path)
            )
        written: list[Path] = []
        errors: list[BaseException] = []

        def write() -> None:
            try:
                written.append(self._write(self.path if path is None else Path(path)))
            except BaseException as error:  # noqa: BLE001  # it is the caller's
                errors.append(error)

        _elsewhere(write, None)
        if errors:
            raise errors[0]
        return written[0]

    def close(self) -> None:
        """Keep nothing any more, and write nothing any more. Closing twice is allowed."""
        if self._is_closed or self.pid != os.getpid():
            return
        self._is_closed = True
        stream = None if self._stream is None else self._stream()
        if stream is not None:
            stream.outlets.remove_ring(self._ring)
            _open[stream].remove(self)
        self._ring.discard()

    def write_because(self, why: str) -> None:
        """Write it, whoever calls; what goes wrong is said, and what was written, too."""
        stream = None if self._stream is None else self._stream()
        if stream is None or self.pid != os.getpid() or self._is_closed:
            return
        try:
            path = self._write(self.path)
            if why:
                stream.reporter.say(f"{path}: the last {self._ring.seconds:g} s were written: {why}")
        except (RrError, OSError) as error:
            stream.reporter.say(f"the black box could not be written: {error}")

    def write_at_exit(self) -> None:
        """The program ends, perhaps after it was written already."""
        if self.when.exit and self._written_at != self._ring.number:
            self.write_because("")

    def _write(self, wanted: Path) -> Path:
        ring, stream = self._ring, None if self._stream is None else self._stream()
        if stream is None:
            return wanted
        if not _flushed(stream):
            rows = stream.batcher.left()
            stream.reporter.say(f"{wanted}: {rows} rows wait for a sink that blocks, and are left out")
        number, messages, too_little = ring.number, ring.messages(), ring.too_little()
        with _one_at_a_time(os.path.dirname(os.path.abspath(wanted))) as is_mine:
            path = self._free(os.fspath(wanted), stream, is_mine=is_mine)
            sink = open_sink(path)
            try:
                for message in messages:
                    sink.put(message)
                sink.close()
            except BaseException:
                sink.abort()
                raise
        if too_little:
            stream.reporter.say(f"{path}: {too_little}")
        self._written_at = number
        _written.add(os.path.realpath(path))
        return Path(path)

    def _free(self, path: str, stream: Core, *, is_mine: bool) -> str:
        """The path, or one beside it where a recording grows, or another process has its black box.

        A file that was written since this box was made is not one of an earlier run, to be replaced.
        """
        if os.path.realpath(path) in _written:
            return path
        if not is_mine or is_claimed_here(path) or modes.is_of_siblings(stream, path):
            return path_beside(path)
        try:
            is_new = os.stat(path).st_mtime >= self._since
        except OSError:
            is_new = False
        return path_beside(path) if is_new else path


@contextmanager
def _one_at_a_time(folder: str) -> Iterator[bool]:
    """Whether no other process writes a black box in the folder now, which is not waited for long.

    All ranks of a launch get SIGTERM at once, and each would find that the file is not there yet.
    """
    try:
        import fcntl

        fileno = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):  # Windows; or a folder that cannot be read, as will be said
        yield True
        return
    try:
        yield _locked(fcntl, fileno)
    finally:
        os.close(fileno)


def _locked(fcntl: Any, fileno: int) -> bool:
    deadline = time.monotonic() + LOCK_S
    while True:
        try:
            fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        except OSError:  # a file system without locks
            return True


def _flushed(stream: Core) -> bool:
    """Whether what was logged is in the ring. Who is interrupted may hold the batcher's lock for good."""
    if stream.is_closed:
        return True
    done: list[bool] = []
    _elsewhere(lambda: done.append(stream.batcher.flush(FLUSH_S)), FLUSH_S + 0.5)
    return done == [True]


_open: weakref.WeakKeyDictionary[Core, list[BlackBox]] = weakref.WeakKeyDictionary()
_written: set[str] = set()
"""What this process wrote may be replaced by it."""


def boxes() -> list[BlackBox]:
    """Those of all recordings that are open."""
    return [box for stream in streams() for box in _boxes_of(stream)]


def _boxes_of(stream: Core) -> list[BlackBox]:
    """Those of this process: a forked child has copies of its parent's, which are nothing to it."""
    return [box for box in _open.get(stream, ()) if box.pid == os.getpid()]


def save_last(
    stream: Core | None, path: str | os.PathLike[str], *, seconds: float, max_bytes: int | str, when: When
) -> BlackBox:
    """Keep the last of what is logged; None: nothing is recorded, and nothing will be written."""
    if not seconds > 0:
        raise UsageError(f"save_last: seconds={seconds} keeps nothing")
    try:
        most = parse_size(max_bytes) if isinstance(max_bytes, str) else max_bytes
    except ValueError as error:
        raise UsageError(f"save_last: max_bytes: {error}") from None
    if most < _LEAST_BYTES:
        raise UsageError(f"save_last: max_bytes={max_bytes}: at least {_LEAST_BYTES >> 10} KiB are needed")
    target = Path(os.path.abspath(os.fspath(path)))
    if target.is_dir():
        raise OutputError("cannot be written: it is a directory", source=str(path), hint="name a file in it")
    if stream is None:
        return BlackBox(target, Ring(str(path), seconds=seconds, max_bytes=most), None, When())
    for box in _boxes_of(stream):
        if box.path == target:
            box._ring.change(seconds=seconds, max_bytes=most)  # noqa: SLF001  # ours
            box.when = when
            _arm(when, stream)
            return box
    if str(target) in stream.outlets.rings_of_parent or family.has_ring(str(target)):
        target = Path(path_beside(str(target)))
        stream.reporter.say(f"{path} is its parent's: process {os.getpid()} writes {target}")
    ring = Ring(str(target), seconds=seconds, max_bytes=most)
    stream.outlets.add_ring(ring)
    box = BlackBox(target, ring, stream, when)
    _open.setdefault(stream, []).append(box)
    if here.is_forked or family.in_child():
        exit.arm_child()
    else:
        family.publish(stream)
    _arm(when, stream)
    return box


def _arm(when: When, stream: Core) -> None:
    if _at_exit not in exit.before_closing:
        exit.before_closing.append(_at_exit)
    if when.exception:
        crash.watch_exceptions(_on_exception)
    if when.signal:
        why_not = crash.watch_sigterm(_on_sigterm)
        if why_not:
            stream.reporter("sigterm", f"the black box is not written at SIGTERM: {why_not}")


def _on_exception(name: str) -> None:
    _all(lambda when: when.exception, f"uncaught {name}")


def _on_sigterm() -> None:
    _all(lambda when: when.signal, "SIGTERM")


def _all(wanted: Callable[[When], bool], why: str) -> None:
    """Write all that want it, in a thread of its own: the caller may hold any lock. Waits, not for ever."""
    chosen = [box for box in boxes() if wanted(box.when)]

    def write() -> None:
        for box in chosen:
            box.write_because(why)

    _elsewhere(write, crash.WRITE_S)


def _elsewhere(do: Callable[[], None], timeout_s: float | None) -> None:
    """Have it done by another thread: this one may have been interrupted with any lock in hand."""
    try:
        thread = threading.Thread(target=do, name="rrsdk black box", daemon=True)
        thread.start()
    except RuntimeError:  # the interpreter is shutting down
        do()
        return
    thread.join(timeout_s)


def _at_exit() -> None:
    for box in boxes():
        box.write_at_exit()
