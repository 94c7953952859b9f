"""Messages in pieces are Arrow's own, and large columns are not copied into them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import rrsdk as rr
from rrsdk.batcher.convert import Converter, EntityRows
from rrsdk.batcher.gather import Gatherer, can_gather
from rrsdk.batcher.times import STATIC
from rrsdk.codec.chunks import ChunkReader
from rrsdk.identity import StoreId, StoreKind
from rrsdk.sources.chunks import decode

LARGE = np.arange(50_000, dtype=np.int64)
BATCHES = {
    "one large row": {"a": [1], "b": pa.array([LARGE])},
    "large and small": {"a": pa.array(LARGE), "b": pa.array(["x"] * len(LARGE)), "c": [None] * len(LARGE)},
    "a slice": {"a": pa.array(np.arange(60_000))[10_000:], "b": pa.array([True, None] * 25_000)},
    "no rows": {"a": pa.array([], pa.int64()), "b": pa.array([], pa.list_(pa.utf8()))},
    "a union": {"a": rr.Tensor.encode([rr.Tensor(np.zeros((40, 1000)))])[0].array},
    "many columns": {f"column {number}": [number] for number in range(700)},
}


@pytest.mark.parametrize("columns", BATCHES.values(), ids=BATCHES)
def test_the_pieces_are_the_message(columns: dict[str, Any]) -> None:
    batch = pa.RecordBatch.from_pydict(columns)
    gatherer = Gatherer(batch.schema)
    for some in (batch, batch.slice(1), batch):  # nothing is left over from the one before
        assert b"".join(gatherer.pieces(some)) == some.serialize().to_pybytes()


def test_what_is_large_stays_where_it_is() -> None:
    batch = pa.RecordBatch.from_pydict({"a": pa.array(LARGE)})
    assert any(
        np.shares_memory(LARGE, np.asarray(piece)) for piece in Gatherer(batch.schema).pieces(batch)[1:]
    )


def test_dictionaries_are_found_wherever_they_are() -> None:
    coded = pa.dictionary(pa.int8(), pa.utf8())
    for kind in (coded, pa.list_(coded), pa.struct([("x", pa.int8()), ("y", pa.list_(coded, 2))])):
        assert not can_gather(pa.schema([("a", pa.int8()), ("b", kind)]))
    assert can_gather(pa.schema([("a", pa.list_(pa.struct([("x", pa.utf8())])))]))


def test_a_head_longer_than_the_values_is_read_whole() -> None:
    entity, converter = EntityRows("/e"), Converter(StoreId(StoreKind.RECORDING, "app", "rec"))
    many = {f"part{number}": number for number in range(900)}
    (sealed,) = converter.convert(entity, [STATIC, 5, rr.AnyValues(z=LARGE, **many)])
    chunk = decode(ChunkReader(), b"".join(sealed.message(compress=False).parts))
    assert chunk.component("part7")[0].as_py() == [7]
    assert chunk.component("z")[0].as_py() == LARGE.tolist()
