"""A recording as programs hold it: its methods, each of which is done by a module of its own."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from time import time_ns
from typing import TYPE_CHECKING, Any

from rrsdk import settings
from rrsdk.chunk import AUTO_INDEX, Chunk
from rrsdk.components.strictness import warn_at_caller
from rrsdk.endpoint import DEFAULT_PORT
from rrsdk.recording import (
    blueprints,
    exit,  # noqa: A004  # the end of the process, nothing built in
    family,
    flushing,
    fork,
    here,
    modes,
    network,
    properties,
    warned,
)
from rrsdk.recording.columns import send_chunks, send_columns
from rrsdk.recording.core import Core
from rrsdk.recording.moments import time_of
from rrsdk.recording.slow import LARGE_VALUE, bare, bounded, log_slowly
from rrsdk.recording.status import RecordingStatus, status_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from datetime import timedelta
    from types import TracebackType
    from uuid import UUID

    from typing_extensions import Self

    from rrsdk.batcher.config import ChunkBatcherConfig
    from rrsdk.chunk.dataframe import AutoIndex
    from rrsdk.components.batch import AsComponents, DescribedComponentBatch
    from rrsdk.recording.black_box import BlackBox
    from rrsdk.recording.blueprints import BlueprintLike
    from rrsdk.recording.memory import BinaryStream, MemoryRecording
    from rrsdk.recording.outlets import Outlets
    from rrsdk.sinks.live import Flushed, LiveSink

active_recording_stream: ContextVar[RecordingStream] = ContextVar("active_recording_stream")
"""The innermost `with recording:` that this code runs in."""


class RecordingStream(Core):
    """One recording: an application's, under an id. Several processes may log to the same.

    Methods are safe to call from any thread. Where no sink was chosen yet (`save`, `connect`, …),
    what is logged is kept in memory, the latest 512 MiB of it.
    """

    def __init__(
        self,
        application_id: str,
        *,
        recording_id: str | UUID | None = None,
        make_default: bool = False,
        make_thread_default: bool = False,
        default_enabled: bool = True,
        send_properties: bool = True,
        batcher_config: ChunkBatcherConfig | None = None,
    ) -> None:
        """Without `recording_id` a random one; `init` makes one that processes of one start share."""
        super().__init__(
            application_id, recording_id, default_enabled=default_enabled, batcher_config=batcher_config
        )
        self._before: Any = None
        self._token: Any = None
        self.outlets.join = _join
        warned.listen()
        if self.enabled:
            exit.register()
            fork.register()
            properties.describe_start(self, send_properties=send_properties)
        if make_default:
            here.set_of_process(self)
        if make_thread_default:
            here.set_of_thread(self)
        forced = settings.forced_save()
        if forced and self.enabled:
            self.save(forced)

    # --- logging ---

    def log(
        self,
        entity_path: str | list[Any],
        entity: AsComponents | Iterable[DescribedComponentBatch],
        *extra: AsComponents | Iterable[DescribedComponentBatch],
        static: bool = False,
        strict: bool | None = None,
    ) -> None:
        """Log one or more archetypes to an entity; see the function of the same name."""
        try:
            kind = type(entity)
            if (
                not extra
                and not static
                and (kind in bounded or entity.nbytes < LARGE_VALUE)  # type: ignore[union-attr]
                and not entity.is_broken  # type: ignore[union-attr]  # others go the slow way
            ):
                value: object = entity
                if kind in bare:
                    value = entity._scalars  # type: ignore[union-attr]  # noqa: SLF001  # see `bare`
                    if value.__class__ is not float:
                        value = entity
                context = self.context
                context.gate.fast[entity_path]((context.snapshot, time_ns(), value))  # type: ignore[index]
                return
        except (AttributeError, KeyError, TypeError):
            pass
        log_slowly(self.context, entity_path, (entity, *extra), static=static, strict=strict)

    def set_time(
        self, timeline: str, *, sequence: int | None = None, duration: Any = None, timestamp: Any = None
    ) -> None:
        """Set the time on a timeline for what this thread logs to this recording."""
        self.context.set(timeline, *time_of(timeline, sequence, duration, timestamp))

    def disable_timeline(self, timeline: str) -> None:
        """No time on this timeline any more, in this thread."""
        self.context.disable(timeline)

    def reset_time(self) -> None:
        """No times but the built-in ones, in this thread."""
        self.context.reset()

    def send_columns(
        self, entity_path: str, indexes: Iterable[Any], columns: Iterable[Any], *, strict: bool | None = None
    ) -> None:
        """Send many rows at once; neither the set times nor the built-in timelines are added."""
        send_columns(self, entity_path, indexes, columns, strict=strict)

    def send_chunks(self, chunks: Any) -> None:
        """Send chunks as they are, under the entity, times and ids that stand in them."""
        send_chunks(self, chunks)

    def send_dataframe(
        self,
        df: Any,
        *,
        index: str | list[str] | AutoIndex | None = AUTO_INDEX,
        entity_path: str | None = None,
    ) -> None:
        """Send a table of Arrow; see the function of the same name."""
        send_chunks(self, Chunk.from_dataframe(df, index=index, entity_path=entity_path))

    def send_record_batch(
        self,
        batch: Any,
        *,
        index: str | list[str] | AutoIndex | None = AUTO_INDEX,
        entity_path: str | None = None,
    ) -> None:
        """Send a record batch of Arrow; see `send_dataframe`."""
        send_chunks(self, Chunk.from_dataframe(batch, index=index, entity_path=entity_path))

    def log_file_from_path(
        self,
        file_path: str | os.PathLike[str],
        *,
        entity_path_prefix: str | None = None,
        static: bool = False,
    ) -> None:
        """Log what is in a file, or in the files of a folder; see the function of the same name."""
        del static  # it changes nothing, as in Rerun
        from rrsdk.recording import importing

        importing.log_path(self, file_path, entity_path_prefix)

    def log_file_from_contents(
        self,
        file_path: str | os.PathLike[str],
        file_contents: bytes,
        *,
        entity_path_prefix: str | None = None,
        static: bool = False,
    ) -> None:
        """Log bytes as if they were the file of that name; see the function of the same name."""
        del static
        from rrsdk.recording import importing

        importing.log_contents(self, file_path, file_contents, entity_path_prefix)

    def send_property(self, name: str, values: Any) -> None:
        """Set a property of the recording."""
        self.log(properties.property_path(name), values, static=True)

    def send_recording_name(self, name: str) -> None:
        """Name the recording, for people."""
        self._say_of_itself(properties.Facts(name=str(name)))

    def send_recording_start_time_nanos(self, nanos: int) -> None:
        """Say when the recording began, in nanoseconds since 1970."""
        self._say_of_itself(properties.Facts(start_time=int(nanos)))

    def _say_of_itself(self, facts: properties.Facts) -> None:
        log_slowly(self.context, properties.ROOT, (facts,), static=True, strict=None)

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
        return status_of(self)

    def flush(self, *, timeout_sec: float = 1e38) -> bool:
        """Wait until all that was logged is where it belongs: written, or acknowledged by the broker.

        False where that did not come about within `timeout_sec`, or where nothing moved for 30 s;
        `status()` then says what is left. In strict mode that raises instead.
        """
        return flushing.flush(self, timeout_s=timeout_sec)

    # --- where data go ---

    def save(
        self,
        path: str | os.PathLike[str],
        default_blueprint: Any = None,
        *,
        write_footer: bool = True,
        rotate: int | str | timedelta | None = None,
        overflow_dir: str | os.PathLike[str] | None = None,
        checksum: bool = False,
    ) -> None:
        """Write to a file, which can be read while it grows; see the function of the same name."""
        options = modes.save_options(write_footer, rotate, overflow_dir, checksum)
        modes.save(self, path, default_blueprint, options)

    def save_last(
        self,
        path: str | os.PathLike[str],
        *,
        seconds: float = 30.0,
        max_bytes: int | str = "256MiB",
        on_exception: bool = True,
        on_signal: bool = True,
        on_exit: bool = False,
    ) -> BlackBox:
        """Keep the last of what is logged, for bad ends; see the function of the same name."""
        from rrsdk.recording import black_box

        when = black_box.When(on_exception, on_signal, on_exit)
        stream = self if modes.is_on(self, "save_last") else None
        return black_box.save_last(stream, path, seconds=seconds, max_bytes=max_bytes, when=when)

    def stdout(self, default_blueprint: Any = None, *, write_footer: bool = True) -> None:
        """Write to standard output."""
        modes.stdout(self, default_blueprint, write_footer=write_footer)

    def memory_recording(self) -> MemoryRecording:
        """Keep everything in memory, without a bound, until it is taken out."""
        return modes.memory_recording(self)

    def binary_stream(self) -> BinaryStream:
        """Collect the bytes of the recording, without a bound, until they are read."""
        return modes.binary_stream(self)

    def set_sinks(self, *sinks: Any, default_blueprint: Any = None) -> None:
        """Send to several sinks at once."""
        modes.set_sinks(self, sinks, default_blueprint)

    def disconnect(self) -> None:
        """Flush, close the sinks, and keep in memory what is logged from now on."""
        modes.disconnect(self)

    def connect(
        self,
        url: str | None = None,
        *,
        policy: Any = None,
        buffer_bytes: int | str | None = None,
        overflow_dir: str | None = None,
        default_blueprint: Any = None,
    ) -> None:
        """Send to a broker over ZeroMQ; see the function of the same name."""
        network.connect(
            self,
            url,
            policy=policy,
            buffer_bytes=buffer_bytes,
            overflow_dir=overflow_dir,
            blueprint=default_blueprint,
        )

    def connect_grpc(self, url: str | None = None, *, default_blueprint: Any = None) -> None:
        """Send over gRPC, to a broker or to Rerun."""
        network.connect_grpc(self, url, default_blueprint)

    def serve(
        self,
        *,
        port: int | None = None,
        bind: str = "127.0.0.1",
        memory_limit: str | int | None = None,
        newest_first: bool = False,
        keys: bool | str | os.PathLike[str] | None = None,
        default_blueprint: Any = None,
    ) -> str:
        """Be the broker; see the function of the same name."""
        about = network.Serving(port, bind, memory_limit, newest_first, keys=keys)
        return network.serve(self, about, default_blueprint)

    def serve_grpc(
        self,
        *,
        grpc_port: int | None = None,
        default_blueprint: Any = None,
        server_memory_limit: str | int = "1GiB",
        newest_first: bool = False,
        cors_allow_origin: list[str] | None = None,
    ) -> str:
        """Be the broker, for gRPC too; see the function of the same name."""
        del cors_allow_origin  # of browsers, which are not served here
        about = network.Serving(grpc_port, "127.0.0.1", server_memory_limit, newest_first, grpc=True)
        return network.serve(self, about, default_blueprint)

    def spawn(
        self,
        *,
        port: int = DEFAULT_PORT,
        connect: bool = True,
        memory_limit: str = "75%",
        server_memory_limit: str = "1GiB",
        hide_welcome_screen: bool = False,
        detach_process: bool = True,
        default_blueprint: Any = None,
    ) -> None:
        """Start a broker as a program of its own, unless one runs, and connect to it. No viewer yet."""
        del memory_limit, hide_welcome_screen  # of the viewer
        network.spawn(self, port=port, memory_limit=server_memory_limit, detach=detach_process)
        if connect:
            self.connect(f"127.0.0.1:{port}", default_blueprint=default_blueprint)

    def send_blueprint(
        self, blueprint: BlueprintLike, *, make_active: bool = True, make_default: bool = True
    ) -> None:
        """Say how the viewer should show the recording; see the function of the same name."""
        blueprints.send(self, blueprint, make_active=make_active, make_default=make_default)

    def close(self, timeout_s: float) -> Flushed:
        """Flush and close for good; nothing can be logged any more."""
        return flushing.close(self, timeout_s=timeout_s)

    def notebook_show(
        self, *, width: int | None = None, height: int | None = None, blueprint: Any = None
    ) -> None:
        """No viewer for notebooks yet: says so."""
        del width, height, blueprint
        warn_at_caller("notebook_show: no viewer for notebooks yet; save to a file and open it in Rerun")

    # --- as a context ---

    def __enter__(self) -> Self:
        self._token = active_recording_stream.set(self)
        self._before = here.set_of_thread(self)
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
        active = active_recording_stream.get(None)
        if self._token is not None:
            try:
                active_recording_stream.reset(self._token)
            except ValueError:  # left in another context than entered: a generator that was moved
                pass
        here.set_of_thread(self._before)
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


def _join(outlets: Outlets) -> list[LiveSink]:
    """What a child sends to because its parent records; however it ends, it will have been sent."""
    sinks = family.join(outlets)
    if sinks:
        exit.arm_child()
    return sinks
