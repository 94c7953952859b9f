"""The methods of a recording as functions, for the current one where none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk import settings
from rrsdk.chunk.dataframe import AUTO_INDEX
from rrsdk.endpoint import DEFAULT_PORT
from rrsdk.errors import UsageError
from rrsdk.recording import family
from rrsdk.recording.current import find, get_data_recording
from rrsdk.recording.reports import LOGGER

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from datetime import timedelta

    from rrsdk.chunk.dataframe import AutoIndex
    from rrsdk.recording.black_box import BlackBox
    from rrsdk.recording.blueprints import BlueprintLike
    from rrsdk.recording.memory import BinaryStream, MemoryRecording
    from rrsdk.recording.status import RecordingStatus
    from rrsdk.recording.stream import RecordingStream

_OFF = "[recording is switched off]"


def _chosen(recording: RecordingStream | None, call: str) -> RecordingStream | None:
    """The recording that a call means; None where recording is switched off, which is said."""
    stream = find(recording)
    if stream is None and not family.is_forkserver():
        if settings.switch(settings.ENABLED, True):
            raise UsageError(f"{call}: there is no recording", hint="call init first, or name one")
        LOGGER.warning("recording is switched off: %s() does nothing", call)
    return stream


def reset_time(recording: RecordingStream | None = None) -> None:
    """No times but the built-in ones, in this thread."""
    stream = find(recording)
    if stream is not None:
        stream.reset_time()


def disable_timeline(timeline: str, recording: RecordingStream | None = None) -> None:
    """No time on this timeline any more, in this thread."""
    stream = find(recording)
    if stream is not None:
        stream.disable_timeline(timeline)


def set_log_time_enabled(enabled: bool, recording: RecordingStream | None = None) -> None:
    """Whether rows get the time of the call, on the timeline `log_time`."""
    stream = find(recording)
    if stream is not None:
        stream.set_log_time_enabled(enabled)


def set_log_tick_enabled(enabled: bool, recording: RecordingStream | None = None) -> None:
    """Whether rows get the number of the call, on the timeline `log_tick`."""
    stream = find(recording)
    if stream is not None:
        stream.set_log_tick_enabled(enabled)


def send_columns(
    entity_path: str,
    indexes: Iterable[Any],
    columns: Iterable[Any],
    *,
    recording: RecordingStream | None = None,
    strict: bool | None = None,
) -> None:
    """Send many rows of one entity at once: a column for each timeline and each component.

    Neither the times set in this thread nor the built-in timelines are added.

        steps = rr.TimeColumn("step", sequence=range(3))
        rr.send_columns("loss", [steps], rr.Scalars.columns(scalars=[1, 2, 3]))
    """
    stream = find(recording)
    if stream is not None:
        stream.send_columns(entity_path, indexes, columns, strict=strict)


def send_chunks(chunks: Any, *, recording: RecordingStream | None = None) -> None:
    """Send chunks as they are: a Chunk, or any number of them, ours or Rerun's."""
    stream = find(recording)
    if stream is not None:
        stream.send_chunks(chunks)


def send_dataframe(
    df: Any,
    recording: RecordingStream | None = None,
    *,
    index: str | list[str] | AutoIndex | None = AUTO_INDEX,
    entity_path: str | None = None,
) -> None:
    """Send a table of Arrow, or what exports one: a column for each timeline and each component.

    `index` names the timelines; None: the data are static; without it the columns' metadata say.
    Where metadata do not say an entity, the name does, as in `/entity:Archetype:field`, or `entity_path`.
    """
    stream = find(recording)
    if stream is not None:
        stream.send_dataframe(df, index=index, entity_path=entity_path)


def send_record_batch(
    batch: Any,
    recording: RecordingStream | None = None,
    *,
    index: str | list[str] | AutoIndex | None = AUTO_INDEX,
    entity_path: str | None = None,
) -> None:
    """Send a record batch of Arrow; see `send_dataframe`."""
    send_dataframe(batch, recording, index=index, entity_path=entity_path)


def log_file_from_path(
    file_path: str | os.PathLike[str],
    *,
    entity_path_prefix: str | None = None,
    static: bool = False,
    recording: RecordingStream | None = None,
) -> None:
    """Log what is in a file, as the entity of its path: images, 3D models, point clouds, text, sound, video.

    Of a folder all files, also in those below. It is logged whole when this returns, or not at all: what
    cannot be is a warning that says why, in strict mode an error. Data are static, as in Rerun, whatever
    `static` says; sound and video begin at zero of timelines of their own. Recordings (.rrd) and blueprints
    (.rbl) stay what they are, beside the recording; blueprints become those of its application.

        rr.log_file_from_path("scans/hall.ply", entity_path_prefix="world")  # as /world/scans/hall.ply
    """
    stream = find(recording)
    if stream is not None:
        stream.log_file_from_path(file_path, entity_path_prefix=entity_path_prefix, static=static)


def log_file_from_contents(
    file_path: str | os.PathLike[str],
    file_contents: bytes,
    *,
    entity_path_prefix: str | None = None,
    static: bool = False,
    recording: RecordingStream | None = None,
) -> None:
    """Log bytes as if they were the file of that name, which need not exist; see `log_file_from_path`."""
    stream = find(recording)
    if stream is not None:
        stream.log_file_from_contents(
            file_path, file_contents, entity_path_prefix=entity_path_prefix, static=static
        )


def send_property(name: str, values: Any, recording: RecordingStream | None = None) -> None:
    """Set a property of the recording: an archetype or AnyValues under a name.

    rr.send_property("situation", rr.AnyValues(weather="rain"))
    """
    stream = find(recording)
    if stream is not None:
        stream.send_property(name, values)


def send_recording_name(name: str, recording: RecordingStream | None = None) -> None:
    """Name the recording, for people."""
    stream = find(recording)
    if stream is not None:
        stream.send_recording_name(name)


def send_recording_start_time_nanos(nanos: int, recording: RecordingStream | None = None) -> None:
    """Say when the recording began, in nanoseconds since 1970."""
    stream = find(recording)
    if stream is not None:
        stream.send_recording_start_time_nanos(nanos)


def send_blueprint(
    blueprint: BlueprintLike,
    *,
    make_active: bool = True,
    make_default: bool = True,
    recording: RecordingStream | None = None,
) -> None:
    """Say how the viewer should show the recording: a Blueprint, or a view or container alone.

    `make_active`: it is shown at once, whatever was before. `make_default`: it is what `reset` in the
    viewer comes back to, and what is shown where there is nothing else.

        rr.send_blueprint(rrb.Horizontal(rrb.Spatial3DView(origin="/world"), rrb.TimeSeriesView()))
    """
    stream = _chosen(recording, "send_blueprint")
    if stream is not None:
        stream.send_blueprint(blueprint, make_active=make_active, make_default=make_default)


def flush(timeout_sec: float = 1e38, *, recording: RecordingStream | None = None) -> bool:
    """Wait until all that was logged is written, or acknowledged by the broker.

    False where that did not come about within `timeout_sec`, or where nothing moved for 30 s; in
    strict mode that raises instead.
    """
    stream = get_data_recording(recording)
    return stream is None or stream.flush(timeout_sec=timeout_sec)


def status(recording: RecordingStream | None = None) -> RecordingStatus | None:
    """How the recording stands: what was sent, what waits, what was lost; None where there is none."""
    stream = get_data_recording(recording)
    return None if stream is None else stream.status()


def save(
    path: str | os.PathLike[str],
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
    *,
    write_footer: bool = True,
    rotate: int | str | timedelta | None = None,
    overflow_dir: str | os.PathLike[str] | None = None,
    checksum: bool = False,
) -> None:
    """Write to an .rrd file, from its beginning. It can be read while it grows, and after a crash.

    In a child process of one that writes this very file already, data go to the parent.

    `rotate`: how large (`"1GiB"`, bytes) or old (`"10min"`, a timedelta) a file gets before the next one
    begins: run.rrd, run.0002.rrd, run.0003.rrd, each with all static data so far, readable alone.
    `overflow_dir`: the folder where it goes on when the file cannot be written any more.
    `checksum`: with each message, so that readers notice every bit that was changed since.

        rr.save("run.rrd", rotate="1GiB", overflow_dir="/var/spare")
    """
    stream = _chosen(recording, "save")
    if stream is not None:
        stream.save(
            path,
            default_blueprint,
            write_footer=write_footer,
            rotate=rotate,
            overflow_dir=overflow_dir,
            checksum=checksum,
        )


def save_last(
    path: str | os.PathLike[str],
    *,
    seconds: float = 30.0,
    max_bytes: int | str = "256MiB",
    on_exception: bool = True,
    on_signal: bool = True,
    on_exit: bool = False,
    recording: RecordingStream | None = None,
) -> BlackBox:
    """A black box: keep the last `seconds` of what is logged in memory, and write them when it matters.

    It is written (whole, in place of what is there) at an exception that nobody catches, in any thread;
    at SIGTERM; where `on_exit` is set, at every other end too; and when the `write` of what is returned
    is called. It stands beside `save`, `connect` and all others, whichever comes first, and stays when
    they are exchanged. Static data are kept however old they are, of one entity and the same components
    the last. Call it early: what another sink has received already it does not see.

    Seconds are those before the last thing that was logged; chunks are kept whole. `max_bytes` bounds
    it too: the oldest go first, and if less than `seconds` fits, that is said. Children of a process
    that is not connected to a broker log into its black box; a child's end does not write it.

    SIGKILL, `os.abort`, a crash in C and `os._exit` give no occasion to write anything: for those run
    `rrtool serve --keep-last`, and connect. A handler of SIGTERM, or an excepthook, that is set later
    replaces this one: it should call what was there. Python's handlers run in the main thread, when it is
    back from whatever it does in C. Called again for the same file, it changes how much is kept.

        box = rr.save_last("crash.rrd", seconds=30)
        ...
        box.write("near_miss.rrd")
    """
    from rrsdk.recording import black_box

    stream = _chosen(recording, "save_last")
    when = black_box.When(on_exception, on_signal, on_exit)
    if stream is not None and not stream.enabled:
        stream = None
    return black_box.save_last(stream, path, seconds=seconds, max_bytes=max_bytes, when=when)


def stdout(
    default_blueprint: Any = None, recording: RecordingStream | None = None, *, write_footer: bool = True
) -> None:
    """Write the recording to standard output, to be piped into another program."""
    stream = _chosen(recording, "stdout")
    if stream is not None:
        stream.stdout(default_blueprint, write_footer=write_footer)


def memory_recording(recording: RecordingStream | None = None) -> MemoryRecording:
    """Keep everything in memory, without a bound, until `drain_as_bytes` takes it."""
    stream = find(recording)
    if stream is None:
        raise UsageError("memory_recording: there is no recording", hint="call init first, or name one")
    return stream.memory_recording()


def binary_stream(recording: RecordingStream | None = None) -> BinaryStream:
    """Collect the bytes of a recording, without a bound, until they are read."""
    stream = find(recording)
    if stream is None:
        raise UsageError("binary_stream: there is no recording", hint="call init first, or name one")
    return stream.binary_stream()


def set_sinks(*sinks: Any, default_blueprint: Any = None, recording: RecordingStream | None = None) -> None:
    """Send to several sinks at once: FileSink, GrpcSink, ZmqSink, or any LiveSink.

    rr.set_sinks(rr.FileSink("run.rrd"), rr.ZmqSink("localhost:9876"))
    """
    stream = _chosen(recording, "set_sinks")
    if stream is not None:
        stream.set_sinks(*sinks, default_blueprint=default_blueprint)


def disconnect(recording: RecordingStream | None = None) -> None:
    """Flush, close the sinks, and keep in memory what is logged from now on."""
    stream = get_data_recording(recording)
    if stream is not None:
        stream.disconnect()


def connect(
    url: str | None = None,
    *,
    policy: Any = None,
    buffer_bytes: int | str | None = None,
    overflow_dir: str | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Send to a broker (`rrtool serve`) at `host:port`, over ZeroMQ, acknowledged.

    Returns at once; the connection is made, and made again, in the background. `policy`: `block`
    (for at most 30 s, or `block(5)`), `drop-oldest` or `latest-only` where the broker cannot follow.
    `buffer_bytes`: how much may wait for it, like `64MiB`. `overflow_dir`: where what was not
    acknowledged at exit is kept as an .rrd file.
    """
    stream = _chosen(recording, "connect")
    if stream is not None:
        stream.connect(
            url,
            policy=policy,
            buffer_bytes=buffer_bytes,
            overflow_dir=overflow_dir,
            default_blueprint=default_blueprint,
        )


def connect_grpc(
    url: str | None = None, *, default_blueprint: Any = None, recording: RecordingStream | None = None
) -> None:
    """Send over gRPC to `rerun+http://host:port/proxy`: our broker, or Rerun. Wants the extra `grpc`."""
    stream = _chosen(recording, "connect_grpc")
    if stream is not None:
        stream.connect_grpc(url, default_blueprint=default_blueprint)


def serve(
    *,
    port: int | None = None,
    bind: str = "127.0.0.1",
    memory_limit: str | int | None = None,
    newest_first: bool = False,
    keys: bool | str | os.PathLike[str] | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> str:
    """Be the broker: others may connect and log, subscribe, or ask. Returns the URL to connect to.

    `keys`: encrypt, and let in only whom `rrtool keys allow` named; True for this user's keys, or a folder
    of others. The URL names the broker's key then. Children of this program connect with this user's key,
    which must be allowed, too.
    """
    stream = _chosen(recording, "serve")
    if stream is None:
        return _OFF
    return stream.serve(
        port=port,
        bind=bind,
        memory_limit=memory_limit,
        newest_first=newest_first,
        keys=keys,
        default_blueprint=default_blueprint,
    )


def serve_grpc(
    *,
    grpc_port: int | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
    server_memory_limit: str | int = "1GiB",
    newest_first: bool = False,
    cors_allow_origin: list[str] | None = None,
) -> str:
    """Be the broker, and offer Rerun's gRPC service too. Returns its URL. Wants the extra `grpc`."""
    stream = _chosen(recording, "serve_grpc")
    if stream is None:
        return _OFF
    return stream.serve_grpc(
        grpc_port=grpc_port,
        default_blueprint=default_blueprint,
        server_memory_limit=server_memory_limit,
        newest_first=newest_first,
        cors_allow_origin=cors_allow_origin,
    )


def spawn(
    *,
    port: int = DEFAULT_PORT,
    connect: bool = True,
    memory_limit: str = "75%",
    server_memory_limit: str = "1GiB",
    hide_welcome_screen: bool = False,
    detach_process: bool = True,
    executable_name: str = "",
    executable_path: str | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Start a broker as a program of its own, unless one runs there, and connect to it. No viewer yet."""
    del executable_name, executable_path  # of the viewer
    stream = _chosen(recording, "spawn")
    if stream is not None:
        stream.spawn(
            port=port,
            connect=connect,
            memory_limit=memory_limit,
            server_memory_limit=server_memory_limit,
            hide_welcome_screen=hide_welcome_screen,
            detach_process=detach_process,
            default_blueprint=default_blueprint,
        )
