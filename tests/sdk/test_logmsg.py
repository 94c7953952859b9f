"""The wrappers of the network against the protobuf package, and whatever bytes may come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec import logmsg, rrd_pb2, wire
from rrsdk.codec.frames import Kind
from rrsdk.errors import FormatError

KINDS = st.sampled_from([Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION])


@given(KINDS, st.lists(st.binary(max_size=300), max_size=4))
def test_what_is_wrapped_comes_out_again(kind: Kind, parts: list[bytes]) -> None:
    found, payload = logmsg.unwrap(logmsg.wrap(kind, parts))
    assert found is kind
    assert bytes(payload) == b"".join(parts)


def test_the_protobuf_package_agrees() -> None:
    chunk = rrd_pb2.ArrowMsg(payload=b"\x00" * 70_000, encoding=1)
    message = rrd_pb2.LogMsg(arrow_msg=chunk)
    wrapped = logmsg.wrap(Kind.CHUNK, [chunk.SerializeToString()])
    assert wrapped == wire.write_bytes(1, message.SerializeToString())
    kind, payload = logmsg.unwrap(wrapped)
    assert rrd_pb2.ArrowMsg.FromString(bytes(payload)) == chunk
    assert kind is Kind.CHUNK


@given(KINDS, KINDS, st.binary(max_size=40), st.binary(max_size=40))
def test_the_last_of_a_oneof_holds(one: Kind, other: Kind, first: bytes, second: bytes) -> None:
    both = wire.write_bytes(one, first) + wire.write_bytes(other, second)
    kind, payload = logmsg.unwrap(wire.write_bytes(1, both))
    assert kind is other
    assert bytes(payload) == (first + second if one is other else second)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_a_format_error(data: bytes) -> None:
    try:
        kind, _ = logmsg.unwrap(data)
    except FormatError:
        return
    assert kind in (Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION)


@pytest.mark.parametrize("data", [b"", b"\x0a\x00", b"\x0a\x02\x22\x00", b"\x0a\x05\x0a", b"\x08\x01"])
def test_nothing_inside_is_an_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        logmsg.unwrap(data)


def test_tables_have_a_name_and_data() -> None:
    table = wire.write_bytes(1, wire.write_bytes(1, "größe".encode())) + wire.write_bytes(2, b"\x08\x01")
    logmsg.check_table(table)
    assert logmsg.read_table_id(table) == "größe"
    for broken in (b"", wire.write_bytes(1, b""), wire.write_bytes(2, b"")):
        with pytest.raises(FormatError):
            logmsg.check_table(broken)
    with pytest.raises(FormatError):
        logmsg.read_table_id(wire.write_bytes(1, wire.write_bytes(1, b"\xff")))
