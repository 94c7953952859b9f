"""Producers and subscribers inside the broker's own process: what other transports are built on.

Called from any thread. What is to happen in the broker's thread is posted to it; what comes back
is waited for with a deadline. Both directions are bounded in bytes.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from rrsdk.broker.replay import Lost, PastIsOver, Send, Step
from rrsdk.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.store.entry import Part

DEFAULT_CREDIT_BYTES = 64 * 1024 * 1024
_KEPT_REFUSALS = 16
_JOINED_BELOW = 64 * 1024
_PER_MESSAGE = 256
"""What a message that waits costs besides its bytes."""


class Counts(NamedTuple):
    """What became of what a producer submitted."""

    messages: int
    rows: int
    bytes: int
    refused: int


class Taken(NamedTuple):
    """What the broker did with one message."""

    rows: int
    size: int
    refused: str | None
    behind: int = 0
    """The index behind it in the broker's log."""


class Delivery(NamedTuple):
    """One message for a subscriber."""

    kind: int
    phase: int
    """0 store infos, blueprints and activations of the past; 1 static data; 2 temporal data; 3 live."""
    at: int
    producer: bytes
    seq: int
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Of the payload."""
        return sum(map(len, self.parts))

    def payload(self) -> bytes:
        """The payload in one piece."""
        return (
            self.parts[0]
            if len(self.parts) == 1 and isinstance(self.parts[0], bytes)
            else b"".join(self.parts)
        )


class Missed(NamedTuple):
    """So much was evicted before it could be delivered."""

    messages: int
    rows: int
    bytes: int


class Mark:
    """A place in a subscription's stream."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


LIVE: Final = Mark("LIVE")
"""The past is over."""
END: Final = Mark("END")
"""Nothing more will come: that was all that there is, or the broker stops."""

Event: TypeAlias = Delivery | Missed | Mark


class LocalProducer:
    """One producer. `submit` may be called by one thread at a time, or in any order by several."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], bool],
        take: Callable[[LocalProducer, int, tuple[Part, ...]], Taken],
        gone: Callable[[LocalProducer], None],
        *,
        key: bytes,
        name: str,
        host: str,
        policy: str,
    ) -> None:
        self._post, self._take, self._gone = post, take, gone
        self.key, self.name, self.host, self.policy = key, name, host, policy
        self._changed = Condition()
        self._under_way = 0
        self.credit = DEFAULT_CREDIT_BYTES
        """How much may be under way."""
        self._moved = 0
        self._closed = self._broken = False
        self._messages = self._rows = self._bytes = self._refused = 0
        self._behind = 0
        self.durable: int | None = None
        """How much of the broker's log survives its end; None where it does not spool."""
        self._refusals: deque[str] = deque(maxlen=_KEPT_REFUSALS)

    @property
    def counts(self) -> Counts:
        """What became of what was submitted and is no longer under way."""
        with self._changed:
            return Counts(self._messages, self._rows, self._bytes, self._refused)

    @property
    def refusals(self) -> list[str]:
        """Why the last few were refused."""
        with self._changed:
            return list(self._refusals)

    def submit(
        self, kind: int, payload: Part | bytearray | Sequence[Part | bytearray], *, timeout_s: float = 30.0
    ) -> None:
        """Hand over one message, in one piece or several, whose bytes must not change from now on.

        Waits while too much is under way. OutputError where nothing moved for `timeout_s`, or it stops.
        """
        parts = _pieces(payload)
        cost = sum(map(len, parts)) + _PER_MESSAGE
        with self._changed:
            if self._closed:
                raise OutputError(f"{self.name}: closed, but data still come")
            self._wait(lambda: not self._under_way or self._under_way + cost <= self.credit, timeout_s)
            self._under_way += cost
        if not self._post(lambda: self._settle(kind, parts, cost)):
            self.stop()
            raise OutputError(f"{self.name}: the broker has stopped")

    def flush(self, *, timeout_s: float = 30.0) -> bool:
        """Whether all that was submitted is in the store (or refused), at the latest after `timeout_s`.

        Where the broker spools: whether it is durable.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._is_clear() and not self._broken:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            return self._is_clear()

    def _is_clear(self) -> bool:
        return not self._under_way and (self.durable is None or self.durable >= self._behind)

    def close(self) -> None:
        """No more will come; what is under way still goes in."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
        self._post(lambda: self._gone(self))

    # ---- called by the broker's thread ----

    def grant(self, credit: int) -> None:
        """How much may be under way from now on."""
        with self._changed:
            self.credit = credit
            self._changed.notify_all()

    def is_durable(self, behind: int) -> None:
        """So much of the log survives the broker's end."""
        with self._changed:
            self.durable = behind
            self._changed.notify_all()

    def stop(self) -> None:
        """The broker stops: whoever waits is told."""
        with self._changed:
            self._broken = True
            self._changed.notify_all()

    def _settle(self, kind: int, parts: tuple[Part, ...], cost: int) -> None:
        taken = self._take(self, kind, parts)
        with self._changed:
            self._under_way -= cost
            self._moved += 1
            if taken.refused is None:
                self._messages += 1
                self._rows += taken.rows
                self._bytes += taken.size
                self._behind = taken.behind
            else:
                self._refused += 1
                self._refusals.append(taken.refused)
            self._changed.notify_all()

    def _wait(self, ready: Callable[[], bool], timeout_s: float) -> None:
        moved, deadline = self._moved, time.monotonic() + timeout_s
        while not ready():
            if self._broken:
                raise OutputError(f"{self.name}: the broker has stopped")
            if self._moved != moved:
                moved, deadline = self._moved, time.monotonic() + timeout_s
            left = deadline - time.monotonic()
            if left <= 0:
                raise OutputError(f"{self.name}: the broker took nothing for {timeout_s:g} s")
            self._changed.wait(left)
        if self._broken:
            raise OutputError(f"{self.name}: the broker has stopped")


class LocalSubscription:
    """What one subscriber gets, in order; `get` is for one thread."""

    def __init__(
        self,
        post: Callable[[Callable[[], None]], bool],
        gone: Callable[[LocalSubscription], None],
        consumed: Callable[[LocalSubscription, int], None],
        *,
        key: bytes,
        wake: Callable[[], None] | None,
    ) -> None:
        self._post, self._gone, self._consumed = post, gone, consumed
        self.key, self._wake = key, wake
        self.report_bytes = 1
        """So much is taken before the broker hears of it."""
        self._changed = Condition()
        self._queue: deque[Event] = deque()
        self._taken = self._reported = 0
        self._ended = self._closed = False

    def get(self, timeout_s: float) -> Event | None:
        """What comes next; None where nothing does for `timeout_s`; END again and again when it is over."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._queue:
                if self._ended or self._closed:
                    return END
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            event = self._queue.popleft()
            if not isinstance(event, Delivery):
                return event
            self._taken += event.size
            due = self._taken - self._reported >= self.report_bytes or not self._queue
            if due:
                self._reported = self._taken
        if due:
            self._post(lambda taken=self._reported: self._consumed(self, taken))  # type: ignore[misc]
        return event

    def close(self) -> None:
        """Nothing more is wanted."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
        self._post(lambda: self._gone(self))

    # ---- called by the broker's thread ----

    def end(self) -> None:
        """The broker stops: what was put can still be had."""
        self.put(END)

    def put(self, event: Event) -> None:
        """One more event; the broker keeps to the credit."""
        with self._changed:
            if self._closed:
                return
            was_empty = not self._queue
            self._queue.append(event)
            if event is END:
                self._ended = True
            self._changed.notify_all()
        if was_empty and self._wake is not None:
            self._wake()


def _pieces(payload: Part | bytearray | Sequence[Part | bytearray]) -> tuple[Part, ...]:
    """The payload as the store keeps it: what is small in one piece."""
    if isinstance(payload, (bytes, memoryview)):
        return (payload,)
    if isinstance(payload, bytearray):
        return (memoryview(payload),)
    if sum(map(len, payload)) < _JOINED_BELOW:
        return (b"".join(payload),)
    return tuple(memoryview(part) if isinstance(part, bytearray) else part for part in payload)


def event_of(step: Step) -> Event:
    """What a subscriber gets for one step of its replay."""
    if isinstance(step, Send):
        entry = step.entry
        return Delivery(entry.kind, step.phase, entry.at, entry.producer, entry.seq, entry.parts)
    if isinstance(step, Lost):
        return Missed(*step.tally)
    return LIVE if isinstance(step, PastIsOver) else END
