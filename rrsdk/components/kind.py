"""What a component's datatype must do: take values in, and turn those of many rows into one column."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rrsdk.component.datatypes import arrow_type, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array


class Kind(Protocol):
    """How the batches of one component datatype are taken, held and encoded.

    A held value is immutable and stands for one batch: all instances of one row.
    """

    datatype: str
    """In the grammar of rrsdk.component."""

    raw: type | None
    """Values of exactly this type are held as they are."""

    empty: Any
    """What is held of no instances."""

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """A function from what people pass to what is held; its LogErrors name the field."""

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        """The instances of several rows in one array, and how many are in each row; None: one in each."""

    def nbytes(self, value: Any) -> int:
        """About how many bytes are held."""

    def rows(self, argument: Any, instances: int) -> list[int]:
        """How `columns` splits so many instances among rows, from what was passed."""


def column(kind: Kind, values: Sequence[Any]) -> pa.ListArray:
    """One list a row."""
    import pyarrow as pa

    child, counts = kind.flat(values)
    if counts is None:
        offsets = unit_offsets(len(values))
    else:
        offsets = np.zeros(len(values) + 1, np.int32)
        np.cumsum(counts, out=offsets[1:])
    return pa.Array.from_buffers(
        list_type(kind.datatype), len(values), [None, pa.py_buffer(offsets)], children=[child]
    )


_units = np.arange(1, dtype=np.int32)


def unit_offsets(rows: int) -> Array:
    """Offsets of lists with one instance each."""
    global _units  # noqa: PLW0603 - grows with the largest batch seen, and batches are bounded
    units = _units
    if len(units) <= rows:
        units = _units = np.arange(max(rows + 1, 4096), dtype=np.int32)
    return units[: rows + 1]


@cache
def instance_type(datatype: str) -> pa.DataType:
    """The Arrow type of one instance."""
    return arrow_type(parse(datatype))


@cache
def list_type(datatype: str) -> pa.DataType:
    """The Arrow type of a column in a chunk."""
    import pyarrow as pa

    return pa.list_(pa.field("item", instance_type(datatype), nullable=True))


def lengths(values: Sequence[Any], step: int) -> Array:
    """How many instances of `step` bytes each buffer holds."""
    counts = np.fromiter(map(len, values), np.int64, len(values))
    return counts // step if step > 1 else counts


def one_each(instances: int) -> list[int]:
    """Rows of one instance."""
    return list(repeat(1, instances))


def rows_by_shape(argument: Any, instances: int) -> list[int]:
    """As many rows as the outer dimension has items; where they do not divide evenly, one instance each."""
    try:
        shape = np.shape(argument)
    except ValueError:
        return one_each(instances)
    rows = shape[0] if shape else 1
    if not rows or instances % rows:
        return one_each(instances)
    return [instances // rows] * rows
