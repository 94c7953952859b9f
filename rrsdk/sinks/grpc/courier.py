"""Brings messages to a proxy from a bounded queue, on a thread of its own, and knows what became of them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING, NamedTuple

from rrsdk.sinks.grpc.carrier import AHEAD_BYTES, BrokenError, Carrier
from rrsdk.sinks.live import Amount, Flushed, SinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

LEG_BYTES = 32 * 1024 * 1024
LEG_S = 2.0
"""A leg ends at the latest when it is so large or so old: not before that is known what arrived."""
QUIET_S = 0.2
"""A leg ends when nothing came for so long."""
BACKOFF_S = 0.05
_CONNECT_S = 1.0
_MAX_WAIT_S = 5.0


class Parcel(NamedTuple):
    """One message, ready to go."""

    request: bytes
    amount: Amount
    announces: Hashable | None = None
    """The store, for a store info: it is said again on every new connection."""
    may_be_dropped: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens when the queue is full: whoever puts waits so long, then something is dropped."""

    buffer_bytes: int
    block_s: float
    drop_oldest: bool


class Courier:
    """`put` from one thread, the rest from any. The thread starts with the first message."""

    def __init__(
        self, name: str, policy: Policy, make_carrier: Callable[[], Carrier], *, backoff_s: float = BACKOFF_S
    ) -> None:
        """`backoff_s` is waited for after a failure, twice as long after the next, and so on."""
        self.name, self._backoff_s = name, backoff_s
        self._policy, self._make_carrier = policy, make_carrier
        self._infos: dict[Hashable, bytes] = {}
        self._reset()

    def abandon(self) -> None:
        """In a forked child: as new, but for the stores that were announced."""
        if self._carrier is not None:
            self._carrier.abandon()
        self._reset()

    def _reset(self) -> None:
        self._changed = Condition()
        self._queue: deque[Parcel] = deque()
        self._queued = self._leg = Amount()
        self._leg_began = 0.0
        self._last: deque[Parcel] = deque()  # of the leg, as many as may have to be taken back
        self._last_bytes = 0
        self._taken = self._settled = 0  # messages put, and those of which the end is known; both in order
        self._wanted = 0  # up to where somebody waits for the end
        self._sent = self._held = self._lost = self._dropped = Amount()
        self._state, self._error = "open", ""
        self._thread: Thread | None = None
        self._carrier: Carrier | None = None
        self._is_closing = self._given_up = self._is_stalled = False

    # ---- whoever puts

    def put(self, parcel: Parcel) -> None:
        """Queue one message; blocks while the queue is full, for the policy's time at most."""
        size = len(parcel.request)
        with self._changed:
            self._taken += 1
            if self._is_closing:
                self._drop(parcel, "it is closed")
                return
            if parcel.may_be_dropped and not self._make_room(size):
                self._drop(parcel, f"{self._queued} wait, and no more may")
                return
            self._queue.append(parcel)
            self._queued += parcel.amount
            if self._thread is None:
                self._start(parcel)
            self._changed.notify_all()

    def _start(self, parcel: Parcel) -> None:
        thread = Thread(target=self._run, args=(self._changed,), name="rrkit-grpc-sink", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is going down
            self._queue.clear()
            self._queued = Amount()
            self._drop(parcel, "no thread can be started any more")
            return
        self._thread = thread

    def _make_room(self, size: int) -> bool:
        limit = self._policy.buffer_bytes - size
        deadline = time.monotonic() + (0.0 if self._is_stalled else self._policy.block_s)
        before = self._settled, len(self._queue)
        while self._queue and self._queued.bytes > limit:
            if self._policy.drop_oldest and self._drop_oldest():
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                # Having waited once in vain is enough, until something moves.
                self._is_stalled = before == (self._settled, len(self._queue))
                return False
            self._changed.wait(min(left, _CONNECT_S))
        self._is_stalled = False
        return True

    def _drop_oldest(self) -> bool:
        for at, parcel in enumerate(self._queue):
            if parcel.may_be_dropped:
                del self._queue[at]
                self._queued = less(self._queued, parcel.amount)
                self._drop(parcel, "newer messages took its place")
                return True
        return False

    def _drop(self, parcel: Parcel, why: str) -> None:
        self._dropped += parcel.amount
        self._settled += 1
        self._error = f"dropped: {why}"

    # ---- whoever waits

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until all that was put is known to have arrived, or to be gone."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            target, gone = self._taken, self._lost + self._dropped
            self._wanted = max(self._wanted, target)
            self._changed.notify_all()
            while self._settled < target:
                left = deadline - time.monotonic()
                if left <= 0 or self._given_up:
                    open_ = self._queued + self._leg
                    why = f"{self.name} did not confirm {open_}"
                    return Flushed(False, *amounts(open_), f"{why}: {self._error}" if self._error else why)
                self._changed.wait(min(left, _CONNECT_S))
            missing = less(self._lost + self._dropped, gone)
            if missing:
                return Flushed(False, *amounts(missing), f"{missing} may be lost: {self._error}")
            return Flushed(True)

    def close(self, timeout_s: float) -> Flushed:
        """Flush, then stop the thread, whatever it waits for."""
        deadline = time.monotonic() + timeout_s
        done = self.flush(timeout_s)
        with self._changed:
            self._is_closing = True
            self._given_up = not done.done
            thread, carrier = self._thread, self._carrier
            self._changed.notify_all()
        if carrier is not None and not done.done:
            carrier.give_up()
        if thread is not None:
            thread.join(max(deadline - time.monotonic(), 1.0))
        with self._changed:
            left = self._queued + self._leg
            self._lost += self._leg
            self._dropped += self._queued
            self._settled = self._taken
            self._queue.clear()
            self._queued = self._leg = Amount()
            self._state = "closed"
        return Flushed(False, *amounts(left), done.why) if left else done

    def status(self) -> SinkStatus:
        """How it stands."""
        with self._changed:
            return SinkStatus(
                self.name,
                self._state,
                sent=self._sent,
                held=self._held,
                waiting=self._queued + self._leg,
                lost=self._lost,
                dropped=self._dropped,
                last_error=self._error,
            )

    # ---- the thread

    def _run(self, changed: Condition) -> None:
        carrier: Carrier | None = None
        failures = 0
        while self._wait_for_work(failures):
            try:
                if carrier is None:
                    carrier = self._make_carrier()
                    with changed:
                        self._carrier = carrier
                        self._state = "connecting" if self._state == "open" else self._state
                is_new = carrier.connect(_CONNECT_S)
                with changed:
                    self._state = "connected"
                self._bring(carrier, is_new=is_new)
                failures = 0
            except BrokenError as broken:
                failures += 1
                if self._broke(str(broken)) and carrier is not None:
                    carrier.close()
                    carrier = None
        if carrier is not None:
            carrier.close()

    def _wait_for_work(self, failures: int) -> bool:
        """Whether there is some; after failures not too soon."""
        not_before = time.monotonic() + (
            min(self._backoff_s * 2 ** min(failures, 10), _MAX_WAIT_S) if failures else 0.0
        )
        with self._changed:
            while True:
                if self._given_up or (self._is_closing and not self._queue):
                    return False
                left = not_before - time.monotonic()
                if self._queue and left <= 0:
                    return True
                self._changed.wait(max(left, 0.001) if self._queue else None)

    def _bring(self, carrier: Carrier, *, is_new: bool) -> None:
        """One leg, from its first message to its answer."""
        carrier.begin()
        if is_new:
            for info in list(self._infos.values()):
                carrier.send(info)
        with self._changed:
            self._leg_began = time.monotonic()
        try:
            while (parcel := self._next()) is not None:
                carrier.send(parcel.request)
                parcel = None
            carrier.finish(self._is_patient)
        except BrokenError:
            self._take_back(carrier.unsent() + (parcel is not None))
            raise
        with self._changed:
            self._held += self._leg
            self._settle_leg()

    def _next(self) -> Parcel | None:
        """The next message of the leg; None where it should end."""
        with self._changed:
            quiet = time.monotonic() + QUIET_S
            while not self._queue:
                is_wanted = self._wanted > self._settled
                if is_wanted or self._is_closing or time.monotonic() >= quiet:
                    return None
                self._changed.wait(QUIET_S)
            is_due = time.monotonic() - self._leg_began > LEG_S or self._leg.bytes > LEG_BYTES
            if self._given_up or (self._leg.messages and is_due):
                return None
            parcel = self._queue.popleft()
            self._queued = less(self._queued, parcel.amount)
            self._leg += parcel.amount
            self._sent += parcel.amount
            self._last.append(parcel)
            self._last_bytes += len(parcel.request)
            while len(self._last) > 1 and self._last_bytes - len(self._last[0].request) > AHEAD_BYTES:
                self._last_bytes -= len(self._last.popleft().request)
            if parcel.announces is not None:
                self._infos[parcel.announces] = parcel.request
            self._changed.notify_all()
            return parcel

    def _is_patient(self) -> bool:
        return not self._given_up

    def _broke(self, reason: str) -> bool:
        """A leg, or an attempt to connect, failed; whether there was a connection before."""
        with self._changed:
            was_connected = self._state == "connected"
            self._state = "broken" if was_connected or self._sent else "connecting"
            self._error = reason
            self._lost += self._leg
            self._settle_leg()
        return was_connected

    def _take_back(self, count: int) -> None:
        """Of a broken leg, what has certainly not been sent: it goes first on the next one."""
        with self._changed:
            for parcel in [self._last.pop() for _ in range(min(count, len(self._last)))]:
                self._queue.appendleft(parcel)
                self._queued += parcel.amount
                self._leg = less(self._leg, parcel.amount)
                self._sent = less(self._sent, parcel.amount)

    def _settle_leg(self) -> None:
        self._settled += self._leg.messages
        self._leg = Amount()
        self._last.clear()
        self._last_bytes = 0
        self._changed.notify_all()


def amounts(amount: Amount) -> tuple[int, int, int]:
    """As Flushed wants them."""
    return amount.messages, amount.rows, amount.bytes


def less(whole: Amount, part: Amount) -> Amount:
    """The rest."""
    return Amount(whole.messages - part.messages, whole.rows - part.rows, whole.bytes - part.bytes)
