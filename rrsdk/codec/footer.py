"""The end of a stream: manifests in the payload of the End message, and the trailer behind it."""

from __future__ import annotations

from dataclasses import dataclass

import xxhash

from rrsdk.codec import lz4, wire
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_HASH_SEED,
    FOOTER_MAGIC,
    FOOTER_TRAILER,
    MESSAGE_HEADER,
    Kind,
    message_header,
)
from rrsdk.errors import FormatError
from rrsdk.ipc.manifest import Manifest, column_key, write_fields
from rrsdk.ipc.table import read_table, write_table

_ENCODER_V1 = b"\x08\x01"  # DataframePart.encoder_version = ENCODER_VERSION_V0


@dataclass(frozen=True, slots=True)
class FooterPlace:
    """Where a footer's payload lies, counted from the start of its own stream."""

    start: int
    size: int
    xxh32: int


def footer_hash(payload: bytes | memoryview) -> int:
    """The checksum a trailer carries of its footer."""
    return xxhash.xxh32_intdigest(payload, seed=FOOTER_HASH_SEED)


def read_trailer(tail: bytes) -> list[FooterPlace] | None:
    """The footers that the last bytes of a file point at; None where it has no trailer.

    `tail` must reach back far enough for all entries, else FormatError says so.
    """
    if len(tail) < FOOTER_TRAILER.size:
        return None
    magic, entries = FOOTER_TRAILER.unpack(tail[-FOOTER_TRAILER.size :])
    if magic != FOOTER_MAGIC:
        return None
    start = len(tail) - FOOTER_TRAILER.size - entries * FOOTER_ENTRY.size
    if start < 0:
        raise FormatError(f"the trailer claims {entries} footers, more than the file can hold")
    return [
        FooterPlace(*FOOTER_ENTRY.unpack_from(tail, start + number * FOOTER_ENTRY.size))
        for number in range(entries)
    ]


def read_footer(payload: bytes | memoryview) -> list[tuple[bytes, Manifest]]:
    """The manifests in an End message's payload, each with its store's serialized id."""
    view = memoryview(payload)
    found: list[tuple[bytes, Manifest]] = []
    for number, wire_type, start, end in wire.read_fields(view, 0, len(view)):
        if number == 1 and wire_type == wire.BYTES:
            found.append(_read_manifest(view[start:end]))
    return found


def _read_manifest(view: memoryview) -> tuple[bytes, Manifest]:
    parts: dict[int, memoryview] = {}
    for number, wire_type, start, end in wire.read_fields(view, 0, len(view)):
        if wire_type == wire.BYTES:
            parts[number] = view[start:end]
    if not {1, 2, 3, 4} <= parts.keys():
        raise FormatError("a manifest of the footer is incomplete")
    schema = b""
    for number, wire_type, start, end in wire.read_fields(parts[2], 0, len(parts[2])):
        if number == 1 and wire_type == wire.BYTES:
            schema = bytes(parts[2][start:end])
    if not schema:
        raise FormatError("a manifest of the footer has no schema")
    return bytes(parts[1]), Manifest(
        read_table(_dataframe(parts[4]), key=column_key), schema=(schema, bytes(parts[3]))
    )


def _dataframe(part: memoryview) -> bytes | bytearray | memoryview:
    payload = memoryview(b"")
    compression, size = wire.COMPRESSION_NONE, 0
    for number, wire_type, value, end in wire.read_fields(part, 0, len(part)):
        if number == 2 and wire_type == wire.BYTES:
            payload = part[value:end]
        elif number == 3 and wire_type == wire.VARINT:
            compression = value or wire.COMPRESSION_NONE
        elif number == 4 and wire_type == wire.VARINT:
            size = value
    return lz4.decompress(payload, compression, size)


def write_footer(manifests: list[tuple[bytes, Manifest]]) -> bytes:
    """The payload of an End message."""
    return b"".join(wire.write_bytes(1, _write_manifest(store, manifest)) for store, manifest in manifests)


def _write_manifest(store: bytes, manifest: Manifest) -> bytes:
    schema, digest = manifest.schema or write_fields(manifest.fields.values())
    table = write_table(manifest.table)
    block = lz4.compress(table)
    part = b"".join((_ENCODER_V1, wire.write_bytes(2, block), b"\x18\x02\x20", wire.write_varint(len(table))))
    return b"".join(
        (
            wire.write_bytes(1, store),
            wire.write_bytes(2, wire.write_bytes(1, schema)),
            wire.write_bytes(3, digest),
            wire.write_bytes(4, part),
        )
    )


def end_of_stream(footer: bytes, position: int) -> bytes:
    """End message and trailer for a footer that will stand `position` bytes into its stream."""
    place = FOOTER_ENTRY.pack(position + MESSAGE_HEADER.size, len(footer), footer_hash(footer))
    return b"".join(
        (message_header(Kind.END, len(footer)), footer, place, FOOTER_TRAILER.pack(FOOTER_MAGIC, 1))
    )
