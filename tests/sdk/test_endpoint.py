"""Addresses of sessions: what people write, and what is connected to."""

from __future__ import annotations

import pytest

from rrsdk.endpoint import Transport, control_port, looks_like_endpoint, parse_endpoint
from rrsdk.errors import UsageError


@pytest.mark.parametrize(
    ("written", "control", "host"),
    [
        ("localhost:9876", "tcp://localhost:19876", "localhost"),
        ("box", "tcp://box:19876", "box"),
        ("tcp://10.0.0.7:9000", "tcp://10.0.0.7:19000", "10.0.0.7"),
        ("tcp://box:60000/", "tcp://box:50000", "box"),
        ("[::1]:9876", "tcp://[::1]:19876", "::1"),
        ("ipc:///run/rr/", "ipc:///run/rr/control", ""),
    ],
)
def test_zeromq(written: str, control: str, host: str) -> None:
    endpoint = parse_endpoint(written)
    assert (endpoint.transport, endpoint.control, endpoint.host) == (Transport.ZMQ, control, host)


def test_grpc() -> None:
    for written in ("rerun+http://box:9876/proxy", "rerun+http://box", "rerun://box:9876"):
        endpoint = parse_endpoint(written)
        assert endpoint.transport is Transport.GRPC
        assert endpoint.url == "rerun+http://box:9876/proxy"
    assert parse_endpoint("rerun+https://box:443/proxy").is_encrypted


@pytest.mark.parametrize(
    "written",
    ["", "box:", "box:0", "box:70000", "a b:1", "ftp://box:1", "ipc://", "tcp://", "box:1:2", "x:٣"],
)
def test_nonsense_is_named(written: str) -> None:
    with pytest.raises(UsageError):
        parse_endpoint(written)


def test_neighbouring_sessions_never_share_a_control_port() -> None:
    used = [control_port(port) for port in range(1, 65_536)]
    assert all(0 < port <= 65_535 for port in used)
    assert control_port(9876) != control_port(9877)
    assert control_port(55_535) == 65_535
    assert control_port(55_536) == 45_536


@pytest.mark.parametrize(
    "name", ["box:9876", "tcp://box", "rerun+http://box/proxy", "[::1]:9876", "ipc:///x"]
)
def test_sessions_are_told_from_files(name: str) -> None:
    assert looks_like_endpoint(name)


@pytest.mark.parametrize("name", ["drive.rrd", "./a:b", "box", "/data/x:1", "a:b", "-", "http://x"])
def test_files_are_told_from_sessions(name: str) -> None:
    assert not looks_like_endpoint(name)


def test_a_broker_that_listens_everywhere_is_met_where_control_was() -> None:
    assert parse_endpoint("box:9876").data("tcp://*:4711") == "tcp://box:4711"
    assert parse_endpoint("[::1]:9876").data("tcp://*:4711") == "tcp://[::1]:4711"
    assert parse_endpoint("box:9876").data("tcp://10.1.1.1:4711") == "tcp://10.1.1.1:4711"
    assert parse_endpoint("box").is_local is False
    assert parse_endpoint("127.0.0.2").is_local
    assert parse_endpoint("ipc:///x").is_local
