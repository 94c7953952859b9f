"""Our reader and writer of protobuf's wire format against the generated module."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rrsdk.codec import payload as payloads
from rrsdk.codec import rrd_pb2, wire
from rrsdk.codec.frames import Version
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind, Tuid
from tests.sdk.strategies import TUIDS, U64

TEXT = st.text(max_size=20)
STORES = st.builds(StoreId, st.sampled_from(StoreKind), TEXT, TEXT)


@st.composite
def arrow_msgs(draw: st.DrawFn, payload_size: int = 200) -> Any:
    """Any ArrowMsg that can be read; what may be missing is sometimes missing."""
    message = rrd_pb2.ArrowMsg(
        store_id=rrd_pb2.StoreId(
            kind=draw(st.sampled_from([0, 1, 2])),
            recording_id=draw(TEXT),
            application_id=rrd_pb2.ApplicationId(id=draw(TEXT)),
        ),
        compression=draw(st.sampled_from([0, 1, 2])),
        uncompressed_size=draw(U64),
        encoding=wire.ENCODING_ARROW_IPC,
        payload=draw(st.binary(min_size=1, max_size=payload_size)),
    )
    if draw(st.booleans()):
        message.chunk_id.CopyFrom(rrd_pb2.Tuid(time_ns=draw(U64), inc=draw(U64)))
    if draw(st.booleans()):
        message.is_static = draw(st.booleans())
    return message


def assert_same(envelope: wire.Envelope, message: Any, raw: bytes, start: int = 0) -> None:
    assert envelope.store == message.store_id.SerializeToString()
    assert envelope.compression == message.compression
    assert envelope.uncompressed_size == message.uncompressed_size
    assert raw[envelope.payload_start : envelope.payload_end] == message.payload
    assert envelope.payload_start >= start
    expected = None
    if message.HasField("chunk_id"):
        expected = Tuid(message.chunk_id.time_ns, message.chunk_id.inc).to_bytes()
    assert envelope.chunk_id == expected
    assert envelope.is_static == (message.is_static if message.HasField("is_static") else None)


# ---- values ----


@given(U64)
@example(2**64 - 1)
def test_varints_round_trip(value: int) -> None:
    raw = wire.write_varint(value)
    assert wire.read_varint(b"x" + raw + b"y", 1, 1 + len(raw)) == (value, 1 + len(raw))
    tagged = b"\x18" + raw
    assert rrd_pb2.ArrowMsg.FromString(tagged).uncompressed_size == value


@given(U64)
def test_a_cut_varint_is_an_error(value: int) -> None:
    raw = wire.write_varint(value)
    with pytest.raises(FormatError, match="inside a varint"):
        wire.read_varint(raw, 0, len(raw) - 1)


def test_an_endless_varint_is_an_error() -> None:
    with pytest.raises(FormatError, match="ten bytes"):
        wire.read_varint(b"\xff" * 20, 0, 20)


@given(TUIDS)
def test_ids_round_trip(raw: bytes) -> None:
    written = wire.write_tuid(raw)
    assert wire.read_tuid(b"xx" + written, 2, 2 + len(written)) == raw
    message = rrd_pb2.Tuid.FromString(written)
    assert Tuid(message.time_ns, message.inc) == Tuid.from_bytes(raw)


@given(U64, U64, st.booleans(), st.booleans())
def test_ids_of_other_writers(time_ns: int, inc: int, has_time: bool, has_inc: bool) -> None:
    """A half may be absent, and stands for zero; the order of fields is free."""
    fields = [b"\x09" + time_ns.to_bytes(8, "little")] * has_time
    fields += [b"\x11" + inc.to_bytes(8, "little")] * has_inc
    raw = b"".join(reversed(fields))
    expected = Tuid(time_ns * has_time, inc * has_inc).to_bytes()
    assert wire.read_tuid(raw, 0, len(raw)) == expected


# ---- envelopes ----


@given(arrow_msgs())
def test_an_envelope_is_what_protobuf_reads(message: Any) -> None:
    raw = message.SerializeToString()
    framed = b"before" + raw + b"after"
    envelope = wire.read_envelope(framed, 6, 6 + len(raw))
    assert_same(envelope, message, framed, 6)
    assert wire.read_envelope(memoryview(framed), 6, 6 + len(raw)) == envelope


@given(arrow_msgs(), st.randoms(use_true_random=False))
def test_the_order_of_fields_is_free(message: Any, random: Any) -> None:
    raw = message.SerializeToString()
    fields, at = [], 0
    for _, _, _, end in wire.read_fields(raw, 0, len(raw)):
        fields.append(raw[at:end])
        at = end
    unknown = [b"\x78\x05", b"\x7a\x02hi", b"\x7d\1\2\3\4", b"\x79" + bytes(8)]  # field 15, each wire type
    fields += unknown
    random.shuffle(fields)
    shuffled = b"".join(fields)
    assert_same(wire.read_envelope(shuffled, 0, len(shuffled)), message, shuffled)


@given(st.lists(arrow_msgs(), min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_a_reader_of_many_reads_each_the_same(messages: list[Any], order: list[int]) -> None:
    reader = wire.EnvelopeReader()
    for number in order:
        raw = messages[number % len(messages)].SerializeToString()
        framed = b"x" * number + raw + b"y" * 40
        found = reader.read(framed, number, number + len(raw))
        assert found == wire.read_envelope(framed, number, number + len(raw))


@given(arrow_msgs(), U64, st.integers(0, 100), st.binary(max_size=60))
def test_a_reader_that_has_seen_a_store_believes_nothing(
    message: Any, size: int, cut: int, tail: bytes
) -> None:
    """The quick way gives the same as the slow one, or fails as it does, whatever follows the prefix."""
    raw = message.SerializeToString()
    reader = wire.EnvelopeReader()
    reader.read(raw, 0, len(raw))
    odd = raw[: min(cut, len(raw))] + tail
    assert outcome(lambda: reader.read(odd, 0, len(odd))) == outcome(
        lambda: wire.read_envelope(odd, 0, len(odd))
    )


def outcome(read: Any) -> Any:
    try:
        return read()
    except FormatError:
        return FormatError


@given(arrow_msgs(payload_size=400), st.integers(1, 600), st.integers(0, 64))
def test_the_ends_of_a_message_give_its_envelope(message: Any, head: int, tail: int) -> None:
    raw = message.SerializeToString()
    found = wire.read_envelope_parts(raw[:head], raw[len(raw) - min(tail, len(raw)) :], len(raw))
    if found is not None:
        assert found == wire.read_envelope(raw, 0, len(raw))


def test_the_ends_of_a_large_message_suffice() -> None:
    message = rrd_pb2.ArrowMsg(encoding=1, payload=bytes(10**6), compression=2, uncompressed_size=7)
    message.store_id.recording_id = "r" * 300
    message.chunk_id.time_ns = 5
    raw = message.SerializeToString()
    found = wire.read_envelope_parts(raw[: 32 * 1024], raw[-64:], len(raw))
    assert found == wire.read_envelope(raw, 0, len(raw))


@given(STORES, TUIDS, st.binary(max_size=50), st.sampled_from([1, 2]), U64, st.booleans())
def test_what_we_write_protobuf_reads(
    store: StoreId, chunk_id: bytes, payload: bytes, compression: int, size: int, is_static: bool
) -> None:
    before, after = wire.write_envelope(
        payloads.write_store_id(store),
        compression=compression,
        uncompressed_size=size,
        payload_size=len(payload),
        chunk_id=chunk_id,
        is_static=is_static,
    )
    raw = before + payload + after
    message = rrd_pb2.ArrowMsg.FromString(raw)
    assert (message.payload, message.encoding, message.is_static) == (payload, 1, is_static)
    assert_same(wire.read_envelope(raw, 0, len(raw)), message, raw)
    assert payloads.read_store_id(message.store_id.SerializeToString()) == store


@given(st.binary(max_size=80))
def test_rubbish_is_a_format_error(raw: bytes) -> None:
    for read in (
        lambda: wire.read_envelope(raw, 0, len(raw)),
        lambda: wire.EnvelopeReader().read(raw, 0, len(raw)),
        lambda: list(wire.read_fields(raw, 0, len(raw))),
        lambda: payloads.read_store_id(raw),
        lambda: payloads.read_info_store(raw),
        lambda: payloads.read_info_version(raw),
        lambda: payloads.read_activation_store(raw),
        lambda: payloads.read_info(raw),
        lambda: payloads.read_activation(raw),
    ):
        outcome(read)


@given(arrow_msgs(), st.data())
def test_a_flipped_bit_never_reads_past_the_message(message: Any, data: st.DataObject) -> None:
    raw = bytearray(message.SerializeToString())
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    found = outcome(lambda: wire.read_envelope(raw, 0, len(raw)))
    assume(found is not FormatError)
    assert 0 <= found.payload_start <= found.payload_end <= len(raw)
    try:
        expected = rrd_pb2.ArrowMsg.FromString(bytes(raw))
    except DecodeError:
        return
    assert bytes(raw[found.payload_start : found.payload_end]) == expected.payload


# ---- the other messages ----


@given(STORES)
def test_store_ids_round_trip(store: StoreId) -> None:
    raw = payloads.write_store_id(store)
    assert payloads.read_store_id(raw) == store
    message = rrd_pb2.StoreId.FromString(raw)
    assert message.kind == store.kind
    assert (message.application_id.id, message.recording_id) == (store.application_id, store.recording_id)


BYTE = st.integers(0, 255)


@given(STORES, U64, U64, st.integers(0, 6), st.builds(Version, BYTE, BYTE, BYTE, BYTE))
def test_store_infos_round_trip(
    store: StoreId, time_ns: int, inc: int, source: int, version: Version
) -> None:
    assume(version != Version(0, 0, 0))
    raw = payloads.write_info(store, row_id=Tuid(time_ns, inc), source=source, version=version)
    info = payloads.read_info(raw)
    assert info == payloads.Info(store, Tuid(time_ns, inc), payloads.SOURCES[source], version)
    assert payloads.read_info_store(raw) == (store, payloads.write_store_id(store))
    assert payloads.read_info_version(raw) == version


@given(STORES, st.booleans(), st.booleans())
def test_activations_round_trip(store: StoreId, make_active: bool, make_default: bool) -> None:
    raw = payloads.write_activation(store, make_active=make_active, make_default=make_default)
    assert payloads.read_activation(raw) == payloads.ActivationCommand(store, make_active, make_default)
    assert payloads.read_activation_store(raw) == (store, payloads.write_store_id(store))


def test_an_old_info_names_its_application_apart() -> None:
    """Before 0.25 the store's id did not hold the application's."""
    message = rrd_pb2.SetStoreInfo()
    message.info.application_id.id = "old"
    message.info.store_id.kind = rrd_pb2.STORE_KIND_RECORDING
    message.info.store_id.recording_id = "r"
    store, _ = payloads.read_info_store(message.SerializeToString())
    assert store == StoreId(StoreKind.RECORDING, "old", "r")
