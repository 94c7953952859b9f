"""Any truncation and any flipped bit: a typed error or a readable result, and never much memory."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import RrError
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sinks.output import Output
from rrsdk.sinks.rrd import RrdSink
from rrsdk.sources.damage import Damage
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.sources.pipe import PipeSource
from tests.faults import damage

SCENE = (Path(__file__).parents[2] / "fixtures/sdk-0.41/scene.rrd").read_bytes()
NAME = "broken.rrd"
ROOM_BYTES = 256 << 20
Read = Callable[[bytes, "Damage | None"], None]


def ignore(_line: str) -> None:
    pass


def some_of(data: bytes, chunks: int) -> bytes:
    """The same recording with its first chunks only, so that every bit of it can be tried."""
    with tempfile.TemporaryFile() as file:
        sink = RrdSink(Output("small", os.dup(file.fileno())))
        for message in FileSource(MemoryOrigin(NAME, data), damage=None, warn=ignore).messages():
            if isinstance(message, Chunks):
                message = message.take([place < chunks for place in range(len(message))])
            sink.put(message)
        sink.close()
        file.seek(0)
        return file.read()


WHOLE = some_of(SCENE, 6)
PLAIN = damage.without_footer(WHOLE)
FORMS = {"whole": WHOLE, "plain": PLAIN}


@contextmanager
def little_memory() -> Iterator[None]:
    """Whoever believes a number in the input fails here instead of taking the machine down."""
    if sys.platform != "linux":
        yield
        return
    import resource

    now = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (now + ROOM_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def use(source: FileSource | PipeSource, *, tolerant: bool) -> None:
    """Read everything, open every chunk, write it all."""
    reader = ChunkReader()
    null = os.open(os.devnull, os.O_WRONLY)
    sink = RrdSink(Output("null", null))
    try:
        for message in source.messages():
            if isinstance(message, Chunks):
                for offset, size in zip(
                    message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE), strict=True
                ):
                    open_chunk(reader, bytes(message.origin.read(offset, size)), tolerant=tolerant)
            elif isinstance(message, ChunkMsg):
                open_chunk(reader, b"".join(message.parts), tolerant=tolerant)
            sink.put(message)
        sink.close()
    finally:
        sink.abort()


def open_chunk(reader: ChunkReader, message: bytes, *, tolerant: bool) -> None:
    try:
        assert reader.open(message).shape.layout.entity is not None
    except RrError:
        if not tolerant:
            raise


def read_file(data: bytes, losses: Damage | None) -> None:
    use(FileSource(MemoryOrigin(NAME, data), damage=losses, warn=ignore), tolerant=losses is not None)


def read_pipe(data: bytes, losses: Damage | None) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        use(
            PipeSource(NAME, file.fileno(), damage=losses, warn=ignore, owned=False),
            tolerant=losses is not None,
        )


def check(data: bytes, read: Read, *, tolerant: bool) -> None:
    """Nothing but RrError may come out; what was skipped lies within the input."""
    losses = Damage() if tolerant else None
    try:
        with little_memory():
            read(data, losses)
        error = None
    except RrError as caught:
        error = caught
    if error is not None:
        assert "\n" not in str(error)
        assert error.offset is None or 0 <= error.offset <= len(data)
    if losses is not None:
        for loss in losses.losses:
            assert 0 <= loss.start < loss.end <= len(data)
        spans = sorted((loss.start, loss.end) for loss in losses.losses)
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), spans


READERS = pytest.mark.parametrize("read", [read_file, read_pipe])
TOLERANT = pytest.mark.parametrize("tolerant", [False, True], ids=["strict", "tolerant"])
FORM = pytest.mark.parametrize("form", FORMS)


@READERS
@TOLERANT
@FORM
def test_undamaged(form: str, tolerant: bool, read: Read) -> None:
    losses = Damage() if tolerant else None
    read(FORMS[form], losses)
    assert losses is None or not losses.losses


@READERS
@TOLERANT
@FORM
@settings(max_examples=150)
@given(data=st.data())
def test_any_truncation(form: str, tolerant: bool, read: Read, data: st.DataObject) -> None:
    whole = FORMS[form]
    check(whole[: data.draw(st.integers(0, len(whole) - 1))], read, tolerant=tolerant)


@READERS
@TOLERANT
@FORM
@settings(max_examples=250)
@given(data=st.data())
def test_any_flipped_bit(form: str, tolerant: bool, read: Read, data: st.DataObject) -> None:
    whole = FORMS[form]
    check(damage.flipped(whole, data.draw(st.integers(0, 8 * len(whole) - 1))), read, tolerant=tolerant)


@READERS
@TOLERANT
@settings(max_examples=100)
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 400), new=st.binary(max_size=40))
@example(0, 0, WHOLE)
def test_any_replaced_piece(tolerant: bool, read: Read, start: int, length: int, new: bytes) -> None:
    check(WHOLE[:start] + new + WHOLE[start + length :], read, tolerant=tolerant)


@READERS
@settings(max_examples=100)
@given(rubbish=st.binary(max_size=300), headed=st.booleans())
def test_rubbish(read: Read, rubbish: bytes, headed: bool) -> None:
    check((WHOLE[:12] if headed else b"") + rubbish, read, tolerant=False)


@pytest.mark.campaign
@READERS
@TOLERANT
@FORM
def test_every_truncation(form: str, tolerant: bool, read: Read) -> None:
    whole = FORMS[form]
    step = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "campaign" else 97
    for size in range(0, len(whole), step):
        check(whole[:size], read, tolerant=tolerant)


@pytest.mark.campaign
@READERS
@TOLERANT
@FORM
def test_every_flipped_bit(form: str, tolerant: bool, read: Read) -> None:
    whole = FORMS[form]
    step = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "campaign" else 997
    for bit in range(0, 8 * len(whole), step):
        check(damage.flipped(whole, bit), read, tolerant=tolerant)
