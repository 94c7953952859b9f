"""Where a video stream can be entered: samples of H.264 and H.265 that begin a group of pictures.

A decoder can begin with a picture that refers to no other, where the parameters it needs stand in the
same sample. Both are units of the Annex B byte stream and are told by their first byte; nothing is decoded.
Of other codecs nothing is known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from rrsdk.errors import FormatError
from rrsdk.ipc.keys import COMPONENT_TYPE_KEY
from rrsdk.ipc.schema import Kind
from rrsdk.ipc.table import unpack_bits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rrsdk.ipc.layout import ChunkLayout, ColumnLayout
    from rrsdk.message import Buffer

H264: Final = 0x61766331
H265: Final = 0x68657631
_NAMES: Final = {H264: "H.264", H265: "H.265", 0x61763031: "AV1", 0x76703038: "VP8", 0x76703039: "VP9"}

SAMPLE_TYPE: Final = "rerun.components.VideoSample"
CODEC_TYPE: Final = "rerun.components.VideoCodec"

_START: Final = b"\0\0\1"
_H264_PARAMETERS, _H264_PICTURE = 7, 5
_H265_PARAMETERS, _H265_PICTURES = 33, range(16, 24)


def codec_name(codec: int | None) -> str:
    """As people call it."""
    return "an unknown codec" if codec is None else _NAMES.get(codec, f"codec {codec:#010x}")


def knows(codec: int | None) -> bool:
    """Whether key frames of this codec can be told."""
    return codec in (H264, H265)


def begins_group(sample: Buffer, codec: int) -> bool:
    """Whether a decoder can begin with this sample."""
    data = bytes(sample)
    parameters = picture = False
    at = data.find(_START)
    while 0 <= at < len(data) - 3:
        first = data[at + 3]
        if first < 0x80:  # the highest bit is forbidden
            if codec == H264:
                unit = first & 0x1F
                parameters, picture = parameters or unit == _H264_PARAMETERS, picture or unit == _H264_PICTURE
            else:
                unit = first >> 1
                parameters, picture = (
                    parameters or unit == _H265_PARAMETERS,
                    picture or unit in _H265_PICTURES,
                )
            if parameters and picture:
                return True
        at = data.find(_START, at + 3)
    return False


def column_of_type(layout: ChunkLayout, component_type: str) -> ColumnLayout | None:
    """The chunk's first component of a type."""
    for column in layout.components:
        if column.field.metadata.get(COMPONENT_TYPE_KEY) == component_type:
            return column
    return None


def samples_of(column: ColumnLayout, rows: int, buffer: Callable[[int], Buffer]) -> Iterator[Buffer | None]:
    """The first sample in each row; None where there is none.

    `buffer` hands out the record batch's buffers by number.
    """
    (item,) = column.field.children
    first = column.first_buffer
    outer = _numbers(buffer(first + 1), "i")
    there = _validity(buffer(first), rows)
    if item.type.kind in (Kind.BINARY, Kind.UTF8, Kind.LIST):
        inner = _numbers(buffer(first + 3), "i")
    elif item.type.kind in (Kind.LARGE_BINARY, Kind.LARGE_LIST):
        inner = _numbers(buffer(first + 3), "q")
    else:
        raise FormatError(f"samples of type {item.type.kind.name} cannot be read", field=column.name)
    data = buffer(first + (5 if item.type.kind in (Kind.LIST, Kind.LARGE_LIST) else 4))
    if rows and len(outer) < rows + 1:
        raise FormatError("a column is cut off", field=column.name)
    for row in range(rows):
        begin, end = outer[row], outer[row + 1]
        if begin >= end or (there is not None and not there[row]):
            yield None
            continue
        if not 0 <= begin < len(inner) - 1 or not 0 <= inner[begin] <= inner[begin + 1] <= len(data):
            raise FormatError("a sample lies outside of its column", field=column.name)
        yield data[inner[begin] : inner[begin + 1]]


def codecs_of(column: ColumnLayout, rows: int, buffer: Callable[[int], Buffer]) -> set[int]:
    """All codecs that a column names."""
    outer = _numbers(buffer(column.first_buffer + 1), "i")
    values = _numbers(buffer(column.first_buffer + 3), "I")
    if rows and len(outer) < rows + 1:
        raise FormatError("a column is cut off", field=column.name)
    return {values[at] for row in range(rows) for at in range(outer[row], outer[row + 1]) if at < len(values)}


def the_one(codecs: Iterable[int]) -> int | None:
    """The codec of a stream, unless several are named."""
    found = set(codecs)
    return found.pop() if len(found) == 1 else None


def _numbers(buffer: Buffer, code: Literal["i", "I", "q"]) -> memoryview[int]:
    view = memoryview(buffer)
    return view[: len(view) // 8 * 8 if code == "q" else len(view) // 4 * 4].cast(code)


def _validity(bits: Buffer, rows: int) -> bytearray | None:
    return unpack_bits(memoryview(bits), rows) if len(bits) else None
