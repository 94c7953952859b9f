"""A producer and a subscriber written from PROTOCOL.md alone: pyzmq and msgpack, nothing of ours."""

from __future__ import annotations

import os
import random
import socket
import struct
import time
from typing import Any

import msgpack
import zmq

STAMP = struct.Struct("<4sBBHI16sQQQ")
STORE_INFO, CHUNK, ACTIVATION, TABLE, DROPPED, PROBE = 1, 2, 3, 4, 16, 17
DEADLINE_S = 30.0


def control_port(port: int) -> int:
    return port + 10_000 if port <= 55_535 else port - 10_000


class Producer:
    """Sends each message once to a broker that may break: sections 1 to 10 of Producing, on one thread."""

    def __init__(self, host: str, port: int, *, start: str = "") -> None:
        self.host, self.control = host, f"tcp://{host}:{control_port(port)}"
        self.producer, self.start = os.urandom(16), start
        self.link = self.epoch = self.held = self.lost = self.refused = self.failures = 0
        self.durable = self.since = self.lost_said = self.refused_before = 0
        self.spools = False
        self.knows: dict[str, Any] = {}
        self.gone = 0
        """Up to this number all is known to be held, lost or refused under an earlier epoch."""
        self.notes: list[str] = []
        self.waiting: dict[int, tuple[int, list[bytes]]] = {}
        self.last = self.sent = 0
        self.infos: list[bytes] = []
        self.context = zmq.Context()
        self.dealer: Any = None
        self.push: Any = None

    def connect(self) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not self.open_link():
            assert time.monotonic() < deadline, "no welcome"
            longest = min(0.1 * 2.0**self.failures, 5.0)
            self.failures += 1
            time.sleep(longest * random.uniform(0.5, 1.0))

    def open_link(self) -> bool:
        """One link: whether it was welcome within three seconds."""
        self.close_sockets()
        self.link += 1
        self.dealer = self.context.socket(zmq.DEALER)
        self.dealer.routing_id = b"P" + self.producer
        self.dealer.linger = 0
        self.dealer.reconnect_ivl = -1
        self.dealer.connect(self.control)
        first = min(self.waiting, default=self.last + 1)
        hello = {
            "t": "hello", "v": 1, "role": "producer", "producer": self.producer, "link": self.link,
            "next": first, "name": "plain", "pid": os.getpid(), "host": socket.gethostname(),
            "policy": "block", "start": self.start, "infos": self.infos, **self.knows,
        }  # fmt: skip
        for _ in range(3):
            self.say(hello)
            again = time.monotonic() + 1
            while (left := again - time.monotonic()) > 0 and self.dealer.poll(left * 1000):
                word = self.hear()
                if word["t"] == "welcome":
                    self.failures = 0
                    self.welcome(word)
                    return True
                if word["t"] == "error" and word["fatal"]:
                    raise ConnectionRefusedError(word["reason"])
        return False

    def welcome(self, word: dict[str, Any]) -> None:
        first = min(self.waiting, default=self.last + 1)
        assert first - 1 <= word["held"] <= self.last
        if word["epoch"] != self.epoch:
            if not self.spools:
                self.lost += self.held - self.gone
                self.gone = self.held
            is_same = word["since"] == self.since and word.get("spool") == self.knows.get("spool")
            if self.spools and word["spools"] and is_same:
                self.lost += word["lost"] - self.lost_said
            else:
                self.refused_before = self.refused
            self.since, self.lost_said = word["since"], word["lost"]
            if "spool" in word:
                self.knows = {key: word[key] for key in ("spool", "since", "forgot")}
            else:
                self.knows = {}
        self.spools = word["spools"]
        self.epoch, self.credit, self.max_message = word["epoch"], word["credit"], word["max_message"]
        self.acknowledged(word)
        self.sent = word["held"]
        self.push = self.context.socket(zmq.PUSH)
        self.push.linger = 0
        self.push.reconnect_ivl = -1
        self.push.connect(word["data"].replace("*", self.host))

    def say(self, word: dict[str, Any]) -> None:
        self.dealer.send(msgpack.packb(word))

    def hear(self) -> dict[str, Any]:
        word = dict(msgpack.unpackb(self.dealer.recv()))
        if word["t"] == "note" and word["text"] not in self.notes:
            self.notes.append(word["text"])
        return word

    def put(self, kind: int, *frames: bytes) -> None:
        self.last += 1
        self.waiting[self.last] = kind, list(frames)
        if kind == STORE_INFO:
            self.infos.append(b"".join(frames))

    def drop_last(self, count: int, rows: int) -> None:
        """Declare the last messages dropped instead of sending them."""
        seqs = sorted(self.waiting)[-count:]
        size = sum(len(frame) for seq in seqs for frame in self.waiting.pop(seq)[1])
        said = {"first": seqs[0], "messages": count, "rows": rows, "bytes": size, "reason": "too late"}
        self.waiting[seqs[-1]] = DROPPED, [msgpack.packb(said)]

    def stamp(self, kind: int, seq: int, size: int) -> bytes:
        return STAMP.pack(b"RRP1", kind, 0, 0, self.link, self.producer, self.epoch, seq, size)

    def send(self, seq: int) -> None:
        kind, frames = self.waiting[seq]
        self.push.send_multipart([self.stamp(kind, seq, sum(map(len, frames))), *frames])

    def acknowledged(self, word: dict[str, Any]) -> None:
        """Of a broker that spools only what is durable can be forgotten."""
        self.held, self.durable = word["held"], word["durable"]
        assert not self.spools or self.durable <= self.held
        self.refused = self.refused_before + word["refused"]
        for seq in [each for each in self.waiting if each <= (self.durable if self.spools else self.held)]:
            del self.waiting[seq]

    def flush(self, *, until_held: bool = False) -> None:
        """Send what waits within the credit, until all is held and, where the broker spools, durable."""
        deadline = time.monotonic() + DEADLINE_S
        heard = probed = time.monotonic()
        while self.waiting and not (until_held and self.held == self.last):
            assert time.monotonic() < deadline, "not acknowledged in time"
            under_way = sum(
                len(frame)
                for seq in self.waiting
                if self.held < seq <= self.sent
                for frame in self.waiting[seq][1]
            )
            for seq in sorted(each for each in self.waiting if each > self.sent):
                size = sum(map(len, self.waiting[seq][1]))
                if under_way and under_way + size > self.credit:
                    break
                self.send(seq)
                self.sent = seq
                under_way += size
            if self.dealer.poll(100):
                heard = time.monotonic()
                word = self.hear()
                if word["t"] == "ack":
                    self.acknowledged(word)
                    self.credit = word["credit"]
                elif word["t"] == "rewind":
                    self.sent = min(self.sent, max(word["next"] - 1, self.held))
                elif word["t"] == "gone":
                    time.sleep(0.1)
                    self.connect()
            elif time.monotonic() > heard + 3:
                self.connect()
                heard = time.monotonic()
            elif time.monotonic() > max(heard, probed) + 0.5:
                probed = time.monotonic()
                if self.sent > self.held:
                    self.push.send(self.stamp(PROBE, self.sent, 0))
                self.say({"t": "ping", "link": self.link})

    def bye(self) -> None:
        self.say({"t": "bye", "sent": self.last, "lost_rows": 0})
        said = ""
        while said != "ack":
            assert self.dealer.poll(int(DEADLINE_S * 1000))
            said = self.hear()["t"]

    def close_sockets(self) -> None:
        for each in (self.dealer, self.push):
            if each is not None:
                each.close(0)
        self.dealer = self.push = None

    def close(self) -> None:
        self.close_sockets()
        self.context.term()


class Subscriber:
    """Reads a subscription: sections 1 to 6 of Subscribing."""

    def __init__(self, host: str, port: int, *, live: bool, credit: int = 1 << 20) -> None:
        self.control = f"tcp://{host}:{control_port(port)}"
        self.asked = {"t": "subscribe", "v": 1, "credit": credit, "newest_first": None, "stores": None}
        self.asked |= {"live": live}
        self.context = zmq.Context()
        self.dealer: Any = None
        self.resume: dict[str, Any] | None = None
        self.phases: list[int] = []
        self.is_over = False

    def connect(self) -> None:
        if self.dealer is not None:
            self.dealer.close(0)
        self.dealer = self.context.socket(zmq.DEALER)
        self.dealer.routing_id = b"S" + os.urandom(16)
        self.dealer.linger = 0
        self.dealer.reconnect_ivl = -1
        self.dealer.connect(self.control)
        self.consumed = self.running = 0
        while True:
            self.dealer.send(msgpack.packb({**self.asked, "resume": self.resume}))
            if self.dealer.poll(1000):
                word = msgpack.unpackb(self.dealer.recv())
                assert word["t"] == "subscribed", word
                self.epoch, self.join = word["epoch"], word["join"]
                return

    def read(self, count: int) -> list[tuple[int, bytes]]:
        """The next so many messages, or up to the end: kind and payload."""
        got: list[tuple[int, bytes]] = []
        while len(got) < count and not self.is_over:
            assert self.dealer.poll(int(DEADLINE_S * 1000)), "nothing comes"
            frames = self.dealer.recv_multipart()
            if len(frames) == 1:
                word = msgpack.unpackb(frames[0])
                self.is_over = word["t"] == "end"
                continue
            magic, kind, phase, _, link, _, epoch, _, size = STAMP.unpack(frames[0])
            payload = b"".join(frames[2:])
            self.running += 1
            assert (magic, epoch, size, link) == (b"RRP1", self.epoch, len(payload), self.running)
            (index,) = struct.unpack_from("<Q", frames[1])
            assert (phase == 3) == (index >= self.join)
            self.resume = {"epoch": epoch, "place": frames[1]}
            self.phases.append(phase)
            got.append((kind, payload))
            self.consumed += size
            self.dealer.send(msgpack.packb({"t": "consumed", "bytes": self.consumed}))
        return got

    def close(self) -> None:
        if self.dealer is not None:
            self.dealer.send(msgpack.packb({"t": "bye"}))
            self.dealer.close(100)
        self.context.term()
