"""Dictionaries, views and run ends: laid out as far as a manifest row needs, rewritten by pyarrow."""

from __future__ import annotations

import random
import struct

import pyarrow as pa
import pytest

from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.opaque import rewritten
from rrsdk.errors import FormatError
from rrsdk.identity import parse_chunk_id
from rrsdk.ipc.gather import Part, Piece, gather
from rrsdk.ipc.layout import LayoutCache
from rrsdk.ipc.rows import describe
from tests.sdk.opaque import CHUNK_ID, TWINS, Twin, chunk
from tests.sdk.strategies import read_stream, stream_of

OTHER_ID = bytes(range(16))
each_twin = pytest.mark.parametrize("twin", TWINS.values(), ids=list(TWINS))


@each_twin
def test_a_manifest_row_is_the_plain_ones(twin: Twin) -> None:
    cache = LayoutCache()
    odd, plain = (cache.read(stream_of(chunk(instances))) for instances in twin)
    assert [column.is_opaque for column in odd.shape.layout.components] == [False, True, False]
    assert odd.shape.layout.is_opaque
    assert not plain.shape.layout.is_opaque
    assert odd.shape.nulls == plain.shape.nulls == (1, 1, 1)
    assert odd.shape.empty == plain.shape.empty
    one, other = (describe(laid_out, parse_chunk_id(CHUNK_ID)) for laid_out in (odd, plain))
    assert one.spans == other.spans == ((3, 8),)
    assert one.partial == other.partial
    assert one.component_span(0, 1) == (3, 5)


@each_twin
def test_every_column_is_found_behind_it(twin: Twin) -> None:
    laid_out = LayoutCache().read(stream_of(chunk(twin.odd)))
    behind = laid_out.shape.layout.components[2]
    values = laid_out.buffer(behind.first_buffer + 3)
    assert struct.unpack_from("<3d", values) == (1.5, 2.5, 3.5)


@each_twin
def test_one_schema_with_other_buffers_is_read_anew(twin: Twin) -> None:
    cache = LayoutCache()
    for instances in (twin.odd, twin.odd.slice(0, 0), twin.odd):
        batch = chunk(twin.odd) if len(instances) else chunk(twin.odd).slice(1, 1)
        again = cache.read(stream_of(batch))
        alone = LayoutCache().read(stream_of(batch))
        assert again.shape.batch == alone.shape.batch
        assert again.shape.layout.columns == alone.shape.layout.columns


@each_twin
def test_the_head_is_found_whatever_stands_before_it(twin: Twin) -> None:
    """A dictionary may be longer than what is decoded at first."""
    import lz4.block

    chance = random.Random(7)  # which LZ4 passes on as it is: what has a pattern is decoded as a whole anyway
    many = pa.array([chance.randbytes(100) for _ in range(5000)]).dictionary_encode()
    for instances in (twin.odd, many.take(pa.array(range(0, 5000, 1000)))):
        payload = stream_of(chunk(instances))
        block = lz4.block.compress(payload, store_size=False)
        head = ChunkReader().head(block, 2, len(payload))
        whole = LayoutCache().read(payload)
        assert describe(head, OTHER_ID).spans == describe(whole, OTHER_ID).spans


@each_twin
def test_rows_and_columns_are_those_asked_for(twin: Twin) -> None:
    batch = chunk(twin.odd)
    found = read_stream(rewritten(stream_of(batch), OTHER_ID, columns=[0, 1, 3], ranges=[(0, 1), (2, 4)]))
    assert found.schema.names == ["rerun.controls.RowId", "frame", "odd"]
    assert [found.schema.field(number) for number in range(3)] == [
        batch.schema.field(number) for number in (0, 1, 3)
    ]
    assert found.schema.field(2).metadata == batch.schema.field(3).metadata
    expected = batch.to_pylist()
    assert found.column(2).to_pylist() == [expected[row]["odd"] for row in (0, 2, 3)]
    assert found.column(1).to_pylist() == [5, 8, 4]
    metadata = dict(batch.schema.metadata)
    assert found.schema.metadata == {**metadata, b"rerun:id": b"chunk_0001020304050607" + b"08090a0b0c0d0e0f"}


@each_twin
def test_values_are_not_taken_apart_here(twin: Twin) -> None:
    laid_out = LayoutCache().read(stream_of(chunk(twin.odd)))
    shape = laid_out.shape
    part = Part(shape.batch, laid_out.payload[shape.body_start :])
    with pytest.raises(FormatError, match="kept apart"):
        gather(shape.layout.columns, [Piece(part, 0, 1)])


def test_values_that_point_nowhere_are_said() -> None:
    payload = bytearray(stream_of(chunk(TWINS["dictionary"].odd)))
    laid_out = LayoutCache().read(bytes(payload))
    column = laid_out.shape.layout.components[1]
    indices, _ = laid_out.shape.span(column.first_buffer + 3)
    payload[indices : indices + 4] = struct.pack("<i", 1000)
    with pytest.raises(FormatError, match="broken"):
        rewritten(bytes(payload), OTHER_ID)


def test_a_view_with_more_buffers_than_there_are() -> None:
    payload = stream_of(chunk(TWINS["text view"].odd))
    said = struct.pack("<Iq", 1, 1)  # one view column, one buffer
    assert payload.count(said) == 1
    for number in (2, 10**9, -1):
        with pytest.raises(FormatError, match="buffers"):
            LayoutCache().read(payload.replace(said, struct.pack("<Iq", 1, number)))
