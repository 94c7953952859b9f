"""Clients that mean harm, beside one that does not: it loses nothing, and they get only their share."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import pytest
import zmq

from rrsdk.broker.intake import Intake, Limits
from rrsdk.broker.service import Broker
from rrsdk.codec.envelope import Kind, Stamp, pack_word
from rrsdk.endpoint import control_port
from rrsdk.identity import StoreId, StoreKind
from rrsdk.store.message_log import MessageLog
from tests.sdk.raw_pipe import DEADLINE_S, Raw, RawProducer, Sockets, chunk, free_port, info

ROUNDS = 200


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


class Honest:
    """A producer that must notice nothing."""

    def __init__(self, context: Sockets, broker: Broker) -> None:
        assert broker.port is not None
        self.control = f"tcp://127.0.0.1:{control_port(broker.port)}"
        self._broker = broker
        self._producer = RawProducer(context, self.control)
        self.welcome = self._producer.hello(name="honest")
        self._producer.send(Kind.STORE_INFO, info())
        self._sent = 1

    def goes_on(self) -> None:
        for _ in range(ROUNDS):
            self._producer.send(Kind.CHUNK, chunk(self._sent))
            self._sent += 1
        assert self._producer.until_held()["held"] == self._sent
        (me,) = [each for each in self._broker.status()["producers"] if each["name"] == "honest"]
        assert me["stored"]["messages"] == self._sent
        assert me["refused"] == 0


@pytest.fixture
def honest(context: Sockets, broker: Broker) -> Honest:
    return Honest(context, broker)


def ports(broker: Broker) -> tuple[int, ...]:
    return broker.ports


def test_garbage_and_silence_on_the_wire(broker: Broker, honest: Honest) -> None:
    greeting = b"\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL" + bytes(48)
    held: list[socket.socket] = []
    try:
        for port in ports(broker):
            for number in range(60):
                each = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
                held.append(each)
                if number % 3 == 0:
                    each.sendall(os.urandom(3000))
                elif number % 3 == 1:
                    each.sendall(greeting[: 1 + number])  # and then nothing any more
        honest.goes_on()
        # Who has not said by then who he is does not hold a connection any longer. (Bytes at random may pass
        # for the first version of ZeroMQ's protocol, which knows no handshake.)
        deadline = monotonic() + DEADLINE_S
        for each in [each for number, each in enumerate(held) if number % 3]:
            each.settimeout(max(0.1, deadline - monotonic()))
            try:
                while each.recv(4096):
                    pass
            except ConnectionError:
                pass
    finally:
        for each in held:
            each.close()
    honest.goes_on()


def test_words_and_data_that_are_none(broker: Broker, honest: Honest, context: Sockets) -> None:
    raw = Raw(context, honest.control, b"P" + secrets.token_bytes(16))
    push = context.socket(zmq.PUSH)
    push.linger = 0
    push.connect(f"tcp://127.0.0.1:{broker.ports[1]}")
    stranger = Stamp(Kind.CHUNK, 1, secrets.token_bytes(16), honest.welcome["epoch"], 1, 10).pack()
    for number in range(500):
        raw.dealer.send(os.urandom(number))
        raw.dealer.send(b"\xdf\xff\xff\xff\xff")  # a map of four billion
        raw.dealer.send(b"\x91" * 1000)
        push.send_multipart([stranger, *[b"x"] * (number * 10)])
        push.send(os.urandom(number))
    honest.goes_on()
    giant = Raw(context, honest.control)
    giant.dealer.send(bytes(20 << 20))  # cut off for it
    honest.goes_on()
    assert broker.status()["strays"] > 0
    assert broker.status()["garbage"] > 0


def test_hellos_and_subscriptions_without_end(broker: Broker, honest: Honest, context: Sockets) -> None:
    for number in range(400):
        key = secrets.token_bytes(16)
        word: dict[str, Any] = {"t": "hello", "v": 1, "producer": key, "link": 1, "next": 1}
        identity = b"P" + key
        if number % 2:
            word = {"t": "subscribe", "v": 1, "credit": 1 << 62, "live": True}
            identity = b"S" + key
        each = context.socket(zmq.DEALER)
        each.linger, each.routing_id = 0, identity
        each.connect(honest.control)
        each.send(pack_word(word))
        if number % 100 == 99:
            honest.goes_on()
    honest.goes_on()
    assert len(broker.status()["subscribers"]) <= 256


def test_connections_without_end(broker: Broker, honest: Honest) -> None:
    held: list[socket.socket] = []
    try:
        for port in ports(broker):
            held += [socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) for _ in range(150)]
        honest.goes_on()
    finally:
        for each in held:
            each.close()
    sleep(0.1)
    honest.goes_on()


# ---- names ----


def test_one_producer_gets_half_of_what_the_others_leave() -> None:
    limits = Limits(1 << 20, 1 << 20, recordings=100, entities=40)
    intake = Intake(MessageLog(limit_bytes=64 << 20), epoch=1, data="", limits=limits)
    names = [secrets.token_bytes(16) for _ in range(2)]
    opened = [intake.open_local(name, name="x", host="", policy="block", now=0.0) for name in names]
    hostile, honest = opened
    assert hostile is not None
    assert honest is not None

    def stored(whose: Any, kind: int, payloads: list[bytes]) -> int:
        return sum(not isinstance(intake.local(whose, kind, [each], 1.0), str) for each in payloads)

    def stores(prefix: str) -> list[bytes]:
        return [info(StoreId(StoreKind.RECORDING, "app", f"{prefix}{number}")) for number in range(120)]

    assert stored(hostile, Kind.STORE_INFO, stores("a")) == 50
    assert stored(hostile, Kind.STORE_INFO, stores("a")[:50]) == 50  # those that are known go on
    assert stored(honest, Kind.STORE_INFO, stores("b")) == 25
    assert hostile.refused == 70
    known = StoreId(StoreKind.RECORDING, "app", "a0")
    assert stored(hostile, Kind.CHUNK, [chunk(store=known, entity=f"/x{i}") for i in range(60)]) == 20
    assert stored(honest, Kind.CHUNK, [chunk(store=known, entity=f"/y{i}") for i in range(60)]) == 10
    assert stored(honest, Kind.CHUNK, [chunk(store=known, entity="/x3")]) == 1
