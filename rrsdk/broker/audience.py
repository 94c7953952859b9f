"""All subscribers: who they are, and whose turn it is; pure, what is sent goes through a callback each.

Each is served a little at a time, so that none waits for another; whoever does not consume is
passed over until it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from rrsdk.broker.replay import IsOver, Lost, PastIsOver, Replay, Send, Step
from rrsdk.codec.envelope import VERSION, Word, binary, flag, number
from rrsdk.codec.payload import read_store_id
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.identity import StoreId
    from rrsdk.store.message_log import MessageLog

Reply: TypeAlias = "tuple[bytes, Word]"

MAX_SUBSCRIBERS = 256
_SMALLEST_CREDIT = 64 * 1024
_LARGEST_CREDIT = 64 * 1024 * 1024
_STEPS_A_TURN = 64
_BYTES_A_TURN = 4 * 1024 * 1024
_SILENCE_S = 10.0
_SMALLEST_BLOCK, _LARGEST_BLOCK = 64 * 1024, 4 * 1024 * 1024
_BLOCKS_PART = 64
"""Of the memory limit so much is a block of the history, of all subscribers together; each holds two, or a
few more while it is live and has fallen behind."""


Outlet: TypeAlias = "Callable[[Step, int], bool | None]"
"""Passes a step on, with the delivery's running number: whether that was possible; None: nobody is there."""


@dataclass(slots=True)
class Seat:
    """One subscriber."""

    key: bytes
    replay: Replay
    outlet: Outlet
    last_seen: float
    since: float
    credit: int
    pings: bool
    """Whether it is gone when it is silent."""
    running: int = 0
    """How many deliveries it was sent."""


class Audience:
    """The subscribers of one broker."""

    def __init__(
        self,
        store: MessageLog,
        *,
        epoch: int,
        newest_first: bool,
        credit_limit: int,
        wake: Callable[[], None] = lambda: None,
        owner_of: Callable[[bytes], str] = lambda _client: "",
    ) -> None:
        """`owner_of`: whose a routing id is, empty where nobody knows: no owner gets more than half of the
        seats that the others leave.

        `wake` is called, by any thread, when `serve` may have more to do: something came from disk."""
        self._store, self._epoch, self._newest_first = store, epoch, newest_first
        self._wake, self._owner_of = wake, owner_of
        self._credit_limit = credit_limit
        self.seats: dict[bytes, Seat] = {}
        self.vanished = 0
        """Who left without a word."""
        self._turn = 0

    # ---- words ----

    def word(self, client: bytes, word: Word, outlet: Outlet, now: float) -> list[Reply]:
        """subscribe, consumed, ping or bye; FormatError where it makes no sense."""
        said = word["t"]
        if said == "subscribe":
            return self._subscribe(client, word, outlet, now)
        seat = self.seats.get(client)
        if seat is None:
            return [(client, {"t": "gone"})]
        seat.last_seen = now
        if said == "consumed":
            seat.replay.consumed(number(word, "bytes"))
            return []
        if said == "ping":
            return [(client, {"t": "pong", "epoch": self._epoch})]
        assert said == "bye"
        self.dismiss(client)
        return []

    def _subscribe(self, client: bytes, word: Word, outlet: Outlet, now: float) -> list[Reply]:
        if word.get("v") != VERSION:
            reason = f"protocol version {word.get('v')!r} is not spoken here, {VERSION} is"
            return [(client, {"t": "error", "reason": reason, "fatal": True})]
        if len(client) != 17:
            raise FormatError("subscribe: the routing id must be S and 16 bytes")
        seat = self.seats.get(client)
        if seat is None:  # else it is a repeat: beginning anew would grant more credit on one connection
            if len(self.seats) >= MAX_SUBSCRIBERS:
                reason = f"there are {MAX_SUBSCRIBERS} subscribers already, which is the limit"
                return [(client, {"t": "error", "reason": reason, "fatal": False})]
            if self._has_its_share(client):
                reason = f"this key's share of the {MAX_SUBSCRIBERS} subscribers is used up"
                return [(client, {"t": "error", "reason": reason, "fatal": False})]
            newest_first = word.get("newest_first")
            seat = self.add(
                client,
                outlet,
                newest_first=None if newest_first is None else flag(word, "newest_first"),
                live=flag(word, "live", True),
                credit=number(word, "credit"),
                stores=_stores(word.get("stores")),
                place=self._place(word.get("resume")),
                now=now,
                pings=True,
            )
        seat.last_seen = now
        subscribed = {
            "t": "subscribed",
            "v": VERSION,
            "epoch": self._epoch,
            "join": seat.replay.join,
            "credit": seat.credit,
        }
        return [(client, subscribed)]

    def _has_its_share(self, client: bytes) -> bool:
        owner = self._owner_of(client)
        mine = sum(self._owner_of(each) == owner for each in self.seats) if owner else 0
        return bool(owner) and mine >= (MAX_SUBSCRIBERS - len(self.seats) + mine + 1) // 2

    def _place(self, resume: Any) -> bytes | None:
        """Where an earlier subscription of this epoch was."""
        if resume is None:
            return None
        if not isinstance(resume, dict):
            raise FormatError("subscribe: resume must be a map")
        named = {**resume, "t": "resume"}
        return binary(named, "place") if number(named, "epoch") == self._epoch else None

    def add(
        self,
        key: bytes,
        outlet: Outlet,
        *,
        now: float,
        credit: int,
        newest_first: bool | None = None,
        live: bool = True,
        stores: frozenset[StoreId] | None = None,
        place: bytes | None = None,
        pings: bool = False,
    ) -> Seat:
        """One more subscriber."""
        share = max(_SMALLEST_CREDIT, self._credit_limit // (len(self.seats) + 1))
        granted = max(1, min(credit, share, _LARGEST_CREDIT))
        replay = Replay(
            self._store,
            credit_bytes=granted,
            newest_first=self._newest_first if newest_first is None else newest_first,
            live=live,
            stores=stores,
            place=place,
            block_bytes=self._block_bytes,
            wake=self._wake,
        )
        seat = Seat(key, replay, outlet, now, now, granted, pings)
        self.seats[key] = seat
        return seat

    def _block_bytes(self) -> int:
        share = self._store.limit_bytes // _BLOCKS_PART // max(1, len(self.seats))
        return max(_SMALLEST_BLOCK, min(share, _LARGEST_BLOCK))

    # ---- turns ----

    def serve(self) -> bool:
        """A turn for each; whether some could have more at once.

        A fault with one of them is raised when all others had their turn; that one has no seat any more.
        """
        if not self.seats:
            return False
        seats = list(self.seats.values())
        self._turn = (self._turn + 1) % len(seats)
        more = False
        fault: Exception | None = None
        for seat in seats[self._turn :] + seats[: self._turn]:
            try:
                more = self._serve(seat) or more
            except Exception as error:  # noqa: BLE001  # whatever it is, it would come again each turn
                fault = error
                self.leave(seat.key)
        if fault is not None:
            raise fault
        return more

    def _serve(self, seat: Seat) -> bool:
        replay = seat.replay
        until = replay.sent_bytes + _BYTES_A_TURN
        for _ in range(_STEPS_A_TURN):
            step = replay.peek()
            if step is None:
                return replay.wants_more
            passed = seat.outlet(step, seat.running + 1 & 0xFFFFFFFF)
            if passed is None:
                self.leave(seat.key)
                return False
            if not passed:
                return False
            seat.running += type(step) is Send
            replay.done()
            if replay.sent_bytes >= until:
                break
        return True

    def leave(self, key: bytes) -> None:
        """One is not there any more."""
        if self.dismiss(key):
            self.vanished += 1

    def dismiss(self, key: bytes) -> bool:
        """One has said that it leaves; whether it was there."""
        seat = self.seats.pop(key, None)
        if seat is not None:
            seat.replay.close()
        return seat is not None

    @property
    def block_bytes(self) -> int:
        """What all blocks of the history cost that are held in memory for subscribers."""
        return sum(seat.replay.block_bytes for seat in self.seats.values())

    def tick(self, now: float) -> None:
        """Who has said nothing for long is gone."""
        for key, seat in list(self.seats.items()):
            if seat.pings and now - seat.last_seen > _SILENCE_S:
                self.leave(key)

    def farewell(self) -> list[Reply]:
        """The broker stops."""
        return [(key, {"t": "gone"}) for key, seat in self.seats.items() if seat.pings]


def told(step: Step) -> Word:
    """The word for a step that is none of the deliveries."""
    if isinstance(step, Lost):
        messages, rows, size = step.tally
        return {"t": "missed", "messages": messages, "rows": rows, "bytes": size}
    if isinstance(step, PastIsOver):
        return {"t": "live", "index": step.join}
    assert isinstance(step, IsOver)
    return {"t": "end"}


def _stores(raw: Any) -> frozenset[StoreId] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or not all(isinstance(each, bytes) for each in raw):
        raise FormatError("subscribe: stores must be a list of serialized store ids")
    return frozenset(read_store_id(each) for each in raw)
