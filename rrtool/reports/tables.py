"""Tables drawn with box characters, a chunk each, at the speed of many thousand chunks a second.

What is above the rows changes only with the schema and the columns' widths, so it is drawn once
and kept. Rows are put together as plain text in which two control characters stand for the box
characters (cells hold none: see `text`); those come in when a table is done, a replacement over
all of it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE, _BETWEEN = "\x1f", "\x1e"
_SIDE_BYTES, _BETWEEN_BYTES = "│".encode(), "┆".encode()
_MAX_CACHED = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """What stands above a table. Compared by identity: what is drawn for one is kept with it."""

    metadata: tuple[str, ...]
    """Lines of their own; `ID_PLACE` in one stands for an id of `ID_WIDTH` characters."""
    columns: tuple[tuple[str, ...], ...]
    """The lines above each column."""
    widths: tuple[int, ...]
    """How wide these are."""


def make_header(metadata: Sequence[str], columns: Sequence[Sequence[str]]) -> Header:
    """A header, its columns measured."""
    widths = tuple(max(map(width, lines), default=0) for lines in columns)
    return Header(tuple(metadata), tuple(map(tuple, columns)), widths)


ID_PLACE = "\x1d"
ID_WIDTH = len("chunk_") + 32


class _Frame(NamedTuple):
    """All of a table but its rows and the id in its head."""

    before_id: bytes
    after_id: bytes
    end: bytes
    row: str
    """A format for a row of one line."""
    tail: str
    """What ends a line of the inner table."""


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, size: int) -> str:
    """The text, filled up with spaces to `size` columns."""
    return text + " " * (size - width(text))


class Tables:
    """Draws tables; keeps frames that were drawn before."""

    def __init__(self) -> None:
        self._frames: dict[tuple[Header, tuple[int, ...]], _Frame] = {}

    def draw(self, header: Header, cells: Sequence[list[str]], table_id: str = "") -> bytes:
        """A table with a column for each list of cells; none at all where `cells` is empty."""
        if cells and len(cells[0]) == 1:
            texts = [column[0] for column in cells]
            joined = "".join(texts)
            if joined.isascii() and "\n" not in joined:  # most chunks that there are many of are like this
                frame = self._frame(header, tuple(map(max, header.widths, map(len, texts))))
                row = (frame.row % tuple(texts)).encode()
                return b"%b%b%b%b%b" % (frame.before_id, table_id.encode(), frame.after_id, row, frame.end)
        widths = header.widths
        split: list[list[str]] = []
        several = False
        if cells:
            measured = [_measured(column) for column in cells]
            split = [column for column, _, _ in measured]
            widths = tuple(max(size, most) for size, (_, most, _) in zip(widths, measured))
            several = any(tall for _, _, tall in measured)
        frame = self._frame(header, widths)
        parts = [frame.before_id, table_id.encode(), frame.after_id]
        if split and split[0]:
            rows = _tall_rows(split, widths, frame.tail) if several else _rows(split, widths, frame.tail)
            parts.append(_boxed(rows))
        parts.append(frame.end)
        return b"".join(parts)

    def _frame(self, header: Header, widths: tuple[int, ...]) -> _Frame:
        frame = self._frames.get((header, widths))
        if frame is None:
            if len(self._frames) >= _MAX_CACHED:
                self._frames.clear()
            frame = self._frames[header, widths] = _draw_frame(header, widths)
        return frame


def transposed(
    header: Header, titles: Sequence[str], cells: Sequence[list[str]]
) -> tuple[Header, list[list[str]]]:
    """Header and cells of the table in which columns are rows."""
    columns = [list(titles), *map(list, zip(*cells))]
    return make_header(header.metadata, ((),) * len(columns)), columns


def _measured(column: list[str]) -> tuple[list[str], int, bool]:
    """The cells filled up to one width, the width, and whether any has several lines."""
    joined = "".join(column)
    if joined.isascii() and "\n" not in joined:
        most = max(map(len, column), default=0)
        if most * len(column) == len(joined):
            return column, most, False
        return [text.ljust(most) for text in column], most, False
    if "\n" in joined:
        return column, max(width(line) for text in column for line in text.split("\n")), True
    most = max(map(width, column))
    return [padded(text, most) for text in column], most, False


def _rows(columns: list[list[str]], widths: Sequence[int], tail: str) -> str:
    """All rows, one line each."""
    form = _BETWEEN.join(f" %s{' ' * (size - width(column[0]))} " for column, size in zip(columns, widths))
    form = f"{_SIDE} {_SIDE}{form}{tail}"
    return "".join([form % row for row in zip(*columns)])


def _tall_rows(columns: list[list[str]], widths: Sequence[int], tail: str) -> str:
    """Rows of which some have several lines, with a rule between them."""
    rows: list[str] = []
    for row in zip(*columns):
        split = [cell.split("\n") for cell in row]
        lines = []
        for number in range(max(map(len, split))):
            cells = (
                f" {padded(cell[number] if number < len(cell) else '', size)} "
                for cell, size in zip(split, widths)
            )
            lines.append(f"{_SIDE} {_SIDE}{_BETWEEN.join(cells)}{tail}")
        rows.append("".join(lines))
    return _rule("├╌┼┤", widths, tail).join(rows)


def _boxed(rows: str) -> bytes:
    return rows.encode("utf-8", "replace").replace(b"\x1f", _SIDE_BYTES).replace(b"\x1e", _BETWEEN_BYTES)


def _rule(chars: str, widths: Sequence[int], tail: str) -> str:
    left, line, cross, right = tuple(chars)
    return f"{_SIDE} {left}{cross.join(line * (size + 2) for size in widths)}{right}{tail[1:]}"


def _draw_frame(header: Header, widths: tuple[int, ...]) -> _Frame:
    inner = sum(widths) + 3 * len(widths) + 1
    metadata = [line.replace(ID_PLACE, "0" * ID_WIDTH) for line in header.metadata]
    outer = max(inner, *map(width, metadata)) if metadata else inner
    tail = f"{_SIDE}{' ' * (outer - inner)} {_SIDE}\n"
    lines = [f"┌{'─' * (outer + 2)}┐\n"]
    for line, measured in zip(header.metadata, metadata):
        lines.append(f"│ {line}{' ' * (outer - width(measured))} │\n")
    if metadata:
        lines.append(f"├{'╌' * (outer + 2)}┤\n")
    lines.append(_rule("┌─┬┐", widths, tail))
    height = max(map(len, header.columns), default=0)
    for number in range(height):
        cells = (
            f" {padded(column[number] if number < len(column) else '', size)} "
            for column, size in zip(header.columns, widths)
        )
        lines.append(f"{_SIDE} {_SIDE}{_BETWEEN.join(cells)}{tail}")
    if height:
        lines.append(_rule("╞═╪╡", widths, tail))
    before, _, after = _boxed("".join(lines)).partition(ID_PLACE.encode())
    end = f"{_rule('└─┴┘', widths, tail)}└{'─' * (outer + 2)}┘\n"
    row = " ┆ ".join(f"%-{size}s" for size in widths)
    return _Frame(before, after, _boxed(end), f"│ │ {row} {_boxed(tail).decode()}", tail)
