"""Whatever else can be logged: what has `as_component_batches`, of Rerun's classes or the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.component.column import Column
from rrsdk.components.arrays import shown
from rrsdk.components.batch import columns_of
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from rrsdk.components.batch import DescribedComponentBatch


class Bundle:
    """Batches of components as they were at the call, ready for the batcher."""

    __slots__ = ("batches", "columns", "layout", "nbytes")

    layout: tuple[pa.Field, ...]
    """The fields of the columns."""

    nbytes: int
    """As many bytes as Arrow's arrays have."""

    is_broken = False

    def __init__(self, value: Any) -> None:
        if hasattr(value, "as_component_batches"):
            self.batches: list[DescribedComponentBatch] = list(value.as_component_batches())
        elif isinstance(value, (list, tuple)) and all(hasattr(each, "as_arrow_array") for each in value):
            self.batches = list(value)
        elif hasattr(value, "as_arrow_array") and hasattr(value, "component_descriptor"):
            self.batches = [value]
        else:
            raise LogError(f"an archetype expected, or what has `as_component_batches`, not {shown(value)}")
        # Arrow made them perhaps over memory that the program goes on to change.
        self.columns = [_copied(column) for column in columns_of(self.batches)]
        self.layout = tuple(column.field for column in self.columns)
        self.nbytes = 64 + sum(int(column.array.nbytes) for column in self.columns)

    @classmethod
    def encode(cls, rows: Sequence[Bundle]) -> list[Column]:
        """A column for each component; the rows are all of one layout."""
        import pyarrow as pa

        if len(rows) == 1:
            return rows[0].columns
        every = zip(*(row.columns for row in rows))
        return [
            Column(columns[0].field, pa.concat_arrays([column.array for column in columns]))
            for columns in every
        ]

    def as_component_batches(self) -> list[DescribedComponentBatch]:
        """The batches."""
        return self.batches


def _copied(column: Column) -> Column:
    """Joined with nothing, which Arrow does in memory of its own."""
    import pyarrow as pa

    return Column(column.field, pa.concat_arrays([column.array, column.array.slice(0, 0)]))
