"""Opens sessions: what they hold, then what they get, until somebody ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.endpoint import Transport, parse_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.sources.damage import Damage
    from rrsdk.sources.missed import LiveSource

GRPC_PATIENCE_S = 30.0
"""A server of Rerun that restarts is read on."""


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

        return GrpcSource(url, quiet_s=idle_s, patience_s=GRPC_PATIENCE_S, damage=damage, warn=warn)
    from rrsdk.sources.zmq import ZmqSource

    return ZmqSource(
        url, live=True, newest_first=newest_first or None, idle_s=idle_s, damage=damage, warn=warn
    )
