"""How clients connect to a broker's sockets: their options, their keys, and what a failed handshake means."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import zmq

from rrsdk import settings
from rrsdk.errors import InputError, UsageError
from rrsdk.keys import KeyFolder, key_text, read_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rrsdk.endpoint import Endpoint
    from rrsdk.keys import KeyPair

HANDSHAKE_MS = 3000
# No ZeroMQ heartbeats (rrsdk/broker/sockets.py says why): clients ping, and the kernel looks after TCP.
_OPTIONS: dict[int, int | bytes] = {
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 10,
    zmq.HANDSHAKE_IVL: HANDSHAKE_MS,
    zmq.CONNECT_TIMEOUT: 3000,
    zmq.RECONNECT_IVL: 100,
    zmq.RECONNECT_IVL_MAX: 500,
}
WATCHED = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
"""What a monitor of such a socket is told of."""
_OTHER_MECHANISM = 0x11000002
_SECRET_TAIL = 16


class Dialing:
    """Connects to one broker, with keys where its key is known."""

    def __init__(self, endpoint: Endpoint) -> None:
        """InputError where the broker has a key and this user has none."""
        self.endpoint = endpoint
        self._server = endpoint.key or _remembered(endpoint)
        self._own: KeyPair | None = None if self._server is None else KeyFolder().own()

    @property
    def has_keys(self) -> bool:
        """Whether all that is said is encrypted, and both ends know who the other one is."""
        return self._server is not None

    def routing_id(self, name: bytes) -> bytes:
        """What the broker knows the connection by. With keys nobody else can guess and take it."""
        return name + secrets.token_bytes(_SECRET_TAIL) if self.has_keys else name

    def connect(self, made: zmq.Socket[bytes], where: str, options: Mapping[int, int | bytes]) -> None:
        """Set the options, those of all clients included, and connect; ZMQError where that cannot be."""
        for option, value in {**_OPTIONS, **options}.items():
            made.setsockopt(option, value)
        if "[" in where:
            made.setsockopt(zmq.IPV6, 1)
        if self._server is not None and self._own is not None:
            made.setsockopt(zmq.CURVE_SERVERKEY, self._server)
            made.setsockopt(zmq.CURVE_PUBLICKEY, self._own.public)
            made.setsockopt(zmq.CURVE_SECRETKEY, self._own.secret)
        made.connect(where)

    def failed(self, frames: Sequence[bytes]) -> str:
        """Why no connection came to be, as a monitor's event tells it; else empty."""
        event = int.from_bytes(frames[0][:2], "little")
        detail = int.from_bytes(frames[0][2:6], "little")
        if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            mine = key_text(self._own.public) if self._own is not None else "none"
            return f"the broker does not let this key in; there: rrtool keys allow {mine}"
        if event not in (zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL):
            return ""
        is_certain = event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL and detail == _OTHER_MECHANISM
        # Where one end has keys, either may be the first to notice; if it is the other one, it just hangs up.
        if self._server is None:
            what = "the broker there wants keys"
            if not is_certain:
                what = "what listens there does not answer as a session does, or wants keys"
            return f"{what}: rrtool keys trust {self.endpoint.place} KEY"
        if is_certain:
            return "the broker there has no keys, and one was expected"
        return f"whoever listens there does not have the key {key_text(self._server)}, or no keys at all"


def _remembered(endpoint: Endpoint) -> bytes | None:
    """The key of a broker whose URL names none."""
    named = settings.broker_key()
    if named is not None:
        try:
            return read_key(named)
        except UsageError as error:
            raise InputError(f"environment variable {settings.BROKER_KEY}: {error}") from None
    if not endpoint.port:
        return None
    return KeyFolder().trusted().get(endpoint.place)
