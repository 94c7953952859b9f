"""Rows of a table as text: CSV, and JSON line by line.

Sequence numbers are numbers, durations seconds, timestamps ISO 8601 in UTC: with as many digits as they
have. A component's cell is a JSON list of its instances; one that is not there is empty in CSV, null in
JSON. Bytes are hex digits, and numbers that JSON does not know texts (`"nan"`).
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rrtool.reports.plain import plain, values
from rrtool.reports.text import compact_json
from rrtool.reports.times import timestamps

if TYPE_CHECKING:
    from collections.abc import Callable

_NS = 1_000_000_000


def csv_head(names: list[str]) -> bytes:
    """The line with the names of the columns."""
    return _csv([names])


def csv_rows(batch: pa.RecordBatch) -> bytes:
    """The rows of a batch, a line each."""
    columns = [_texts(column, _csv_cell, missing="") for column in batch.columns]
    return _csv(list(zip(*columns)))


def json_rows(batch: pa.RecordBatch) -> bytes:
    """The rows of a batch, an object each."""
    names = [compact_json(name) + ":" for name in batch.schema.names]
    columns = [_texts(column, _json_cell, missing="null") for column in batch.columns]
    lines = ("{" + ",".join(map(str.__add__, names, row)) + "}\n" for row in zip(*columns))
    return "".join(lines).encode("utf-8", "replace")


def _csv(rows: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _texts(column: pa.Array, cell: Callable[[Any], str], *, missing: str) -> list[str]:
    found = values(column)
    if pa.types.is_timestamp(column.type):
        there = iter(timestamps([value for value in found if value is not None], zone="Z"))
        return [missing if value is None else cell(next(there)) for value in found]
    if pa.types.is_duration(column.type):
        return [missing if value is None else seconds(value) for value in found]
    return [missing if value is None else cell(value) for value in found]


def _csv_cell(value: Any) -> str:
    return value if isinstance(value, str) else compact_json(plain(value))


def _json_cell(value: Any) -> str:
    return compact_json(plain(value))


def seconds(nanoseconds: int) -> str:
    """Nanoseconds as seconds, exactly."""
    whole, rest = divmod(abs(nanoseconds), _NS)
    digits = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{'-' if nanoseconds < 0 else ''}{whole}{digits}"
