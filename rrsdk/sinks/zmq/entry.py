"""One numbered message of a producer, and sums of such messages that change."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rrsdk.codec.envelope import Dropped
from rrsdk.sinks.live import Amount

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.message import Activation, Buffer, ChunkMsg, StoreInfo

    Key: TypeAlias = tuple[StoreId, str, tuple[str, ...]]
    Single: TypeAlias = StoreInfo | Activation | ChunkMsg


class Tally:
    """An `Amount` that changes."""

    __slots__ = ("bytes", "messages", "rows")

    def __init__(self, messages: int = 0, rows: int = 0, size: int = 0) -> None:
        self.messages, self.rows, self.bytes = messages, rows, size

    def add(self, entry: Entry, sign: int = 1) -> None:
        """Count one message, or take it back."""
        self.messages += sign
        self.rows += sign * entry.rows
        self.bytes += sign * entry.size

    def plus(self, other: Tally) -> None:
        """Count what another one counted."""
        self.messages += other.messages
        self.rows += other.rows
        self.bytes += other.bytes

    def less(self, other: Tally) -> None:
        """Take back what another one counted."""
        self.messages -= other.messages
        self.rows -= other.rows
        self.bytes -= other.bytes

    def move(self, other: Tally) -> None:
        """Count all that another one counted, which then counts nothing."""
        self.plus(other)
        other.messages = other.rows = other.bytes = 0

    def amount(self) -> Amount:
        """As a value."""
        return Amount(self.messages, self.rows, self.bytes)


class Entry:
    """A message with its number, or a mark: the messages `first` to `seq` were dropped."""

    __slots__ = (
        "first",
        "is_counted",
        "is_named",
        "key",
        "kind",
        "message",
        "parts",
        "reason",
        "rows",
        "seq",
        "size",
    )

    def __init__(
        self, seq: int, kind: int, message: Single | None, parts: tuple[Buffer, ...], rows: int
    ) -> None:
        self.first = self.seq = seq
        self.kind = kind
        self.message = message
        self.parts = parts
        self.size = sum(map(len, parts))
        self.rows = rows
        self.key: Key | None = None
        """What it may be given up under; None where it may not."""
        self.is_counted = True
        """Whether it still counts as waiting or held: neither dropped nor refused."""
        self.is_named = False
        """Whether it is one of those that the broker's `refused` counts, and said so."""
        self.reason = ""

    def describe(self) -> None:
        """Give a mark the payload that declares it; from here on its size is that of its payload."""
        said = Dropped(self.first, self.seq - self.first + 1, self.rows, self.size, self.reason).pack()
        self.parts, self.size = (said,), len(said)
