"""Which messages of a recording match their checksums, without opening any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rrsdk.codec.checksum import check, has_checksum
from rrsdk.codec.footer import read_footer
from rrsdk.codec.frames import MAGIC, MESSAGE_HEADER, STREAM_HEADER, Kind, parse_stream_header, trailer_size
from rrsdk.codec.resync import Resync
from rrsdk.codec.window import Window
from rrsdk.errors import FormatError, TruncatedError
from rrtool.reports.text import one_line

if TYPE_CHECKING:
    from rrsdk.message import Origin

_HEADER = MESSAGE_HEADER.size
_NAMES = {Kind.STORE_INFO: "store infos", Kind.CHUNK: "chunks", Kind.BLUEPRINT_ACTIVATION: "activations"}


@dataclass(slots=True)
class Checksums:
    """What was found in one input."""

    source: str
    matching: dict[int, int] = field(default_factory=lambda: dict.fromkeys(_NAMES, 0))
    """By kind of message: how many match."""
    without: dict[int, int] = field(default_factory=lambda: dict.fromkeys(_NAMES, 0))
    """By kind of message: how many have none."""
    problems: list[tuple[int, str]] = field(default_factory=list)
    """Bytes at which something is wrong, and what."""

    @property
    def is_good(self) -> bool:
        """Whether there are checksums, all chunks have one, and all match."""
        return not self.problems and not self.without[Kind.CHUNK] and any(self.matching.values())

    def lines(self) -> list[str]:
        """For people: a line for each problem, then one that counts."""
        found = [one_line(f"{self.source}, byte {at}: {what}") for at, what in self.problems]
        match = ", ".join(f"{count} {_NAMES[Kind(kind)]}" for kind, count in self.matching.items() if count)
        lack = ", ".join(f"{count} {_NAMES[Kind(kind)]}" for kind, count in self.without.items() if count)
        said = f"{match or 'nothing'} matched"
        said += f"; without a checksum: {lack}" if lack else ""
        said += f"; {len(self.problems)} problems" if self.problems else ""
        return [*found, f"{self.source}: {said}"]

    def to_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "source": self.source,
            "matching": {_NAMES[Kind(kind)]: count for kind, count in self.matching.items()},
            "without_checksum": {_NAMES[Kind(kind)]: count for kind, count in self.without.items()},
            "problems": [{"byte": at, "what": one_line(what)} for at, what in self.problems],
        }


def checksums(origin: Origin, end: int) -> Checksums:
    """Walk the first `end` bytes of an origin."""
    found, window, pos = Checksums(origin.name), Window(origin, end), 0
    while pos < end:
        try:
            pos = _step(found, window, pos, end)
        except FormatError as error:
            found.problems.append((pos, error.what))
            if pos == 0:
                return found
            pos = Resync(origin, end).next_start(pos)
    return found


def _step(found: Checksums, window: Window, pos: int, end: int) -> int:
    """Look at what stands at `pos`; where the next thing stands."""
    left = end - pos
    head = window.at(pos, min(_HEADER, left))
    if pos == 0 or head[:4] == MAGIC:
        if left < STREAM_HEADER.size:
            raise TruncatedError("the input ends inside a stream header")
        parse_stream_header(bytes(head[: STREAM_HEADER.size]), pos)
        return pos + STREAM_HEADER.size
    if left < _HEADER:
        raise TruncatedError("the input ends inside a message header")
    kind, size = MESSAGE_HEADER.unpack(head)
    at = pos + _HEADER
    if kind > Kind.BLUEPRINT_ACTIVATION:
        raise FormatError(f"unknown message kind {kind}")
    if size > left - _HEADER:
        raise TruncatedError(f"the input ends inside a message of {size} bytes")
    message = window.at(at, size)
    after = int(at + size)
    if kind == Kind.END:
        if has_checksum(message):
            raise FormatError("another kind of message that says it is the end")
        read_footer(message)
        rest = end - after
        return after + (
            trailer_size(
                lambda size: window.at(after, size) if size <= rest else None, ended=True, offset=after
            )
            or 0
        )
    if check(kind, message):
        found.matching[kind] += 1
    else:
        found.without[kind] += 1
    return after
