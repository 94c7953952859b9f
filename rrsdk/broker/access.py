"""Who may talk gRPC to a broker: addresses, and a certificate."""

from __future__ import annotations

import ipaddress
import os
import stat
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import unquote

from rrsdk.broker.session import is_loopback
from rrsdk.errors import InputError, UsageError

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server shows (PEM, with those that vouch for it), and the key to it."""

    chain: bytes
    key: bytes = field(repr=False)

    @classmethod
    def read(cls, chain: str, key: str) -> Certificate:
        """From two files; InputError where they are none, or others can read the key."""
        found = cls(_pem(chain, b"CERTIFICATE"), _pem(key, b"PRIVATE KEY"))
        if os.name == "posix" and stat.S_IMODE(os.stat(key).st_mode) & 0o077:
            raise InputError("others can read or write this private key", source=key, hint=f"chmod 600 {key}")
        return found


@dataclass(frozen=True, slots=True)
class GrpcAccess:
    """What is asked of whoever connects."""

    networks: tuple[Network, ...] = ()
    """Where connections may come from, this machine aside; empty: from anywhere."""
    certificate: Certificate | None = None
    """None: nothing is encrypted."""

    @property
    def is_limited(self) -> bool:
        """Whether it is more than an open door."""
        return bool(self.networks) or self.certificate is not None

    def lets(self, peer: str) -> bool:
        """Whether a peer, as gRPC names it (`ipv4:10.0.0.7:4711`), may say anything."""
        if not self.networks:
            return True
        address = peer_address(peer)
        if address is None:
            return peer.startswith("unix:")
        return address.is_loopback or any(
            address.version == network.version and address in network for network in self.networks
        )

    def told(self, bind: str) -> str:
        """Who gets in, for people."""
        if is_loopback(bind):
            whom = "programs of this machine"
        elif self.networks:
            whom = ", ".join(map(str, self.networks))
        else:
            whom = "anyone who reaches it"
        return f"{whom}, {'encrypted' if self.certificate is not None else 'not encrypted'}"


def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Of `10.0.0.0/8`, `fd00::/8`, `192.168.1.7`."""
    found: list[Network] = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text.strip())
        except ValueError as error:
            raise UsageError(f"--grpc-allow: {error}", hint="write it like 192.168.1.0/24") from None
        mapped = network.network_address.ipv4_mapped if network.version == 6 else None
        if mapped is not None and network.prefixlen >= 96:
            network = ipaddress.IPv4Network((mapped, network.prefixlen - 96))
        found.append(network)
    return tuple(found)


def peer_address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address in gRPC's name of a peer: IPv4 also where it came by way of IPv6."""
    kind, _, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6"):
        return None
    host = rest.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _pem(path: str, what: bytes) -> bytes:
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=path) from None
    if b"-----BEGIN " not in text or what + b"-----" not in text:
        raise InputError(f"holds no {what.decode().lower()} in PEM", source=path)
    return text
