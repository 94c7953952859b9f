"""Values to log that the batcher knows nothing of but its protocol."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from rrsdk.component.column import Column

KINDS = {"a": pa.int64(), "b": pa.float64(), "c": pa.string()}


class Value:
    """Some of three components, each with a list of instances."""

    is_broken = False

    def __init__(self, size: int = 50, **parts: list[object]) -> None:
        self.parts = parts
        self.layout = tuple(sorted(parts))
        self.nbytes = size

    @classmethod
    def encode(cls, rows: Sequence[Value]) -> list[Column]:
        columns = []
        for name in rows[0].layout:
            kind = pa.list_(KINDS[name])
            about = {"rerun:kind": "data", "rerun:component": name}
            array = pa.array([row.parts[name] for row in rows], kind)
            columns.append(Column(pa.field(name, kind, metadata=about), array))
        return columns


class Unwilling(Value):
    """Cannot be encoded where it holds a -1."""

    @classmethod
    def encode(cls, rows: Sequence[Value]) -> list[Column]:
        if any(row.parts["a"] == [-1] for row in rows):
            raise ZeroDivisionError("minus one")
        return super().encode(rows)
