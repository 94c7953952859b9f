"""What a source is that goes on, and what it may have to say of data that did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.message import Message


class Missed(NamedTuple):
    """So much was forgotten at the other end before it could be delivered."""

    messages: int = 0
    rows: int = 0
    size: int = 0


class LiveSource(Protocol):
    """A Source that goes on until it is closed, which any thread or a signal handler may do."""

    name: str
    size: int | None
    missed: Missed

    def messages(self) -> Iterator[Message]:
        """What there is, then what comes."""

    def close(self) -> None:
        """End reading: `messages` hands out what has arrived, then stops."""
