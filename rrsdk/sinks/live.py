"""What a recording writes to while it grows: the seam between the batcher and every live sink.

A live sink never raises for what goes wrong out there. It counts, keeps what it can within its
bounds, and says so when asked: a program must not die of logging.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from rrsdk.message import ChunkMsg

if TYPE_CHECKING:
    from rrsdk.message import Message


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of something: messages, the rows in their chunks, bytes of their payloads."""

    messages: int = 0
    rows: int = 0
    bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.messages + other.messages, self.rows + other.rows, self.bytes + other.bytes)

    def __bool__(self) -> bool:
        return bool(self.messages or self.rows or self.bytes)

    def __str__(self) -> str:
        return f"{self.messages} messages ({self.rows} rows, {self.bytes} bytes)"

    @classmethod
    def of(cls, message: Message) -> Amount:
        """What one message amounts to."""
        if isinstance(message, ChunkMsg):
            return cls(1, message.row.shape.batch.num_rows, message.size)
        return cls(1, 0, len(message.payload) if hasattr(message, "payload") else 0)


@dataclass(frozen=True, slots=True)
class Flushed:
    """How a flush ended: everything is where it belongs, or so much was still under way when time was up."""

    done: bool
    messages: int = 0
    rows: int = 0
    bytes: int = 0
    """Of what is not yet acknowledged (written, for a file)."""
    why: str = ""
    """Where `done` is false: what was waited for, for people."""

    def __bool__(self) -> bool:
        return self.done


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """How a live sink stands. `sent = held + lost + under way`; what was dropped was never sent."""

    name: str
    state: str
    """`open`, `connecting`, `connected`, `broken`, `closed`."""
    sent: Amount = Amount()
    held: Amount = Amount()
    """Acknowledged as received (for a file: written)."""
    durable: Amount = Amount()
    """Acknowledged as safe from a crash of the receiver, where it says so."""
    unprotected: Amount = Amount()
    """Held by the receiver and not durable there, and no longer here: lost if the receiver ends now."""
    waiting: Amount = Amount()
    """In this process, not yet acknowledged."""
    lost: Amount = Amount()
    """Sent, and gone: the receiver died with it, or the file could not be written."""
    dropped: Amount = Amount()
    """Given up by policy before it was sent."""
    refused: Amount = Amount()
    """Sent back: broken, or too large."""
    last_error: str = ""


@runtime_checkable
class LiveSink(Protocol):
    """Where the batcher's messages go.

    `put` and `close` are called by one thread at a time; `flush` and `status` by any thread, also
    while another is in `put`.
    """

    name: str
    """For messages to people: a path, a URL."""
    compress: bool
    """Whether chunks should come LZ4-compressed."""

    def put(self, message: Message) -> None:
        """Take one message (StoreInfo, ChunkMsg, Activation).

        May block up to the sink's own deadline, never longer, and never raises for a broken
        connection or a full disk: that is counted, reported in `status`, and kept in `last_error`.
        """

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until everything put so far is acknowledged, at most so long."""

    def close(self, timeout_s: float) -> Flushed:
        """Flush, say goodbye, give everything back. Closing twice is allowed."""

    def abandon(self) -> None:
        """In a forked child: forget all that was inherited without touching sockets, threads or files."""

    def status(self) -> SinkStatus:
        """How it stands; may be asked from any thread, also after `close`."""
