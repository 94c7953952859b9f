"""What the broker's thread has to do with the spool: hand over, hear what is durable, stop in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rrsdk.broker.ledger import Ledger
from rrsdk.broker.spool.history import SpoolHistory
from rrsdk.broker.spool.policy import Fsync
from rrsdk.broker.spool.spooler import Progress, Spooler
from rrsdk.broker.spool.volume import Volume
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.store.history import Begin
from rrsdk.store.message_log import MessageLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.broker.intake import Intake
    from rrsdk.sinks.rotation import Rotate

_MOST_WAITING = 256 * 1024 * 1024
_WAITING_PART = 8
_LEAST_CACHE, _MOST_CACHE = 4 * 1024 * 1024, 64 * 1024 * 1024
_CACHE_PART = 32
"""Of the memory limit, for what late subscribers need of the journal."""
_READER_S = 0.2


@dataclass(frozen=True, slots=True)
class SpoolOptions:
    """Where recordings are kept, and how safely."""

    folder: str
    fsync: Fsync = field(default_factory=Fsync)
    rotate: Rotate | None = None
    disk: Disk = DISK


class Keeper:
    """One broker's spool."""

    def __init__(self, options: SpoolOptions, *, memory_limit: int, report: Callable[[str], None]) -> None:
        """Opens the folder, repairs what a crash left; BusyError where another broker has it."""
        self._options = options
        self._most_waiting = min(_MOST_WAITING, memory_limit // _WAITING_PART)
        self._volume = Volume(
            options.folder,
            rotate=options.rotate,
            disk=options.disk,
            never_syncs=options.fsync.is_never,
            report=report,
        )
        for line in self._volume.recovered.repairs:
            report(f"{options.folder}: {line}")
        self.recovered = self._volume.recovered
        self.ledger = Ledger(
            self.recovered.marks,
            spool=self.recovered.spool,
            forgot=self.recovered.forgot,
            stores=self.recovered.stores,
        )
        self._spooler: Spooler | None = None
        self._store: MessageLog | None = None
        self._history: SpoolHistory | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many messages of each lifetime were there at the start."""
        first, second, third = self.recovered.held
        return first.messages, second.messages, third.messages

    def made_store(self, limit_bytes: int) -> MessageLog:
        """A store that goes on where the disk ends, and may forget what is there."""
        next_index, held = self.recovered.next_index, self.recovered.held
        self._history = SpoolHistory(
            self._options.folder,
            ends=self.counts,
            next_index=next_index,
            disk=self._options.disk,
            cache_bytes=max(_LEAST_CACHE, min(_MOST_CACHE, limit_bytes // _CACHE_PART)),
        )
        begin = Begin(next_index, held)
        self._store = MessageLog(limit_bytes=limit_bytes, history=self._history, begin=begin)
        return self._store

    def is_at(self, news: Progress) -> None:
        """So much is durable: it may be read from disk, and need not be in memory."""
        assert self._history is not None
        assert self._store is not None
        self._history.advance(news.counts, news.durable)
        self._store.trim()

    def start(
        self,
        intake: Intake,
        *,
        post: Callable[[Callable[[], None]], bool],
        progress: Callable[[Progress], None],
    ) -> None:
        """Begin to write; `progress` is called in the broker's thread."""

        def hear(news: Progress) -> None:
            post(lambda: progress(news))

        def trouble(line: str, lasts: bool) -> None:
            post(lambda: intake.tell_all(line, lasts=lasts))

        self._spooler = Spooler(
            self._volume,
            fsync=self._options.fsync,
            begin=self.recovered.next_index,
            counts=self.counts,
            keep_bytes=self._most_waiting // 2,
            progress=hear,
            trouble=trouble,
        )

    @property
    def is_full(self) -> bool:
        """Whether so much waits for the disk, or for a sync, that no more should be taken in."""
        return self.room_bytes <= 0

    @property
    def room_bytes(self) -> int:
        """So much may be taken in at once; what was, and was not handed over, is not known here."""
        if self._spooler is None or self._store is None:
            return self._most_waiting
        room = self._most_waiting - self._spooler.waiting_bytes
        if self._store.is_full and self._store.unwritten_bytes:  # else nothing will be written by waiting
            return 0
        return room

    def hand_over(self) -> None:
        """What was taken in since the last time goes its way."""
        batch = self.ledger.take()
        if batch is not None and self._spooler is not None:
            self._spooler.put(batch)

    def abandon(self) -> None:
        """Let go of the folder: nothing was begun."""
        self.close()
        self._volume.abandon()

    def close(self) -> None:
        """Nothing is read any more."""
        if self._history is not None:
            self._history.stop(_READER_S)

    def stop(self, timeout_s: float) -> bool:
        """Write all that was handed over; whether that was done in time."""
        self.close()
        if self._spooler is None:
            self._volume.close()
            return True
        return self._spooler.stop(timeout_s)

    def status(self) -> dict[str, Any]:
        """For people."""
        said = {} if self._spooler is None else self._spooler.status()
        if self._history is not None and self._history.fault:
            said["history_error"] = self._history.fault
        return said
