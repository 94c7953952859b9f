"""What a recording consists of: an identity, a batcher, sinks, and the times of each thread."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING
from weakref import WeakSet

from rrsdk import settings
from rrsdk.batcher.batcher import Batcher
from rrsdk.batcher.config import (
    DEFAULT_TICK_S,
    NETWORK_TICK_S,
    ChunkBatcherConfig,
    Thresholds,
    from_environment,
)
from rrsdk.errors import UsageError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.migration.application_id import current_application_id
from rrsdk.recording.context import Context
from rrsdk.recording.outlets import Outlets
from rrsdk.recording.reports import Reporter

if TYPE_CHECKING:
    from rrsdk.recording.kinship import Origin
    from rrsdk.timeline import TimeType


_streams: WeakSet[Core] = WeakSet()


def streams() -> list[Core]:
    """All recordings of this process that are not closed."""
    return [one for one in list(_streams) if not one.is_closed]


class _Threads(threading.local):
    context: Context


class Core:
    """A recording without its methods: what the modules that do the work are handed."""

    def __init__(
        self,
        application_id: str,
        recording_id: str | uuid.UUID | None,
        *,
        default_enabled: bool = True,
        batcher_config: ChunkBatcherConfig | None = None,
    ) -> None:
        self.is_closed = False
        self.is_of_start = False
        """Whether its id is that of all processes of this start, which did not choose it."""
        self.reporter = Reporter()
        taken = current_application_id(application_id)
        if taken != application_id:
            self.reporter("application id", f"application id {application_id!r} becomes {taken!r}")
        recording = uuid.uuid4().hex if recording_id is None else str(recording_id)
        self.store = StoreId(StoreKind.RECORDING, taken, recording)
        self.enabled = _switched(self.reporter, settings.ENABLED, default_enabled)
        self.counts_ticks = _switched(self.reporter, settings.LOG_TICK, False)
        self._log_time = _switched(self.reporter, settings.LOG_TIME, True)
        self._ticks = 0
        self._config = batcher_config
        self.batcher = Batcher(self.store, self._thresholds(network=False), report=self.reporter)
        self.outlets = Outlets(self.store, self.batcher, self.reporter)
        self.batcher.gate.stamp_rows = self.counts_ticks
        self._kinds: dict[str, TimeType] = {}
        self._contexts: WeakSet[Context] = WeakSet()
        self._threads = _Threads()
        self._lock = threading.RLock()
        if self.enabled:
            _streams.add(self)

    def _thresholds(self, *, network: bool) -> Thresholds:
        if self._config is not None:
            return self._config.thresholds()
        try:
            return from_environment(network=network)
        except UsageError as error:
            self.reporter("environment", str(error))
            return Thresholds(NETWORK_TICK_S if network else DEFAULT_TICK_S)

    def configure_for(self, *, network: bool) -> None:
        """The thresholds that suit a kind of sink, where the program did not say which."""
        self.batcher.configure(self._thresholds(network=network))

    @property
    def context(self) -> Context:
        """The time context of the calling thread."""
        try:
            return self._threads.context
        except AttributeError:
            found = self._threads.context = Context(self, self.batcher.gate, self._log_time)
            with self._lock:
                self._contexts.add(found)
            return found

    def check_timeline(self, name: str, kind: TimeType) -> None:
        """Say where a timeline counts something else than it did before: Rerun shows but one of the two."""
        before = self._kinds.setdefault(name, kind)
        if before is not kind:
            self.reporter(
                f"timeline {name}",
                f"timeline {name!r} has times of type {kind.value} that had {before.value} before: "
                "give them a timeline each, Rerun cannot show both",
            )

    def next_tick(self) -> int:
        """The number of this call of `log`."""
        with self._lock:
            self._ticks += 1
            return self._ticks - 1

    def set_log_time_enabled(self, enabled: bool) -> None:
        """Whether rows get the time of the call, on the timeline `log_time`."""
        self._log_time = enabled
        with self._lock:
            for context in list(self._contexts):
                context.stamp_log_time(enabled)

    def set_log_tick_enabled(self, enabled: bool) -> None:
        """Whether rows get the number of the call, on the timeline `log_tick`."""
        self.counts_ticks = enabled
        self.batcher.gate.stamp_rows = enabled
        self.batcher.gate.open()

    def forked(self, origin: Origin | None) -> None:
        """In a forked child of the process `origin`."""
        self._lock = threading.RLock()
        self.batcher.forked()
        self.outlets.forked(origin)


def _switched(report: Reporter, name: str, default: bool) -> bool:
    try:
        return settings.switch(name, default)
    except UsageError as error:
        report(name, str(error))
        return default
