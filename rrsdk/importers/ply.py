"""Tables of a PLY file: header, and columns of each element as numpy arrays.

Written here because no library fits: plyfile is GPL, and trimesh's reader wants x, y and z, takes 2 s to
import, does not notice where text is cut off, and reads lists of different lengths wrongly.
Nothing is allocated by a number in the header before there are as many bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rrsdk.errors import FormatError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

_TYPES: Final = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
_FORMATS: Final = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_LARGEST_HEADER: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Property:
    """One column."""

    name: str
    dtype: np.dtype[Any]
    count: np.dtype[Any] | None = None
    """Of a list: the type of the number of items before them."""


@dataclass(frozen=True, slots=True)
class Element:
    """One table."""

    name: str
    rows: int
    properties: tuple[Property, ...]

    def has(self, *names: str) -> bool:
        """Whether there are columns with these names."""
        return {*names} <= {one.name for one in self.properties}


Columns = dict[str, "npt.NDArray[Any] | list[npt.NDArray[Any]]"]
"""Values by name; of a list, an array a row. Of properties with one name the first counts."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the file says of itself, and where its data begin."""

    order: str
    """`<` or `>` for numbers in binary; empty: text."""
    elements: tuple[Element, ...]
    size: int


def read_header(data: bytes) -> Header:
    """The header; FormatError where it is none."""
    lines, end = _header_lines(data)
    order: str | None = None
    found: list[tuple[str, int, list[Property]]] = []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0] in ("comment", "obj_info") or number == 1:
            continue
        try:
            if words[0] == "format":
                order = _FORMATS[words[1]]
            elif words[0] == "element":
                rows = int(words[2])
                if rows < 0:
                    raise ValueError
                found.append((words[1], rows, []))
            elif words[0] == "property" and order is not None:
                found[-1][2].append(_property(words[1:], order))
            else:
                raise KeyError
        except (KeyError, IndexError, ValueError):
            raise FormatError(f"line {number} of the PLY header makes no sense: {line[:60]!r}") from None
    if order is None:
        raise FormatError("the PLY header names no format")
    return Header(order, tuple(Element(name, rows, tuple(each)) for name, rows, each in found), end)


def _header_lines(data: bytes) -> tuple[list[str], int]:
    at, lines = 0, []
    while True:
        end = data.find(b"\n", at, _LARGEST_HEADER)
        if end < 0:
            raise TruncatedError("the PLY header has no end", offset=min(len(data), _LARGEST_HEADER))
        line = data[at:end].decode("utf-8", "replace").strip()
        at = end + 1
        if line == "end_header":
            break
        lines.append(line)
    if not lines or lines[0] != "ply":
        raise FormatError("is no PLY file", offset=0)
    return lines, at


def _property(words: Sequence[str], order: str) -> Property:
    if words[0] == "list":
        _, count, item, name = words
        counting = np.dtype(order + _TYPES[count])
        if counting.kind == "f":
            raise ValueError
        return Property(name, np.dtype(order + _TYPES[item]), counting)
    item, name = words
    return Property(name, np.dtype(order + _TYPES[item]))


def read_tables(data: bytes, header: Header) -> dict[str, Columns]:
    """All elements by name. TruncatedError where there are fewer rows than the header says."""
    body = _Text(data, header.size) if not header.order else _Binary(data, header.size)
    return {element.name: body.read(element) for element in header.elements}


def check_size(data: bytes, header: Header) -> None:
    """TruncatedError where the data end too early; values are not looked at where they are text."""
    if header.order:
        read_tables(data, header)
        return
    rows = sum(element.rows for element in header.elements)
    if len(data[header.size :].splitlines()) < rows:
        raise TruncatedError(f"ends before the {rows} lines that its header promises", offset=len(data))


def _row_columns(element: Element, rows: list[list[npt.NDArray[Any]]]) -> Columns:
    found: Columns = {}
    for number, one in enumerate(element.properties):
        each = [row[number] for row in rows]
        if one.count is None:
            found.setdefault(one.name, np.concatenate(each) if each else np.empty(0, one.dtype))
        else:
            found.setdefault(one.name, each)
    return found


class _Binary:
    """Rows without lists lie there as numpy wants them; others are read one by one."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def read(self, element: Element) -> Columns:
        lists = [number for number, one in enumerate(element.properties) if one.count is not None]
        if not lists:
            return self._table(element, self._row_type(element, {}))
        if not element.rows:
            return _row_columns(element, [])
        start = self._at
        first = self._row(element, 0)
        self._at = start
        row = self._row_type(element, {number: len(first[number]) for number in lists})
        if element.rows * row.itemsize <= len(self._data) - start:  # perhaps all lists are as long: triangles
            table = np.frombuffer(self._data, row, element.rows, start)
            if all((table[f"n{number}"] == len(first[number])).all() for number in lists):
                return self._table(element, row)
        return _row_columns(element, [self._row(element, row) for row in range(element.rows)])

    def _row_type(self, element: Element, lengths: dict[int, int]) -> np.dtype[Any]:
        fields: list[Any] = []
        for number, one in enumerate(element.properties):
            if one.count is None:
                fields.append((f"f{number}", one.dtype))
            else:
                fields += [(f"n{number}", one.count), (f"f{number}", one.dtype, (lengths[number],))]
        return np.dtype(fields)

    def _table(self, element: Element, row: np.dtype[Any]) -> Columns:
        self._need(element.rows * row.itemsize, element)
        # A table without columns takes no bytes, however many rows it says it has.
        rows = element.rows if row.itemsize else 0
        table = np.frombuffer(self._data, row, rows, self._at)
        self._at += rows * row.itemsize
        found: Columns = {}
        for number, one in enumerate(element.properties):
            column = table[f"f{number}"]
            found.setdefault(one.name, column if one.count is None else list(column))
        return found

    def _row(self, element: Element, row: int) -> list[npt.NDArray[Any]]:
        found = []
        for one in element.properties:
            count = 1
            if one.count is not None:
                count = int(self._take(one.count, 1, element)[0])
                if count < 0:
                    raise FormatError(f"row {row} of {element.name} has a list of {count} items")
            found.append(self._take(one.dtype, count, element))
        return found

    def _take(self, dtype: np.dtype[Any], count: int, element: Element) -> npt.NDArray[Any]:
        self._need(count * dtype.itemsize, element)
        found = np.frombuffer(self._data, dtype, count, self._at)
        self._at += count * dtype.itemsize
        return found

    def _need(self, size: int, element: Element) -> None:
        if size > len(self._data) - self._at:
            raise TruncatedError(
                f"ends before the {element.rows} rows of {element.name} that its header promises",
                offset=len(self._data),
            )


class _Text:
    """A row a line; what stands behind its values is ignored, as in Rerun."""

    def __init__(self, data: bytes, at: int) -> None:
        self._lines = data[at:].splitlines()
        self._first = data.count(b"\n", 0, at) + 1
        self._line = 0

    def read(self, element: Element) -> Columns:
        start, end = self._line, self._line + element.rows
        if end > len(self._lines):
            raise TruncatedError(
                f"ends before the {element.rows} rows of {element.name} that its header promises"
            )
        self._line = end
        lines = [line.split() for line in self._lines[start:end]]
        if any(one.count is not None for one in element.properties):
            rows = [self._row(element, line, start + number) for number, line in enumerate(lines)]
            return _row_columns(element, rows)
        width = len(element.properties)
        short = next((number for number, line in enumerate(lines) if len(line) < width), None)
        if short is not None:
            raise self._wrong(element, start + short)
        found: Columns = {}
        for number, one in enumerate(element.properties):
            words = [line[number] for line in lines]
            try:
                values = _numbers(words, one.dtype)
            except (ValueError, OverflowError):
                wrong = next(row for row, word in enumerate(words) if not _is_number(word, one.dtype))
                raise self._wrong(element, start + wrong) from None
            found.setdefault(one.name, values)
        return found

    def _row(self, element: Element, words: list[bytes], line: int) -> list[npt.NDArray[Any]]:
        found, at = [], 0
        try:
            for one in element.properties:
                count = 1
                if one.count is not None:
                    count = int(_numbers(words[at : at + 1], one.count)[0])
                    at += 1
                if not 0 <= count <= len(words) - at:
                    raise ValueError
                found.append(_numbers(words[at : at + count], one.dtype))
                at += count
        except (ValueError, OverflowError, IndexError):
            raise self._wrong(element, line) from None
        return found

    def _wrong(self, element: Element, line: int) -> FormatError:
        text = self._lines[line][:40].decode("utf-8", "replace")
        names = " ".join(one.name for one in element.properties)
        return FormatError(
            f"line {self._first + line}: {text!r} is no row of {element.name} ({names[:80]}), or is cut off"
        )


def _numbers(words: list[bytes], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """ValueError or OverflowError where one is no number of that type."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.array([float(word) for word in words], np.float64).astype(dtype)
    return np.array([int(word) for word in words], dtype)


def _is_number(word: bytes, dtype: np.dtype[Any]) -> bool:
    try:
        _numbers([word], dtype)
    except (ValueError, OverflowError):
        return False
    return True
