"""A recording that is being made: its batcher, its sinks, and the times of each thread."""

from __future__ import annotations

import sys
import threading
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
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
from rrsdk.recording import quick
from rrsdk.recording.context import Context
from rrsdk.recording.outlets import Outlets
from rrsdk.recording.reports import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Self

    from rrsdk.recording.kinship import Origin
    from rrsdk.recording.status import RecordingStatus
    from rrsdk.sinks.live import Flushed

active_recording_stream: ContextVar[RecordingStream] = ContextVar("active_recording_stream")
"""The innermost `with recording:` that this code runs in."""


class _Threads(threading.local):
    context: Context


class RecordingStream:
    """One recording: an application's, under an id. Several processes may log to the same.

    Methods are safe to call from any thread. Where no sink was chosen yet (`save`, `connect`, …),
    what is logged is kept in memory, the latest 512 MiB of it.
    """

    def __init__(
        self,
        application_id: str,
        *,
        recording_id: str | uuid.UUID | None = None,
        make_default: bool = False,
        make_thread_default: bool = False,
        default_enabled: bool = True,
        send_properties: bool = True,
        batcher_config: ChunkBatcherConfig | None = None,
    ) -> None:
        """Without `recording_id` a random one; `init` makes one that processes of one start share."""
        from rrsdk.recording import exit as at_exit
        from rrsdk.recording import fork

        self.is_closed = False
        self.reporter = Reporter()
        taken = current_application_id(application_id)
        if taken != application_id:
            self.reporter(
                f"application {application_id}", f"application id {application_id!r} becomes {taken!r}"
            )
        recording = uuid.uuid4().hex if recording_id is None else str(recording_id)
        self.store = StoreId(StoreKind.RECORDING, taken, recording)
        self.enabled = _switched(self.reporter, settings.ENABLED, default_enabled)
        self.counts_ticks = _switched(self.reporter, settings.LOG_TICK, False)
        self._log_time = _switched(self.reporter, settings.LOG_TIME, True)
        self._ticks = 0
        self._config = batcher_config
        thresholds = self._thresholds(network=False)
        self.batcher = Batcher(self.store, thresholds, report=self.reporter)
        self.outlets = Outlets(self.store, self.batcher, self.reporter)
        self.batcher.gate.stamp_rows = self.counts_ticks
        self._contexts: WeakSet[Context] = WeakSet()
        self._threads = _Threads()
        self._lock = threading.RLock()
        self._before: RecordingStream | None = None
        self._token: Any = None
        if self.enabled:
            at_exit.watch(self)
            fork.watch(self)
            from rrsdk.recording.properties import describe_start

            describe_start(self, send_properties=send_properties)
        if make_default or make_thread_default:
            from rrsdk.recording import current

            if make_default:
                current.set_global_data_recording(self)
            if make_thread_default:
                current.set_thread_local_data_recording(self)
        forced = settings.forced_save()
        if forced and self.enabled:
            self.save(forced)

    def _thresholds(self, *, network: bool) -> Thresholds:
        if self._config is not None:
            return self._config.thresholds()
        try:
            return from_environment(network=network)
        except UsageError as error:
            self.reporter("environment", str(error))
            return Thresholds(NETWORK_TICK_S if network else DEFAULT_TICK_S)

    # --- logging ---

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

    log = quick.log_to

    def next_tick(self) -> int:
        """The number of this call of `log`."""
        with self._lock:
            self._ticks += 1
            return self._ticks - 1

    def set_time(
        self, timeline: str, *, sequence: int | None = None, duration: Any = None, timestamp: Any = None
    ) -> None:
        """Set the time on a timeline for what this thread logs to this recording."""
        quick.set_time(timeline, recording=self, sequence=sequence, duration=duration, timestamp=timestamp)

    def disable_timeline(self, timeline: str) -> None:
        """No time on this timeline any more, in this thread."""
        self.context.disable(timeline)

    def reset_time(self) -> None:
        """No times but the built-in ones, in this thread."""
        self.context.reset()

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

    def send_columns(
        self, entity_path: str, indexes: Iterable[Any], columns: Iterable[Any], *, strict: bool | None = None
    ) -> None:
        """Send many rows at once; neither the set times nor the built-in timelines are added."""
        from rrsdk.recording.columns import send_columns

        send_columns(entity_path, indexes, columns, recording=self, strict=strict)

    def send_chunks(self, chunks: Any) -> None:
        """Send chunks as they are, under the entity, times and ids that stand in them."""
        from rrsdk.recording.columns import send_chunks

        send_chunks(chunks, recording=self)

    def send_property(self, name: str, values: Any) -> None:
        """Set a property of the recording."""
        from rrsdk.recording.properties import send_property

        send_property(name, values, recording=self)

    def send_recording_name(self, name: str) -> None:
        """Name the recording, for people."""
        from rrsdk.recording.properties import send_recording_name

        send_recording_name(name, recording=self)

    def send_recording_start_time_nanos(self, nanos: int) -> None:
        """Say when the recording began, in nanoseconds since 1970."""
        from rrsdk.recording.properties import send_recording_start_time_nanos

        send_recording_start_time_nanos(nanos, recording=self)

    # --- what it is and how it stands ---

    def get_application_id(self) -> str:
        """The application it belongs to."""
        return self.store.application_id

    def get_recording_id(self) -> str:
        """Its id."""
        return self.store.recording_id

    def is_enabled(self) -> bool:
        """Whether what is logged is recorded."""
        return self.enabled

    def status(self) -> RecordingStatus:
        """How it stands: what was sent, what waits, what was lost."""
        from rrsdk.recording.status import status_of

        return status_of(self)

    def flush(self, *, timeout_sec: float = 1e38) -> bool:
        """Wait until all that was logged is where it belongs: written, or acknowledged by the broker.

        False where that did not come about within `timeout_sec`, or where nothing moved for 30 s;
        `status()` then says what is left. In strict mode that raises instead.
        """
        from rrsdk.recording.flushing import flush

        return flush(self, timeout_s=timeout_sec)

    # --- where data go ---

    def save(self, path: Any, default_blueprint: Any = None, *, write_footer: bool = True) -> None:
        """Write to a file, which can be read while it grows."""
        from rrsdk.recording import modes

        modes.save(path, default_blueprint, self, write_footer=write_footer)

    def stdout(self, default_blueprint: Any = None, *, write_footer: bool = True) -> None:
        """Write to standard output."""
        from rrsdk.recording import modes

        modes.stdout(default_blueprint, self, write_footer=write_footer)

    def memory_recording(self) -> Any:
        """Keep everything in memory, until it is taken out."""
        from rrsdk.recording import modes

        return modes.memory_recording(self)

    def binary_stream(self) -> Any:
        """Collect the bytes of a stream, until they are read."""
        from rrsdk.recording import modes

        return modes.binary_stream(self)

    def set_sinks(self, *sinks: Any, default_blueprint: Any = None) -> None:
        """Send to several sinks at once."""
        from rrsdk.recording import modes

        modes.set_sinks(*sinks, default_blueprint=default_blueprint, recording=self)

    def connect(self, url: str | None = None, **options: Any) -> None:
        """Send to a broker over ZeroMQ; see the function of the same name."""
        from rrsdk.recording import network

        network.connect(url, recording=self, **options)

    def connect_grpc(self, url: str | None = None, *, default_blueprint: Any = None) -> None:
        """Send over gRPC, to a broker or to Rerun."""
        from rrsdk.recording import network

        network.connect_grpc(url, default_blueprint=default_blueprint, recording=self)

    def serve(self, **options: Any) -> str:
        """Be the broker; see the function of the same name."""
        from rrsdk.recording import network

        return network.serve(recording=self, **options)

    def serve_grpc(self, **options: Any) -> str:
        """Be the broker, for gRPC too; see the function of the same name."""
        from rrsdk.recording import network

        return network.serve_grpc(recording=self, **options)

    def spawn(self, **options: Any) -> None:
        """Start a broker as a program of its own, and connect to it."""
        from rrsdk.recording import network

        network.spawn(recording=self, **options)

    def disconnect(self) -> None:
        """Flush, close the sinks, and keep in memory what is logged from now on."""
        from rrsdk.recording import modes

        modes.disconnect(self)

    def close(self, timeout_s: float) -> Flushed:
        """Flush and close for good; nothing can be logged any more."""
        from rrsdk.recording.flushing import close

        self.is_closed = True
        return close(self, timeout_s=timeout_s)

    def configure_for(self, *, network: bool) -> None:
        """The thresholds that suit a kind of sink, where the program did not say which."""
        self.batcher.configure(self._thresholds(network=network))

    # --- as a context ---

    def __enter__(self) -> Self:
        from rrsdk.recording.current import set_thread_local_data_recording

        self._token = active_recording_stream.set(self)
        self._before = set_thread_local_data_recording(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.flush()
        self.outlets.finish_files()
        self.leave()

    def leave(self) -> None:
        """Not the thread's recording any more; nothing is flushed."""
        from rrsdk.recording.current import set_thread_local_data_recording

        active = active_recording_stream.get(None)
        if self._token is not None:
            try:
                active_recording_stream.reset(self._token)
            except ValueError:  # left in another context than entered: a generator that was moved
                pass
        set_thread_local_data_recording(self._before)
        self._before = None
        if active is not self:
            raise RuntimeError(
                "RecordingStream context manager exited while not active. Likely mixing context managers "
                "with generators or async code. See: `recording_stream_generator_ctx`."
            )

    def __del__(self) -> None:
        if getattr(self, "enabled", False) and not self.is_closed and not sys.is_finalizing():
            self.close(5.0)

    def __repr__(self) -> str:
        return f"<RecordingStream {self.store.application_id}/{self.store.recording_id}>"

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
