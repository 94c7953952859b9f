"""Compaction of any chunks: nothing lost, nothing twice, limits kept, and settled after one time."""

from __future__ import annotations

import itertools
import random
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.payload import write_store_id
from rrsdk.codec.wire import COMPRESSION_NONE, write_envelope
from rrsdk.errors import FormatError, RrError
from rrsdk.identity import StoreId, StoreKind, format_chunk_id
from rrsdk.ipc.weigh import column_bits
from rrsdk.message import ChunkMsg, Message
from rrtool.transforms import entries
from rrtool.transforms.compact import compact
from rrtool.transforms.packing import Limits
from rrtool.transforms.singles import Singles
from tests.sdk import strategies as given_by

STORE = StoreId(StoreKind.RECORDING, "app", "one")
STORE_RAW = write_store_id(STORE)
TENSOR = pa.dense_union([pa.field("ints", pa.list_(pa.int8())), pa.field("texts", pa.string())])
KINDS = {
    "Thin:flag": pa.bool_(),
    "Thin:text": pa.string(),
    "Fat:blob": pa.list_(pa.uint8()),
    "Odd:tensor": TENSOR,
}
LIMITS = st.builds(
    Limits,
    st.integers(1, 900),
    st.integers(1, 12),
    st.integers(1, 12),
    st.none() | st.floats(1, 20),
)


def row_id(number: int) -> bytes:
    return struct.pack(">QQ", 7, number)


def instances(name: str, chance: random.Random) -> list[object]:
    count = chance.randrange(4)
    if name == "Thin:flag":
        return [chance.random() < 0.5 for _ in range(count)]
    if name == "Thin:text":
        return ["ab" * chance.randrange(3) for _ in range(count)]
    return [list(chance.randbytes(chance.choice((0, 3, 60)))) for _ in range(count)]


def tensors(rows: int, chance: random.Random) -> pa.Array:
    """Lists of a dense union, which pyarrow does not make from Python values."""
    counts = [chance.randrange(3) for _ in range(rows)]
    codes = [chance.randrange(2) for _ in range(sum(counts))]
    ints = pa.array([list(range(chance.choice((0, 90)))) for code in codes if not code], pa.list_(pa.int8()))
    texts = pa.array(["t" * chance.randrange(9) for code in codes if code], pa.string())
    places = [codes[:at].count(code) for at, code in enumerate(codes)]
    values = pa.UnionArray.from_dense(
        pa.array(codes, pa.int8()), pa.array(places, pa.int32()), [ints, texts], ["ints", "texts"]
    )
    return pa.ListArray.from_arrays(pa.array([0, *itertools.accumulate(counts)], pa.int32()), values)


def chunk(number: int, ids: list[int], chance: random.Random, *, timelines: int, names: list[str]) -> bytes:
    """The payload of a chunk with rows of these ids; sorted or not, and saying so or not."""
    rows = len(ids)
    ids = sorted(ids) if chance.random() < 0.8 else ids
    control = {"rerun:kind": "control"}
    if ids == sorted(ids) and chance.random() < 0.8:
        control["rerun:is_sorted"] = "true"
    columns = [pa.array([row_id(one) for one in ids], pa.binary(16))]
    fields = [pa.field("rerun.controls.RowId", pa.binary(16), nullable=False, metadata=control)]
    for timeline in range(timelines):
        times = [one + chance.choice((0, 0, 0, -30)) for one in ids]
        times = sorted(times) if chance.random() < 0.5 else times
        about = {"rerun:kind": "index", "rerun:index_name": f"t{timeline}"}
        if times == sorted(times) and chance.random() < 0.8:
            about["rerun:is_sorted"] = "true"
        columns.append(pa.array(times, pa.int64()))
        fields.append(pa.field(f"t{timeline}", pa.int64(), nullable=False, metadata=about))
    for name in names:
        about = {"rerun:kind": "data", "rerun:component": name, "rerun:archetype": name.split(":")[0]}
        if name == "Odd:tensor":
            columns.append(tensors(rows, chance))
        else:
            rare = chance.random() < 0.3
            cells = [None if rare and chance.random() < 0.5 else instances(name, chance) for _ in range(rows)]
            columns.append(pa.array(cells, pa.list_(KINDS[name])))
        fields.append(pa.field(name, columns[-1].type, metadata=about))
    about = {
        "rerun:entity_path": "/a",
        "rerun:id": format_chunk_id(row_id(1000 + number)),
        "sorbet:version": "0.1.4",
    }
    batch = pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields, about))
    return given_by.stream_of(batch)


@dataclass(frozen=True)
class Recording:
    """Chunks of one entity whose row ids interleave as they do when several processes log."""

    seed: int
    timelines: int
    names: list[str]
    sizes: list[int]
    interleaved: bool
    shuffled: bool

    def messages(self) -> list[ChunkMsg]:
        chance = random.Random(self.seed)
        ids = list(range(sum(self.sizes)))
        for at in range(0, len(ids), 8) if self.interleaved else ():
            ids[at : at + 16] = chance.sample(ids[at : at + 16], len(ids[at : at + 16]))
        found = []
        reader = ChunkReader()
        for number, size in enumerate(self.sizes):
            own, ids = ids[:size], ids[size:]
            payload = chunk(number, own, chance, timelines=self.timelines, names=self.names)
            found.append(pack_chunk(STORE, STORE_RAW, payload, reader.layout(payload), row_id(1000 + number)))
        if self.shuffled:
            chance.shuffle(found)
        return found


RECORDINGS = st.builds(
    Recording,
    st.integers(0, 2**32),
    st.integers(0, 2),
    st.lists(st.sampled_from(sorted(KINDS)), min_size=1, unique=True),
    st.lists(st.integers(0, 14), min_size=1, max_size=12),
    st.booleans(),
    st.booleans(),
)


def batch_of(message: Message) -> pa.RecordBatch:
    assert isinstance(message, ChunkMsg)
    raw = b"".join(message.parts)
    envelope = ChunkReader().envelope(raw)
    block = raw[envelope.payload_start : envelope.payload_end]
    batch = given_by.read_stream(
        bytes(lz4.decompress(block, envelope.compression, envelope.uncompressed_size))
    )
    assert batch.schema.metadata[b"rerun:id"].decode() == format_chunk_id(message.row.chunk_id)
    return batch


def cells(messages: Iterable[Message]) -> Counter[tuple[bytes, str, str]]:
    """Every value there is, by row id and column; of times only where they differ."""
    found: Counter[tuple[bytes, str, str]] = Counter()
    for message in messages:
        batch = batch_of(message)
        ids, *columns = (column.to_pylist() for column in batch.columns)
        for name, column in zip(batch.schema.names[1:], columns, strict=True):
            if ":" in name:
                found.update((one, name, repr(value)) for one, value in zip(ids, column, strict=True))
    return found


def times(messages: Iterable[Message]) -> set[tuple[bytes, str, int]]:
    found = set()
    for message in messages:
        batch = batch_of(message)
        for name, column in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
            if ":" not in name:
                found |= set(zip(batch.column(0).to_pylist(), itertools.repeat(name), column.to_pylist()))
    return found


def is_sorted(values: list[object]) -> bool:
    return values == sorted(values)  # type: ignore[type-var]


def raws(messages: Iterable[Message]) -> list[bytes]:
    return [b"".join(message.parts) for message in messages if isinstance(message, ChunkMsg)]


@pytest.mark.campaign
@given(RECORDINGS, LIMITS)
def test_any_chunks(recording: Recording, limits: Limits) -> None:
    messages = recording.messages()
    packed = list(compact(messages, limits))
    assert cells(packed) == cells(messages)
    assert times(packed) == times(messages)
    ids = [message.row.chunk_id for message in packed if isinstance(message, ChunkMsg)]
    assert len(set(ids)) == len(ids), "chunk ids are unique"
    before = set(raws(messages))
    for message in packed:
        assert isinstance(message, ChunkMsg)
        batch, shape = batch_of(message), message.row.shape
        bits = sum(column_bits(column, shape.batch) for column in shape.layout.columns)
        ordered = True
        for column, field in zip(batch.columns, batch.schema, strict=True):
            if ":" in field.name:
                continue
            really = is_sorted(column.to_pylist())
            marked = field.metadata.get(b"rerun:is_sorted") == b"true"
            assert really or not marked, f"{field.name} is not sorted, as the chunk claims"
            if raws([message])[0] not in before:
                assert really == marked
                assert field.name != "rerun.controls.RowId" or really
            if field.name != "rerun.controls.RowId":
                ordered = ordered and really
        assert batch.num_rows < 2 or bits <= 8 * limits.max_bytes
        assert batch.num_rows <= limits.rows(ordered)
    again = list(compact(packed, limits))
    assert raws(again) == raws(packed), "compacting twice changes nothing"
    assert raws(compact(messages, limits)) == raws(packed), "the same input gives the same output"
    assert raws(compact(messages, limits, jobs=3)) == raws(packed)


SINGLES = st.builds(
    Recording,
    st.integers(0, 2**32),
    st.integers(0, 2),
    st.lists(st.sampled_from(sorted(KINDS)), min_size=1, unique=True),
    st.lists(st.sampled_from([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]), min_size=1, max_size=30),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=150)
@given(SINGLES, LIMITS)
def test_chunks_of_one_row_in_columns_become_what_they_become_one_by_one(
    recording: Recording, limits: Limits
) -> None:
    messages = recording.messages()
    packed = list(compact(messages, limits))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Singles, "take", lambda *_: False)
        assert raws(compact(messages, limits)) == raws(packed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entries, "KEEP_BYTES", 300)
        assert raws(compact(messages, limits)) == raws(packed), "bodies that were not kept are read again"


def test_a_broken_chunk_among_those_of_one_row_is_left_out_alone() -> None:
    messages = []
    reader = ChunkReader()
    for number in range(40):
        payload = chunk(number, [number], random.Random(1), timelines=1, names=["Thin:flag"])
        shape = reader.layout(payload).shape
        (text,) = shape.layout.components
        start, _ = shape.span(text.first_buffer + 1)
        if number == 17:  # its list ends before it begins
            payload = payload[:start] + struct.pack("<ii", 5, 2) + payload[start + 8 :]
        messages.append(pack_chunk(STORE, STORE_RAW, payload, reader.layout(payload), row_id(1000 + number)))
    limits = Limits(100_000, 100, 100, None)
    broken: list[RrError] = []
    packed = list(compact(messages, limits, skip=broken.append))
    assert raws(packed) == raws(compact(messages[:17] + messages[18:], limits))
    assert len(broken) == 1
    with pytest.raises(FormatError):
        list(compact(messages, limits))


def test_a_chunk_of_one_row_that_is_cut_off_is_reported() -> None:
    payload = chunk(0, [0], random.Random(1), timelines=1, names=["Thin:flag"])
    laid_out = ChunkReader().layout(payload)
    cut = payload[: laid_out.shape.body_start + 8]
    message = pack_chunk(STORE, STORE_RAW, payload, laid_out, row_id(1000))
    before, after = write_envelope(
        STORE_RAW, compression=COMPRESSION_NONE, uncompressed_size=len(cut), payload_size=len(cut),
        chunk_id=row_id(1000), is_static=False,
    )  # fmt: skip
    broken = replace(message, parts=(before, cut, after))
    with pytest.raises(FormatError):
        list(compact([broken], Limits(100_000, 100, 100, None)))


def test_what_was_once_noted_of_each_chunk_keeps_none_apart() -> None:
    """Until 0.29 a chunk said how much memory it took; joined it takes another amount."""
    messages = []
    reader = ChunkReader()
    for number in range(4):
        payload = chunk(number, [number], random.Random(number), timelines=1, names=["Thin:text"])
        batch = given_by.read_stream(payload)
        about = {**batch.schema.metadata, b"rerun:heap_size_bytes": b"%d" % (700 + number)}
        payload = given_by.stream_of(batch.replace_schema_metadata(about))
        messages.append(pack_chunk(STORE, STORE_RAW, payload, reader.layout(payload), row_id(1000 + number)))
    (joined,) = compact(messages, Limits(10_000, 100, 100, None))
    assert b"rerun:heap_size_bytes" not in batch_of(joined).schema.metadata
    assert cells([joined]) == cells(messages)


def test_video_is_left_as_it_is() -> None:
    messages = []
    reader = ChunkReader()
    for number in range(3):
        payload = chunk(
            number, [2 * number, 2 * number + 1], random.Random(1), timelines=1, names=["Fat:blob"]
        )
        batch = given_by.read_stream(payload)
        field = batch.schema.field(2)
        video = field.with_metadata(
            {**field.metadata, b"rerun:component_type": b"rerun.components.VideoSample"}
        )
        payload = given_by.stream_of(batch.set_column(2, video, batch.column(2)))
        messages.append(pack_chunk(STORE, STORE_RAW, payload, reader.layout(payload), row_id(1000 + number)))
    assert list(compact(messages, Limits(10, 1, 1, 1.0))) == messages
    assert list(compact(messages, Limits(10_000, 100, 100, None))) == messages
