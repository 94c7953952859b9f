"""Values that wait without an object around them: numbers, which the garbage collector need not follow.

Rows that wait are many. Objects among them are looked at by the collector again and again, which for
a single number costs as much as logging it. So who logs may record a number by itself; what it stands
for is registered here, with what the batcher asks of any value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from rrsdk.component.column import Column


class Bare(Protocol):
    """What values of one type stand for."""

    @property
    def layout(self) -> Hashable:
        """As a logged value's."""

    @property
    def nbytes(self) -> int:
        """Of one value."""

    def encode(self, rows: Sequence[Any]) -> list[Column]:
        """Columns of many."""


BARE: dict[type, Bare] = {}
"""By the type of the value, which is nobody else's."""


def promise(value: Any) -> Any:
    """What knows a value's layout and size: the value, or what it stands for."""
    return BARE.get(type(value), value)
