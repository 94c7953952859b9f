"""Where messages come from. `open_source` chooses by name; a source's `messages()` is read once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.message import Message
    from rrsdk.sources.damage import Damage

STDIN = "-"
QUIET_S = 2.0
"""A gRPC proxy does not say where what it holds ends: after so long without anything, it is all."""


class Source(Protocol):
    """Anything messages can be read from."""

    name: str
    """For error messages."""

    size: int | None
    """Bytes in all, where that is known beforehand."""

    def messages(self) -> Iterator[Message]:
        """Everything in the source: store infos, chunks, activations, in an order that can be written."""

    def close(self) -> None:
        """Give back what is held; the messages must not be used any more."""


def open_source(
    name: str, *, damage: Damage | None = None, warn: Callable[[str], None] | None = None
) -> Source:
    """A source for a path, for standard input (`-`), or for a session (`localhost:9876`, a URL).

    Of a session comes what it holds now; `live.open_live` is for what it gets later.
    Without `damage` the first thing that is broken raises; with it, what is broken is skipped and
    recorded there. `warn` hears what is odd but loses nothing.
    """
    hear = warn if warn is not None else _ignore
    if ":" in name:
        from rrsdk.endpoint import looks_like_endpoint

        if looks_like_endpoint(name) and not os.path.exists(name):
            return _session(name, damage=damage, warn=hear)
    from rrsdk.sources.opening import open_path, open_stdin

    return (
        open_stdin(damage=damage, warn=hear) if name == STDIN else open_path(name, damage=damage, warn=hear)
    )


def _session(name: str, *, damage: Damage | None, warn: Callable[[str], None]) -> Source:
    from rrsdk.endpoint import Transport, parse_endpoint

    if parse_endpoint(name).transport is Transport.GRPC:
        from rrsdk.sources.grpc import GrpcSource

        return GrpcSource(name, quiet_s=QUIET_S, damage=damage, warn=warn)
    from rrsdk.sources.zmq import ZmqSource

    return ZmqSource(name, damage=damage, warn=warn)


def _ignore(_line: str) -> None:
    pass
