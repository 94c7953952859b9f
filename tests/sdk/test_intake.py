"""The intake, asked directly: whatever comes in whatever order, each message once, and the numbers add up."""

from __future__ import annotations

import os
import secrets
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rrsdk.broker.admission import Admission
from rrsdk.broker.intake import Intake, Limits
from rrsdk.broker.producer import Producer, printable
from rrsdk.codec.envelope import Dropped, Kind, Stamp
from rrsdk.codec.payload import write_store_id
from rrsdk.codec.wire import COMPRESSION_LZ4, write_envelope
from rrsdk.errors import FormatError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.store.entry import Entry, Lifetime
from rrsdk.store.message_log import MessageLog
from tests.sdk.raw_pipe import BLUEPRINT, RECORDING, activation, blob, chunk, info

EPOCH = 77
GOOD = [
    (Kind.STORE_INFO, info()),
    (Kind.CHUNK, chunk(1, rows=2)),
    (Kind.CHUNK, chunk(2, static=True)),
    (Kind.CHUNK, chunk(3, store=BLUEPRINT)),
    (Kind.ACTIVATION, activation()),
    (Kind.TABLE, b""),
]
BAD = [(Kind.CHUNK, b"garbage"), (Kind.STORE_INFO, b""), (77, b""), (Kind.CHUNK, bytes(3000))]
LIMITS = Limits(max_message=2500, under_way_bytes=1 << 24, producers=8, gone_producers=2)


def made(limits: Limits = LIMITS, limit_bytes: int = 1 << 30) -> tuple[MessageLog, Intake]:
    store = MessageLog(limit_bytes=limit_bytes)
    return store, Intake(store, epoch=EPOCH, data="tcp://*:1", limits=limits)


def hello(key: bytes, **more: Any) -> dict[str, Any]:
    word = {
        "t": "hello",
        "v": 1,
        "producer": key,
        "link": 1,
        "next": 1,
        "name": "",
        "pid": 1,
        "host": "",
        "policy": "",
    }
    return {**word, **more}


def entries(store: MessageLog) -> list[Entry]:
    found = []
    for shelf in store.shelves:
        for at in range(shelf.first, shelf.end):
            entry = shelf.get(at)
            assert entry is not None
            found.append(entry)
    return sorted(found, key=lambda entry: entry.at)


class Model:
    """What one producer has numbered so far; its messages never change, whatever happens on the way."""

    def __init__(self, key: bytes) -> None:
        self.key, self.link = key, 0
        self.messages: list[tuple[int, bytes]] = []
        self.dropped: dict[int, int] = {}
        """First to last of what was given up, by the first."""


class IntakeMachine(RuleBasedStateMachine):
    """Messages are lost, repeated, out of order, of older links, broken, or not what their stamps say."""

    def __init__(self) -> None:
        super().__init__()
        self.store, self.intake = made()
        self.models = [Model(bytes([number]) * 16) for number in range(2)]
        self.now = 0.0

    models = st.integers(0, 1)

    @rule(of=models, again=st.booleans())
    def greet(self, of: int, again: bool) -> None:
        model = self.models[of]
        model.link += not again or not model.link
        known = self.intake.producers.get(model.key)
        following = known.held + 1 if known is not None else 1
        replies = self.intake.word(
            b"P" + model.key, hello(model.key, link=model.link, next=following), self.now
        )
        assert [word["t"] for _, word in replies] == ["welcome"]
        assert replies[0][1]["held"] == following - 1

    @initialize()
    def begin(self) -> None:
        self.greet(0, again=False)
        self.models[0].messages += GOOD

    @rule(of=models, which=st.lists(st.sampled_from(GOOD + BAD), min_size=1, max_size=5))
    def produce(self, of: int, which: list[tuple[int, bytes]]) -> None:
        self.models[of].messages += which

    @rule(of=models, many=st.integers(1, 4))
    def give_up(self, of: int, many: int) -> None:
        """A policy drops: numbers that nothing stands for but their declaration."""
        model = self.models[of]
        first = len(model.messages) + 1
        seq = first + many - 1
        model.messages += [(0, b"")] * (many - 1)
        model.messages.append((Kind.DROPPED, Dropped(first, many, 10 * many, 100 * many, "").pack()))
        model.dropped[first] = seq

    @rule(
        of=models,
        which=st.lists(st.integers(-3, 3) | st.just(0), min_size=1, max_size=8),
        lie=st.sampled_from([0, 0, 0, 0, 1, -1, 1 << 60]),
        cut=st.integers(0, 3000),
    )
    def arrive(self, of: int, which: list[int], lie: int, cut: int) -> None:
        """Messages around the one that is due."""
        model = self.models[of]
        for offset in which:
            known = self.intake.producers.get(model.key)
            seq = (known.held + 1 if known is not None else 1) + offset
            if not 1 <= seq <= len(model.messages):
                continue
            kind, payload = model.messages[seq - 1]
            if kind:  # else it is swallowed by the declaration behind it
                size = len(payload) if kind == Kind.DROPPED else max(0, len(payload) + lie)
                self.send(model, kind, seq, [payload[:cut], payload[cut:]], size=size)

    @rule(
        of=models,
        back=st.integers(0, 2),
        epoch=st.sampled_from([EPOCH, EPOCH + 1]),
        offset=st.integers(-1, 1),
    )
    def arrive_late(self, of: int, back: int, epoch: int, offset: int) -> None:
        """Of older links, or sent to another broker, even where it would be due."""
        model = self.models[of]
        link = max(0, model.link - back)
        if epoch == EPOCH and link == model.link:
            return
        known = self.intake.producers.get(model.key)
        seq = max(0, (known.held if known is not None else 0) + 1 + offset)
        payload = GOOD[1][1]
        self.send(model, Kind.CHUNK, seq, [payload], size=len(payload), link=link, epoch=epoch)

    @rule(
        garbage=st.binary(max_size=60) | st.just(b"RRP1" + bytes(48)),
        parts=st.lists(st.binary(max_size=5), max_size=3),
    )
    def garbage(self, garbage: bytes, parts: list[bytes]) -> None:
        self.intake.data(garbage, parts, self.now)

    @rule(of=models)
    def probe(self, of: int) -> None:
        model = self.models[of]
        known = self.intake.producers.get(model.key)
        self.send(model, 17, len(model.messages), [], size=0)
        said = [word["t"] for client, word in self.intake.settle() if client == b"P" + model.key]
        if known is not None and known.state != "bye" and known.link == model.link:
            assert "ack" in said
            assert ("rewind" in said) >= (known.held < len(model.messages))

    @rule(seconds=st.sampled_from([0.01, 0.2, 5.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.intake.tick(self.now)

    @rule(of=models)
    def leave(self, of: int) -> None:
        client = b"P" + self.models[of].key
        (reply,) = self.intake.word(client, {"t": "bye", "sent": 0, "lost_rows": 0}, self.now)
        assert reply[1]["t"] in ("ack", "gone")

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        clients = [client for client, word in self.intake.settle() if word["t"] == "ack"]
        assert len(clients) == len(set(clients)), "one acknowledgement a producer"

    def send(
        self,
        model: Model,
        kind: int,
        seq: int,
        parts: list[bytes],
        *,
        size: int,
        link: int | None = None,
        epoch: int = EPOCH,
    ) -> None:
        stamp = Stamp(kind, model.link if link is None else link, model.key, epoch, seq, size)
        self.intake.data(stamp.pack(), parts, self.now)

    @invariant()
    def numbers_add_up(self) -> None:
        kept = entries(self.store)
        assert [entry.at for entry in kept] == list(range(self.store.next_index))
        for model in self.models:
            producer = self.intake.producers.get(model.key)
            mine = [entry.seq for entry in kept if entry.producer == model.key]
            assert mine == sorted(set(mine)), "in order, and once"
            if producer is None:
                assert not mine
                continue
            assert producer.held <= len(model.messages)
            assert producer.stored.messages == len(mine)
            assert producer.held == len(mine) + producer.refused + producer.dropped.messages
            declared = sum(last - first + 1 for first, last in model.dropped.items() if last <= producer.held)
            assert producer.dropped.messages == declared
            for entry in kept:
                if entry.producer == model.key:
                    kind, payload = model.messages[entry.seq - 1]
                    assert (entry.kind, b"".join(entry.parts)) == (kind, payload)

    @invariant()
    def shares_are_of_those_here(self) -> None:
        here = sum(producer.is_here for producer in self.intake.producers.values())
        assert self.intake.here == here


TestIntake = pytest.mark.campaign(IntakeMachine.TestCase)
TestIntake.settings = settings(max_examples=max(150, settings().max_examples), stateful_step_count=50)


# ---- what is stored ----


@pytest.mark.parametrize(
    ("kind", "payload", "lifetime", "store", "rows"),
    [
        (Kind.STORE_INFO, info(), Lifetime.PERSISTENT, RECORDING, 0),
        (Kind.CHUNK, chunk(0, rows=3), Lifetime.TEMPORAL, RECORDING, 3),
        (Kind.CHUNK, chunk(0, rows=3, lz4=True), Lifetime.TEMPORAL, RECORDING, 3),
        (Kind.CHUNK, chunk(0, rows=2, static=True), Lifetime.STATIC, RECORDING, 2),
        (Kind.CHUNK, chunk(0, store=BLUEPRINT), Lifetime.PERSISTENT, BLUEPRINT, 1),
        (Kind.CHUNK, blob(500_000), Lifetime.TEMPORAL, RECORDING, 1),
        (Kind.CHUNK, blob(500_000, lz4=True), Lifetime.TEMPORAL, RECORDING, 1),
        (Kind.ACTIVATION, activation(), Lifetime.PERSISTENT, BLUEPRINT, 0),
        (Kind.TABLE, b"", Lifetime.STATIC, None, 0),
    ],
)
def test_lifetimes(kind: int, payload: bytes, lifetime: Lifetime, store: Any, rows: int) -> None:
    admission = Admission(MessageLog(limit_bytes=1 << 30))
    arrivals = admission.arrivals("test")
    views = [memoryview(payload)[at : at + 9000] for at in range(0, max(1, len(payload)), 9000)]
    for parts in ([payload], views):
        admitted = admission.admit(arrivals, kind, parts, len(payload))
        assert admitted[:4] == (lifetime, store, rows, len(payload))
        assert b"".join(admitted.parts) == payload


SOUND = [*GOOD, (Kind.CHUNK, chunk(0, rows=40, lz4=True)), (Kind.CHUNK, blob(200_000))]


@settings(max_examples=300)
@given(
    which=st.sampled_from(SOUND),
    flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
    left=st.floats(0, 1) | st.just(1.0),
    cut=st.floats(0, 1),
)
def test_damaged_payloads_are_refused_or_taken_but_never_more(
    which: tuple[int, bytes], flips: list[tuple[int, int]], left: float, cut: float
) -> None:
    kind, whole = which
    damaged = bytearray(whole)
    for at, value in flips:
        if damaged:
            damaged[at % len(damaged)] = value
    payload = bytes(damaged[: round(left * len(damaged))])
    at = round(cut * len(payload))
    admission = Admission(MessageLog(limit_bytes=1 << 30))
    try:
        admitted = admission.admit(
            admission.arrivals("test"), kind, [payload[:at], payload[at:]], len(payload)
        )
    except FormatError:
        return
    assert sum(map(len, admitted.parts)) == admitted.size


def test_older_object_models_come_out_in_the_current_one() -> None:
    from pathlib import Path

    from rrsdk.codec.frames import Frame, FrameDecoder

    found = sorted(Path(__file__).parents[2].joinpath("fixtures").glob("sdk-0.[234]*/*.rrd"))
    old = [path for path in found if "migrated" not in path.name and "0.41" not in str(path)]
    assert len(old) > 8
    for path in old:
        store, intake = made(Limits(1 << 28, 1 << 24))
        producer = intake.open_local(secrets.token_bytes(16), name="old", host="", policy="", now=0.0)
        assert producer is not None
        decoder = FrameDecoder()
        decoder.feed(path.read_bytes())
        decoder.finish()
        sent = 0
        for event in decoder:
            if isinstance(event, Frame) and event.kind in (1, 2, 3):
                sent += 1
                taken = intake.local(producer, event.kind, (event.payload,), 0.0)
                assert isinstance(taken, Entry), taken
        assert producer.stored.messages == sent > 0
        admission = Admission(MessageLog(limit_bytes=1 << 30))
        for entry in entries(store):
            admitted = admission.admit(
                admission.arrivals("again"), entry.kind, [b"".join(entry.parts)], entry.size
            )
            assert b"".join(admitted.parts) == b"".join(entry.parts), "now it is current"


def test_what_is_never_evicted_is_bounded_too() -> None:
    store, intake = made(Limits(1 << 20, 1 << 24), limit_bytes=1 << 20)
    producer = intake.open_local(bytes(16), name="", host="", policy="", now=0.0)
    assert producer is not None
    for number in range(1200):
        intake.local(producer, Kind.STORE_INFO, (info(at=number),), 0.0)
        intake.local(producer, Kind.CHUNK, (chunk(number, store=BLUEPRINT),), 0.0)
    assert store.used_bytes <= store.limit_bytes
    assert producer.refused > 400
    assert "never evicted" in producer.reasons[0]


def test_stores_without_number_are_bounded_too() -> None:
    store, intake = made(Limits(1 << 20, 1 << 24), limit_bytes=1 << 20)
    producer = intake.open_local(bytes(16), name="", host="", policy="", now=0.0)
    assert producer is not None
    one = chunk(1)
    for number in range(3000):
        payload = one.replace(b"run", b"%03d" % (number % 1000))
        intake.local(producer, Kind.CHUNK, (payload,), 0.0)
    assert store.used_bytes <= store.limit_bytes


def test_a_few_bytes_that_stand_for_many_are_not_decompressed() -> None:
    """What LZ4 makes of zeros: a message of 1.2 MB that would take 300."""
    import lz4.block

    zeros = lz4.block.compress(bytes(300 << 20), store_size=False)
    before, after = write_envelope(
        write_store_id(RECORDING),
        compression=COMPRESSION_LZ4,
        uncompressed_size=300 << 20,
        payload_size=len(zeros),
        chunk_id=bytes(16),
        is_static=False,
    )
    payload = before + zeros + after
    admission = Admission(MessageLog(limit_bytes=1 << 30))
    arrivals = admission.arrivals("test")
    for parts in ([payload], [payload[:100], payload[100:]]):
        tracemalloc.start()
        with pytest.raises(FormatError, match="would have to be decompressed"):
            admission.admit(arrivals, Kind.CHUNK, parts, len(payload))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 << 20


def test_long_names_take_no_memory_that_is_not_counted() -> None:
    """Heads of chunks are remembered, but not whatever their length."""
    store = MessageLog(limit_bytes=1 << 20)
    admission = Admission(store)
    arrivals = admission.arrivals("test")
    payload = chunk(entity="/" + "x" * 300_000)
    tracemalloc.start()
    for number in range(5):
        renamed = payload.replace(b"/xx", b"/x%d" % number)
        admission.admit(arrivals, Kind.CHUNK, [renamed], len(renamed))
        del renamed
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1 << 20
    used = store.used_bytes
    admission.admit(arrivals, Kind.CHUNK, [chunk()], 1)
    longer = chunk(store=StoreId(StoreKind.RECORDING, "app", "r" * 100_000))
    admission.admit(arrivals, Kind.CHUNK, [longer], 1)
    assert store.used_bytes - used > 200_000


# ---- who is there ----


def test_too_many_producers_and_who_is_forgotten_first() -> None:
    _, intake = made()
    keys = [os.urandom(16) for _ in range(20)]
    for key in keys[:8]:
        assert intake.word(b"P" + key, hello(key), 0.0)[0][1]["t"] == "welcome"
    (reply,) = intake.word(b"P" + keys[8], hello(keys[8]), 0.0)
    assert (reply[1]["t"], reply[1]["fatal"]) == ("error", False)
    assert "8 producers" in reply[1]["reason"]
    intake.word(b"P" + keys[3], {"t": "bye"}, 0.0)
    assert intake.word(b"P" + keys[8], hello(keys[8]), 0.0)[0][1]["t"] == "welcome"
    for key in keys[9:]:
        leaving = next(each for each in intake.producers.values() if each.is_here)
        intake.word(b"P" + leaving.key, {"t": "bye"}, 0.0)
        intake.word(b"P" + key, hello(key), 0.0)
    assert len(intake.producers) == 10
    assert intake.here == 8
    assert keys[3] not in intake.producers
    assert intake.forgotten == 10


def test_sums_outlive_the_producers() -> None:
    _, intake = made(Limits(1 << 20, 1 << 24, producers=2, gone_producers=1))
    for _ in range(5):
        producer = intake.open_local(os.urandom(16), name="", host="", policy="", now=0.0)
        assert producer is not None
        intake.local(producer, *GOOD[1][:1], (GOOD[1][1],), 0.0)
        intake.local(producer, Kind.CHUNK, (b"",), 0.0)
        intake.close_local(producer)
    kept = list(intake.producers.values())
    assert intake.forgotten + len(kept) == 5
    assert intake.stored_of_forgotten.rows + sum(each.stored.rows for each in kept) == 10
    assert intake.refused_of_forgotten + sum(each.refused for each in kept) == 5


def test_the_credit_is_shared() -> None:
    _, intake = made(Limits(1 << 20, under_way_bytes=1 << 24, silence_s=10.0))
    keys = [bytes([number]) * 16 for number in range(16)]
    shares = [intake.word(b"P" + key, hello(key), 0.0)[0][1]["credit"] for key in keys]
    assert shares[0] == 1 << 24
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 1 << 20
    intake.word(b"P" + keys[0], {"t": "ping", "link": 1}, 20.0)
    intake.tick(20.0)
    assert [each.state for each in intake.producers.values()].count("gone") == 15
    (ack,) = intake.word(b"P" + keys[0], {"t": "ping", "link": 1}, 20.0)
    assert ack[1]["credit"] == 1 << 24


def test_rewinds_are_rare() -> None:
    _, intake = made()
    key = bytes(16)
    intake.word(b"P" + key, hello(key), 0.0)
    said: list[float] = []
    for step in range(1000):
        now = step / 1000
        payload = GOOD[1][1]
        intake.data(Stamp(Kind.CHUNK, 1, key, EPOCH, 5 + step, len(payload)).pack(), [payload], now)
        said += [now for _, word in intake.settle() if word["t"] == "rewind"]
    assert len(said) == 2
    assert intake.producers[key].gaps == 1000


@given(st.text())
def test_names_are_printable(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 201


def test_a_producer_tells_the_last_reasons_only() -> None:
    _, intake = made()
    producer = intake.open_local(bytes(16), name="", host="", policy="", now=0.0)
    assert isinstance(producer, Producer)
    for number in range(20):
        intake.local(producer, 100 + number, (b"",), 0.0)
    assert producer.refused == 20
    assert producer.reasons == [f"message kind {100 + number} is not known" for number in range(12, 20)]
