"""Manifest rows in little memory make the same manifest."""

from __future__ import annotations

import gc
import tracemalloc

import pyarrow as pa
import pytest

import rrsdk as rr
from rrsdk.codec.decoder import Decoder
from rrsdk.codec.footer import read_footer, write_footer
from rrsdk.ipc import packed
from rrsdk.ipc.builder import ManifestBuilder
from rrsdk.ipc.packed import PackedRows
from rrsdk.ipc.rows import Row
from rrsdk.message import ChunkMsg


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Of many shapes: static, on several timelines, with components null in some rows, without rows."""
    rec = rr.RecordingStream("rrkit_test", recording_id="packed")
    stream = rec.binary_stream()
    rec.log("fixed", rr.TextDocument("text"), static=True)
    for number in range(40):
        rec.set_time("step", sequence=number - 20)
        rec.log("points", rr.Points3D([[1, 2, number]], radii=1.0 if number % 3 else None))
        rec.log(f"text/{number % 4}", rr.TextLog("x" * number))
        if number % 7 == 0:
            rec.flush()
        if number == 30:
            rec.set_time("clock", duration=1.5)
    for values in ([[1.0], None, [2.0]], [None, None, None], [[], [], []], []):
        rec.send_chunks(
            rr.Chunk.from_columns(
                "/partial",
                indexes={"step": [5, 3, 4][: len(values)]},
                components={
                    "value": pa.array(values, pa.list_(pa.float64())),
                    "Scalars:scalars": [[1]] * len(values),
                },
            )
        )
    rec.flush()
    decoder = Decoder("made", warn=pytest.fail)
    decoder.feed(stream.read())
    return [found.row for found in decoder if isinstance(found, ChunkMsg)]


def manifest(builder: ManifestBuilder | PackedRows, rows: list[Row]) -> tuple[object, object]:
    """Columns and fields, as they are read back from a footer; their order says nothing."""
    for number, row in enumerate(rows):
        builder.add(row, offset=1000 * number, size=7 + number, size_uncompressed=9 + number)
    ((_, found),) = read_footer(write_footer([(b"store", builder.build())]))
    columns = found.table.columns
    return {name: (one.field, one.values, one.valid) for name, one in columns.items()}, found.fields


@pytest.mark.parametrize("pieces_of", [3, 16_384])
def test_the_same_footer_comes_out(rows: list[Row], pieces_of: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_BUILT_IN_PIECES_OF", pieces_of)
    assert len({row.shape for row in rows}) > 20
    assert any(row.partial for row in rows)
    assert any(row.shape.layout.is_static for row in rows)
    assert manifest(PackedRows(), rows) == manifest(ManifestBuilder(), rows)
    assert manifest(PackedRows(), rows[:1]) == manifest(ManifestBuilder(), rows[:1])


def test_what_it_says_it_takes_is_about_right(rows: list[Row]) -> None:
    plain = [
        row for row in rows if row.partial is None and None not in row.spans and not any(row.shape.nulls)
    ]
    held = PackedRows()
    held.add(plain[0], offset=0, size=1, size_uncompressed=1)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(50_000):
            held.add(plain[number % len(plain)], offset=number, size=1, size_uncompressed=1)
        takes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert takes / 50_000 < 120
    assert takes / 1.5 < held.size_bytes
