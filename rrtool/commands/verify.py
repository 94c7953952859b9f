"""rrtool verify: whether a recording is what the format says it must be."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from rrsdk.codec.checksum import check as check_checksum
from rrsdk.codec.footer import footer_hash, read_trailer
from rrsdk.codec.frames import (
    FOOTER_ENTRY,
    FOOTER_TRAILER,
    MAGIC,
    MESSAGE_HEADER,
    NEWEST_KNOWN,
    STREAM_HEADER,
    FrameDecoder,
    Kind,
    StreamStart,
    Version,
    parse_stream_header,
)
from rrsdk.codec.payload import read_activation_store, read_info_store
from rrsdk.codec.window import Window
from rrsdk.codec.wire import EnvelopeReader
from rrsdk.errors import FormatError, InputError, RrError, TruncatedError
from rrsdk.ipc.keys import FIRST_CURRENT_RELEASE
from rrsdk.sources import STDIN, open_source
from rrsdk.sources.file import FileSource, Region
from rrtool.many import recordings_in
from rrtool.memory import keep_freed_buffers
from rrtool.options import reads_recordings, shared_options
from rrtool.progress import Progress
from rrtool.reports.verification import Checked, ChunkChecker, Problem, StreamCheck, problem_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from rrsdk.codec.modernize import Modernizer
    from rrsdk.message import Buffer

BLOCK = 1024 * 1024
MAX_SHOWN = 1000


@click.command("verify")
@reads_recordings
@click.option("--deep", is_flag=True, help="Also full Arrow validation, order, and the footer made anew.")
@click.option(
    "--check-footers/--no-check-footers",
    default=True,
    show_default=True,
    help="Whether a file without a footer, or with one that does not fit, is wrong.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each input, on standard output.")
@shared_options
def command(
    inputs: tuple[str, ...], deep: bool, check_footers: bool, as_json: bool, quiet: bool, jobs: int
) -> int:
    """Decode every chunk and check the footer against it; say what is wrong, a line each.

    Every message is parsed, every chunk decompressed and its layout, its texts, and the types of
    known components checked, and the footer must say of each chunk what is there. With --deep also:
    full Arrow validation, row ids and times that claim to be sorted, repeated chunks, old object
    models, and all of the footer made anew from the chunks. A flipped bit in a number is a number.
    Of a directory, all recordings below are verified.

    \b
    Examples:
      rrtool verify drive.rrd
      rrtool verify --deep --no-check-footers live.rrd
    """
    del jobs  # decompressing is no slower than reading: a second thread only gets in the way
    keep_freed_buffers()
    inputs = recordings_in(inputs)
    broken = total = 0
    with Progress(quiet=quiet) as progress:
        for name in inputs:
            found = 0
            shown: list[Problem] = []
            verification = Verification(deep=deep, check_footers=check_footers, progress=progress)
            for problem in verification.of(name):
                found += 1
                if found <= MAX_SHOWN:
                    if as_json:
                        shown.append(problem)
                    else:
                        progress.warn(str(problem))
            if as_json:
                from rrtool.reports.text import compact_json

                entry = {"path": name, "problems": found, "shown": [asdict(one) for one in shown]}
                sys.stdout.write(compact_json(entry) + "\n")
            elif found > MAX_SHOWN:
                progress.warn(f"{name}: and {found - MAX_SHOWN} problems more")
            broken += bool(found)
            total += found
    if as_json:
        return 1 if total else 0
    files = f"{len(inputs)} file{'s' if len(inputs) > 1 else ''}"
    if total:
        progress.warn(f"{files} verified: {total} problem{'s' if total > 1 else ''} in {broken}.")
        return 1
    progress.warn(f"{files} verified without error.")
    return 0


class Verification:
    """Walks one input and hands its messages to the checks."""

    def __init__(self, *, deep: bool, check_footers: bool, progress: Progress) -> None:
        self._deep, self._check_footers = deep, check_footers
        self._progress = progress
        self._checker = ChunkChecker(deep=deep)
        self._envelopes = EnvelopeReader()
        self._modernizer: Modernizer | None = None
        self._name = ""
        self._is_old = False
        self._stream = StreamCheck("", 0, deep=deep)

    def of(self, name: str) -> Iterator[Problem]:
        """All that is wrong with an input."""
        self._name = "stdin" if name == STDIN else name
        try:
            if name != STDIN and os.path.exists(name) and _is_stream(os.stat(name).st_mode):
                with open(name, "rb", buffering=0) as pipe:
                    yield from self._pipe(pipe.fileno())
                return
            source = open_source(name, warn=self._progress.warn)
            try:
                if isinstance(source, FileSource):
                    self._name = source.name
                    self._progress.expect(source.size or 0)
                    yield from self._file(source)
                else:
                    yield from self._pipe(sys.stdin.fileno())
            finally:
                source.close()
        except InputError as error:
            yield problem_of(error, self._name)

    # ---- walking ----

    def _file(self, source: FileSource) -> Iterator[Problem]:
        if not source.size:
            yield Problem(self._name, 0, None, "the file is empty")
            return
        footer_is_broken = False
        try:
            regions = source.regions()
        except FormatError as error:
            footer_is_broken = True
            if self._check_footers:
                yield problem_of(error, self._name)
            regions = [Region(0, source.size, None)]
        for region in regions:
            end = region.end
            if region.footer is not None:
                end -= len(region.footer) + MESSAGE_HEADER.size + FOOTER_ENTRY.size + FOOTER_TRAILER.size
            try:
                yield from self._region(source, region.start, end)
            except FormatError as error:
                yield from self._ended()
                yield problem_of(error, self._name)
                continue  # what a footer says cannot be compared with half a stream
            if region.footer is not None:
                if self._check_footers:
                    yield from self._stream.footer(region.footer, end + MESSAGE_HEADER.size)
            elif self._check_footers and not footer_is_broken:
                yield Problem(self._name, None, None, "there is no footer (rrtool merge makes one)")

    def _region(self, source: FileSource, start: int, end: int) -> Iterator[Problem]:
        """The messages of a stream up to its End message, or of several that have no good footer."""
        window = Window(source.origin, end)
        at, unpack, header = window.at, MESSAGE_HEADER.unpack, MESSAGE_HEADER.size
        pos = start
        while pos < end:
            left = end - pos
            head = at(pos, min(header, left))
            if pos == start or head[:4] == MAGIC:
                if left < STREAM_HEADER.size:
                    raise TruncatedError("the input ends inside a stream header", offset=pos)
                self._begin(pos, parse_stream_header(bytes(head[: STREAM_HEADER.size]), pos).version)
                pos += STREAM_HEADER.size
                continue
            if left < header:
                raise TruncatedError("the input ends inside a message header", offset=pos)
            kind, size = unpack(head)
            if kind > Kind.BLUEPRINT_ACTIVATION:
                raise FormatError(f"unknown message kind {kind}", offset=pos)
            pos += header
            if size > left - header:
                what = (
                    f"the input ends inside a message: {size - left + header} of its {size} bytes are missing"
                )
                raise TruncatedError(what, offset=pos - header)
            if kind == Kind.CHUNK:
                yield from self._chunk(at(pos, size), pos)
            elif kind == Kind.END:
                pos = yield from self._end_inside(source, pos, size, end)
                continue
            else:
                yield from self._other(kind, bytes(at(pos, size)), pos)
            self._progress.advance(size)
            pos += size
        yield from self._ended()

    def _end_inside(self, source: FileSource, pos: int, size: int, end: int) -> Generator[Problem, None, int]:
        """An End message in the middle: its stream's trailer is broken, or was never written."""
        yield from self._ended()
        if size and self._check_footers:
            yield from self._stream.footer(source.origin.read(pos, size), pos)
        after = pos + size
        tail = FOOTER_ENTRY.size + FOOTER_TRAILER.size
        if end - after >= tail and source.origin.read(after + FOOTER_ENTRY.size, 4) == MAGIC:
            after += tail
        return after

    def _pipe(self, fileno: int) -> Iterator[Problem]:
        decoder = FrameDecoder()
        tail = b""
        end: tuple[int, int, int] | None = None
        ended = False
        while not ended:
            data = os.read(fileno, BLOCK)
            ended = not data
            tail = (tail + data)[-FOOTER_ENTRY.size - FOOTER_TRAILER.size :]
            decoder.finish() if ended else decoder.feed(data)
            for event in decoder:
                if isinstance(event, StreamStart):
                    self._begin(event.offset, event.version)
                    end = None
                elif event.kind is Kind.CHUNK:
                    yield from self._chunk(event.payload, event.payload_offset)
                elif event.kind is Kind.END:
                    yield from self._ended()
                    if len(event.payload) and self._check_footers:
                        yield from self._stream.footer(event.payload, event.payload_offset)
                        place = event.payload_offset - self._stream.start
                        end = place, len(event.payload), footer_hash(event.payload)
                else:
                    yield from self._other(event.kind, bytes(event.payload), event.payload_offset)
        yield from self._ended()
        if decoder.offset == 0:
            yield Problem(self._name, 0, None, "the input is empty")
        elif self._check_footers:
            found = read_trailer(tail)
            if end is None or found is None:
                yield Problem(self._name, None, None, "there is no footer (rrtool merge makes one)")
            elif [(place.start, place.size, place.xxh32) for place in found] != [end]:
                yield Problem(self._name, decoder.offset, None, "the trailer does not fit the footer")

    # ---- messages ----

    def _begin(self, offset: int, version: Version) -> None:
        self._stream = StreamCheck(self._name, offset, deep=self._deep, seen=self._stream.seen)
        self._is_old = version.release < FIRST_CURRENT_RELEASE
        if version.release > NEWEST_KNOWN:
            self._progress.warn(f"{self._name}: written by Rerun {version}, newer than what is known")

    def _other(self, kind: int, payload: bytes, offset: int) -> Iterator[Problem]:
        try:
            check_checksum(kind, payload)
            if kind == Kind.STORE_INFO:
                read_info_store(payload)
                if self._is_old:
                    self._modern().info(payload)
            else:
                read_activation_store(payload)
        except FormatError as error:
            yield problem_of(error, self._name, offset)

    def _chunk(self, message: Buffer, offset: int) -> Iterator[Problem]:
        try:
            envelope = self._envelopes.read(message, 0, len(message))
            checked, found = self._checker.check(message, envelope, offset)
        except RrError as error:
            self._stream.passed_over.add(offset)
            if not self._is_old:
                yield problem_of(error, self._name, offset)
                return
            checked, found = None, None  # older models may look quite different
        yield from self._result(checked, found, message, offset)

    def _result(
        self, checked: Checked | None, found: str | None, message: Buffer, offset: int
    ) -> Iterator[Problem]:
        entity = None
        if checked is not None:
            self._stream.add(checked)
            entity = checked.shape.layout.entity
        if found is None and (self._is_old or checked is None or not checked.shape.layout.is_current):
            try:
                found = self._checker.migrated(b"".join(self._modern().chunk(memoryview(message)).parts))
            except RrError as error:
                found = error.what
            if found is None and self._deep:
                found = "the object model is an old one; rrtool merge migrates it"
        if found is not None:
            yield Problem(self._name, offset, entity, found)

    def _ended(self) -> Iterator[Problem]:
        if self._deep:
            yield from self._stream.repeats()

    def _modern(self) -> Modernizer:
        if self._modernizer is None:
            from rrsdk.codec.chunks import ChunkReader
            from rrsdk.codec.modernize import Modernizer

            self._modernizer = Modernizer(ChunkReader())
        return self._modernizer


def _is_stream(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)
