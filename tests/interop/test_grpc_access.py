"""Who may talk gRPC: addresses, and a certificate, which the real SDK is shown."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.broker.access import Certificate, GrpcAccess, networks, peer_address
from rrsdk.broker.grpc import GrpcAdapter
from rrsdk.broker.service import Broker
from rrsdk.errors import InputError, UsageError
from rrsdk.proxy import READ_MESSAGES, WRITE_MESSAGES, WRITE_TABLE, load_grpc

PATIENCE_S = 30.0


@given(st.ip_addresses(), st.integers(1, 65535))
def test_peers_are_read(address: Any, port: int) -> None:
    peer = f"ipv4:{address}:{port}" if address.version == 4 else f"ipv6:%5B{address}%5D:{port}"
    expected = (address.ipv4_mapped or address) if address.version == 6 else address
    assert peer_address(peer) == expected
    assert GrpcAccess(networks((f"{expected}/{expected.max_prefixlen}",))).lets(peer)
    everything = "0.0.0.0/0" if expected.version == 4 else "::/0"
    assert GrpcAccess(networks((everything,))).lets(peer)


@given(st.text(max_size=60))
def test_whoever_has_no_address_stays_outside(peer: str) -> None:
    access = GrpcAccess(networks(("10.0.0.0/8",)))
    address = peer_address(peer)
    assert access.lets(peer) is (peer.startswith("unix:") if address is None else access.lets(peer))


def test_networks() -> None:
    access = GrpcAccess(networks(("10.1.0.0/16", "fd00::/8", "::ffff:192.168.1.0/120")))
    for peer in ("ipv4:10.1.2.3:1", "ipv6:[fd00::1]:1", "ipv6:[::ffff:10.1.2.3]:1", "ipv4:192.168.1.9:1"):
        assert access.lets(peer), peer
    assert access.lets("ipv4:127.0.0.1:1")
    assert access.lets("ipv6:%5B::1%5D:1")
    for peer in ("ipv4:10.2.2.3:1", "ipv6:[fe80::1%25eth0]:1", "ipv6:[::ffff:10.2.2.3]:1", "", "ipv4:", "x"):
        assert not access.lets(peer), peer
    for wrong in ("10.0.0.1/8", "box", "", "10.0.0.0/33"):
        with pytest.raises(UsageError):
            networks((wrong,))


@pytest.fixture
def broker() -> Iterator[Broker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = 40_000 + probe.getsockname()[1] % 5_000
    running = Broker(port=port, memory_limit=64 << 20)
    running.start()
    yield running
    running.stop()
    assert not running.mishaps


class _Elsewhere(GrpcAccess):
    """As if all peers were of another machine."""

    __slots__ = ()

    def lets(self, _peer: str) -> bool:
        return GrpcAccess.lets(self, "ipv4:10.9.9.9:1")


def test_of_whom_is_turned_away_nothing_is_read(broker: Broker) -> None:
    grpc = load_grpc()
    adapter = GrpcAdapter(broker, port=0, access=_Elsewhere(networks(("10.1.0.0/16",))))
    adapter.start()
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"\x0a" + bytes(1024 * 1024)

    try:
        with grpc.insecure_channel(f"127.0.0.1:{adapter.port}") as channel:
            calls = [
                lambda: channel.stream_unary(WRITE_MESSAGES)(endless(), timeout=PATIENCE_S),
                lambda: channel.unary_unary(WRITE_TABLE)(b"", timeout=PATIENCE_S),
                lambda: list(channel.unary_stream(READ_MESSAGES)(b"", timeout=PATIENCE_S)),
            ]
            for call in calls:
                with pytest.raises(grpc.RpcError) as caught:
                    call()
                assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert len(read) < 100
        assert adapter.status()["turned_away"] == 3
        assert broker.status()["producers"] == []
    finally:
        adapter.stop()


# ---- TLS ----


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    chain, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += [
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(chain),
    ]
    command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    key.chmod(0o600)
    return chain, key


def test_a_key_that_others_read_is_not_used(certificate: tuple[Path, Path]) -> None:
    chain, key = certificate
    found = Certificate.read(str(chain), str(key))
    assert "PRIVATE" not in repr(found) + repr(GrpcAccess((), found))
    key.chmod(0o644)
    try:
        with pytest.raises(InputError, match="others can read"):
            Certificate.read(str(chain), str(key))
    finally:
        key.chmod(0o600)
    for wrong in (("/nowhere", str(key)), (str(key), str(key)), (str(chain), str(chain))):
        with pytest.raises(InputError):
            Certificate.read(*wrong)


def test_what_is_sent_over_tls_arrives(
    broker: Broker, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    chain, key = certificate
    adapter = GrpcAdapter(broker, port=0, access=GrpcAccess((), Certificate.read(str(chain), str(key))))
    adapter.start()
    recording = next((Path(__file__).parents[2] / "fixtures").glob("**/*.rrd"))
    try:
        assert adapter.url.startswith("rerun+https://")
        url = adapter.url.replace("127.0.0.1", "localhost")
        believes = {**os.environ, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(chain)}
        command = [sys.executable, "-m", "rrtool", "send", str(recording), url]
        done = subprocess.run(command, env=believes, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        stored = broker.status()["stored"]["messages"]
        assert stored > 0
        plain = url.replace("rerun+https", "rerun+http")
        for other, env in ((plain, believes), (url, dict(os.environ))):
            command[-1] = other
            done = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)
            assert done.returncode != 0
        assert broker.status()["stored"]["messages"] == stored
    finally:
        adapter.stop()


def test_addresses_are_addresses() -> None:
    assert networks(("192.168.1.7",)) == (ipaddress.ip_network("192.168.1.7/32"),)
