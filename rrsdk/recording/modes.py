"""Where a recording goes: to a file, to standard output, into memory, to several at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rrsdk import settings
from rrsdk.components.strictness import warn_at_caller
from rrsdk.errors import UsageError
from rrsdk.recording import family
from rrsdk.recording.current import find
from rrsdk.recording.kinship import HELD, Kinship, own_path, sinks_of_kin
from rrsdk.recording.memory import BinaryStream, MemoryRecording
from rrsdk.recording.reports import LOGGER
from rrsdk.sinks.hold import HoldSink, StreamSink
from rrsdk.sinks.save import save_sink, stdout_sink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.recording.stream import RecordingStream
    from rrsdk.sinks.live import LiveSink

_UNBOUNDED = 2**62


def chosen(recording: RecordingStream | None, call: str) -> RecordingStream | None:
    """The recording that a call means; None where it is switched off, which is said."""
    stream = recording or find()
    if stream is None:
        if not settings.switch(settings.ENABLED, True):
            LOGGER.warning("recording is switched off: %s() does nothing", call)
            return None
        raise UsageError(f"{call}: there is no recording", hint="call init first, or name one")
    if not stream.enabled:
        LOGGER.warning("recording is switched off: %s() does nothing", call)
        return None
    return stream


def use(
    stream: RecordingStream,
    sinks: Sequence[LiveSink],
    kinship: Kinship | None,
    *,
    blueprint: Any = None,
    network: bool = False,
) -> None:
    """Exchange the sinks of a recording, and let children know."""
    if blueprint is not None:
        warn_at_caller("default_blueprint is left out: blueprints cannot be sent yet")
    if settings.forced_save() and not any(sink.name == settings.forced_save() for sink in sinks):
        for sink in sinks:
            sink.close(0.0)
        return
    stream.configure_for(network=network)
    for ended in stream.outlets.replace(sinks, kinship):
        if not ended:
            stream.reporter.say(f"{stream.store}: {ended.rows} rows were left behind: {ended.why}")
    if kinship is not None:
        family.publish(stream)


def save(
    path: str | os.PathLike[str],
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
    *,
    write_footer: bool = True,
) -> None:
    """Write to an .rrd file, from its beginning. It can be read while it grows, and after a crash.

    In a child process of one that writes this very file already, data go to the parent.
    """
    stream = chosen(recording, "save")
    if stream is None:
        return
    name = settings.forced_save() or os.fspath(path)
    family_member = family.writer_of(name)
    if family_member is not None:
        store, kin, origin = family_member
        if store == stream.store:
            use(stream, sinks_of_kin(store, kin, origin, stream.reporter), kin, blueprint=default_blueprint)
            stream.outlets.origin = origin
            arm()
            return
        other = own_path(store, kin)
        stream.reporter.say(
            f"{name} is being written by process {origin.pid}: process {os.getpid()} writes {other}"
        )
        name = other
    sink = save_sink(name, write_footer=write_footer, report=stream.reporter.say)
    kinship = Kinship("save", path=os.path.abspath(name))
    use(stream, [sink], kinship, blueprint=default_blueprint)
    arm()


def stdout(
    default_blueprint: Any = None, recording: RecordingStream | None = None, *, write_footer: bool = True
) -> None:
    """Write a recording to standard output, to be piped into another program."""
    stream = chosen(recording, "stdout")
    if stream is None:
        return
    sink = stdout_sink(write_footer=write_footer, report=stream.reporter.say)
    use(stream, [sink], Kinship("stdout"), blueprint=default_blueprint)
    arm()


def memory_recording(recording: RecordingStream | None = None) -> MemoryRecording:
    """Keep everything in memory, without a bound, until `drain_as_bytes` takes it."""
    stream = recording or find()
    if stream is None:
        raise UsageError("memory_recording: there is no recording", hint="call init first, or name one")
    sink = HoldSink("memory recording", budget_bytes=_UNBOUNDED, compress=True)
    if stream.enabled:
        use(stream, [sink], HELD)
    return MemoryRecording(stream, sink)


def binary_stream(recording: RecordingStream | None = None) -> BinaryStream:
    """Collect the bytes of a recording, without a bound, until they are read."""
    stream = recording or find()
    if stream is None:
        raise UsageError("binary_stream: there is no recording", hint="call init first, or name one")
    sink = StreamSink()
    if stream.enabled:
        use(stream, [sink], HELD)
    return BinaryStream(stream, sink)


class FileSink:
    """For `set_sinks`: a file."""

    def __init__(self, path: str | os.PathLike[str], *, write_footer: bool = True) -> None:
        self.path, self.write_footer = os.fspath(path), write_footer

    def open(self, stream: RecordingStream) -> LiveSink:
        """The sink itself."""
        return save_sink(self.path, write_footer=self.write_footer, report=stream.reporter.say)


def set_sinks(*sinks: Any, default_blueprint: Any = None, recording: RecordingStream | None = None) -> None:
    """Send to several sinks at once: FileSink, GrpcSink, ZmqSink, or any LiveSink.

    rr.set_sinks(rr.FileSink("run.rrd"), rr.ZmqSink("localhost:9876"))
    """
    if len({id(sink) for sink in sinks}) != len(sinks):
        raise ValueError("Duplicate sinks detected")
    stream = chosen(recording, "set_sinks")
    if stream is None:
        return
    opened: list[LiveSink] = []
    kinship = Kinship("memory")
    for sink in sinks:
        if isinstance(sink, FileSink):
            opened.append(sink.open(stream))
            kinship = Kinship("save", path=os.path.abspath(sink.path))
        elif isinstance(sink, BinaryStream):
            opened.append(sink._sink)  # noqa: SLF001  # ours
        else:
            opened.append(sink)
    is_network = any(not isinstance(one, (FileSink, BinaryStream)) for one in sinks)
    use(stream, opened, kinship if opened else None, blueprint=default_blueprint, network=is_network)
    arm()


def disconnect(recording: RecordingStream | None = None) -> None:
    """Flush, close the sinks, and keep in memory what is logged from now on."""
    stream = recording or find()
    if stream is not None and stream.enabled:
        use(stream, [], None)


def arm() -> None:
    """A child of multiprocessing that writes a file of its own must finish it, however it ends."""
    if family.in_child():
        from rrsdk.recording import exit as at_exit

        at_exit.arm_child()
