"""Where a session is: `host:port` and URLs to the endpoints that programs connect to.

A session is its port P. Its control socket is on P+10000 (P-10000 above 55,535), gRPC on P itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from rrsdk.errors import UsageError
from rrsdk.keys import key_text, read_key

DEFAULT_PORT = 9876
CONTROL_OFFSET = 10_000
_HIGHEST_PORT = 65_535
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\]@?#]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_GRPC_SCHEMES = ("rerun+http", "rerun+https", "rerun")


class Transport(Enum):
    """How a session is talked to."""

    ZMQ = "zmq"
    GRPC = "grpc"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end to connect to."""

    transport: Transport
    url: str
    """As people write it, in full."""
    control: str
    """ZeroMQ: the control socket's endpoint; gRPC: host:port."""
    host: str
    """Empty for a private endpoint within one machine."""
    port: int
    """The session's; 0 for a private endpoint."""
    is_encrypted: bool = False
    """gRPC only."""
    key: bytes | None = None
    """ZeroMQ: the public key that the broker must have, where the URL names it."""

    @property
    def address(self) -> str:
        """The URL with its key: what another process needs to connect as this one does."""
        return self.url if self.key is None else f"{self.url}?key={key_text(self.key)}"

    @property
    def place(self) -> str:
        """HOST:PORT, as keys are remembered by."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether the other end is on this machine: then compressing costs more than it saves."""
        return not self.host or self.host in _LOOPBACK or self.host.startswith("127.")

    def data(self, said: str) -> str:
        """The data endpoint that a broker names: `tcp://*:PORT` is the host that control was reached at."""
        for anyone in ("tcp://*:", "tcp://0.0.0.0:", "tcp://[::]:"):
            if said.startswith(anyone):
                host = f"[{self.host}]" if ":" in self.host else self.host
                return f"tcp://{host}:{said[len(anyone) :]}"
        return said


def control_port(port: int) -> int:
    """Where the session with this port has its control socket."""
    return port + CONTROL_OFFSET if port <= _HIGHEST_PORT - CONTROL_OFFSET else port - CONTROL_OFFSET


def parse_endpoint(url: str) -> Endpoint:
    """What a user wrote: `host:9876`, `host`, `tcp://…`, `ipc:///folder`, `rerun+http://host:9876/proxy`."""
    text = url.strip()
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "tcp", text
    scheme = scheme.lower()
    key = None
    if scheme in ("tcp", "ipc") and "?" in rest:
        rest, _, query = rest.partition("?")
        name, _, value = query.partition("=")
        if name != "key":
            raise UsageError("says more than an address", source=url, hint="only ?key=rrk1-… may follow one")
        try:
            key = read_key(value)
        except UsageError as error:
            raise error.located(source=text.partition("?")[0]) from None
    if scheme == "ipc":
        folder = rest.rstrip("/")
        if not folder:
            raise UsageError("names no folder", source=url, hint="write it like ipc:///run/user/1000/rrkit")
        return Endpoint(Transport.ZMQ, f"ipc://{folder}", f"ipc://{folder}/control", "", 0, key=key)
    if scheme in _GRPC_SCHEMES:
        address = rest.split("/", 1)[0]
        host, port = _address(url, address)
        bracketed = f"[{host}]" if ":" in host else host
        kind = "rerun+https" if scheme == "rerun+https" else "rerun+http"
        full = f"{kind}://{bracketed}:{port}/proxy"
        return Endpoint(Transport.GRPC, full, f"{bracketed}:{port}", host, port, scheme == "rerun+https")
    if scheme != "tcp":
        raise UsageError(
            f"{scheme}:// is not known",
            source=url,
            hint="use HOST:PORT, or rerun+http://HOST:PORT/proxy for gRPC",
        )
    host, port = _address(url, rest.rstrip("/"))
    bracketed = f"[{host}]" if ":" in host else host
    url, control = f"tcp://{bracketed}:{port}", f"tcp://{bracketed}:{control_port(port)}"
    return Endpoint(Transport.ZMQ, url, control, host, port, key=key)


def looks_like_endpoint(name: str) -> bool:
    """Whether a name that could also be a file's is meant as a session: a scheme, or a port behind a host."""
    if "://" in name:
        return name.split("://", 1)[0].lower() in ("tcp", "ipc", *_GRPC_SCHEMES)
    match = _ADDRESS.fullmatch(name.partition("?key=")[0])
    return match is not None and match["port"] is not None


def _address(url: str, address: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(address)
    port = int(match["port"] or DEFAULT_PORT) if match is not None else 0
    if match is None or not 0 < port <= _HIGHEST_PORT:
        raise UsageError(
            "is no address",
            source=url,
            hint="write it like localhost:9876 or rerun+http://localhost:9876/proxy",
        )
    return match["host"].strip("[]"), port
