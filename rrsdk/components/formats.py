"""What an image's bytes mean: its size, and either a pixel format or color model and channel type."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import shown
from rrsdk.components.choices import Choice, choice
from rrsdk.components.instance import Instance
from rrsdk.components.kind import instance_type, lengths, one_each
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array

_NAMES = ("width", "height", "pixel_format", "color_model", "channel_datatype")
_ENUMS = ("PixelFormat", "ColorModel", "ChannelDatatype")
_STRUCT = struct.Struct("<IIBBB")
_MAX_MET = 1000
_DTYPE = np.dtype(list(zip(_NAMES, ("<u4", "<u4", "u1", "u1", "u1"))))


class ImageFormat(Instance):
    """The format of an image; none of the enums has a 0, which stands for none."""

    __slots__ = ("packed",)

    def __init__(
        self,
        width: int,
        height: int,
        pixel_format: Any = None,
        color_model: Any = None,
        channel_datatype: Any = None,
    ) -> None:
        codes = [
            0 if value is None else choice(name).auto(value).value
            for name, value in zip(_ENUMS, (pixel_format, color_model, channel_datatype))
        ]
        try:
            self.packed = _STRUCT.pack(width, height, *codes)
        except struct.error:
            raise LogError(f"{width}×{height} is no size of an image", field="format") from None

    @classmethod
    def unpacked(cls, packed: bytes) -> ImageFormat:
        """The format that is held so."""
        made = cls.__new__(cls)
        made.packed = packed
        return made

    @property
    def width(self) -> int:
        """In pixels."""
        return int(_STRUCT.unpack(self.packed)[0])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(_STRUCT.unpack(self.packed)[1])

    def _choice(self, index: int) -> Any:
        code = _STRUCT.unpack(self.packed)[2 + index]
        return choice(_ENUMS[index]).auto(code) if code else None

    @property
    def pixel_format(self) -> Choice | None:
        """Of images with their own layout, such as NV12."""
        return self._choice(0)  # type: ignore[no-any-return]

    @property
    def color_model(self) -> Any:
        """Such as RGB."""
        return self._choice(1)

    @property
    def channel_datatype(self) -> Any:
        """Such as U8."""
        return self._choice(2)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImageFormat) and other.packed == self.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"ImageFormat({', '.join(f'{name}={getattr(self, name)}' for name in _NAMES)})"


class Formats:
    """`struct<width: uint32, height: uint32, pixel_format: …>`."""

    raw: type | None = None
    empty = b""

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype
        self._met: dict[bytes, pa.Array] = {}
        """Columns of one row: images of a video come one by one, and have all the same."""

    def coercer(self, field: str) -> Callable[[Any], bytes]:
        """One format, or a sequence of them."""

        def coerce(value: Any) -> bytes:
            if isinstance(value, ImageFormat):
                return value.packed
            if isinstance(value, (list, tuple)):
                return b"".join(map(coerce, value))
            raise LogError(f"ImageFormat expected, not {shown(value)}", field=field)

        return coerce

    def flat(self, values: Sequence[bytes]) -> tuple[pa.Array, Array | None]:
        if len(values) > 1 or len(values[0]) != _STRUCT.size:
            return self._flat(values)
        array = self._met.get(values[0])
        if array is None:
            if len(self._met) >= _MAX_MET:
                self._met.clear()
            array = self._met[values[0]] = self._flat(values)[0]
        return array, None

    def _flat(self, values: Sequence[bytes]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        rows = np.frombuffer(b"".join(values), _DTYPE)
        kind = instance_type(self.datatype)
        children = []
        for index, name in enumerate(_NAMES):
            column = np.ascontiguousarray(rows[name])
            validity = None
            if kind.field(index).nullable and not column.all():
                validity = pa.py_buffer(np.packbits(column != 0, bitorder="little"))
            child = pa.Array.from_buffers(kind.field(index).type, len(rows), [validity, pa.py_buffer(column)])
            children.append(child)
        counts = None if len(rows) == len(values) else lengths(values, _STRUCT.size)
        if counts is None and any(len(value) != _STRUCT.size for value in values):
            counts = lengths(values, _STRUCT.size)
        return pa.Array.from_buffers(kind, len(rows), [None], children=children), counts

    def nbytes(self, value: bytes) -> int:
        return len(value)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)
