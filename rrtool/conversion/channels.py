"""MCAP files as chunks: each channel is an entity with its messages as they are, like Rerun's raw decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.chunk.columns import component_column
from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, InputError, TruncatedError
from rrsdk.importers import LARGEST_BLOB
from rrtool.conversion.mcap_records import MAGIC, McapFile, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcap.records import Channel, Schema

    from rrsdk.importers import File

SUFFIXES: Final = frozenset({".mcap"})
_CHUNK: Final = 4 * 1024 * 1024
"""Bytes of one channel's messages that become a chunk, about."""
_HELD: Final = 64 * 1024 * 1024
"""Bytes of all channels that wait to become chunks."""
_ROW: Final = 32
"""What a message counts besides its bytes, so that empty ones do not wait for ever."""
_CONTENT: Final = "McapMessage:data"


def read_mcap(file: File) -> Iterator[Chunk]:
    """Channels and schemas as static data, messages at the times when they were logged and published."""
    size = _check_ends(file)
    mcap = McapFile(file.name, size)
    waiting: dict[int, list[Record]] = {}
    sizes: dict[int, int] = {}
    entities: dict[int, str] = {}
    for batch in mcap.batches():
        for message in batch:
            number = message.channel
            if number not in entities:
                channel, schema = mcap.channels[number]
                entities[number] = _entity(channel.topic, file.entity)
                waiting[number], sizes[number] = [], 0
                yield _about(entities[number], channel, schema)
            if waiting[number] and sizes[number] + len(message.data) > LARGEST_BLOB:
                yield _messages(entities[number], waiting[number])
                waiting[number], sizes[number] = [], 0
            waiting[number].append(message)
            sizes[number] += len(message.data) + _ROW
            if sizes[number] >= _CHUNK:
                yield _messages(entities[number], waiting[number])
                waiting[number], sizes[number] = [], 0
        if sum(sizes.values()) >= _HELD:
            for number, entity in entities.items():
                if waiting[number]:
                    yield _messages(entity, waiting[number])
                waiting[number], sizes[number] = [], 0
    for number, messages in waiting.items():
        if messages:
            yield _messages(entities[number], messages)


def _check_ends(file: File) -> int:
    size = file.check_regular()
    try:
        with open(file.name, "rb") as opened:
            begin = opened.read(len(MAGIC))
            opened.seek(max(size - len(MAGIC), 0))
            end = opened.read(len(MAGIC))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=file.name) from None
    if begin != MAGIC:
        raise FormatError("does not begin as MCAP does", source=file.name, offset=0)
    if end != MAGIC or size < 2 * len(MAGIC):
        raise TruncatedError("is cut off: its end is missing", source=file.name, offset=size)
    return size


def _entity(topic: str, below: str) -> str:
    """The topic as a path; what must be escaped there is."""
    return format_path((*parse_path(below), *(part for part in topic.split("/") if part)))


def _about(entity: str, channel: Channel, schema: Schema | None) -> Chunk:
    pairs = [{"first": key, "second": value} for key, value in channel.metadata.items()]
    components: dict[str, Any] = {
        "McapChannel:id": [[channel.id]],
        "McapChannel:message_encoding": [[channel.message_encoding]],
        "McapChannel:metadata": [[pairs]],
        "McapChannel:topic": [[channel.topic]],
    }
    if schema is not None:
        components |= {
            "McapSchema:data": _blobs("McapSchema:data", [schema.data]),
            "McapSchema:encoding": [[schema.encoding]],
            "McapSchema:id": [[schema.id]],
            "McapSchema:name": [[schema.name]],
        }
    return Chunk.from_columns(entity, components=components)


def _messages(entity: str, messages: list[Record]) -> Chunk:
    indexes = {
        "message_log_time": _times([one.log_time for one in messages], entity),
        "message_publish_time": _times([one.publish_time for one in messages], entity),
    }
    blobs = _blobs(_CONTENT, [one.data for one in messages])
    return Chunk.from_columns(entity, indexes=indexes, components={_CONTENT: blobs})


def _times(nanoseconds: list[int], entity: str) -> pa.Array:
    try:
        return pa.array(nanoseconds, pa.int64()).cast(pa.timestamp("ns"))
    except (OverflowError, pa.ArrowException):
        largest = max(nanoseconds)
        raise FormatError(
            f"a message's time, {largest}, is later than 64 bits can say", entity=entity
        ) from None


def _blobs(component: str, data: list[bytes]) -> pa.Array:
    """Lists of one blob each, of the type that the component has."""
    wanted = component_column(component, [], "/")[0].type
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in data])])
    octets = pa.Array.from_buffers(pa.uint8(), int(offsets[-1]), [None, pa.py_buffer(b"".join(data))])
    blobs = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), octets, type=wanted.value_type)
    return pa.ListArray.from_arrays(pa.array(np.arange(len(data) + 1, dtype=np.int32)), blobs, type=wanted)
