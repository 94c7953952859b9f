"""A broker and a network to hold a producer's link against: simple, and made to fail."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import Any

from rrsdk.codec.envelope import Dropped, Kind, Stamp
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import ChunkMsg, StoreInfo
from rrsdk.sinks.zmq.link import Instruction, Join, Link, Open, Say, Shut, State, Tell
from rrsdk.sinks.zmq.outbox import Outbox

STORE = StoreId(StoreKind.RECORDING, "app", "rec")
PRODUCER = bytes(range(16))


def chunk(number: int, size: int, *, entity: str = "/a", is_static: bool = False, rows: int = 3) -> ChunkMsg:
    """A chunk as far as an outbox looks at it; its payload begins with a number of ours."""
    layout = SimpleNamespace(entity=entity, is_static=is_static, components=())
    row: Any = SimpleNamespace(shape=SimpleNamespace(layout=layout, batch=SimpleNamespace(num_rows=rows)))
    head = number.to_bytes(8, "big")
    return ChunkMsg(STORE, b"raw", row, (head, bytes(size)), size)


def info(number: int) -> StoreInfo:
    return StoreInfo(STORE, number.to_bytes(8, "big"))


class ModelBroker:
    """Takes in what follows, answers as the protocol says. Restarting makes a new one."""

    def __init__(self, epoch: int, *, credit: int, max_message: int, spools: bool, spool: list[Any]) -> None:
        self.epoch, self.credit, self.max_message, self.spools = epoch, credit, max_message, spools
        self.held: int | None = spool[-1][0] if spool and spools else None
        self.durable = self.held or 0
        self.log: list[tuple[int, int, bytes]] = list(spool) if spools else []
        self.refused: list[int] = []
        self.infos: list[bytes] = []
        self.link = 0
        self.refuse_next = 0
        self.out: list[dict[str, Any]] = []

    def word(self, word: dict[str, Any]) -> None:
        if word["t"] == "hello":
            self.link = max(self.link, word["link"])
            if self.held is None or self.held < word["next"] - 1:
                assert self.held is None or not self.log or self.spools
                self.held = word["next"] - 1
                self.infos = word["infos"]
            self.out.append(
                {
                    "t": "welcome", "v": 1, "epoch": self.epoch, "data": "inproc://x", "held": self.held,
                    "durable": self.durable, "credit": self.credit, "max_message": self.max_message,
                    "spools": self.spools, "refused": len(self.refused),
                }
            )  # fmt: skip
        elif word["t"] == "ping":
            self.ack()

    def ack(self) -> None:
        if self.held is None:
            self.out.append({"t": "gone"})
        else:
            ack = {"t": "ack", "held": self.held, "durable": self.durable, "credit": self.credit}
            self.out.append({**ack, "refused": len(self.refused)})

    def data(self, stamp: Stamp, payload: bytes) -> None:
        if self.held is None:
            self.out.append({"t": "gone"})
            return
        if stamp.link != self.link or stamp.epoch != self.epoch:
            return
        if stamp.kind == Kind.PROBE:
            if self.held < stamp.seq:
                self.out.append({"t": "rewind", "next": self.held + 1})
            else:
                self.ack()
            return
        first = stamp.seq
        if stamp.kind == Kind.DROPPED:
            said = Dropped.unpack(payload)
            first = said.first
            assert said.messages == stamp.seq - first + 1
        if stamp.seq <= self.held:
            self.ack()
            return
        if first > self.held + 1:
            self.out.append({"t": "rewind", "next": self.held + 1})
            return
        assert first == self.held + 1, "a mark may not stand for what the broker holds"
        assert stamp.size == len(payload)
        self.held = stamp.seq
        if self.refuse_next and stamp.kind == Kind.CHUNK:
            self.refuse_next -= 1
            self.refused.append(stamp.seq)
            if len(self.refused) % 3 or self.spools:  # else that word is lost
                self.out.append({"t": "refused", "seq": stamp.seq, "reason": "model"})
            self.log.append((stamp.seq, -1, payload))
        else:
            assert stamp.kind == Kind.DROPPED or len(payload) <= self.max_message
            self.log.append((stamp.seq, stamp.kind, payload))
        self.ack()

    def make_durable(self, count: int) -> None:
        if self.spools and self.held is not None:
            self.durable = min(self.held, self.durable + count)
            self.ack()


class Network:
    """Between a link and a broker: in order, but what is under way may be lost when something breaks."""

    def __init__(self, link: Link, broker: ModelBroker) -> None:
        self.link, self.broker, self.now = link, broker, 0.0
        self.up: deque[dict[str, Any]] = deque()
        self.down: deque[dict[str, Any]] = deque()
        self.data: deque[tuple[Stamp, bytes]] = deque()
        self.old_data: deque[tuple[Stamp, bytes]] = deque()
        self.is_joined = self.is_open = False
        self.opened = 0
        self.told: list[str] = []

    def follow(self, instructions: list[Instruction]) -> None:
        for each in instructions:
            if isinstance(each, (Open, Shut)):
                self.old_data.extend(self.data)
                self.up.clear()
                self.down.clear()
                self.data.clear()
                self.is_joined, self.is_open = False, isinstance(each, Open)
                self.opened += self.is_open
            elif isinstance(each, Say):
                assert self.is_open
                self.up.append(dict(each.word))
            elif isinstance(each, Tell):
                self.told.append(each.line)
            else:
                assert isinstance(each, Join)
                self.is_joined = True

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self.follow(self.link.tick(self.now))

    def send(self, count: int) -> None:
        for parcel in self.link.take(self.now, count):
            assert self.is_joined
            payload = b"".join(bytes(part) for part in parcel.parts)
            assert len(payload) == parcel.size
            self.data.append((Stamp.unpack(parcel.stamp), payload))

    def arrive(self, count: int, *, old: bool = False) -> None:
        queue = self.old_data if old else self.data
        for _ in range(min(count, len(queue))):
            self.broker.data(*queue.popleft())
        self._collect()

    def words_up(self) -> None:
        while self.up:
            self.broker.word(self.up.popleft())
        self._collect()

    def _collect(self) -> None:
        self.down.extend(self.broker.out)
        self.broker.out.clear()

    def words_down(self, count: int) -> None:
        for _ in range(count):
            if not self.down:
                return
            opened = self.opened
            self.follow(self.link.word(self.down.popleft(), self.now))
            if self.opened != opened:
                return

    def cut(self, keep: int, *, is_noticed: bool) -> None:
        """The data connection breaks: of what is under way the first `keep` arrive; later messages do too."""
        while len(self.data) > keep:
            self.data.pop()
        if is_noticed:
            self.follow(self.link.broken("cut", self.now))

    def lose_words(self) -> None:
        """The control connection breaks, which is noticed: ZeroMQ loses nothing else on the way."""
        self.up.clear()
        self.down.clear()
        self.follow(self.link.broken("cut", self.now))

    def flow(self) -> None:
        """For a moment everything works."""
        self.words_up()
        self.words_down(1000)
        self.send(1000)
        self.arrive(1000)
        self.words_down(1000)

    def settle(self) -> None:
        """Everything works from now on; ends when all is acknowledged."""
        outbox: Outbox = self.link._outbox
        for _ in range(500):
            if outbox.is_clear and self.link.epoch == self.broker.epoch and self.link.state is State.UP:
                return
            self.flow()
            self.broker.make_durable(10**9)
            self._collect()
            self.words_down(1000)
            self.advance(0.25)
        raise AssertionError(f"not done: {self.link.state}, {self.link.last_error}")
