"""What every live sink promises: inherit `LiveSinkContract` and say how to make one and read what arrived."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod

import pyarrow as pa

from rrsdk.batcher.seal import Sealer
from rrsdk.batcher.template import Template, row_id_field
from rrsdk.chunk.columns import new_row_ids
from rrsdk.codec.payload import write_store_id
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import ChunkMsg, Message
from rrsdk.recording.announce import announcement
from rrsdk.sinks.live import Amount, Flushed, LiveSink, SinkStatus

STORE = StoreId(StoreKind.RECORDING, "contract", "one")
DEADLINE_S = 20.0


def chunk(number: int, *, rows: int = 2, compress: bool = False, padding: int = 0) -> ChunkMsg:
    """A static chunk whose entity is its number; `padding` bytes make it large."""
    about = {"rerun:kind": "data", "rerun:component": "data"}
    field = pa.field("data", pa.list_(pa.binary()), metadata=about)
    values = pa.array([[bytes([number % 256]) * (8 + padding)]] * rows, field.type)
    template = Template(f"/n/{number}", [row_id_field(is_sorted=True), field], is_static=True)
    batch = pa.RecordBatch.from_arrays([new_row_ids(rows), values], schema=template.schema)
    return Sealer(STORE, write_store_id(STORE)).seal(template, batch).message(compress=compress)


class LiveSinkContract(ABC):
    """Inherited by the tests of each live sink."""

    @abstractmethod
    def make(self) -> LiveSink:
        """A sink that works."""

    @abstractmethod
    def arrived(self) -> list[str]:
        """The entities of the chunks that arrived, in order; called after `close`."""

    def put(self, sink: LiveSink, *messages: Message) -> None:
        for message in messages:
            sink.put(message)

    def test_it_is_a_live_sink(self) -> None:
        sink = self.make()
        assert isinstance(sink, LiveSink)
        assert sink.name
        assert isinstance(sink.compress, bool)
        sink.close(DEADLINE_S)

    def test_what_was_put_arrives_in_order(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), *(chunk(number) for number in range(50)))
        assert sink.flush(DEADLINE_S).done
        assert sink.close(DEADLINE_S).done
        assert self.arrived() == [f"/n/{number}" for number in range(50)]

    def test_compressed_or_not_it_is_taken(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), chunk(1, compress=True), chunk(2, compress=False))
        assert sink.close(DEADLINE_S).done
        assert self.arrived() == ["/n/1", "/n/2"]

    def test_large_ones_arrive_whole(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), chunk(1, padding=3_000_000), chunk(2), chunk(3, padding=100_000))
        assert sink.flush(DEADLINE_S).done
        assert sink.close(DEADLINE_S).done
        assert self.arrived() == ["/n/1", "/n/2", "/n/3"]

    def test_status_counts(self) -> None:
        sink = self.make()
        before = sink.status()
        assert isinstance(before, SinkStatus)
        messages = [chunk(number, rows=3) for number in range(4)]
        self.put(sink, announcement(STORE), *messages)
        assert sink.flush(DEADLINE_S).done
        after = sink.status()
        assert after.held.rows - before.held.rows == 12
        assert after.held.messages - before.held.messages == 5
        assert not after.lost
        assert not after.dropped
        assert not after.refused
        assert not after.waiting
        sink.close(DEADLINE_S)
        assert sink.status().state == "closed"

    def test_flush_of_nothing_is_done(self) -> None:
        sink = self.make()
        sink.put(announcement(STORE))
        assert isinstance(sink.flush(DEADLINE_S), Flushed)
        assert sink.flush(DEADLINE_S).done
        sink.close(DEADLINE_S)

    def test_closing_twice_is_allowed_and_puts_after_it_are_harmless(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), chunk(1))
        assert sink.close(DEADLINE_S).done
        sink.put(chunk(2))
        sink.close(DEADLINE_S)
        assert self.arrived() == ["/n/1"]

    def test_flush_and_status_while_another_thread_puts(self) -> None:
        sink = self.make()
        sink.put(announcement(STORE))
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                sink.status()
                sink.flush(0.05)

        asking = threading.Thread(target=ask)
        asking.start()
        self.put(sink, *(chunk(number) for number in range(100)))
        stop.set()
        asking.join()
        assert sink.close(DEADLINE_S).done
        assert self.arrived() == [f"/n/{number}" for number in range(100)]

    def test_no_call_waits_for_ever(self) -> None:
        sink = self.make()
        self.put(sink, announcement(STORE), chunk(1))
        start = time.monotonic()
        sink.flush(0.0)
        sink.close(0.0)
        sink.status()
        assert time.monotonic() - start < DEADLINE_S

    def test_abandoned_it_is_silent(self) -> None:
        sink = self.make()
        sink.put(announcement(STORE))
        sink.flush(DEADLINE_S)
        sink.abandon()
        sink.close(0.0)
        sink.status()


def amount(*messages: Message) -> Amount:
    """What messages amount to together."""
    return sum((Amount.of(message) for message in messages), Amount())
