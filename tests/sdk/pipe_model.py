"""A broker and a network to hold a producer's link against: simple, and made to fail."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import Any, NamedTuple

from rrsdk.codec.envelope import Dropped, Kind, Stamp
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import ChunkMsg, StoreInfo
from rrsdk.sinks.zmq.link import Instruction, Join, Link, Open, Say, Shut, State, Tell
from rrsdk.sinks.zmq.outbox import Outbox

STORE = StoreId(StoreKind.RECORDING, "app", "rec")
PRODUCER = bytes(range(16))
REFUSED = -1
"""A kind of message."""


def chunk(number: int, size: int, *, entity: str = "/a", is_static: bool = False, rows: int = 3) -> ChunkMsg:
    """A chunk as far as an outbox looks at it; its payload begins with a number of ours."""
    layout = SimpleNamespace(entity=entity, is_static=is_static, components=())
    row: Any = SimpleNamespace(shape=SimpleNamespace(layout=layout, batch=SimpleNamespace(num_rows=rows)))
    head = number.to_bytes(8, "big")
    return ChunkMsg(STORE, b"raw", row, (head, bytes(size)), size)


def info(number: int) -> StoreInfo:
    return StoreInfo(STORE, number.to_bytes(8, "big"))


class Spool(NamedTuple):
    """What a broker left on disk."""

    since: int
    held: int
    log: list[tuple[int, int, bytes]]


class ModelBroker:
    """Takes in what follows, answers as the protocol says. Restarting makes a new one."""

    def __init__(
        self,
        epoch: int,
        *,
        credit: int,
        max_message: int,
        spools: bool,
        spool: Spool | None = None,
        spool_id: bytes = b"s" * 16,
    ) -> None:
        """`spool`: what an earlier start of it left of this producer."""
        self.spool_id = spool_id if spools else b""
        self.epoch, self.credit, self.max_message, self.spools = epoch, credit, max_message, spools
        self.held: int | None = None
        self.spool = spool
        self.since = self.durable = 0
        self.log: list[tuple[int, int, bytes]] = list(spool.log) if spool else []
        self.infos: list[bytes] = []
        self.link = 0
        self.refuse_next = 0
        self.out: list[dict[str, Any]] = []

    def word(self, word: dict[str, Any]) -> None:
        if word["t"] == "hello":
            self.link = max(self.link, word["link"])
            if self.held is None:
                self.held = self.since = word["next"] - 1
                if self.spool is not None:
                    self.since, self.held = self.spool.since, max(self.held, self.spool.held)
                elif self.spools and word.get("spool") == self.spool_id:
                    self.since = word["since"]
                self.durable = self.held if self.spools else 0
                self.infos = word["infos"]
            assert self.held >= word["next"] - 1
            self.out.append(
                {
                    "t": "welcome", "v": 1, "epoch": self.epoch, "data": "inproc://x", "held": self.held,
                    "durable": self.durable, "credit": self.credit, "max_message": self.max_message,
                    "spools": self.spools, "refused": self.refused, "since": self.since, "lost": self.lost,
                    **({"spool": self.spool_id, "forgot": 0} if self.spools else {}),
                }
            )  # fmt: skip
        elif word["t"] == "ping":
            self.ack()

    def ack(self) -> None:
        if self.held is None:
            self.out.append({"t": "gone"})
        else:
            ack = {"t": "ack", "held": self.held, "durable": self.durable, "credit": self.credit}
            self.out.append({**ack, "refused": self.refused})

    @property
    def refused(self) -> int:
        return sum(kind == REFUSED for _, kind, _ in self.log)

    @property
    def lost(self) -> int:
        """Numbers of which nothing is there."""
        assert self.held is not None
        marks = sum(
            Dropped.unpack(payload).messages - 1 for _, kind, payload in self.log if kind == Kind.DROPPED
        )
        return self.held - self.since - len(self.log) - marks

    def crash(self, back: int, *, loses_durable: bool) -> Spool | None:
        """What is on disk behind it: without the last messages, but for what is durable."""
        if not self.spools or self.held is None:
            return self.spool
        end = len(self.log) - back
        if not loses_durable:
            end = max(end, sum(seq <= self.durable for seq, _, _ in self.log))
        log = self.log[: max(end, 0)]
        if end >= len(self.log):
            held = self.held
        else:
            held = log[-1][0] if log else self.since
            held = held if loses_durable else max(held, self.durable)
        if loses_durable and not log:
            return None  # that it was ever there is not known either
        return Spool(self.since, held, log)

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
            self.log.append((stamp.seq, REFUSED, payload))
            word = {"t": "refused", "seq": stamp.seq, "reason": "model"}
            if self.refused % 4 == 1:  # an answer to a ping goes first
                self.ack()
            if self.refused % 4:  # else that word is lost
                self.out.append(word)
        else:
            assert stamp.kind == Kind.DROPPED or len(payload) <= self.max_message
            self.log.append((stamp.seq, stamp.kind, payload))
        self.ack()

    def make_durable(self, count: int) -> None:
        if self.spools and self.held is not None:
            ahead = [seq for seq, _, _ in self.log if seq > self.durable][:count]
            self.durable = ahead[-1] if ahead else self.durable
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
