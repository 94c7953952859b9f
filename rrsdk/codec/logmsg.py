"""What travels over gRPC, without gRPC: the wrappers around store infos, chunks, activations and tables.

    WriteMessagesRequest{log_msg=1}   ReadMessagesResponse{log_msg=1}   LogMsg{oneof 1, 2, 3}
    WriteTableRequest{id=1, data=2}   ReadTablesResponse{id=1, data=2}

Requests and responses are the same bytes, and what is inside a LogMsg is exactly the payload of the
.rrd message of that kind. So data pass from one to the other untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec import wire
from rrsdk.codec.frames import Kind
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.message import Buffer

_LOG_MSG = 1
_TABLE_ID, _TABLE_DATA = 1, 2
_KINDS = {kind.value: kind for kind in (Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION)}


def wrap(kind: int, parts: Sequence[Buffer]) -> bytes:
    """A WriteMessagesRequest, which is a ReadMessagesResponse too, around a payload given in pieces."""
    size = sum(map(len, parts))
    inner = wire.write_varint(kind << 3 | wire.BYTES) + wire.write_varint(size)
    outer = wire.write_varint(_LOG_MSG << 3 | wire.BYTES) + wire.write_varint(len(inner) + size)
    return b"".join((outer, inner, *parts))


def unwrap(message: Buffer) -> tuple[Kind, memoryview]:
    """The kind and the payload in a WriteMessagesRequest or ReadMessagesResponse; no bytes are copied."""
    log_msg = _only(message, _LOG_MSG)
    if log_msg is None:
        raise FormatError("a message on the wire carries no LogMsg")
    number = -1
    found: list[memoryview] = []
    for field, wire_type, start, end in wire.read_fields(log_msg, 0, len(log_msg)):
        if wire_type == wire.BYTES and field in _KINDS:
            if field != number:  # of a oneof the last one holds; repeats of one message are joined
                number, found = field, []
            found.append(log_msg[start:end])
    if not found:
        raise FormatError("a LogMsg carries neither a store info, a chunk nor an activation")
    return _KINDS[number], _joined(found)


def check_table(message: Buffer) -> None:
    """FormatError where a WriteTableRequest or ReadTablesResponse lacks its name or its data."""
    numbers = {
        number
        for number, wire_type, _, _ in wire.read_fields(message, 0, len(message))
        if wire_type == wire.BYTES
    }
    if not {_TABLE_ID, _TABLE_DATA} <= numbers:
        raise FormatError("a table carries no name or no data")


def read_table_id(message: Buffer) -> str:
    """The name of the table in a WriteTableRequest or ReadTablesResponse."""
    table_id = _only(message, _TABLE_ID)
    name = _only(table_id, 1) if table_id is not None else None
    try:
        return str(name, "utf-8") if name is not None else ""
    except UnicodeDecodeError as broken:
        raise FormatError("the name of a table is not UTF-8") from broken


def _only(message: Buffer, number: int) -> memoryview | None:
    """The content of a field that holds a message."""
    view = memoryview(message)
    found = [
        view[start:end]
        for field, wire_type, start, end in wire.read_fields(view, 0, len(view))
        if field == number and wire_type == wire.BYTES
    ]
    return _joined(found) if found else None


def _joined(pieces: list[memoryview]) -> memoryview:
    return pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))
