"""Scalars of one number: recorded as that number, without the object around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.archetypes import Scalars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.component.column import Column


class BareScalars:
    """What a float stands for among the rows that wait."""

    def __init__(self) -> None:
        one = Scalars(0.0)
        self.layout, self.nbytes = one.layout, one.nbytes
        self._field = Scalars.FIELDS[0]

    def encode(self, rows: Sequence[float]) -> list[Column]:
        """One column of scalars."""
        return [self._field.column(rows)]
