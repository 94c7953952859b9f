"""Stores that a broker's log feeds: they answer as the recorded file does, and forget what it forgets."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

import rrsdk as rr
from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind
from rrsdk.query import latest_at
from rrsdk.query import range as range_of
from rrsdk.sources.chunks import read_chunks
from rrsdk.store.chunk_store import ChunkStore
from rrsdk.store.entry import Lifetime
from rrsdk.store.feed import Feed
from rrsdk.store.message_log import MessageLog
from rrsdk.store.packing import Packing
from tests.contracts.store_contract import answered
from tests.sdk.raw_pipe import DEADLINE_S, RECORDING, chunk, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from rrsdk.store.entry import Part

SCALAR = "Scalars:scalars"


def test_a_live_broker_answers_as_the_recorded_file(tmp_path: Path) -> None:
    feed = Feed()
    broker = Broker(port=free_port(), memory_limit=64 << 20, observer=feed)
    broker.start()
    try:
        stream = rr.RecordingStream("rrkit_feed", recording_id="fed")
        stream.connect(broker.url)
        stream.log("world", rr.Points3D([[1, 2, 3]]), static=True)
        for frame in range(200):
            stream.set_time("frame", sequence=frame)
            stream.log("world/a", rr.Scalars(float(frame)))
            stream.log("world/b", rr.Points3D(np.full((3, 3), frame), radii=None if frame % 3 else 0.5))
            if frame % 50 == 49:
                stream.log("world", rr.Clear(recursive=True))
            if frame % 20 == 0:
                assert stream.flush(timeout_sec=DEADLINE_S)
        assert stream.flush(timeout_sec=DEADLINE_S)
        stream.close(DEADLINE_S)
        path = tmp_path / "fed.rrd"
        command = [
            sys.executable,
            "-m",
            "rrtool",
            "record",
            broker.url,
            "-o",
            str(path),
            "--until-idle",
            "0.3",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        ((recording, live),) = feed.stores.items()
        assert recording.recording_id == "fed"
        recorded = ChunkStore(packing=None)
        recorded.insert_many(made for _, made in read_chunks(str(path)))
        schema = recorded.schema()
        assert live.schema() == schema
        for entity in schema.entities:
            for timeline, times in (("frame", range(-1, 202, 7)), ("log_time", [0, time.time_ns()])):
                for when in times:
                    expected = answered(latest_at(recorded, entity, timeline, when))
                    assert answered(latest_at(live, entity, timeline, when)) == expected
            ours, theirs = (list(range_of(store, entity, "frame", 30, 150)) for store in (live, recorded))
            assert ours == theirs
        assert len(list(range_of(live, "/world/a", "frame", 30, 150))) == 121
        assert feed.failed == 0
        assert not broker.mishaps
    finally:
        broker.stop(DEADLINE_S)


def put(log: MessageLog, payload: bytes | tuple[Part, ...], lifetime: Lifetime = Lifetime.TEMPORAL) -> None:
    """One more chunk message."""
    parts = payload if isinstance(payload, tuple) else (payload,)
    log.append(Kind.CHUNK, lifetime, RECORDING, b"p", 0, 1, sum(map(len, parts)), parts)


def held(log: MessageLog) -> int:
    """How many temporal messages the log has."""
    shelf = log.shelves[Lifetime.TEMPORAL]
    return shelf.end - shelf.first


@pytest.mark.parametrize("ask_every", [1, 7, 1000])
@pytest.mark.parametrize("packing", [None, Packing(), Packing(max_rows=100)])
def test_what_the_log_evicts_goes(packing: Packing | None, ask_every: int) -> None:
    log, feed = MessageLog(limit_bytes=400_000), Feed(packing=packing)
    log.observer = feed
    for number in range(600):
        put(log, chunk(number))
        if number == 5:
            put(log, chunk(0, entity="/static", static=True), Lifetime.STATIC)
        if number % ask_every == 0:
            assert latest_at(feed.stores[RECORDING], "/e", "frame", 10**6)[SCALAR].time == number
        if number % 50 == 0:
            feed.tick()
    feed.tick()
    store = feed.stores[RECORDING]
    oldest = 600 - held(log)
    assert 100 < oldest < 500
    times = range_of(store, "/e", "frame", 0, 1000).times.tolist()
    assert times == list(range(times[0], 600))
    if packing is None:
        assert times[0] == oldest
    else:  # the chunk that the oldest message is part of now is there yet
        assert oldest - packing.max_rows < times[0] <= oldest
    assert latest_at(store, "/static", "frame", 0)[SCALAR].is_static
    log.let_go(before_at=log.next_index)
    feed.tick()
    assert len(range_of(store, "/e", "frame", 0, 1000)) == 0
    assert len(store) == 1
    assert feed.failed == 0


def test_payloads_are_shared_with_the_log() -> None:
    log, feed = MessageLog(limit_bytes=1 << 30), Feed()
    log.observer = feed
    blob = chunk(3, rows=1000)
    put(log, (memoryview(blob),))
    other = memoryview(chunk(4, rows=1000))
    put(log, tuple(other[start : start + 5000] for start in range(0, len(other), 5000)))
    store = feed.stores[RECORDING]
    before = store.nbytes
    assert 2 * len(blob) <= before < 3 * len(blob)
    assert latest_at(store, "/e", "frame", 10**6)[SCALAR].time == 1003
    assert store.nbytes < before + 2 * len(blob)


def test_what_cannot_be_read_is_counted() -> None:
    log, feed = MessageLog(limit_bytes=1 << 30), Feed()
    log.observer = feed
    put(log, secrets.token_bytes(100))
    put(log, chunk(1))
    log.append(Kind.STORE_INFO, Lifetime.PERSISTENT, RECORDING, b"p", 0, 0, 3, (b"xyz",))
    log.append(Kind.TABLE, Lifetime.STATIC, None, b"p", 0, 0, 3, (b"xyz",))
    assert feed.failed == 1
    assert len(feed.stores[RECORDING]) == 1


def test_a_broker_that_evicts() -> None:
    feed = Feed(packing=None)
    broker = Broker(port=free_port(), memory_limit=2 << 20, observer=feed)
    broker.start()
    try:
        producer = broker.producer(name="test")
        for number in range(40):
            producer.submit(Kind.CHUNK, (chunk(number * 5000, rows=5000),), timeout_s=DEADLINE_S)
        deadline = time.monotonic() + DEADLINE_S
        while broker.status()["evicted"]["messages"] < 20:
            assert time.monotonic() < deadline
        status = broker.status()
        while len(feed.stores[RECORDING]) > 40 - status["evicted"]["messages"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert len(feed.stores[RECORDING]) == 40 - status["evicted"]["messages"]
    finally:
        broker.stop(DEADLINE_S)
