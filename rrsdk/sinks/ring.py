"""The last that was logged: store infos, static data, and so many seconds and bytes of the rest."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sinks.hold import InMemory
from rrsdk.sinks.live import Amount

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Message

MESSAGE_BYTES: Final = 1024
"""Python's objects around a payload, and the allocator's rounding; measured."""

Key: TypeAlias = tuple[StoreId, str, tuple[str, ...]]


class _Kept(NamedTuple):
    at: float
    number: int
    cost: int
    message: ChunkMsg


class Ring(InMemory):
    """Keeps what came within `seconds` of what came last, at most `max_bytes`; a LiveSink.

    Time is when a message came in, and goes on with what comes: a program that hangs forgets nothing.
    Of static data of one entity and the same components the last are kept, as long as there is room for
    them when all else is gone. Chunks are compressed: files want that anyway, and it halves the memory.
    """

    def __init__(
        self,
        name: str,
        *,
        seconds: float,
        max_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.compress = True
        self.seconds, self.max_bytes = seconds, max_bytes
        self._clock = clock
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._infos: dict[StoreId, StoreInfo] = {}
        self._activations: dict[StoreId, Activation] = {}
        self._static: dict[Key, _Kept] = {}
        self._recent: deque[_Kept] = deque()
        self._last_at = 0.0
        self._crowded_at: float | None = None
        self.number = 0
        """How many chunks ever came."""
        self.used_bytes = 0
        self.aged = Amount()
        """What went because it was too old."""
        self.crowded = Amount()
        """What went because there was no room for it."""

    def put(self, message: Message) -> None:
        """Keep one message, and let go of what has become too old or too much."""
        with self._lock:
            if self._closed:
                self._lost += Amount.of(message)
                return
            self._taken += Amount.of(message)
            now = self._last_at = self._clock()
            if isinstance(message, StoreInfo):
                self._infos[message.store] = message
            elif isinstance(message, Activation):
                self._activations.pop(message.store, None)  # the order is that in which they came
                self._activations[message.store] = message
            elif isinstance(message, ChunkMsg):
                self._keep(message, now)
            self._let_go(now)

    def _keep(self, message: ChunkMsg, now: float) -> None:
        self.number += 1
        kept = _Kept(now, self.number, MESSAGE_BYTES + message.size, message)
        self.used_bytes += kept.cost
        layout = message.row.shape.layout
        if not layout.is_static and message.store.kind is not StoreKind.BLUEPRINT:
            self._recent.append(kept)
            return
        key = message.store, layout.entity, tuple([column.name for column in layout.components])
        before = self._static.pop(key, None)  # so that the order is that in which they came
        if before is not None:
            self.used_bytes -= before.cost
        self._static[key] = kept

    def _let_go(self, now: float) -> None:
        recent, oldest = self._recent, now - self.seconds
        while recent and recent[0].at < oldest:
            gone = recent.popleft()
            self.used_bytes -= gone.cost
            self.aged += Amount.of(gone.message)
        while self.used_bytes > self.max_bytes and (recent or self._static):
            gone = recent.popleft() if recent else self._static.pop(next(iter(self._static)))
            self.used_bytes -= gone.cost
            self.crowded += Amount.of(gone.message)
            self._crowded_at = gone.at

    def change(self, *, seconds: float, max_bytes: int) -> None:
        """Other bounds, from now on."""
        with self._lock:
            self.seconds, self.max_bytes = seconds, max_bytes
            self._let_go(self._last_at)

    def messages(self, *, after: int = 0) -> list[Message]:
        """What is kept, in an order that can be read; of chunks those behind the `after`th that came."""
        with self._lock:
            chunks = [one.message for one in (*self._static.values(), *self._recent) if one.number > after]
            return [*self._infos.values(), *chunks, *self._activations.values()]

    def too_little(self) -> str:
        """Where `seconds` did not fit into `max_bytes`: how much did, for people. Empty where they did."""
        with self._lock:
            if self._crowded_at is None or self._crowded_at < self._last_at - self.seconds:
                return ""
            span = self._last_at - self._recent[0].at if self._recent else 0.0
            return f"only the last {span:.1f} s of {self.seconds:g} fit into {self.max_bytes >> 20} MiB"

    def discard(self) -> None:
        """Forget everything, and take nothing any more."""
        with self._lock:
            self._renew()
            self._closed = True
