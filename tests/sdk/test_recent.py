"""A broker that is a black box lets go of what is too old or too much, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rrsdk as rr
from rrsdk.broker.dump import dump
from rrsdk.broker.recent import KeepLast, Recent, parse_keep_last
from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind
from rrsdk.errors import OutputError, UsageError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.store.entry import Entry, Lifetime
from rrsdk.store.message_log import MessageLog
from tests.sdk.raw_pipe import chunk, info

STORE = StoreId(StoreKind.RECORDING, "app", "a")
TICK_S = 1.0
events = st.tuples(
    st.sampled_from([0.0, 0.3, 1.0, 7.0]), st.sampled_from(list(Lifetime)), st.integers(0, 5000)
)


@given(
    coming=st.lists(events, max_size=60),
    seconds=st.sampled_from([None, 1.0, 5.0]),
    most_bytes=st.sampled_from([None, 0, 5000, 20_000]),
)
def test_what_stays(
    coming: list[tuple[float, Lifetime, int]], seconds: float | None, most_bytes: int | None
) -> None:
    store, recent = MessageLog(limit_bytes=10**9), Recent(KeepLast(seconds, most_bytes))
    now = ticked_at = 0.0
    came: list[tuple[float, Entry]] = []
    for later, lifetime, size in coming:
        now += later
        while ticked_at + TICK_S <= now:
            ticked_at += TICK_S
            recent.tick(store, ticked_at)
        entry = store.append(Kind.CHUNK, lifetime, STORE, bytes(16), 1, 1, size, (bytes(size),))
        came.append((now, entry))
    ticked_at += TICK_S
    recent.tick(store, ticked_at)
    kept = {entry.at for shelf in store.shelves for entry in shelf.entries()}
    assert kept >= {one.at for _, one in came if one.lifetime is not Lifetime.TEMPORAL}
    temporal = [(at, one) for at, one in came if one.lifetime is Lifetime.TEMPORAL]
    there = [one.at in kept for _, one in temporal]
    assert there == sorted(there), "the oldest go first"
    cost = sum(one.cost for _, one in temporal if one.at in kept)
    assert cost == store.shelves[Lifetime.TEMPORAL].cost
    assert store.used_bytes == sum(shelf.cost for shelf in store.shelves)
    if most_bytes is not None:
        assert cost <= most_bytes
    elif seconds is not None and came:
        newest = came[-1][0]
        for at, one in temporal:
            if at > newest - seconds + TICK_S:
                assert one.at in kept
            if at < newest - seconds - 2 * TICK_S:
                assert one.at not in kept
    else:
        assert all(there)


def test_where_nothing_comes_nothing_is_forgotten() -> None:
    store, recent = MessageLog(limit_bytes=10**9), Recent(KeepLast(seconds=2.0))
    store.append(Kind.CHUNK, Lifetime.TEMPORAL, STORE, bytes(16), 1, 1, 1, (b"x",))
    for now in range(1000):
        recent.tick(store, float(now))
    assert store.shelves[Lifetime.TEMPORAL].held.messages == 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30s", KeepLast(seconds=30.0)),
        ("10min", KeepLast(seconds=600.0)),
        ("64MiB", KeepLast(most_bytes=64 << 20)),
    ],
)
def test_as_people_write_it(text: str, meant: KeepLast) -> None:
    assert parse_keep_last(text) == meant


@pytest.mark.parametrize("text", ["", "5m", "5M", "0s", "0.1s", "1KiB", "a while", "-5s", "nan"])
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_keep_last(text)


def _filled(folder: Path) -> Broker:
    broker = Broker(endpoint_dir=str(folder), memory_limit=64 << 20)
    broker.start()
    producer = broker.producer(name="test")
    producer.submit(Kind.STORE_INFO, info())
    for number in range(20):
        producer.submit(Kind.CHUNK, chunk(number, rows=2))
    assert producer.flush()
    return broker


@pytest.mark.parametrize("ended", [False, True])
def test_what_is_held_is_written_whether_it_runs_or_not(ended: bool, tmp_path: Path) -> None:
    broker = _filled(tmp_path)
    if ended:
        broker.stop()
    try:
        done = dump(broker, str(tmp_path / "last.rrd"), warn=pytest.fail)
        assert done is not None
        assert (done.held.messages, done.held.rows, done.missed.messages) == (21, 40, 0)
        assert sum(found.num_rows for _, found in rr.read_chunks(str(tmp_path / "last.rrd"))) == 40
    finally:
        broker.stop()


def test_where_there_is_nothing_there_is_no_file(tmp_path: Path) -> None:
    broker = Broker(endpoint_dir=str(tmp_path), memory_limit=64 << 20)
    broker.start()
    assert dump(broker, str(tmp_path / "last.rrd"), warn=pytest.fail) is None
    with pytest.raises(UsageError, match="runs"):
        broker.remains()
    broker.stop()
    assert dump(broker, str(tmp_path / "last.rrd"), warn=pytest.fail) is None
    assert not (tmp_path / "last.rrd").exists()


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    broker = _filled(tmp_path)
    with pytest.raises(OutputError, match="folder does not exist"):
        dump(broker, str(tmp_path / "gone" / "last.rrd"), warn=pytest.fail)
    broker.stop()
