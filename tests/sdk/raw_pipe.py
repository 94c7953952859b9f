"""Payloads for tests of the pipe, and clients of a broker that do only what they are told."""

from __future__ import annotations

import secrets
import socket
import time
from typing import Any

import zmq

from rrsdk.chunk.chunk import Chunk
from rrsdk.codec.chunks import pack_chunk
from rrsdk.codec.envelope import Kind, Stamp, pack_word, unpack_word
from rrsdk.codec.payload import write_activation, write_info, write_store_id
from rrsdk.codec.wire import COMPRESSION_NONE, write_envelope
from rrsdk.endpoint import control_port
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.ipc.layout import LayoutCache

RECORDING = StoreId(StoreKind.RECORDING, "app", "run")
BLUEPRINT = StoreId(StoreKind.BLUEPRINT, "app", "looks")
DEADLINE_S = 30.0


def info(store: StoreId = RECORDING, at: int = 1) -> bytes:
    return write_info(store, row_id=Tuid(at, 0))


def activation(store: StoreId = BLUEPRINT) -> bytes:
    return write_activation(store, make_active=True, make_default=True)


def chunk(
    number: int = 0,
    *,
    rows: int = 1,
    store: StoreId = RECORDING,
    static: bool = False,
    entity: str = "/e",
    lz4: bool = False,
) -> bytes:
    """The ArrowMsg of a chunk that holds `number` and what follows it."""
    made = Chunk.from_columns(
        entity,
        indexes=None if static else {"frame": list(range(number, number + rows))},
        components={"Scalars:scalars": [[float(number + row)] for row in range(rows)]},
    )
    raw, payload = write_store_id(store), made.to_ipc()
    if lz4:
        return b"".join(
            pack_chunk(store, raw, payload, LayoutCache().read(payload), made.id.to_bytes()).parts
        )
    before, after = write_envelope(
        raw,
        compression=COMPRESSION_NONE,
        uncompressed_size=len(payload),
        payload_size=len(payload),
        chunk_id=made.id.to_bytes(),
        is_static=static,
    )
    return before + payload + after


def blob(size: int, *, lz4: bool = False) -> bytes:
    """The ArrowMsg of a chunk of about `size` bytes."""
    made = Chunk.from_columns(
        "/blob", indexes={"frame": [0]}, components={"Blob:blob": [[secrets.token_bytes(size)]]}
    )
    raw, payload = write_store_id(RECORDING), made.to_ipc()
    if lz4:
        return b"".join(
            pack_chunk(RECORDING, raw, payload, LayoutCache().read(payload), made.id.to_bytes()).parts
        )
    before, after = write_envelope(
        raw,
        compression=COMPRESSION_NONE,
        uncompressed_size=len(payload),
        payload_size=len(payload),
        chunk_id=made.id.to_bytes(),
        is_static=False,
    )
    return before + payload + after


def free_port() -> int:
    """A session's port whose control port is free, too."""
    while True:
        with socket.socket() as control, socket.socket() as session:
            control.bind(("127.0.0.1", 0))
            number = control.getsockname()[1]
            port = number - 10_000 if number > 20_000 else number + 10_000
            if control_port(port) != number:
                continue
            try:
                session.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Sockets:
    """A context that closes what was opened in it."""

    def __init__(self) -> None:
        self._context: zmq.Context[Any] = zmq.Context()
        self._opened: list[Any] = []

    def socket(self, kind: int) -> Any:
        self._opened.append(self._context.socket(kind))
        return self._opened[-1]

    def close(self) -> None:
        for each in self._opened:
            each.close(linger=0)
        self._context.term()


class Raw:
    """A DEALER on a broker's control socket."""

    def __init__(self, context: Sockets, control: str, identity: bytes | None = None) -> None:
        self.context, self.control = context, control
        self.dealer = context.socket(zmq.DEALER)
        self.dealer.linger = 0
        if identity is not None:
            self.dealer.routing_id = identity
        self.dealer.connect(control)
        self.heard: list[dict[str, Any]] = []

    def say(self, **word: Any) -> None:
        self.dealer.send(pack_word(word))

    def frames(self, timeout_s: float = DEADLINE_S) -> list[bytes] | None:
        if not self.dealer.poll(int(timeout_s * 1000)):
            return None
        return self.dealer.recv_multipart()

    def hear(self, *which: str, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """The next word of one of these names; others are kept in `heard`."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            frames = self.frames(left)
            if frames is None:
                break
            if len(frames) > 1:
                continue
            word = unpack_word(frames[0])
            self.heard.append(word)
            if word["t"] in which:
                return word
        raise AssertionError(f"no {which} in {timeout_s} s; heard {self.heard}")

    def ask(self, t: str, **word: Any) -> dict[str, Any]:
        self.say(t=t, **word)
        return self.hear(t, "error", "pong", "ack", "gone")

    def close(self) -> None:
        self.dealer.close(linger=0)


class RawProducer(Raw):
    """Says hello, and sends what it is told to."""

    def __init__(
        self,
        context: Sockets,
        control: str,
        *,
        key: bytes | None = None,
        link: int = 1,
        following: int = 1,
    ) -> None:
        self.key = key or secrets.token_bytes(16)
        super().__init__(context, control, b"P" + self.key)
        self.link, self.seq = link, following - 1
        self.push: Any = None

    def hello(self, **more: Any) -> dict[str, Any]:
        self.say(
            **{
                "t": "hello",
                "v": 1,
                "role": "producer",
                "producer": self.key,
                "link": self.link,
                "next": self.seq + 1,
                "name": "raw",
                "pid": 1,
                "host": "here",
                "policy": "block",
                "infos": [],
                **more,
            }
        )
        welcome = self.hear("welcome", "error")
        if welcome["t"] == "welcome":
            self.epoch, self.credit = welcome["epoch"], welcome["credit"]
            host = self.control.rsplit(":", 1)[0]
            if self.push is not None:
                self.push.close(linger=0)
            self.push = self.context.socket(zmq.PUSH)
            self.push.linger = 0
            self.push.sndhwm = 100
            self.push.sndtimeo = int(DEADLINE_S * 1000)
            self.push.connect(welcome["data"].replace("tcp://*", host))
        return welcome

    def stamp(self, kind: int, seq: int, size: int, **more: Any) -> bytes:
        said = {
            "kind": kind,
            "link": self.link,
            "producer": self.key,
            "epoch": self.epoch,
            "seq": seq,
            "size": size,
        }
        return Stamp(**{**said, **more}).pack()

    def send(self, kind: int, *parts: bytes, seq: int | None = None, **more: Any) -> int:
        """One message; without `seq` the next one."""
        if seq is None:
            self.seq += 1
            seq = self.seq
        size = sum(map(len, parts))
        self.push.send_multipart([self.stamp(kind, seq, more.pop("size", size), **more), *parts])
        return seq

    def probe(self) -> None:
        self.send(Kind.PROBE, seq=self.seq)

    def until_held(self, seq: int | None = None, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
        """The acknowledgement of that message (of the last one)."""
        wanted = self.seq if seq is None else seq
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.say(t="ping", link=self.link)
            ack = self.hear("ack", timeout_s=timeout_s)
            if ack["held"] >= wanted:
                return ack
            time.sleep(0.01)
        raise AssertionError(f"{wanted} is not held: {ack}")

    def close(self) -> None:
        super().close()
        if self.push is not None:
            self.push.close(linger=0)


class RawSubscriber(Raw):
    """Subscribes, and keeps what it is sent."""

    def __init__(self, context: Sockets, control: str) -> None:
        super().__init__(context, control, b"S" + secrets.token_bytes(16))
        self.got: list[tuple[Stamp, bytes, bytes]] = []
        self.words: list[dict[str, Any]] = []
        self.taken = 0

    def subscribe(self, **more: Any) -> dict[str, Any]:
        asked = {"credit": 1 << 24, "newest_first": None, "stores": None, "live": True, "resume": None}
        self.say(t="subscribe", v=1, **{**asked, **more})
        return self.hear("subscribed", "error")

    def take(self, until: str | int, *, consume: bool = True, timeout_s: float = DEADLINE_S) -> None:
        """Until a word of this name came, or so many deliveries are there."""
        deadline = time.monotonic() + timeout_s
        while not (isinstance(until, int) and len(self.got) >= until):
            frames = self.frames(max(0.0, deadline - time.monotonic()))
            assert frames is not None, f"{len(self.got)} deliveries and {self.words} in {timeout_s} s"
            if len(frames) == 1:
                self.words.append(unpack_word(frames[0]))
                if self.words[-1]["t"] == until:
                    return
                continue
            stamp, payload = Stamp.unpack(frames[0]), b"".join(frames[2:])
            assert len(payload) == stamp.size
            assert stamp.link == len(self.got) + 1
            assert 8 <= len(frames[1]) <= 128
            self.got.append((stamp, frames[1], payload))
            self.taken += stamp.size
            if consume:
                self.say(t="consumed", bytes=self.taken)
