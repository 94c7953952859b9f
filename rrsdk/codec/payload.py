"""Protobuf payloads to values and back: stores, who wrote them, activations.

Reading is on the path of every verb and goes through `wire`; writing goes through the generated
module, whose import takes longer than a whole listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.codec import checksum, wire
from rrsdk.codec.frames import CURRENT_VERSION, Kind, Version
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind, Tuid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.codec import rrd_pb2

SOURCES = {0: "unspecified", 1: "C SDK", 2: "Python SDK", 3: "Rust SDK", 4: "file", 5: "viewer", 6: "other"}
PYTHON_SDK = 2


def read_store_id(raw: bytes | memoryview, *, application_id: str = "") -> StoreId:
    """A serialized StoreId; `application_id` stands in where the writer left it out (before 0.25)."""
    kind, recording, application = 0, "", application_id
    try:
        for number, wire_type, value, end in wire.read_fields(raw, 0, len(raw)):
            if number == 1 and wire_type == wire.VARINT:
                kind = value
            elif number == 2 and wire_type == wire.BYTES:
                recording = str(raw[value:end], "utf-8")
            elif number == 3 and wire_type == wire.BYTES:
                for inner, inner_type, start, stop in wire.read_fields(raw, value, end):
                    if inner == 1 and inner_type == wire.BYTES:
                        application = str(raw[start:stop], "utf-8")
    except UnicodeDecodeError as broken:
        raise FormatError("a store id is not UTF-8") from broken
    if kind not in (StoreKind.RECORDING, StoreKind.BLUEPRINT):
        raise FormatError(f"store kind {kind} is not known (1 recording, 2 blueprint)")
    return StoreId(StoreKind(kind), application, recording)


def write_store_id(store: StoreId) -> bytes:
    """A StoreId as the real SDK serializes it."""
    recording, application = store.recording_id.encode(), store.application_id.encode()
    parts = [b"\x08", wire.write_varint(store.kind)]
    if recording:  # like every writer of proto3: what is empty is left out
        parts.append(wire.write_bytes(2, recording))
    parts.append(wire.write_bytes(3, wire.write_bytes(1, application) if application else b""))
    return b"".join(parts)


def read_info_store(payload: bytes | memoryview) -> tuple[StoreId, bytes]:
    """The store a SetStoreInfo announces, and its serialized id."""
    application, raw = "", b""
    for number, wire_type, start, end in wire.read_fields(payload, 0, len(payload)):
        if number != 2 or wire_type != wire.BYTES:
            continue
        for inner, inner_type, value, stop in wire.read_fields(payload, start, end):
            if inner == 2 and inner_type == wire.BYTES:
                raw = bytes(payload[value:stop])
            elif inner == 1 and inner_type == wire.BYTES:  # deprecated, all that writers before 0.25 set
                for deep, deep_type, begin, finish in wire.read_fields(payload, value, stop):
                    if deep == 1 and deep_type == wire.BYTES:
                        application = str(bytes(payload[begin:finish]), "utf-8", "replace")
    return read_store_id(raw, application_id=application), raw


def info_content(payload: bytes) -> bytes:
    """What a SetStoreInfo says, without its row id: equal for repeats."""
    found = b""
    for number, wire_type, start, end in wire.read_fields(payload, 0, len(payload)):
        if number == 2 and wire_type == wire.BYTES:
            found = payload[start:end]
    return found


def read_info_version(payload: bytes | memoryview) -> Version | None:
    """The release that wrote the store a SetStoreInfo announces, where it says so."""
    for number, wire_type, start, end in wire.read_fields(payload, 0, len(payload)):
        if number != 2 or wire_type != wire.BYTES:
            continue
        for inner, inner_type, value, stop in wire.read_fields(payload, start, end):
            if inner != 6 or inner_type != wire.BYTES:
                continue
            for deep, deep_type, bits, _ in wire.read_fields(payload, value, stop):
                if deep == 1 and deep_type == wire.VARINT:
                    return _version(bits)
    return None


def _version(bits: int) -> Version:
    return Version(*(bits & 0xFFFFFFFF).to_bytes(4, "little"))


def read_activation_store(payload: bytes | memoryview) -> tuple[StoreId, bytes]:
    """The blueprint an activation names, and its serialized id."""
    raw = b""
    for number, wire_type, start, end in wire.read_fields(payload, 0, len(payload)):
        if number == 1 and wire_type == wire.BYTES:
            raw = bytes(payload[start:end])
    return read_store_id(raw), raw


def readdress_info(payload: bytes, store: StoreId) -> bytes:
    """A SetStoreInfo whose store id is written as current releases do; a checksum is made anew."""
    from rrsdk.codec import rrd_pb2 as pb2

    message = pb2.SetStoreInfo()
    _parse(message, checksum.without_checksum(payload))
    message.info.ClearField("application_id")
    message.info.ClearField("store_id")
    message.info.store_id.MergeFromString(write_store_id(store))
    return _like(payload, Kind.STORE_INFO, bytes(message.SerializeToString(deterministic=True)))


def readdress_activation(payload: bytes, store: StoreId) -> bytes:
    """A BlueprintActivationCommand whose store id is written as current releases do; so is a checksum."""
    from rrsdk.codec import rrd_pb2 as pb2

    message = pb2.BlueprintActivationCommand()
    _parse(message, checksum.without_checksum(payload))
    message.ClearField("blueprint_id")
    message.blueprint_id.MergeFromString(write_store_id(store))
    return _like(payload, Kind.BLUEPRINT_ACTIVATION, bytes(message.SerializeToString(deterministic=True)))


def _like(payload: bytes, kind: Kind, changed: bytes) -> bytes:
    """With a checksum, if the message that was changed has one, and matches it."""
    if checksum.check(kind, payload):
        return changed + checksum.checksum_field(kind, (changed,))
    return changed


@dataclass(frozen=True, slots=True)
class Info:
    """What a SetStoreInfo says."""

    store: StoreId
    row_id: Tuid
    source: str
    """Which kind of program wrote the store; for the Python SDK with Python's version."""
    version: Version | None
    """The release that wrote it."""


@dataclass(frozen=True, slots=True)
class ActivationCommand:
    """What a BlueprintActivationCommand says."""

    store: StoreId
    make_active: bool
    make_default: bool


def read_info(payload: bytes) -> Info:
    """All of a SetStoreInfo."""
    store, _ = read_info_store(payload)
    row_id, kind, extra = Tuid(0, 0), 0, b""
    for start, end in _inside(payload, 1):
        row_id = Tuid.from_bytes(wire.read_tuid(payload, start, end))
    for start, end in _inside(payload, 2):
        info = payload[start:end]
        for first, last in _inside(info, 5):
            source = info[first:last]
            kind = _number(source, 1)
            for at, stop in _inside(source, 2):
                extra = b"".join(
                    source[at:stop][begin:finish] for begin, finish in _inside(source[at:stop], 1)
                )
    name = SOURCES.get(kind, f"source {kind}")
    if kind == PYTHON_SDK and extra:
        release = ".".join(str(_number(extra, number)) for number in (1, 2, 3))
        suffix = b"".join(extra[first:last] for first, last in _inside(extra, 4))
        name = f"{name} (Python {release}{suffix.decode('utf-8', 'replace')})"
    return Info(store, row_id, name, read_info_version(payload))


def _inside(message: bytes, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the contents of a field begin and end, each time that it is there."""
    for number, wire_type, first, last in wire.read_fields(message, 0, len(message)):
        if number == wanted and wire_type == wire.BYTES:
            yield first, last


def _number(message: bytes, wanted: int) -> int:
    found = 0
    for number, wire_type, value, _ in wire.read_fields(message, 0, len(message)):
        if number == wanted and wire_type == wire.VARINT:
            found = value
    return found


def write_info(store: StoreId, *, row_id: Tuid, source: int = 6, version: Version = CURRENT_VERSION) -> bytes:
    """A SetStoreInfo for a store that begins here."""
    from rrsdk.codec import rrd_pb2 as pb2

    message = pb2.SetStoreInfo()
    message.row_id.time_ns, message.row_id.inc = row_id.time_ns, row_id.inc
    message.info.store_id.MergeFromString(write_store_id(store))
    message.info.store_source.kind = source  # type: ignore[assignment]  # the enum is open: any number may come
    message.info.store_source.extra.SetInParent()  # empty as it is, Rerun wants it to be there
    message.info.store_version.crate_version_bits = _signed(version)
    return bytes(message.SerializeToString(deterministic=True))


def _signed(version: Version) -> int:
    raw = bytes((version.major, version.minor, version.patch, version.meta))
    return int.from_bytes(raw, "little", signed=True)


def read_activation(payload: bytes) -> ActivationCommand:
    """All of a BlueprintActivationCommand."""
    store, _ = read_activation_store(payload)
    return ActivationCommand(store, bool(_number(payload, 2)), bool(_number(payload, 3)))


def write_activation(store: StoreId, *, make_active: bool, make_default: bool) -> bytes:
    """A BlueprintActivationCommand."""
    active, default = b"\x10\x01" if make_active else b"", b"\x18\x01" if make_default else b""
    return wire.write_bytes(1, write_store_id(store)) + active + default


def _parse(message: rrd_pb2.SetStoreInfo | rrd_pb2.BlueprintActivationCommand, payload: bytes) -> None:
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(payload)
    except DecodeError as broken:
        raise FormatError("a protobuf message is broken") from broken
