"""Where a recording goes: to a file, to standard output, into memory, to several at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rrsdk import settings
from rrsdk.errors import BusyError, RrError
from rrsdk.recording import blueprints, exit, family  # noqa: A004  # the end of the process
from rrsdk.recording.kinship import HELD, Kinship, own_path, sinks_of_kin
from rrsdk.recording.memory import BinaryStream, MemoryRecording
from rrsdk.sinks.claim import is_claimed_here, path_beside, was_written_here
from rrsdk.sinks.hold import HoldSink, StreamSink
from rrsdk.sinks.rotation import parse_rotate
from rrsdk.sinks.save import SaveSink, save_sink, stdout_sink
from rrsdk.sinks.succession import SaveOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from rrsdk.recording.blueprints import Items
    from rrsdk.recording.core import Core
    from rrsdk.sinks.live import LiveSink

_UNBOUNDED = 2**62
_HEAD = 64 * 1024
"""A recording's store info is within so many bytes."""
_MOST_FILES = 100
"""So many of one process may want the same name."""


def is_on(stream: Core, call: str) -> bool:
    """Whether it records at all; says so where it does not."""
    if not stream.enabled:
        stream.reporter.say(f"recording is switched off: {call}() does nothing")
    return stream.enabled


def use(
    stream: Core,
    sinks: Sequence[LiveSink],
    kinship: Kinship | None,
    *,
    blueprint: Any = None,
    network: bool = False,
) -> None:
    """Exchange the sinks of a recording, and let children know."""
    forced = settings.forced_save()
    if forced and not any(sink.name in (forced, path_beside(forced)) for sink in sinks):
        for sink in sinks:
            sink.close(0.0)
        return
    stream.configure_for(network=network)
    for ended in stream.outlets.replace(sinks, kinship, first=_default(stream, sinks, blueprint)):
        if not ended and (ended.rows or not ended.messages):  # else it was not even told of the recording
            stream.reporter.say(f"{stream.store}: {ended.rows} rows were left behind: {ended.why}")
    if kinship is not None:
        family.publish(stream)


def _default(stream: Core, sinks: Sequence[LiveSink], blueprint: Any) -> Items:
    """The blueprint for whoever has none; where it cannot be one, nothing is exchanged."""
    if blueprint is None or settings.forced_save():  # which Rerun's own tests compare without it
        return ()
    try:
        return blueprints.items_of(stream.store.application_id, blueprint, make_active=False)
    except BaseException:
        for sink in sinks:
            if sink not in stream.outlets.sinks:
                sink.close(0.0)
        raise


def save(stream: Core, path: str | os.PathLike[str], blueprint: Any, options: SaveOptions) -> None:
    """Write to an .rrd file; in a child of a process that writes this very file, send to the parent."""
    if not is_on(stream, "save"):
        return
    name = settings.forced_save() or os.fspath(path)
    family_member = family.writer_of(name)
    if family_member is not None:
        store, kin, origin = family_member
        if store == stream.store:
            use(stream, sinks_of_kin(store, kin, origin, stream.reporter), kin, blueprint=blueprint)
            stream.outlets.origin = origin
            exit.arm_child_of_family()
            return
        other = own_path(store, kin)
        stream.reporter.say(
            f"{name} is being written by process {origin.pid}: process {os.getpid()} writes {other}"
        )
        name = other
    sink = file_sink(stream, name, options)
    kinship = _file_kinship(sink, options)
    use(stream, [sink], kinship, blueprint=blueprint)
    exit.arm_child_of_family()


def _file_kinship(sink: LiveSink, options: SaveOptions) -> Kinship:
    """Children that go on alone rotate as this does, and have the same folder for when a disk is full."""
    return Kinship("save", path=os.path.abspath(sink.name), options=options.to_plain())


def file_sink(stream: Core, path: str, options: SaveOptions) -> SaveSink:
    """A sink on the file: the one there is already, a new one, or one on a file beside a claimed one."""
    for sink in stream.outlets.sinks:
        if isinstance(sink, SaveSink) and sink.is_on(path):
            sink.change(options)
            return sink
    name = path
    for number in range(1, _MOST_FILES):
        try:
            if is_of_siblings(stream, name):
                raise BusyError("holds a part of this recording", source=name)
            return save_sink(name, options=options, report=stream.reporter.say)
        except BusyError as error:
            name = path_beside(path, number)
            stream.reporter.say(f"{error.source} {error.what}: process {os.getpid()} writes {name}")
    return save_sink(path, options=options, report=stream.reporter.say)


def is_of_siblings(stream: Core, path: str) -> bool:
    """Whether another process of this start, a rank that is done, has written the file."""
    if not stream.is_of_start or not os.path.isfile(path):
        return False
    if was_written_here(path) or is_claimed_here(path):  # it must not even be opened then: see there
        return False
    from rrsdk.codec.decoder import Decoder

    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
        decoder = Decoder(path, warn=lambda _: None)
        decoder.feed(head)
        return next(iter(decoder)).store == stream.store
    except (OSError, RrError, StopIteration):
        return False


def stdout(stream: Core, blueprint: Any, *, write_footer: bool) -> None:
    """Write to standard output."""
    if not is_on(stream, "stdout"):
        return
    sink = stdout_sink(write_footer=write_footer, report=stream.reporter.say)
    use(stream, [sink], Kinship("stdout"), blueprint=blueprint)
    exit.arm_child_of_family()


def memory_recording(stream: Core) -> MemoryRecording:
    """Keep everything in memory, without a bound, until `drain_as_bytes` takes it."""
    sink = HoldSink("memory recording", budget_bytes=_UNBOUNDED, compress=True)
    if stream.enabled:
        use(stream, [sink], HELD)
    return MemoryRecording(stream, sink)


def binary_stream(stream: Core) -> BinaryStream:
    """Collect the bytes of a recording, without a bound, until they are read."""
    sink = StreamSink()
    if stream.enabled:
        use(stream, [sink], HELD)
    return BinaryStream(stream, sink)


class Unopened:
    """For `set_sinks`: what becomes a sink there."""

    def open(self, stream: Core) -> LiveSink:
        """The sink itself."""
        raise NotImplementedError


class FileSink(Unopened):
    """For `set_sinks`: a file."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        write_footer: bool = True,
        rotate: int | str | timedelta | None = None,
        overflow_dir: str | os.PathLike[str] | None = None,
        checksum: bool = False,
    ) -> None:
        """The options are those of `save`."""
        self.path = os.fspath(path)
        self.options = save_options(write_footer, rotate, overflow_dir, checksum)

    def open(self, stream: Core) -> LiveSink:
        """The sink itself."""
        return file_sink(stream, self.path, self.options)


def save_options(
    write_footer: bool,
    rotate: int | str | timedelta | None,
    overflow_dir: str | os.PathLike[str] | None,
    checksum: bool = False,
) -> SaveOptions:
    """What `save` was told; UsageError where that makes no sense."""
    folder = None if overflow_dir is None else os.path.abspath(overflow_dir)
    return SaveOptions(write_footer, parse_rotate(rotate), folder, checksum)


def set_sinks(stream: Core, sinks: Sequence[Any], blueprint: Any) -> None:
    """Send to several sinks at once."""
    if len({id(sink) for sink in sinks}) != len(sinks):
        raise ValueError("Duplicate sinks detected")
    if not is_on(stream, "set_sinks"):
        return
    opened: list[LiveSink] = []
    kinship = HELD
    for sink in sinks:
        if isinstance(sink, FileSink):
            opened.append(sink.open(stream))
            kinship = _file_kinship(opened[-1], sink.options)
        elif isinstance(sink, Unopened):
            opened.append(sink.open(stream))
        elif isinstance(sink, BinaryStream):
            opened.append(sink._sink)  # noqa: SLF001  # ours
        else:
            opened.append(sink)
    is_network = any(not isinstance(one, (FileSink, BinaryStream)) for one in sinks)
    use(stream, opened, kinship if opened else None, blueprint=blueprint, network=is_network)
    exit.arm_child_of_family()


def disconnect(stream: Core) -> None:
    """Flush, close the sinks, and keep in memory what is logged from now on."""
    if stream.enabled:
        use(stream, [], None)
