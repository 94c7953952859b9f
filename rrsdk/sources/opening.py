"""Opens what a name stands for: a regular file, something that is read once, or standard input."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rrsdk.errors import InputError, OutputError
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import FileOrigin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.sources.damage import Damage
    from rrsdk.sources.pipe import PipeSource


def open_path(
    path: str, *, damage: Damage | None = None, warn: Callable[[str], None]
) -> FileSource | PipeSource:
    """A source for a path; one that is no regular file (a FIFO, a device) is read as a pipe."""
    try:
        fileno = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise InputError("no such file", source=path) from None
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror}", source=path) from error
    except ValueError:  # a NUL in it
        raise InputError("is not the name of a file", source=path) from None
    about = os.fstat(fileno)
    if stat.S_ISREG(about.st_mode):
        return FileSource(FileOrigin(path, fileno, about.st_size), damage=damage, warn=warn)
    if stat.S_ISDIR(about.st_mode):
        os.close(fileno)
        raise InputError("is a directory, not a recording", source=path, hint="name the files in it")
    from rrsdk.sources.pipe import PipeSource  # which needs the whole codec; a file may not

    return PipeSource(path, fileno, damage=damage, warn=warn)


def open_stdin(*, damage: Damage | None, warn: Callable[[str], None]) -> FileSource | PipeSource:
    """Standard input; a file redirected into it is read as a file."""
    try:
        fileno = sys.stdin.fileno()
        about = os.fstat(fileno)
        is_file = stat.S_ISREG(about.st_mode) and os.lseek(fileno, 0, os.SEEK_CUR) == 0
    except (AttributeError, OSError, ValueError):
        raise InputError("standard input is closed", source="stdin") from None
    if is_file:
        origin = FileOrigin("stdin", os.dup(fileno), about.st_size)
        return FileSource(origin, damage=damage, warn=warn)
    from rrsdk.sources.pipe import PipeSource

    return PipeSource("stdin", fileno, damage=damage, warn=warn, owned=False)


@contextmanager
def open_bytes(name: str) -> Iterator[FileOrigin]:
    """All bytes of a file, or of what can be read only once (`-`: standard input), to be read in any order.

    The latter are copied to a temporary file first: there may be more of them than memory.
    """
    source = open_stdin(damage=None, warn=_ignore) if name == "-" else open_path(name, warn=_ignore)
    try:
        if isinstance(source, FileSource):
            assert isinstance(source.origin, FileOrigin)
            yield source.origin
            return
        import tempfile

        with tempfile.TemporaryFile() as copy:
            size = 0
            try:
                for block in source.blocks():
                    size += copy.write(block)
                copy.flush()
            except OSError as error:
                what = f"cannot be copied to a temporary file: {error.strerror}"
                raise OutputError(what, source=source.name, hint="TMPDIR names another folder") from error
            yield FileOrigin(source.name, copy.fileno(), size)
    finally:
        source.close()


def _ignore(_line: str) -> None:
    pass
