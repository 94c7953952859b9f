"""What was taken in and is not yet on its way to disk; and how far each producer is there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rrsdk.broker.spool.batch import Batch, Mark

if TYPE_CHECKING:
    from rrsdk.broker.producer import Producer
    from rrsdk.identity import StoreId
    from rrsdk.store.entry import Entry


MOST_KNOWN = 16_384
"""So many producers of earlier starts are remembered, each with some 200 bytes."""


class Known(NamedTuple):
    """What a producer says of the spool that it was told of last."""

    spool: bytes
    since: int
    forgot: int


class Ledger:
    """Gathers messages and producers between two batches; knows those of an earlier start of the broker."""

    def __init__(
        self,
        marks: dict[bytes, Mark],
        *,
        spool: bytes = b"",
        forgot: int = 0,
        stores: frozenset[StoreId] = frozenset(),
    ) -> None:
        """`marks`: those that a spool had when it was opened, those that changed last at the end.

        `spool` and `forgot`: which spool it is, and how many producers it has forgotten. `stores`: whose
        store info it had then.
        """
        too_many = list(marks)[: max(0, len(marks) - MOST_KNOWN)]
        self.known = {key: mark for key, mark in marks.items() if key not in set(too_many)}
        """Producers that have not come back since then."""
        self.entries: list[Entry] = []
        self.changed: dict[bytes, Producer] = {}
        """Whose mark is another than the last batch said."""
        self.forgotten: dict[bytes, None] = dict.fromkeys(too_many)
        """Who will not come back."""
        self.spool, self.stores = spool, stores
        self.forgot = forgot + len(too_many)

    def resume(self, producer: Producer, known: Known | None = None) -> None:
        """A producer is here that this start of the broker has not seen yet: it goes on where it was.

        What it counts on being held (`before`) and is not there was called durable once, and is lost. So is
        all of it where this very spool has no mark of a producer that it once had, and forgot nobody since.
        """
        mark = self.known.pop(producer.key, None)
        self.changed[producer.key] = producer
        if mark is None:
            producer.durable = producer.held
            if (
                known is not None
                and known.spool == self.spool
                and known.forgot >= self.forgot
                and known.since <= producer.held
            ):
                producer.before = known.since
                producer.lost = producer.held - known.since
            return
        producer.held = producer.durable = max(producer.held, mark.held)
        producer.refused, producer.stored, producer.dropped = mark.refused, mark.stored, mark.dropped
        producer.before = mark.before
        here = mark.stored.messages + mark.dropped.messages + mark.refused
        producer.lost = max(0, producer.held - mark.before - here)

    def forget(self, key: bytes) -> None:
        """A producer left long ago."""
        self.changed.pop(key, None)
        self.forgotten[key] = None
        self.forgot += 1

    def take(self) -> Batch | None:
        """All that was gathered since the last time; None where that is nothing."""
        if not (self.entries or self.changed or self.forgotten):
            return None
        marks = {
            key: Mark(each.held, each.refused, each.stored, each.dropped, each.before)
            for key, each in self.changed.items()
        }
        batch = Batch(self.entries, marks, tuple(self.forgotten))
        self.entries, self.changed, self.forgotten = [], {}, {}
        return batch
