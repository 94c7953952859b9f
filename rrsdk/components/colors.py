"""Colors: from 0–255 integers, 0–1 floats, packed 0xRRGGBBAA or `#rrggbb` to packed integers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import numbers_of, shown
from rrsdk.components.instance import Instance
from rrsdk.components.numbers import Numbers
from rrsdk.components.strictness import warn_at_caller
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.components.storage import Array, Buffer

_WANTED = "colors (0–255 integers, 0–1 floats, packed 0xRRGGBBAA, or '#rrggbb')"
_UINT32 = np.dtype(np.uint32)
_LARGEST = 0xFFFFFFFF
_pack = struct.Struct("<I").pack


class Rgba32:
    """One color, as 0xRRGGBBAA."""

    __slots__ = ("rgba",)

    def __init__(self, rgba: Any) -> None:
        held = _coerced(rgba, "rgba")
        if len(held) != 4:
            raise LogError(f"one color expected, not {shown(rgba)}", field="rgba")
        self.rgba = int.from_bytes(bytes(held), "little")

    def __int__(self) -> int:
        return self.rgba

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rgba32) and other.rgba == self.rgba

    def __hash__(self) -> int:
        return hash(self.rgba)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(0x{self.rgba:08x})"


class Color(Rgba32, Instance):
    """The same, under the name of the component."""

    __slots__ = ()


class Colors(Numbers):
    """`uint32` that is a color: red in the highest byte, alpha in the lowest."""

    def __init__(self) -> None:
        super().__init__("uint32")

    def coercer(self, field: str) -> Callable[[Any], Buffer]:
        """Three or four small integers are one color; other flat integers are packed ones."""

        def coerce(value: Any) -> Buffer:
            return _coerced(value, field)

        return coerce


def _coerced(value: Any, field: str) -> Buffer:
    kind = value.__class__
    if kind is int:
        return _packed(value, field)
    if kind is tuple or kind is list:
        if 3 <= len(value) <= 4:
            try:
                return bytes(reversed(value)) if len(value) == 4 else b"\xff" + bytes(reversed(value))
            except (TypeError, ValueError):
                pass  # Floats, packed colors, or three colors.
        if not len(value):
            return b""
        if not all(item.__class__ in (int, float) for item in value):
            return _from_items(value, field)
    elif kind is str:
        return _packed(_hex(value, field), field)
    elif isinstance(value, Rgba32):
        return _packed(value.rgba, field)
    return _from_array(numbers_of(value, _UINT32, field, _WANTED), field)


def _from_items(values: Any, field: str) -> Buffer:
    """A sequence of colors, or of what holds numbers."""
    if not any(isinstance(item, (str, Rgba32)) for item in values):
        try:
            array = numbers_of(values, _UINT32, field, _WANTED)
        except LogError:
            pass  # With and without alpha, or packed ones among them.
        else:
            return _from_array(array, field)
    return b"".join([bytes(_one(item, field)) for item in values])


def _one(value: Any, field: str) -> Buffer:
    """One color of a sequence."""
    if isinstance(value, (int, str, Rgba32)):
        return _coerced(value, field)
    array = numbers_of(value, _UINT32, field, _WANTED)
    if array.size not in (3, 4):
        raise LogError(f"{_WANTED} expected, not {shown(value)}", field=field)
    return _reversed(array.reshape(1, -1), field)


def _from_array(array: Array, field: str) -> Buffer:
    if not array.size:
        return b""
    whole = array.dtype.kind in "iu"
    if array.dtype == _UINT32:
        return array.tobytes()
    if array.ndim > 1 and array.shape[-1] not in (3, 4):
        array = array.squeeze()
    if array.ndim < 2:
        if whole and array.dtype != np.uint8:
            if array.size not in (3, 4) or array.max() > 255:
                if array.size in (3, 4):
                    warn_at_caller(
                        f"field {field}: {array.size} integers above 255 are taken as packed 0xRRGGBBAA; "
                        "pass an array of uint32 to say so"
                    )
                _check(array, _LARGEST, field)
                return array.astype(_UINT32).tobytes()
        elif array.size not in (3, 4) and array.size % 4:
            raise LogError(f"{_WANTED} expected, not {shown(array)}", field=field)
        array = array.reshape((1, -1)) if array.size < 5 else array.reshape((-1, 4))
    if array.shape[-1] not in (3, 4):
        raise LogError(f"{_WANTED} in shape (n, 3) or (n, 4) expected, not {shown(array)}", field=field)
    return _reversed(array.reshape((-1, array.shape[-1])), field)


def _reversed(array: Array, field: str) -> Buffer:
    """Rows of red, green, blue and perhaps alpha, as little-endian integers with red highest."""
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            array = np.nan_to_num(array * 255.0).round()
            if array.size and (array.min() < 0 or array.max() > 255):
                warn_at_caller(f"field {field}: floats are colors from 0 to 1; beyond, they wrap around")
                array = array.clip(-(2**62), 2**62).astype(np.int64) % 256
    elif array.dtype != np.uint8:
        _check(array, 255, field)
    count, channels = array.shape
    out = np.empty((count, 4), np.uint8)
    if channels == 3:
        out[:, 0] = 255
    # Channel by channel is three times as fast as all in reverse.
    for channel in range(channels):
        out[:, 3 - channel] = array[:, channel]
    return out.tobytes() if count < 256 else out.reshape(-1)


def _check(array: Array, largest: int, field: str) -> None:
    if array.dtype.kind != "b" and (array.min() < 0 or array.max() > largest):
        wrong = array.min() if array.min() < 0 else array.max()
        raise LogError(f"{wrong} is not within 0 to {largest}", field=field)


def _packed(value: int, field: str) -> bytes:
    if 0 <= value <= _LARGEST:
        return _pack(value)
    raise LogError(f"a packed color is 0xRRGGBBAA, not {value:#x}", field=field)


def _hex(text: str, field: str) -> int:
    digits = text.removeprefix("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) == 6:
        digits += "ff"
    try:
        if len(digits) == 8:
            return int.from_bytes(bytes.fromhex(digits), "big")
    except ValueError:
        pass
    raise LogError(f"{_WANTED} expected, not {text!r}", field=field)
