"""The store info that a recording begins with, without the protobuf package, which takes long to import."""

from __future__ import annotations

import sys

from rrsdk.codec import wire
from rrsdk.codec.frames import CURRENT_VERSION
from rrsdk.codec.payload import PYTHON_SDK, write_store_id
from rrsdk.identity import StoreId, new_tuid
from rrsdk.message import StoreInfo


def announcement(store: StoreId) -> StoreInfo:
    """A store that begins here and now, made by this Python."""
    row_id = wire.write_tuid(new_tuid().to_bytes())
    info = b"".join(
        (
            wire.write_bytes(2, write_store_id(store)),
            wire.write_bytes(5, b"\x08" + wire.write_varint(PYTHON_SDK) + wire.write_bytes(2, _python())),
            wire.write_bytes(6, b"\x08" + wire.write_varint(_release())),
        )
    )
    return StoreInfo(store, wire.write_bytes(1, row_id) + wire.write_bytes(2, info))


def _python() -> bytes:
    """This interpreter's version, as the payload of the store source."""
    version = sys.version_info
    suffix = "" if version.releaselevel == "final" else f"{version.releaselevel}{version.serial}"
    numbers = [(1, version.major), (2, version.minor), (3, version.micro)]
    fields = [bytes((number << 3,)) + wire.write_varint(value) for number, value in numbers if value]
    if suffix:
        fields.append(wire.write_bytes(4, suffix.encode()))
    return wire.write_bytes(1, b"".join(fields))


def _release() -> int:
    parts = (CURRENT_VERSION.major, CURRENT_VERSION.minor, CURRENT_VERSION.patch, CURRENT_VERSION.meta)
    return int.from_bytes(bytes(parts), "little")
