"""PROTOCOL.md is enough: clients written from it alone talk to the broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rrsdk.broker.service import Broker
from rrsdk.store.entry import Entry
from tests.faults.pipe_world import free_session
from tests.sdk import raw_pipe
from tests.sdk.plain_client import CHUNK, STORE_INFO, Producer, Subscriber
from tests.sdk.spooling import SpoolingBroker


@pytest.fixture
def broker() -> Iterator[Broker]:
    port, _ = free_session()
    made = Broker(port=port)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def spooling() -> Iterator[SpoolingBroker]:
    port, _ = free_session()
    made = SpoolingBroker(port)
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def producer(broker: Broker) -> Iterator[Producer]:
    assert broker.port is not None
    made = Producer("127.0.0.1", broker.port)
    made.connect()
    yield made
    made.close()


def subscriber(broker: Broker, *, live: bool, credit: int = 1 << 20) -> Subscriber:
    assert broker.port is not None
    made = Subscriber("127.0.0.1", broker.port, live=live, credit=credit)
    made.connect()
    return made


def test_what_is_sent_is_held_and_read(broker: Broker, producer: Producer) -> None:
    chunks = [raw_pipe.chunk(number) for number in range(50)]
    static = raw_pipe.chunk(0, static=True, entity="/still")
    producer.put(STORE_INFO, raw_pipe.info())
    for number, payload in enumerate(chunks):
        producer.put(CHUNK, payload[:10], payload[10 : 10 + number], payload[10 + number :])
    producer.put(CHUNK, static)
    producer.flush()
    assert producer.held == 52
    past = subscriber(broker, live=False, credit=5000)
    got = past.read(1000)
    past.close()
    assert got == [(STORE_INFO, raw_pipe.info()), (CHUNK, static), *((CHUNK, each) for each in chunks)]
    assert past.phases == [0, 1, *([2] * 50)]
    producer.bye()


def test_live_after_past_and_a_broken_connection(broker: Broker, producer: Producer) -> None:
    chunks = [raw_pipe.chunk(number) for number in range(60)]
    for payload in chunks[:20]:
        producer.put(CHUNK, payload)
    producer.flush()
    reader = subscriber(broker, live=True)
    got = reader.read(10)
    for payload in chunks[20:40]:
        producer.put(CHUNK, payload)
    producer.flush()
    reader.connect()  # as if the connection had broken: go on behind the last one
    got += reader.read(30)
    producer.connect()  # and the producer's too
    for payload in chunks[40:]:
        producer.put(CHUNK, payload)
    producer.flush()
    got += reader.read(20)
    reader.close()
    assert [payload for _, payload in got] == chunks
    assert reader.phases == sorted(reader.phases)


def test_repeats_and_gaps(broker: Broker, producer: Producer) -> None:
    for number in range(10):
        producer.put(CHUNK, raw_pipe.chunk(number))
    for seq in (1, 2, 2, 1, 5, 7):  # 3 and 4 are missing: the broker asks for them
        producer.send(seq)
    producer.sent = 7
    producer.flush()
    assert producer.held == 10
    past = subscriber(broker, live=False)
    assert len(past.read(1000)) == 10
    past.close()


def test_what_is_dropped_is_declared_and_what_is_broken_is_refused(
    broker: Broker, producer: Producer
) -> None:
    for number in range(5):
        producer.put(CHUNK, raw_pipe.chunk(number))
    producer.drop_last(3, rows=3)
    producer.put(CHUNK, b"no chunk at all")
    producer.put(CHUNK, raw_pipe.chunk(9))
    producer.flush()
    assert (producer.held, producer.refused) == (7, 1)
    status = broker.status()
    assert status["dropped"]["messages"] == 3
    assert status["refused"] == 1
    past = subscriber(broker, live=False)
    assert len(past.read(1000)) == 3
    past.close()


def test_a_broker_that_starts_anew(broker: Broker, producer: Producer) -> None:
    assert broker.port is not None
    producer.put(STORE_INFO, raw_pipe.info())
    producer.put(CHUNK, raw_pipe.chunk(1))
    producer.flush()
    broker.stop()
    again = Broker(port=broker.port)
    again.start()
    try:
        second = raw_pipe.chunk(2)
        producer.put(CHUNK, second)
        producer.connect()
        producer.flush()
        assert (producer.held, producer.lost) == (3, 2)
        past = subscriber(again, live=False)
        got = past.read(1000)
        past.close()
        assert got == [(STORE_INFO, raw_pipe.info()), (CHUNK, second)]
    finally:
        again.stop()


def test_a_broker_that_spools(spooling: SpoolingBroker) -> None:
    made = Producer("127.0.0.1", spooling.port)
    made.connect()
    chunks = [raw_pipe.chunk(number) for number in range(7)]
    made.put(STORE_INFO, raw_pipe.info())
    for payload in chunks[:3]:
        made.put(CHUNK, payload)
    made.flush(until_held=True)
    assert (made.held, made.durable, len(made.waiting)) == (4, 0, 4)
    spooling.sync()
    made.flush()
    assert (made.held, made.durable, len(made.waiting)) == (4, 4, 0)
    for payload in (chunks[3], b"no chunk at all", chunks[4]):
        made.put(CHUNK, payload)
    made.flush(until_held=True)
    assert (made.held, made.durable, made.refused) == (7, 4, 1)
    spooling.restart()  # what was not durable is gone, and was kept here
    made.connect()
    assert (made.held, made.durable, made.refused, len(made.waiting)) == (4, 4, 0, 3)
    made.put(CHUNK, chunks[5])
    made.flush(until_held=True)
    spooling.sync()
    made.flush()
    assert (made.durable, made.refused, made.lost) == (8, 1, 0)
    spooling.restart()
    made.connect()
    assert (made.held, made.refused) == (8, 1)
    made.put(CHUNK, chunks[6])
    made.flush(until_held=True)
    spooling.sync()
    made.flush()
    made.bye()
    made.close()
    written = [payloads(entry) for entry in spooling.entries if entry.seq]
    assert written == [raw_pipe.info(), *chunks]


def test_a_spool_that_loses_what_it_called_durable(spooling: SpoolingBroker) -> None:
    made = Producer("127.0.0.1", spooling.port)
    made.connect()
    for number in range(3):
        made.put(CHUNK, raw_pipe.chunk(number))
    made.flush(until_held=True)
    spooling.sync()
    made.flush()
    before = dict(spooling.marks)
    for number in range(4):
        made.put(CHUNK, raw_pipe.chunk(number))
    made.flush(until_held=True)
    spooling.sync()
    made.flush()
    spooling.marks.update(before)
    for _ in range(2):  # it is said in each link and start from then on, and counts once
        spooling.restart()
        made.connect()
        made.connect()
        assert (made.held, made.durable, made.lost) == (7, 7, 4)
        spooling.sync()
    made.put(CHUNK, raw_pipe.chunk(9))
    made.flush(until_held=True)
    assert made.held == 8
    made.close()


def payloads(entry: Entry) -> bytes:
    return b"".join(bytes(part) for part in entry.parts)


def test_who_adds_to_a_recording_of_another_start_hears_of_it(broker: Broker) -> None:
    assert broker.port is not None
    heard = []
    for start in ("one", "one", "two", "two", ""):
        made = Producer("127.0.0.1", broker.port, start=start)
        made.connect()
        made.put(STORE_INFO, raw_pipe.info())
        made.put(CHUNK, raw_pipe.chunk(1))
        made.flush()
        made.connect()  # it is said again with the next link, and counts once
        made.bye()
        made.close()
        heard.append(made.notes)
    assert [len(each) for each in heard] == [0, 0, 1, 0, 0]
    assert heard[2][0].startswith("recording run was begun by another start: plain (pid ")


def test_a_version_that_is_not_spoken(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert broker.port is not None
    made = Producer("127.0.0.1", broker.port)
    say = made.say
    monkeypatch.setattr(made, "say", lambda word: say({**word, "v": 2}))
    with pytest.raises(ConnectionRefusedError, match="version 2"):
        made.connect()
    made.close()
