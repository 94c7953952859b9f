"""FlatBuffers, as far as Arrow's IPC metadata uses them: a bounds-checked reader and a builder.

The reader never follows a position outside its buffer: `struct` checks the upper bound, and the
only way to go backwards, from a table to its vtable, is checked here. Callers turn the
`struct.error` and `IndexError` that broken input causes into their own errors (`BROKEN`).
"""

from __future__ import annotations

import struct
from typing import TypeAlias

BROKEN = (struct.error, IndexError, UnicodeDecodeError, RecursionError, OverflowError)
"""What reading a damaged buffer can raise."""

Bytes: TypeAlias = bytes | bytearray | memoryview

_U16 = struct.Struct("<H")
_I32 = struct.Struct("<i")
_U32 = struct.Struct("<I")
_I64 = struct.Struct("<q")
_I16 = struct.Struct("<h")


class Table:
    """One table of a buffer; fields are read by their slot number in the schema."""

    __slots__ = ("_vtable", "_vtable_size", "buf", "pos")

    def __init__(self, buf: Bytes, pos: int) -> None:
        self.buf = buf
        self.pos = pos
        self._vtable = pos - _I32.unpack_from(buf, pos)[0]
        if self._vtable < 0:
            raise IndexError("a vtable lies outside the buffer")
        self._vtable_size = _U16.unpack_from(buf, self._vtable)[0]

    @classmethod
    def root(cls, buf: Bytes, start: int = 0) -> Table:
        """The table a buffer begins with."""
        return cls(buf, start + _U32.unpack_from(buf, start)[0])

    def slot(self, number: int) -> int:
        """Where field `number` stands, or 0 where it is absent."""
        entry = 4 + 2 * number
        if entry + 2 > self._vtable_size:
            return 0
        offset: int = _U16.unpack_from(self.buf, self._vtable + entry)[0]
        return self.pos + offset if offset else 0

    def i64(self, number: int, default: int = 0) -> int:
        at = self.slot(number)
        return _I64.unpack_from(self.buf, at)[0] if at else default

    def i32(self, number: int, default: int = 0) -> int:
        at = self.slot(number)
        return _I32.unpack_from(self.buf, at)[0] if at else default

    def i16(self, number: int, default: int = 0) -> int:
        at = self.slot(number)
        return _I16.unpack_from(self.buf, at)[0] if at else default

    def u8(self, number: int, default: int = 0) -> int:
        at = self.slot(number)
        return self.buf[at] if at else default

    def table(self, number: int) -> Table | None:
        at = self.slot(number)
        return Table(self.buf, at + _U32.unpack_from(self.buf, at)[0]) if at else None

    def string(self, number: int) -> str:
        at = self.slot(number)
        if not at:
            return ""
        start, length = self._sized(at, 1)
        return str(self.buf[start : start + length], "utf-8")

    def vector(self, number: int, item_size: int) -> tuple[int, int]:
        """Start and item count of a vector; (0, 0) where it is absent."""
        at = self.slot(number)
        return self._sized(at, item_size) if at else (0, 0)

    def tables(self, number: int) -> list[Table]:
        """The tables of a vector of tables."""
        start, count = self.vector(number, 4)
        places = range(start, start + 4 * count, 4)
        return [Table(self.buf, at + _U32.unpack_from(self.buf, at)[0]) for at in places]

    def _sized(self, at: int, item_size: int) -> tuple[int, int]:
        start = at + _U32.unpack_from(self.buf, at)[0]
        count = _U32.unpack_from(self.buf, start)[0]
        if start + 4 + count * item_size > len(self.buf):
            raise IndexError("a vector runs past the end of the buffer")
        return start + 4, count


class Builder:
    """Builds a buffer from its end to its beginning, as the format wants it.

    Every method that writes something returns its distance from the end of the buffer; tables are
    written after what they refer to.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []  # in reverse order
        self._size = 0
        self._max_align = 4
        self._vtables: dict[bytes, int] = {}

    def _push(self, raw: bytes) -> None:
        self._parts.append(raw)
        self._size += len(raw)

    def _align(self, align: int, upcoming: int) -> None:
        """Pad so that after `upcoming` more bytes the position is a multiple of `align`."""
        self._max_align = max(self._max_align, align)
        padding = -(self._size + upcoming) % align
        if padding:
            self._push(bytes(padding))

    def string(self, text: str) -> int:
        raw = text.encode()
        self._align(4, len(raw) + 1)
        self._push(raw + b"\0")
        self._push(_U32.pack(len(raw)))
        return self._size

    def offsets(self, targets: list[int]) -> int:
        """A vector of references to what was written before."""
        self._align(4, 4 * len(targets))
        for target in reversed(targets):
            self._push(_U32.pack(self._size + 4 - target))
        self._push(_U32.pack(len(targets)))
        return self._size

    def structs(self, raw: bytes, count: int, align: int) -> int:
        """A vector of `count` fixed-size items given as bytes."""
        self._align(4, len(raw))
        self._align(align, len(raw))
        self._push(raw)
        self._push(_U32.pack(count))
        return self._size

    def table(self, fields: list[tuple[int, str, int]]) -> int:
        """A table from (slot, format, value); format `@` refers to a distance, else struct's codes.

        Inline fields are laid out in the order given, the first nearest to the end.
        """
        start = self._size
        places: dict[int, int] = {}
        for slot, code, value in fields:
            if code == "@":
                self._align(4, 0)
                self._push(_U32.pack(self._size + 4 - value))
            else:
                raw = struct.pack("<" + code, value)
                self._align(len(raw), 0)
                self._push(raw)
            places[slot] = self._size
        self._align(4, 0)
        self._push(b"\0\0\0\0")  # the reference to the vtable, patched below
        position, index = self._size, len(self._parts) - 1
        slots = [
            position - places[slot] if slot in places else 0 for slot in range(max(places, default=-1) + 1)
        ]
        vtable = struct.pack(f"<HH{len(slots)}H", 4 + 2 * len(slots), position - start, *slots)
        if vtable not in self._vtables:
            self._push(vtable)
            self._vtables[vtable] = self._size
        self._parts[index] = _I32.pack(self._vtables[vtable] - position)
        return position

    def finish(self, root: int, *, align: int = 8) -> bytes:
        """The whole buffer, its size a multiple of `align`."""
        self._align(max(align, self._max_align), 4)
        self._push(_U32.pack(self._size + 4 - root))
        return b"".join(reversed(self._parts))
