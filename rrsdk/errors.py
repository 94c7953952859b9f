"""Every error a user can cause: one line saying whose fault it is, where, and what to do.

`str(error)` is always a single line, ready for a terminal:

    demo.rrd, byte 5120: unknown message kind 77; run with --continue-on-error to skip it
"""

from __future__ import annotations


class RrError(Exception):
    """Base of all errors raised on purpose. `exit_code` is what a program of the kit exits with."""

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        source: str | None = None,
        offset: int | None = None,
        end: int | None = None,
        entity: str | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        """`offset` is the byte of the source that is wrong; with `end`, bytes up to there (exclusive) are."""
        super().__init__(what)
        self.what = what
        self.source = source
        self.offset = offset
        self.end = end
        self.entity = entity
        self.field = field
        self.hint = hint

    def located(
        self,
        *,
        source: str | None = None,
        offset: int | None = None,
        end: int | None = None,
        entity: str | None = None,
    ) -> RrError:
        """Fill in what the place that raised could not know; what is known already stays."""
        self.source = self.source if self.source is not None else source
        self.offset = self.offset if self.offset is not None else offset
        self.end = self.end if self.end is not None else end
        self.entity = self.entity if self.entity is not None else entity
        return self

    def __str__(self) -> str:
        place = [self.source] if self.source is not None else []
        if self.offset is not None and self.end is not None:
            place.append(f"bytes {self.offset} to {self.end}")
        elif self.offset is not None:
            place.append(f"byte {self.offset}")
        if self.entity is not None:
            place.append(f"entity {self.entity}")
        if self.field is not None:
            place.append(f"field {self.field}")
        line = f"{', '.join(place)}: {self.what}" if place else self.what
        if self.hint:
            line = f"{line}; {self.hint}"
        return " ".join(line.split())


class UsageError(RrError):
    """The caller asked for something that makes no sense."""

    exit_code = 2


class InputError(RrError):
    """An input cannot be read: missing, a directory, no permission."""


class OutputError(RrError):
    """An output cannot be written."""


class BusyError(OutputError):
    """An output is being written by somebody else."""


class FormatError(InputError):
    """The bytes of an input are not what the format says they must be."""


class UnsupportedError(FormatError):
    """Legal, but of a kind that cannot be taken apart here."""


class TruncatedError(FormatError):
    """The input ends in the middle of something."""


class ChunkError(FormatError):
    """One chunk of an open store cannot be had: its file was changed, or lied from the beginning.

    `chunk` is the chunk's id, as it stands in metadata. The store stays usable for all other chunks.
    """

    chunk: str | None = None


class VersionError(FormatError):
    """The input was written by a release too old to be read."""


class LogError(RrError):
    """A value cannot be logged: `field` says which, the text what is accepted."""
