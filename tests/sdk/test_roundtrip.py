"""What is written is read: any messages, through every source, with and without a footer."""

from __future__ import annotations

import os
import tempfile
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rrsdk.codec import payload as payloads
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.frames import MESSAGE_HEADER, Frame, FrameDecoder, Kind
from rrsdk.identity import StoreId, StoreKind, Tuid
from rrsdk.ipc.layout import LayoutCache
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import Activation, ChunkMsg, Chunks, Message, StoreInfo
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.sources.pipe import PipeSource
from tests.faults import damage
from tests.sdk.manifests import refuse, written
from tests.sdk.strategies import U64, chunks, read_stream, stream_of

TEXT = st.text(max_size=6)
STORES = st.builds(StoreId, st.sampled_from(StoreKind), TEXT, TEXT)


class Said(NamedTuple):
    """Messages, and by store the chunks in them."""

    messages: list[Message]
    batches: dict[StoreId, list[pa.RecordBatch]]


@st.composite
def conversations(draw: st.DrawFn) -> Said:
    """Store infos, chunks of several stores in turn, activations."""
    stores = draw(st.lists(STORES, min_size=1, max_size=3, unique=True))
    messages: list[Message] = []
    for store in stores:
        row_id = Tuid(draw(U64), draw(U64))
        messages.append(StoreInfo(store, payloads.write_info(store, row_id=row_id)))
    batches: dict[StoreId, list[pa.RecordBatch]] = {}
    layouts = LayoutCache()
    seen = set()
    for batch in draw(st.lists(chunks(max_rows=4), max_size=6)):
        store = draw(st.sampled_from(stores))
        payload = stream_of(batch)
        chunk = layouts.read(payload)
        if chunk.chunk_id in seen:
            continue
        seen.add(chunk.chunk_id)
        messages.append(pack_chunk(store, payloads.write_store_id(store), payload, chunk, chunk.chunk_id))
        batches.setdefault(store, []).append(batch)
    for store in stores:
        if store.kind is StoreKind.BLUEPRINT and draw(st.booleans()):
            raw = payloads.write_activation(store, make_active=draw(st.booleans()), make_default=True)
            messages.append(Activation(store, raw))
    return Said(messages, batches)


class Heard(NamedTuple):
    infos: list[StoreInfo]
    activations: list[Activation]
    batches: dict[StoreId, list[pa.RecordBatch]]


def heard(messages: Any) -> Heard:
    found = Heard([], [], {})
    reader = ChunkReader()
    for message in messages:
        if isinstance(message, StoreInfo):
            found.infos.append(message)
        elif isinstance(message, Activation):
            found.activations.append(message)
        else:
            raws = []
            if isinstance(message, ChunkMsg):
                raws.append(b"".join(message.parts))
            else:
                assert isinstance(message, Chunks)
                places = zip(
                    message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE), strict=True
                )
                raws += [bytes(message.origin.read(offset, size)) for offset, size in places]
            for raw in raws:
                payload = bytes(reader.open(raw).payload)
                found.batches.setdefault(message.store, []).append(read_stream(payload))
    return found


def assert_heard(found: Heard, said: Said) -> None:
    assert found.infos == [message for message in said.messages if isinstance(message, StoreInfo)]
    assert found.activations == [message for message in said.messages if isinstance(message, Activation)]
    assert found.batches.keys() == said.batches.keys()
    for store, batches in said.batches.items():
        assert len(found.batches[store]) == len(batches)
        for one, other in zip(found.batches[store], batches, strict=True):
            assert one.equals(other, check_metadata=True)


def through_file(data: bytes) -> Heard:
    return heard(FileSource(MemoryOrigin("in.rrd", data), damage=None, warn=refuse).messages())


def through_pipe(data: bytes) -> Heard:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        fileno = os.dup(file.fileno())
        source = PipeSource("pipe", fileno, damage=None, warn=refuse)
        try:
            return heard(source.messages())
        finally:
            source.close()


SOME = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@SOME
@given(conversations())
def test_whole(said: Said) -> None:
    data = written(said.messages)
    for form in (data, damage.without_footer(data)):
        assert_heard(through_file(form), said)
        assert_heard(through_pipe(form), said)


@SOME
@given(conversations(), conversations())
def test_followed_by_another(one: Said, other: Said) -> None:
    """Both streams are there, whichever of them has a footer."""
    first, second = written(one.messages), written(other.messages)
    for data in (
        first + second,
        damage.without_footer(first) + second,
        first + damage.without_footer(second),
    ):
        for found in (through_file(data), through_pipe(data)):
            ids = sorted(
                batch.schema.metadata[b"rerun:id"] for said in found.batches.values() for batch in said
            )
            expected = [*one.batches.values(), *other.batches.values()]
            assert ids == sorted(batch.schema.metadata[b"rerun:id"] for said in expected for batch in said)
            assert len(found.infos) == sum(isinstance(m, StoreInfo) for m in one.messages + other.messages)


@SOME
@given(conversations(), st.lists(st.integers(0, 100_000), max_size=6))
def test_in_pieces_and_byte_by_byte(said: Said, cuts: list[int]) -> None:
    """The decoder hands out the messages as they were put in, wherever the input was cut."""
    data = written(said.messages)
    kinds = {StoreInfo: Kind.STORE_INFO, ChunkMsg: Kind.CHUNK, Activation: Kind.BLUEPRINT_ACTIVATION}
    expected = [
        (kinds[type(m)], b"".join(m.parts) if isinstance(m, ChunkMsg) else m.payload)  # type: ignore[union-attr]
        for m in said.messages
    ]
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    for steps in (places, range(len(data) + 1)):
        decoder = FrameDecoder()
        frames: list[Frame] = []
        for start, end in pairwise(steps):
            decoder.feed(data[start:end])
            frames += [event for event in decoder if isinstance(event, Frame)]
        decoder.finish()
        frames += [event for event in decoder if isinstance(event, Frame)]
        assert [(frame.kind, bytes(frame.payload)) for frame in frames[:-1]] == expected
        assert frames[-1].kind is Kind.END
        assert data[frames[-1].end :][-8:-4] == b"FOOT"
        assert decoder.offset == len(data)
        assert all(frame.payload_offset == frame.offset + MESSAGE_HEADER.size for frame in frames)


@SOME
@given(conversations())
def test_written_again_nothing_changes(said: Said) -> None:
    data = written(said.messages)
    again = written(list(FileSource(MemoryOrigin("in.rrd", data), damage=None, warn=refuse).messages()))
    once_more = written(list(FileSource(MemoryOrigin("in.rrd", again), damage=None, warn=refuse).messages()))
    assert once_more == again
    assert_heard(through_file(again), said)
