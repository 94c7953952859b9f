"""Sources that go on: what a session holds, then what it gets, until somebody ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from rrsdk.endpoint import Transport, parse_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage


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


def open_live(
    url: str,
    *,
    newest_first: bool = False,
    idle_s: float | None = None,
    damage: Damage | None = None,
    warn: Callable[[str], None],
) -> LiveSource:
    """The session at a URL; InputError where nobody answers. `idle_s`: end when nothing came for so long."""
    if parse_endpoint(url).transport is Transport.GRPC:
        from rrsdk.sources.grpc import GrpcSource

        return GrpcSource(url, quiet_s=idle_s, damage=damage, warn=warn)
    from rrsdk.sources.zmq import ZmqSource

    return ZmqSource(
        url, live=True, newest_first=newest_first or None, idle_s=idle_s, damage=damage, warn=warn
    )
