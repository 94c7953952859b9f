"""One message in a store's log, and what it costs to keep."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from rrsdk.identity import StoreId

Part: TypeAlias = bytes | memoryview
"""A piece of a payload. A view keeps what it looks at: whoever makes one says what that costs."""

ENTRY_COST = 400
"""Python's objects around a message: the entry, its numbers, tuple, and places in lists; measured."""
BYTES_COST = 49
"""A bytes object and the allocator's rounding."""
VIEW_COST = 700
"""A memoryview, the frame under it, and what ZeroMQ and the allocator put around large content."""


class Lifetime(IntEnum):
    """In which order messages go when memory ends."""

    PERSISTENT = 0
    """Store infos, blueprints, activations: never."""
    STATIC = 1
    """When no temporal ones are left."""
    TEMPORAL = 2
    """First, the oldest before the others."""


class Tally(NamedTuple):
    """So many messages, with so many rows and bytes of payload."""

    messages: int = 0
    rows: int = 0
    bytes: int = 0

    def __add__(self, other: object) -> Tally:
        assert isinstance(other, tuple)
        return Tally(self[0] + other[0], self[1] + other[1], self[2] + other[2])

    def minus(self, other: Tally) -> Tally:
        """The difference."""
        return Tally(self[0] - other[0], self[1] - other[1], self[2] - other[2])


class Entry(NamedTuple):
    """One message, as it came; only its index in the log is the store's."""

    at: int
    """Its index in the log, over all lifetimes."""
    kind: int
    lifetime: Lifetime
    store: StoreId | None
    """None for tables, which belong to no store."""
    producer: bytes
    seq: int
    rows: int
    size: int
    """Bytes of payload."""
    parts: tuple[Part, ...]
    cost: int
    """Bytes of memory, as honestly as can be told."""


def cost_of(size: int, parts: tuple[Part, ...]) -> int:
    """What a message with this payload costs to keep."""
    cost = ENTRY_COST + size
    for part in parts:
        cost += BYTES_COST if type(part) is bytes else VIEW_COST
    return cost
