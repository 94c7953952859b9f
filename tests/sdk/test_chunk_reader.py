"""Chunks laid out one after the other are what each of them is by itself, whatever came before."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec.chunks import ChunkReader
from rrsdk.errors import FormatError
from rrsdk.identity import format_chunk_id
from tests.sdk import strategies as given_by


def payload_of(entity: str, texts: list[str], chunk_id: bytes) -> bytes:
    row_id = pa.field("RowId", pa.binary(16), nullable=False, metadata={"rerun:kind": "control"})
    about = {
        "rerun:entity_path": entity,
        "rerun:id": format_chunk_id(chunk_id),
        "sorbet:version": "0.1.4",
    }
    columns = [pa.array([bytes(16)] * len(texts), pa.binary(16)), pa.array(texts, pa.string())]
    schema = pa.schema([row_id, pa.field("text", pa.string())], about)
    return given_by.stream_of(pa.RecordBatch.from_arrays(columns, schema=schema))


PAYLOADS = st.builds(
    payload_of,
    st.sampled_from(["/a", "/b", "/long/path", "/a/b"]),
    st.sampled_from([[], ["x"], ["y"], ["xyz"], ["x", "y"]]),
    st.binary(min_size=16, max_size=16),
)


@given(st.lists(PAYLOADS, min_size=1, max_size=6), st.lists(PAYLOADS, max_size=3), st.integers(1, 4))
def test_heads_that_come_in_turn(turn: list[bytes], others: list[bytes], times: int) -> None:
    reader = ChunkReader()
    for payload in [*turn * times, *others, *turn]:
        found, alone = reader.layout(payload), ChunkReader().layout(payload)
        assert found.payload == payload
        assert found.chunk_id == alone.chunk_id
        assert found.shape.layout.schema.fields == alone.shape.layout.schema.fields
        assert found.shape.layout.entity == alone.shape.layout.entity
        assert (found.shape.batch, found.shape.body_start) == (alone.shape.batch, alone.shape.body_start)
        same = reader.layout(payload)
        assert same.shape is found.shape


@given(st.lists(PAYLOADS, min_size=2, max_size=4), st.data())
def test_a_head_that_is_cut_off_is_none_that_came_before(turn: list[bytes], data: st.DataObject) -> None:
    """A guess must hold for all of the head: one that ends early is met as if nothing had been guessed."""
    reader = ChunkReader()
    for payload in turn * 2:
        reader.layout(payload)
    start = reader.layout(turn[0]).shape.body_start
    for payload in turn * 2:
        reader.layout(payload)
    cut = turn[0][: data.draw(st.integers(0, start - 1))]
    for one in (reader, ChunkReader()):
        with pytest.raises(FormatError):
            one.layout(cut)
