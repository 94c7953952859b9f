"""The bytes of an output: a file that appears whole or not at all, or a descriptor written as it comes."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING

from rrsdk.errors import OutputError, RrError, TruncatedError
from rrsdk.sinks.blocks import WORTH_IT, BlockCopy, on_a_disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Origin

BUFFER = 1024 * 1024
BLOCK = 1024 * 1024
EARLY = 32 * 1024 * 1024  # what the disk is given to write while more is coming
LARGE = 64 * 1024  # written on its own rather than joined to its neighbours
_KERNEL_COPY_REFUSED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.ESPIPE)


class Output:
    """Appends to a descriptor; small writes are gathered, ranges of files are copied by the kernel."""

    on_bytes: Callable[[int], None] | None = None
    """Hears how many bytes more were handed over, also in the middle of a long copy."""

    def __init__(self, name: str, fileno: int, *, owned: bool = True) -> None:
        self.name = name
        self.position = 0
        self._fileno, self._owned = fileno, owned
        self._pending: list[Buffer] = []
        self._pending_size = 0
        self._kernel_copies = hasattr(os, "sendfile") and sys.platform == "linux"

    def write(self, data: Buffer) -> None:
        """Append bytes; they may be kept until more have come, so they must not change."""
        self._pending.append(data)
        self._pending_size += len(data)
        self.position += len(data)
        if self._pending_size >= BUFFER:
            self.flush()

    def flush(self) -> None:
        """Hand everything gathered to the operating system."""
        pending, self._pending, self._pending_size = self._pending, [], 0
        small: list[Buffer] = []
        for data in pending:
            if len(data) < LARGE:
                small.append(data)
                continue
            self._write_out(memoryview(b"".join(small)))
            self._write_out(memoryview(data))
            small = []
        self._write_out(memoryview(b"".join(small)))

    def copy(self, origin: Origin, start: int, end: int) -> None:
        """Append `origin[start:end]`."""
        self.flush()
        self.position += end - start
        if self._kernel_copies and origin.fileno is not None:
            start = self._copy_in_kernel(origin, origin.fileno, start, end)
        while start < end:
            size = min(BLOCK, end - start)
            self._write_out(origin.read(start, size))
            start += size

    def _copy_in_kernel(self, origin: Origin, source: int, start: int, end: int) -> int:
        """Copy as far as the kernel will; returns where to go on."""
        while start < end:
            try:
                copied = os.sendfile(self._fileno, source, start, min(end - start, EARLY))
            except OSError as error:
                if error.errno in _KERNEL_COPY_REFUSED:
                    self._kernel_copies = False
                    return start
                raise self._failed(error) from error
            if not copied:
                raise _was_cut(origin, start, end)
            start += copied
            self._wrote(copied)
        return start

    def _wrote(self, size: int) -> None:
        """Bytes were handed to the operating system."""
        if self.on_bytes is not None:
            self.on_bytes(size)

    def _write_out(self, data: memoryview) -> None:
        try:
            while data:
                written = os.write(self._fileno, data)
                self._wrote(written)
                data = data[written:]
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> RrError:
        return OutputError(f"cannot be written: {error.strerror}", source=self.name)

    def commit(self) -> None:
        """Everything has been written."""
        self.flush()
        self._close()

    def abort(self) -> None:
        """Give up; what a pipe has received cannot be taken back."""
        self._pending, self._pending_size = [], 0
        self._close()

    def _close(self) -> None:
        if self._owned and self._fileno >= 0:
            fileno, self._fileno = self._fileno, -1  # given back even where closing fails
            os.close(fileno)


class Nowhere(Output):
    """Counts what would be written."""

    def __init__(self, name: str) -> None:
        super().__init__(name, -1, owned=False)

    def write(self, data: Buffer) -> None:
        """Count bytes."""
        self.position += len(data)

    def copy(self, origin: Origin, start: int, end: int) -> None:
        """Count `origin[start:end]`."""
        self.position += end - start


class WholeFile(Output):
    """A temporary file beside the target that takes the target's place when all is well."""

    def __init__(self, path: str) -> None:
        self._target = os.path.realpath(path)  # through symbolic links: the link stays, its file is replaced
        folder = os.path.dirname(self._target)
        try:
            mode = stat.S_IMODE(os.stat(self._target).st_mode)
            if not os.access(self._target, os.W_OK):
                raise OutputError("cannot be written: Permission denied", source=path)
        except FileNotFoundError:
            mode = 0o666 & ~_umask()
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", source=path) from error
        try:
            fileno, self._temporary = _temporary_beside(self._target, mode)
        except FileNotFoundError:
            raise OutputError(
                "cannot be written: its folder does not exist", source=path, hint=f"create {folder} first"
            ) from None
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", source=path) from error
        super().__init__(path, fileno)
        self._early = EarlyFlush(fileno)
        self._by_blocks = on_a_disk(fileno)

    def _copy_in_kernel(self, origin: Origin, source: int, start: int, end: int) -> int:
        if end - start < WORTH_IT or not self._by_blocks:
            return super()._copy_in_kernel(origin, source, start, end)
        copy = BlockCopy(source, self._fileno, start, end, self.position - (end - start))
        try:
            copy.run(self._wrote)
            os.lseek(self._fileno, self.position, os.SEEK_SET)
        except OSError as error:
            raise self._failed(error) from error
        if copy.cut_at is not None:
            raise _was_cut(origin, copy.cut_at, end)
        return end

    def _wrote(self, size: int) -> None:
        super()._wrote(size)
        self._early.wrote(size)

    def commit(self) -> None:
        """Make the file durable, then let it appear under its name."""
        try:
            self.flush()
            self._early.finish()
            os.fsync(self._fileno)
            self._close()
            os.replace(self._temporary, self._target)
        except OSError as error:
            self.abort()
            raise self._failed(error) from error
        except RrError:
            self.abort()
            raise

    def abort(self) -> None:
        """Remove the temporary file; the target is as it was."""
        self._early.stop()
        super().abort()
        try:
            os.unlink(self._temporary)
        except FileNotFoundError:
            pass


class EarlyFlush:
    """Has the disk write while the rest is still being made: at the end there is less to wait for."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._unflushed = 0
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def wrote(self, size: int) -> None:
        """Bytes were written; every so many of them set the disk to work, if it is not working."""
        self._unflushed += size
        if self._unflushed >= EARLY and (self._thread is None or not self._thread.is_alive()):
            self._unflushed = 0
            self._thread = threading.Thread(target=self._flush, daemon=True)
            self._thread.start()

    def _flush(self) -> None:
        try:
            getattr(os, "fdatasync", os.fsync)(self._fileno)
        except OSError as error:  # the system says so only once, so it is kept for `finish`
            self._error = error

    def stop(self) -> None:
        """Wait until the descriptor is not in use any more."""
        if self._thread is not None:
            self._thread.join()

    def finish(self) -> None:
        """The same, and raise what went wrong on the way."""
        self.stop()
        if self._error is not None:
            raise self._error


def _was_cut(origin: Origin, start: int, end: int) -> TruncatedError:
    return TruncatedError(
        f"{end - start} bytes are missing: the file was cut while it was read",
        source=origin.name,
        offset=start,
    )


def _temporary_beside(target: str, mode: int) -> tuple[int, str]:
    """A new file in the target's folder (tempfile would do it too, but takes long to import)."""
    folder, name = os.path.split(target)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    while True:
        path = os.path.join(folder, f".{name[:40]}.{os.urandom(6).hex()}.tmp")
        try:
            fileno = os.open(path, flags, 0o600)
        except FileExistsError:
            continue
        try:
            os.chmod(path, mode)
        except OSError:
            os.close(fileno)
            os.unlink(path)
            raise
        return fileno, path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def open_output(path: str) -> Output:
    """The output for a path: whole or not at all for regular files, straight through for others."""
    try:
        kind = os.stat(path).st_mode
    except OSError:
        return WholeFile(path)
    if stat.S_ISREG(kind):
        return WholeFile(path)
    if stat.S_ISDIR(kind):
        raise OutputError("cannot be written: it is a directory", source=path, hint="name a file in it")
    try:
        return Output(path, os.open(path, os.O_WRONLY))
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", source=path) from error


def standard_output() -> Output:
    """Standard output, as bytes."""
    try:
        sys.stdout.flush()
        return Output("stdout", sys.stdout.fileno(), owned=False)
    except (AttributeError, OSError, ValueError):
        raise OutputError("standard output is closed") from None
