"""The broker over real sockets: producers, subscribers, strangers."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
import zmq

from rrsdk.broker.local import END, LIVE, Delivery
from rrsdk.broker.service import Broker
from rrsdk.broker.session import PortTakenError, somebody_listens, who
from rrsdk.codec.envelope import Dropped, Kind, Phase
from rrsdk.endpoint import control_port
from rrsdk.errors import OutputError, UsageError
from tests.sdk.raw_pipe import (
    BLUEPRINT,
    DEADLINE_S,
    RECORDING,
    Raw,
    RawProducer,
    RawSubscriber,
    Sockets,
    activation,
    blob,
    chunk,
    free_port,
    info,
)


@pytest.fixture
def broker() -> Iterator[Broker]:
    running = Broker(port=free_port(), memory_limit=256 << 20)
    running.start()
    yield running
    running.stop(DEADLINE_S)
    assert not running.is_running
    assert not running.mishaps


@pytest.fixture
def context() -> Iterator[Sockets]:
    made = Sockets()
    yield made
    made.close()


@pytest.fixture
def control(broker: Broker) -> str:
    assert broker.port is not None
    return f"tcp://127.0.0.1:{control_port(broker.port)}"


def total(status: dict[str, Any]) -> int:
    return status["stored"]["messages"]


# ---- producers ----


def test_messages_are_held_and_acknowledged(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    welcome = producer.hello(name="trainer", pid=7)
    assert welcome["held"] == welcome["durable"] == welcome["refused"] == 0
    assert welcome["spools"] is False
    assert welcome["credit"] > 0
    assert welcome["max_message"] == broker.max_message
    producer.send(Kind.STORE_INFO, info())
    for number in range(100):
        producer.send(Kind.CHUNK, chunk(number, rows=3))
    assert producer.until_held()["held"] == 101
    status = broker.status()
    (mine,) = status["producers"]
    assert (mine["name"], mine["pid"], mine["state"]) == ("trainer", 7, "here")
    assert mine["stored"] == {"messages": 101, "rows": 300, "bytes": mine["stored"]["bytes"]}
    assert status["held"]["temporal"]["messages"] == 100
    assert status["held"]["persistent"]["messages"] == 1


def test_payloads_in_pieces_large_and_compressed(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    sent = []
    for size in (100, 70_000, 3_000_000):
        for lz4 in (False, True):
            whole = blob(size, lz4=lz4)
            sent += [whole, whole]
            producer.send(Kind.CHUNK, whole)
            cut = [whole[:40], whole[40:41], b"", whole[41:700], whole[700:-30], whole[-30:]]
            producer.send(Kind.CHUNK, *cut)
    assert producer.until_held()["refused"] == 0
    subscription = broker.subscription(live=False)
    got = []
    while isinstance(event := subscription.get(DEADLINE_S), Delivery):
        got.append(event.payload())
        assert event.size == len(got[-1])
    assert event is END
    assert got == sent


def test_repeats_gaps_and_probes(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    for seq in (1, 1, 2, 1, 2, 5, 6):
        producer.send(Kind.CHUNK, chunk(seq), seq=seq)
    assert producer.hear("rewind")["next"] == 3
    producer.seq = 6
    producer.probe()
    assert producer.hear("rewind")["next"] == 3
    for seq in (3, 4, 5, 6):
        producer.send(Kind.CHUNK, chunk(seq), seq=seq)
    producer.until_held(6)
    producer.heard.clear()
    producer.probe()
    assert producer.hear("ack", "rewind")["held"] == 6
    (mine,) = broker.status()["producers"]
    assert (mine["stored"]["messages"], mine["repeats"]) == (6, 3)
    assert mine["gaps"] == 2


def test_what_is_dropped_is_declared(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    producer.send(Kind.CHUNK, chunk())
    producer.send(Kind.DROPPED, Dropped(2, 9, 90, 900, "drop-oldest").pack(), seq=10)
    producer.seq = 10
    producer.send(Kind.CHUNK, chunk())
    producer.until_held(11)
    producer.send(Kind.DROPPED, Dropped(11, 3, 30, 300, "too late").pack(), seq=13)  # 11 had come already
    producer.until_held(13)
    producer.send(Kind.DROPPED, b"no msgpack", seq=14)
    assert producer.hear("refused")["seq"] == 14
    (mine,) = broker.status()["producers"]
    assert mine["dropped"] == {"messages": 11, "rows": 110, "bytes": 1100}
    assert (mine["held"], mine["stored"]["messages"], mine["refused"]) == (14, 2, 1)


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        (Kind.CHUNK, b"", "no Arrow data"),
        (Kind.CHUNK, b"garbage", "protobuf"),
        (Kind.CHUNK, chunk()[:-60], "claims"),
        (Kind.STORE_INFO, b"", "store kind 0"),
        (Kind.STORE_INFO, b"\xff" * 20, ""),
        (Kind.ACTIVATION, b"\x0a\x7f", "claims"),
        (Kind.TABLE, b"\x00", "number 0"),
        (99, b"", "kind 99"),
        (0, b"", "kind 0"),
    ],
)
def test_what_is_broken_is_refused_and_only_that(
    broker: Broker, control: str, context, kind: int, payload: bytes, reason: str
) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    producer.send(Kind.CHUNK, chunk(1))
    bad = producer.send(kind, payload)
    producer.send(Kind.CHUNK, chunk(2))
    refused = producer.hear("refused")
    assert refused["seq"] == bad
    assert reason in refused["reason"]
    assert producer.until_held()["refused"] == 1
    (mine,) = broker.status()["producers"]
    assert (mine["stored"]["messages"], mine["refused"]) == (2, 1)
    assert mine["reasons"] == [refused["reason"]]


def test_sizes_that_lie_and_messages_above_the_limit(context) -> None:
    running = Broker(port=free_port(), memory_limit=64 << 20, max_message=100_000)
    running.start()
    assert running.port is not None
    producer = RawProducer(context, f"tcp://127.0.0.1:{control_port(running.port)}")
    try:
        assert producer.hello()["max_message"] == 100_000
        good = chunk()
        producer.send(Kind.CHUNK, good, size=len(good) + 1)
        producer.send(Kind.CHUNK, good, size=1 << 62)
        producer.send(Kind.CHUNK, good, size=0)
        producer.send(Kind.CHUNK, *[b"x"] * 5000)
        producer.send(Kind.CHUNK, blob(150_000))
        producer.send(Kind.CHUNK, good)
        assert producer.until_held()["refused"] == 5
        reasons = [word["reason"] for word in producer.heard if word["t"] == "refused"]
        assert "says" in reasons[0]
        assert "above the limit" in reasons[4]
        assert running.status()["stored"]["messages"] == 1
        assert not running.mishaps
    finally:
        running.stop()


def test_data_without_hello_or_of_another_time(broker: Broker, control: str, context) -> None:
    known, stranger = RawProducer(context, control), RawProducer(context, control)
    known.hello()
    stranger.epoch, stranger.push = known.epoch, known.push
    stranger.send(Kind.CHUNK, chunk())
    assert stranger.hear("gone")  # it is told, where it can be
    stranger.push = None
    known.send(Kind.CHUNK, chunk(), seq=1, epoch=known.epoch ^ 1)
    known.send(Kind.CHUNK, chunk(), seq=1, link=7)
    for frames in ([b""], [b"RRP1"], [b"x" * 52], [b"RRP1" + bytes(48), b"", b"more"], [b"a"] * 9):
        known.push.send_multipart(frames)
    known.send(Kind.CHUNK, chunk())
    known.until_held()
    status = broker.status()
    assert status["strays"] == 3  # the stamp of zeroes is of a producer that said no hello, too
    assert status["garbage"] == 4
    (mine,) = status["producers"]
    assert (mine["stored"]["messages"], mine["stale"]) == (1, 1)


def test_a_newer_link_is_the_producer_and_the_older_one_is_ignored(
    broker: Broker, control: str, context
) -> None:
    old = RawProducer(context, control)
    old.hello()
    old.send(Kind.CHUNK, chunk(1))
    old.until_held()
    new = RawProducer(context, control, key=old.key, link=2, following=2)  # the old one is still connected
    assert new.hello()["held"] == 1
    old.send(Kind.CHUNK, chunk(2), seq=2)
    old.say(t="hello", v=1, producer=old.key, link=1, next=1)
    new.send(Kind.CHUNK, chunk(3))
    assert new.until_held()["held"] == 2
    (mine,) = broker.status()["producers"]
    assert mine["link"] == 2
    assert mine["stored"]["messages"] == 2


def test_a_producer_that_comes_to_a_broker_started_anew(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control, following=501)
    welcome = producer.hello(infos=[info(), b"broken", info()])
    assert welcome["held"] == 500
    assert "a store info was not kept" in producer.hear("error")["reason"]
    producer.send(Kind.CHUNK, chunk())
    producer.until_held(501)
    again = RawProducer(context, control, following=9)
    again.hello(infos=[info()])
    status = broker.status()
    assert status["held"]["persistent"]["messages"] == 1  # it is the same info
    assert sorted(mine["before"] for mine in status["producers"]) == [8, 500]


def test_ping_and_bye_of_unknown_producers(control: str, context) -> None:
    producer = RawProducer(context, control)
    assert producer.ask("ping", link=1)["t"] == "gone"
    assert producer.ask("bye", sent=0, lost_rows=0)["t"] == "gone"
    producer.hello()
    assert producer.ask("bye", sent=0, lost_rows=3)["t"] == "ack"
    status = Raw(context, control).ask("status")
    assert [(mine["state"], mine["lost_rows"]) for mine in status["producers"]] == [("bye", 3)]
    producer.hello()
    assert Raw(context, control).ask("status")["producers"][0]["state"] == "here"


@pytest.mark.parametrize(
    "word",
    [
        {"v": 2},
        {"v": "one"},
        {"link": 0},
        {"link": 1 << 32},
        {"link": "x"},
        {"next": 0},
        {"next": -1},
        {"producer": b"short"},
        {"producer": bytes(16)},
        {"name": 7},
        {"infos": 7},
        {"infos": ["text"]},
        {"pid": -1},
    ],
)
def test_a_hello_that_makes_no_sense(broker: Broker, control: str, context, word: dict[str, Any]) -> None:
    assert RawProducer(context, control).hello(**word)["t"] == "error"
    assert broker.status()["producers"] == []


def test_hostile_names_are_made_printable(broker: Broker, control: str, context) -> None:
    RawProducer(context, control).hello(name="\x1b[2J\n\u202e" + "x" * 100_000, host="\0")
    (mine,) = broker.status()["producers"]
    assert mine["name"].isprintable()
    assert len(mine["name"]) < 300
    assert mine["host"].isprintable()


def test_garbage_on_the_control_socket(broker: Broker, control: str, context) -> None:
    raw = Raw(context, control)
    hostile: list[list[bytes]] = [
        [b""],
        [b"", b""],
        [b"\xc1"],
        [msgpack.packb(7)],
        [msgpack.packb({"t": 7})],
        [msgpack.packb({"t": "nonsense"})],
        [msgpack.packb({"t": "hello"})],
        [msgpack.packb({"t": "subscribe", "v": 1, "credit": 1})],
        [b"\x91" * 5000],
        [b"\xdd\xff\xff\xff\xff"],
        [os.urandom(1000)],
    ]
    for frames in hostile:
        raw.dealer.send_multipart(frames)
    for _ in hostile:
        assert raw.hear("error")["fatal"] is False
    assert raw.ask("who") == {"t": "who", "program": "rrkit", "v": 1, "port": broker.port, "pid": os.getpid()}
    assert broker.status()["garbage"] == len(hostile)


def test_thousands_of_hellos(broker: Broker, control: str, context) -> None:
    """Of producers that come and go, and of one that cannot stop greeting."""
    eager = RawProducer(context, control)
    for _ in range(2000):
        eager.say(
            t="hello", v=1, producer=eager.key, link=1, next=1, name="", pid=1, host="", policy="", infos=[]
        )
    for _ in range(2000):
        eager.hear("welcome")
    raw = context.socket(
        zmq.ROUTER
    )  # one connection cannot have many routing ids: the intake is asked directly
    raw.close(linger=0)
    many = [RawProducer(context, control) for _ in range(300)]
    for producer in many:
        producer.hello()
    for producer in many:
        producer.ask("bye")
        producer.close()
    status = broker.status()
    assert len(status["producers"]) == 301
    assert [each["state"] for each in status["producers"]].count("bye") == 300
    eager.hello()
    eager.send(Kind.CHUNK, chunk())
    eager.until_held()


def test_a_producer_that_vanishes_harms_nobody(broker: Broker, control: str, context) -> None:
    stays = RawProducer(context, control)
    stays.hello()
    for _ in range(5):
        other = Sockets()
        leaves = RawProducer(other, control)
        leaves.hello()
        leaves.push.send(leaves.stamp(Kind.CHUNK, 1, 10**6), zmq.SNDMORE)  # and never the rest
        for number in range(20):
            stays.send(Kind.CHUNK, chunk(number))
        other.close()
    stays.until_held()
    with socket.create_connection(("127.0.0.1", control_port(broker.port or 0))) as half:
        half.sendall(b"\xff\0\0\0\0\0\0\0\1\x7f\3")  # half a greeting of ZeroMQ's own
        stays.send(Kind.CHUNK, chunk())
        stays.until_held()
    assert total(broker.status()) == 101


# ---- subscribers ----


def test_past_then_live_without_gap_or_repeat(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    payloads = {
        "info": (Kind.STORE_INFO, info()),
        "temporal": (Kind.CHUNK, chunk(1)),
        "static": (Kind.CHUNK, chunk(2, static=True)),
        "blueprint": (Kind.CHUNK, chunk(3, store=BLUEPRINT)),
        "activation": (Kind.ACTIVATION, activation()),
        "table": (Kind.TABLE, b"\x0a\x00"),
    }
    for kind, payload in payloads.values():
        producer.send(kind, payload)
    producer.until_held()
    usual, swapped = RawSubscriber(context, control), RawSubscriber(context, control)
    assert usual.subscribe()["join"] == swapped.subscribe(newest_first=True)["join"] == 6
    for each in (usual, swapped):
        each.take("live")
    for kind, payload in payloads.values():
        producer.send(kind, payload)
    for each in (usual, swapped):
        each.take(12)
    names = {payload: name for name, (_, payload) in payloads.items()}
    past = [(names[payload], stamp.flags) for stamp, _, payload in usual.got[:6]]
    stores = [(name, Phase.STORES) for name in ("info", "blueprint", "activation")]
    static = [(name, Phase.STATIC) for name in ("static", "table")]
    assert past == [*stores, *static, ("temporal", Phase.TEMPORAL)]
    past = [(names[payload], stamp.flags) for stamp, _, payload in swapped.got[:6]]
    assert past == [*stores, ("temporal", Phase.TEMPORAL), *static]
    for each in (usual, swapped):
        live = [(names[payload], stamp.flags, stamp.seq) for stamp, _, payload in each.got[6:]]
        assert live == [(name, Phase.LIVE, 7 + at) for at, name in enumerate(payloads)]
        assert {stamp.producer for stamp, _, _ in each.got} == {producer.key}


def test_only_what_there_is(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    for number in range(10):
        producer.send(Kind.CHUNK, chunk(number))
    producer.until_held()
    subscriber = RawSubscriber(context, control)
    subscriber.subscribe(live=False)
    subscriber.take("end")
    assert len(subscriber.got) == 10
    assert subscriber.ask("ping") == {"t": "pong", "epoch": producer.epoch}
    subscriber.say(t="bye")
    assert subscriber.ask("ping")["t"] == "gone"


def test_one_who_does_not_consume_stalls_nobody_and_hears_what_it_missed(context) -> None:
    running = Broker(port=free_port(), memory_limit=4 << 20)
    running.start()
    control = f"tcp://127.0.0.1:{control_port(running.port or 0)}"
    try:
        producer = RawProducer(context, control)
        producer.hello()
        slow, quick = RawSubscriber(context, control), RawSubscriber(context, control)
        slow.subscribe(credit=1)
        quick.subscribe()
        quick.take("live")
        slow.take("live")
        payload = blob(100_000)
        for number in range(1, 101):
            producer.send(Kind.CHUNK, payload)
            if number % 10 == 0:
                producer.until_held()
                quick.take(number)
        slow.take(1, consume=False)
        assert slow.frames(0.3) is None
        status = running.status()
        assert status["memory"]["used"] <= status["memory"]["limit"]
        assert status["memory"]["peak"] < status["memory"]["limit"] + 200_000
        slow.say(t="consumed", bytes=slow.taken)
        (tally,) = (each for each in status["subscribers"] if each["credit"] == 1)
        assert tally["outstanding_bytes"] == len(payload)
        slow.take("missed")
        missed = slow.words[-1]["messages"]
        assert len(slow.got) == 2  # the second was about to be sent, and so still there
        assert missed == status["evicted"]["messages"] - 2
        slow.take(100 - missed)
        assert [stamp.seq for stamp, _, _ in slow.got] == [1, 2, *range(missed + 3, 101)]
        assert [word["t"] for word in quick.words] == ["live"]
        assert [stamp.seq for stamp, _, _ in quick.got] == list(range(1, 101))
    finally:
        running.stop()


def test_going_on_after_a_broken_connection(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    for number in range(10):
        producer.send(Kind.CHUNK, chunk(number))
    producer.until_held()
    first = RawSubscriber(context, control)
    epoch = first.subscribe()["epoch"]
    first.take(4)
    first.close()
    for number in range(10):
        producer.send(Kind.CHUNK, chunk(number))
    producer.until_held()
    second = RawSubscriber(context, control)
    second.subscribe(resume={"epoch": epoch, "place": first.got[-1][1]})
    second.take(16)
    assert [stamp.seq for stamp, _, _ in first.got + second.got] == list(range(1, 21))
    other = RawSubscriber(context, control)
    other.subscribe(resume={"epoch": epoch ^ 1, "place": b"whatever"})
    other.take(20)
    for resume in (7, {}, {"epoch": epoch}, {"epoch": epoch, "place": b"whatever"}):
        assert RawSubscriber(context, control).subscribe(resume=resume)["t"] == "error"


def test_some_stores_only(broker: Broker, control: str, context) -> None:
    from rrsdk.codec.payload import write_store_id

    producer = RawProducer(context, control)
    producer.hello()
    for payload in (chunk(1), chunk(2, store=BLUEPRINT)):
        producer.send(Kind.CHUNK, payload)
    producer.until_held()
    subscriber = RawSubscriber(context, control)
    subscriber.subscribe(stores=[write_store_id(RECORDING)], live=False)
    subscriber.take("end")
    assert [stamp.seq for stamp, _, _ in subscriber.got] == [1]
    for stores in (7, ["text"], [b"\xff"]):
        assert RawSubscriber(context, control).subscribe(stores=stores)["t"] == "error"


def test_a_repeated_subscribe_changes_nothing(broker: Broker, control: str, context) -> None:
    producer = RawProducer(context, control)
    producer.hello()
    producer.send(Kind.CHUNK, chunk())
    producer.until_held()
    subscriber = RawSubscriber(context, control)
    for number in range(3):  # the credit is what a client has left now
        subscriber.say(t="subscribe", v=1, credit=(1 << 20) + number, live=False)
    subscriber.take("end")
    subscriber.say(t="ping")
    subscriber.take("pong")
    assert len(subscriber.got) == 1
    assert [word["t"] for word in subscriber.words].count("subscribed") == 3


def test_an_orderly_stop_takes_in_what_came_and_says_gone(context) -> None:
    running = Broker(port=free_port(), memory_limit=64 << 20)
    running.start()
    control = f"tcp://127.0.0.1:{control_port(running.port or 0)}"
    producer, subscriber = RawProducer(context, control), RawSubscriber(context, control)
    producer.hello()
    subscriber.subscribe()
    subscriber.take("live")
    local = running.subscription()
    running.stop(DEADLINE_S)
    assert producer.hear("gone")
    assert subscriber.hear("gone")
    assert local.get(DEADLINE_S) is LIVE
    assert local.get(DEADLINE_S) is END
    with pytest.raises(OutputError, match="does not run"):
        running.status()
    running.stop()
    again = Broker(port=running.port, memory_limit=64 << 20)  # the port is free at once
    again.start()
    again.stop()


# ---- in this process ----


def test_producers_and_subscribers_in_this_process(broker: Broker) -> None:
    ready = threading.Event()
    subscription = broker.subscription(wake=ready.set)
    assert subscription.get(DEADLINE_S) is LIVE
    producer = broker.producer(name="stream", host="there")
    for number in range(50):
        producer.submit(Kind.CHUNK, chunk(number, rows=2))
    producer.submit(Kind.CHUNK, b"garbage")
    assert producer.flush(timeout_s=DEADLINE_S)
    assert producer.counts[:2] == (50, 100)
    assert producer.counts.refused == 1
    assert len(producer.refusals) == 1
    got = [subscription.get(DEADLINE_S) for _ in range(50)]
    assert ready.wait(DEADLINE_S)
    assert [event.seq for event in got if isinstance(event, Delivery)] == list(range(1, 51))
    assert subscription.get(0.01) is None
    producer.close()
    with pytest.raises(OutputError, match="closed"):
        producer.submit(Kind.CHUNK, chunk())
    subscription.close()
    assert subscription.get(1.0) is END
    assert broker.status()["subscribers"] == []


def test_backpressure_in_this_process(broker: Broker) -> None:
    subscription = broker.subscription(credit_bytes=100_000)
    assert subscription.get(DEADLINE_S) is LIVE
    producer = broker.producer(name="stream")
    payload = memoryview(blob(80_000))
    for number in range(30):
        cut = [payload[:50], bytearray(payload[50:60]), bytes(payload[60:])]
        producer.submit(Kind.CHUNK, [payload, cut, bytearray(payload)][number % 3], timeout_s=DEADLINE_S)
    assert producer.flush(timeout_s=DEADLINE_S)
    assert len(subscription._queue) <= 2
    for _ in range(30):
        event = subscription.get(DEADLINE_S)
        assert isinstance(event, Delivery)
        assert event.payload() == payload


def test_whoever_waits_hears_that_the_broker_stops() -> None:
    running = Broker(port=free_port(), memory_limit=64 << 20)
    running.start()
    producer, subscription = running.producer(name="stream"), running.subscription()
    got: list[object] = []

    def read() -> None:
        while got[-1:] != [END]:
            got.append(subscription.get(DEADLINE_S))

    reader = threading.Thread(target=read)
    reader.start()
    running.stop(DEADLINE_S)
    reader.join(DEADLINE_S)
    assert got == [LIVE, END]
    with pytest.raises(OutputError, match="stopped"):
        producer.submit(Kind.CHUNK, chunk())
    producer.close()
    subscription.close()


# ---- where it listens ----


def test_two_on_one_port(broker: Broker, control: str) -> None:
    found = who(control)
    assert found is not None
    assert (found.port, found.pid) == (broker.port, os.getpid())
    with pytest.raises(PortTakenError, match=f"a broker runs on port {broker.port} already") as caught:
        Broker(port=broker.port, memory_limit=64 << 20).start()
    assert caught.value.is_ours


def test_a_stranger_on_the_port() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", control_port(port))):
        assert somebody_listens(control_port(port))
        with pytest.raises(
            PortTakenError, match=f"control port of session {port}.*pid {os.getpid()}"
        ) as caught:
            Broker(port=port, memory_limit=64 << 20).start()
        assert not caught.value.is_ours


def test_a_data_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        number = there.getsockname()[1]
        with pytest.raises(PortTakenError, match="for data"):
            Broker(port=free_port(), data_port=number, memory_limit=64 << 20).start()


@pytest.mark.parametrize("address", ["0.0.0.0", "*", "::", "192.168.0.1", "example.org"])
def test_a_public_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="--insecure"):
        Broker(port=9876, bind=address)


def test_addresses_that_do_not_exist_here() -> None:
    with pytest.raises(OutputError, match="cannot listen on"):
        Broker(port=free_port(), bind="203.0.113.7", insecure=True, memory_limit=64 << 20).start()


def test_a_public_broker_when_told_so(context) -> None:
    running = Broker(port=free_port(), bind="0.0.0.0", insecure=True, memory_limit=64 << 20)
    running.start()
    try:
        assert running.url == f"tcp://127.0.0.1:{running.port}"
        producer = RawProducer(context, f"tcp://127.0.0.1:{control_port(running.port or 0)}")
        producer.hello()
        producer.send(Kind.CHUNK, chunk())
        producer.until_held()
    finally:
        running.stop()


def test_a_private_broker(tmp_path, context) -> None:
    folder = tmp_path / secrets.token_hex(2)
    folder.mkdir()
    running = Broker(endpoint_dir=str(folder), memory_limit=64 << 20)
    running.start()
    try:
        assert running.url == f"ipc://{folder}"
        producer = RawProducer(context, f"ipc://{folder}/control")
        producer.hello()
        producer.send(Kind.CHUNK, chunk())
        producer.until_held()
        assert Raw(context, f"ipc://{folder}/control").ask("who")["port"] == 0
    finally:
        running.stop()


@pytest.mark.skipif(
    not hasattr(os, "fork") or not os.path.exists("/proc/net/tcp"), reason="needs fork and /proc"
)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_does_not_keep_the_ports() -> None:
    port = free_port()
    running = Broker(port=port, memory_limit=64 << 20)
    running.start()
    ours, theirs = os.pipe()
    ready, begun = os.pipe()
    child = os.fork()
    if child == 0:
        running.stop()  # the parent's
        os.write(begun, b"x")
        os.read(ours, 1)
        os._exit(running.is_running)
    try:
        os.read(ready, 1)
        assert running.status()["producers"] == []
        data_port = running.ports[1]
        running.stop(DEADLINE_S)
        again = Broker(port=port, data_port=data_port, memory_limit=64 << 20)
        again.start()
        again.stop()
    finally:
        os.write(theirs, b"x")
        _, code = os.waitpid(child, 0)
        for each in (ours, theirs, ready, begun):
            os.close(each)
    assert code == 0


def test_what_makes_no_sense() -> None:
    with pytest.raises(UsageError, match="either"):
        Broker()
    with pytest.raises(UsageError, match="too small"):
        Broker(port=1, memory_limit=7)
    with pytest.raises(UsageError, match="no port"):
        Broker(port=70_000)
    with pytest.raises(UsageError, match="too long"):
        Broker(endpoint_dir="/" + "x" * 200)
