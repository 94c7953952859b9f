"""What a table is asked to be: a value, changed only by making another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rrsdk.timeline import MAX_TIME, MIN_TIME

if TYPE_CHECKING:
    from rrsdk.dataframe.schema import Column, ComponentColumnDescriptor, IndexColumnDescriptor
    from rrsdk.dataframe.times import Times


@dataclass(frozen=True, slots=True)
class Query:
    """One table of a recording."""

    index: IndexColumnDescriptor | None
    """The timeline that rows are counted on; None: static data only, one row."""
    contents: tuple[ComponentColumnDescriptor, ...]
    """Whose data decide which rows there are."""
    output: tuple[Column, ...]
    """The columns wanted, in order."""
    first: int = MIN_TIME
    last: int = MAX_TIME
    only: Times | None = None
    """Of the rows there are, only those at these times; sorted."""
    sampled: Times | None = None
    """Rows at exactly these times, whether there are data or not; sorted."""
    not_null: tuple[ComponentColumnDescriptor, ...] = ()
    """Only rows in which these columns have a value."""
    fill: bool = False
    fill_past_clears: bool = True

    @property
    def other_indexes(self) -> list[IndexColumnDescriptor]:
        """Timelines wanted beside the one that rows are counted on."""
        from rrsdk.dataframe.schema import IndexColumnDescriptor

        return [one for one in self.output if isinstance(one, IndexColumnDescriptor) and one != self.index]
