"""The sinks of a recording: which they are, how they are exchanged, and what a forked child does."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Final

from rrsdk.batcher.batcher import message_for
from rrsdk.errors import OutputError, RrError
from rrsdk.message import StoreInfo
from rrsdk.recording.announce import announcement
from rrsdk.recording.kinship import HELD, Origin
from rrsdk.sinks.hold import HoldSink
from rrsdk.sinks.save import SaveSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rrsdk.batcher.batcher import Batcher, Item
    from rrsdk.identity import StoreId
    from rrsdk.message import Message
    from rrsdk.recording.kinship import Kinship
    from rrsdk.recording.reports import Reporter
    from rrsdk.sinks.live import Amount, Flushed, LiveSink
    from rrsdk.sinks.ring import Ring

CLOSE_S: Final = 5.0

_inherited: list[object] = []
"""What a forked child must neither use nor let go of: closing it would reach into the parent's sockets."""


class Outlets:
    """Where the chunks of one recording go."""

    def __init__(self, store: StoreId, batcher: Batcher, report: Reporter) -> None:
        self.store = store
        self.kinship: Kinship | None = None
        """How children of this process carry on; None where no sink was chosen yet."""
        self.origin: Origin | None = None
        """In a child that takes part in its parent's recording: the parent."""
        self.join: Callable[[Outlets], Sequence[LiveSink]] | None = None
        """What a child sends to because its parent records; asked before its first row."""
        self._batcher, self.report = batcher, report
        self._lock = threading.RLock()
        self._hold = HoldSink("memory", report=report.say)
        self.sinks: tuple[LiveSink, ...] = (self._hold,)
        self.rings: tuple[Ring, ...] = ()
        """Those among the sinks that keep the last of it, beside all others and whatever these are."""
        self.rings_of_parent: frozenset[str] = frozenset()
        """In a forked child: the paths of those that its parent has."""
        self._held_after = 0
        """Where no other sink is chosen, the first ring is what is held: behind so many chunks."""
        batcher.set_outlets(self.sinks)
        batcher.prepare = self._prepare

    @property
    def is_held(self) -> bool:
        """Whether no sink was chosen: what is logged stays in memory."""
        return self.sinks in ((self._hold,), self.rings)

    @property
    def is_owner(self) -> bool:
        """Whether data end here, so that children have to send theirs to this process."""
        return self.origin is None and (self.kinship is None or self.kinship.is_local)

    @property
    def held(self) -> Amount:
        """How much waits in memory for a sink."""
        return self._hold.amount()

    def replace(
        self,
        sinks: Sequence[LiveSink],
        kinship: Kinship | None,
        *,
        first: Sequence[Item] = (),
        timeout_s: float = CLOSE_S,
    ) -> list[Flushed]:
        """Send to other sinks from now on; returns how those before ended. None at all: keep in memory.

        They get `first`, a blueprint, before anything that was logged.
        """
        with self._lock:
            before, was_held = self.sinks, self.is_held
            chosen = self._with_rings(sinks)
            if not self._batcher.flush(timeout_s):
                self.report("stuck", f"{_names(before)}: takes nothing; what waits goes to {_names(chosen)}")

            def switch() -> None:
                for sink in sinks:
                    sink.put(announcement(self.store))
                for item in first:
                    for sink in chosen:
                        sink.put(message_for(sink, item))
                if sinks:
                    for message in self._take_held() if was_held else ():
                        for sink in sinks:
                            sink.put(message)
                elif self.rings and not was_held:
                    self._held_after = self.rings[0].number

            if not self._batcher.set_outlets(chosen, before=switch, timeout_s=2 * timeout_s):
                for sink in sinks:
                    sink.close(0.0)
                raise OutputError(f"{_names(before)} is busy and cannot be exchanged", hint="try again")
            self.sinks, self.origin = chosen, None
            self.kinship = HELD if kinship is None and self.rings else kinship
            gone = [sink for sink in before if sink is not self._hold and sink not in chosen]
        deadline = time.monotonic() + timeout_s
        return [self.end(sink, max(deadline - time.monotonic(), 0.0)) for sink in gone]

    def _with_rings(self, sinks: Sequence[LiveSink]) -> tuple[LiveSink, ...]:
        """Rings first: a sink that blocks must not keep from them what was logged before."""
        return (*self.rings, *sinks) or (self._hold,)

    def _take_held(self) -> list[Message]:
        """What was logged while there was no sink."""
        found = self._hold.take()
        if self.rings:
            found += self.rings[0].messages(after=self._held_after)
        return [message for message in found if not self._is_announcement(message)]

    def _is_announcement(self, message: Message) -> bool:
        """Whether it says no more than that this recording begins: every sink hears that anew."""
        return isinstance(message, StoreInfo) and message.store == self.store

    def add_ring(self, ring: Ring, *, timeout_s: float = CLOSE_S) -> None:
        """One more that keeps the last of what is logged; what is held already goes in."""
        with self._lock:
            was_held = self.is_held
            others = [] if was_held else [sink for sink in self.sinks if sink not in self.rings]

            def switch() -> None:
                ring.put(announcement(self.store))
                if not was_held:
                    return
                if not self.rings:
                    self._held_after = 0
                for message in self.rings[0].messages() if self.rings else self._take_held():
                    if not self._is_announcement(message):
                        ring.put(message)

            self._exchange((*self.rings, ring), others, switch, timeout_s)
            if self.kinship is None:
                self.kinship = HELD

    def remove_ring(self, ring: Ring, *, timeout_s: float = CLOSE_S) -> None:
        """Nothing goes there any more. Where no sink is left, what it has stays in memory, to be sent."""
        with self._lock:
            if ring not in self.rings:
                return
            was_held = self.is_held
            rest = tuple(one for one in self.rings if one is not ring)
            others = [] if was_held else [sink for sink in self.sinks if sink not in self.rings]

            def switch() -> None:
                if was_held and ring is self.rings[0]:
                    for message in self._take_held():
                        self._hold.put(message)
                    self._held_after = rest[0].number if rest else 0

            self._exchange(rest, others, switch, timeout_s)

    def _exchange(
        self,
        rings: tuple[Ring, ...],
        others: Sequence[LiveSink],
        switch: Callable[[], None],
        timeout_s: float,
    ) -> None:
        chosen = (*rings, *others) or (self._hold,)
        if not self._batcher.set_outlets(chosen, before=switch, timeout_s=2 * timeout_s):
            raise OutputError(f"{_names(self.sinks)} is busy and cannot be exchanged", hint="try again")
        self.rings, self.sinks = rings, chosen

    def end(self, sink: LiveSink, timeout_s: float) -> Flushed:
        """Close a sink; what its policy dropped and its receiver refused is said, asked for or not."""
        ended = sink.close(timeout_s)
        status = sink.status()
        for amount, what in (
            (status.dropped, "dropped: there was no room for them"),
            (status.refused, "refused"),
        ):
            if amount.rows and sink is not self._hold:  # which says so itself
                self.report.say(f"{self.store}: {amount.rows} rows were {what} ({sink.name})")
        return ended

    def finish_files(self) -> None:
        """Complete the files among the sinks; what is logged from now on goes to the others, or to memory."""
        if any(isinstance(sink, SaveSink) for sink in self.sinks):
            rest = [sink for sink in self.sinks if not isinstance(sink, SaveSink) and sink not in self.rings]
            self.replace(rest, self.kinship if rest else None)

    def forked(self, origin: Origin | None) -> None:
        """In a forked child: forget what was inherited; with the first row it joins its parent."""
        if self.origin is None:
            self.origin = origin or Origin(os.getppid(), "")
        self._lock = threading.RLock()
        for sink in self.sinks:
            sink.abandon()
        _inherited.append(self.sinks)
        self._hold = HoldSink("memory", report=self.report.say)
        self.rings_of_parent |= {ring.name for ring in self.rings}
        self.sinks, self.rings, self._held_after = (self._hold,), (), 0
        self._batcher.set_outlets(self.sinks)

    def _prepare(self) -> None:
        """Before the first row of a process: children of a recording process join it."""
        if self.join is None:
            return
        try:
            sinks = self.join(self)
        except RrError as error:
            self.report("child", f"process {os.getpid()} cannot take part in the recording: {error}")
            return
        if sinks:
            for sink in sinks:
                sink.put(announcement(self.store))
            self.sinks = self._with_rings(sinks)
            self._batcher.set_outlets(self.sinks)


def _names(sinks: Sequence[LiveSink]) -> str:
    return ", ".join(sink.name for sink in sinks)
