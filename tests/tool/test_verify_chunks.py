"""rrtool verify on chunks: damage below the footer, components that are not what Rerun knows."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from rrsdk.codec.wire import read_envelope
from tests.tool.taken import Taken, changed, problems, the_one_problem, with_column

pytest.importorskip("rerun")


# ---- chunks ----


@pytest.mark.parametrize("cut", [5, 12, 20, 1000, 20_000])
def test_a_file_that_was_cut(tmp_path: Path, made, cut: int) -> None:
    path = tmp_path / "cut.rrd"
    path.write_bytes(made["rich"].read_bytes()[:cut])
    assert len(problems(path)) == 1
    if cut != 12:  # else nothing is missing that could be known of
        assert "the input ends inside" in problems(path, check_footers=False)[0]


def test_a_broken_block(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[4]
    payload = bytearray(taken.messages[number][1])
    start = read_envelope(payload, 0, len(payload)).payload_start
    payload[start : start + 6] = b"\xff" * 6
    taken.messages[number] = 2, bytes(payload)
    found = the_one_problem(taken.write(tmp_path / "block.rrd"))
    assert found.startswith(f"{tmp_path / 'block.rrd'}, byte {taken.offset(number)}: the LZ4 block")


def broken_by(made_from: Path, tmp_path: Path, change, entity: str, *, deep: bool = False) -> str:
    path = changed(made_from, tmp_path / "changed.rrd", change, entity)
    found = the_one_problem(path, deep=deep, check_footers=False)
    assert f", entity {entity}: " in found
    return found


def lists(offsets: Sequence[int], items: pa.Array) -> pa.Array:
    buffer = pa.array(offsets, pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.list_(items.type), len(offsets) - 1, [None, buffer], children=[items])


@pytest.mark.parametrize(
    "offsets",
    [[0, 2, 1, *range(3, 25)], [-1, *range(1, 25)], [*range(24), 4000]],
    ids=["down", "below", "past"],
)
def test_offsets_that_lead_out_of_a_list(tmp_path: Path, made, offsets: list[int]) -> None:
    taken = Taken(made["rich"])
    good, bad = (struct.pack("<25i", *numbers) for numbers in (range(25), offsets))
    number = next(number for number in taken.chunks() if good in taken.payload(number))
    taken.replace_payload(number, taken.payload(number).replace(good, bad, 1))
    found = the_one_problem(taken.write(tmp_path / "offsets.rrd"), check_footers=False)
    assert "the offsets of a list or text do not ascend within its " in found
    assert f", byte {taken.offset(number)}, entity /" in found


@pytest.mark.parametrize("raw", [b"fine but \xff", b"\xc3", b"\xa9 first"])
def test_texts_that_are_not_utf8(tmp_path: Path, made, raw: bytes) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = pa.array([raw] * batch.num_rows, pa.binary()).view(pa.string())
        return with_column(batch, "TextLog:text", lists(range(batch.num_rows + 1), texts))

    assert "column TextLog:text: not UTF-8" in broken_by(made["rich"], tmp_path, change, "/log")


def test_a_text_that_begins_inside_a_character(tmp_path: Path, made) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        parts = [b"\xc3", b"\xa9", *[b"x"] * (batch.num_rows - 2)]  # valid only together
        texts = pa.array(parts, pa.binary()).view(pa.string())
        return with_column(batch, "TextLog:text", lists(range(batch.num_rows + 1), texts))

    assert "not UTF-8" in broken_by(made["rich"], tmp_path, change, "/log")


def test_the_arrow_data_end_early(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[2]
    sink = pa.BufferOutputStream()
    batch = taken.batch(number)
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    taken.replace_payload(number, sink.getvalue().to_pybytes()[:-12])  # the end marker and 4 bytes
    found = the_one_problem(taken.write(tmp_path / "short.rrd"), check_footers=False)
    assert "the Arrow data end 4 bytes early" in found


def test_a_message_that_contradicts_its_chunk(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[2]
    payload = taken.messages[number][1]
    taken.messages[number] = 2, payload[:-1] + b"\x01"  # is_static
    assert "the message says that the chunk is static" in the_one_problem(taken.write(tmp_path / "a.rrd"))
    changed_id = bytearray(payload)
    changed_id[-4] ^= 1
    taken.messages[number] = 2, bytes(changed_id)
    found = problems(taken.write(tmp_path / "b.rrd"))
    assert any("the message is of chunk_" in line for line in found)


# ---- components ----


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        (
            {b"rerun:component_type": b"rerun.components.Nonsense"},
            "unknown component type rerun.components.Nonsense",
        ),
        ({b"rerun:archetype": b"rerun.archetypes.Nonsense"}, "unknown archetype rerun.archetypes.Nonsense"),
        ({b"rerun:component_type": b"rerun.components.Text"}, "rerun.components.Scalar"),
        ({b"rerun:component_type": b"user.Own", b"rerun:archetype": b"user.Own"}, None),
    ],
)
def test_component_types_and_archetypes(
    rerun_binary, tmp_path: Path, made, metadata, what: str | None
) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars")
        return with_column(
            batch, field.name, batch.column(field.name), field.with_metadata({**field.metadata, **metadata})
        )

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
    found = problems(path, check_footers=False)
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (found == []) == (real.returncode == 0) == (what is None)
    assert what is None or (len(found) == 1 and what in found[0]) or "Scalars:scalars: " in found[0]


@pytest.mark.parametrize(
    ("values", "fine"),
    [
        (pa.array([[1.0]] * 24, pa.list_(pa.float32())), False),
        (pa.array([[None]] * 24, pa.list_(pa.float64())), False),
        (pa.array([None] * 24, pa.list_(pa.float64())), True),
        (pa.array([[1.0, 2.0], []] * 12, pa.list_(pa.float64())), True),
    ],
    ids=["datatype", "null", "not logged", "fine"],
)
def test_instances(rerun_binary: Path, tmp_path: Path, made, values: pa.Array, fine: bool) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars").with_type(values.type)
        return with_column(batch, field.name, values, field)

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (problems(path, check_footers=False) == []) == (real.returncode == 0) == fine


@pytest.mark.parametrize(("value", "fine"), [(2, True), (200, False), (None, True)])
def test_enums(rerun_binary: Path, tmp_path: Path, made, value: int | None, fine: bool) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        column = batch.column("Image:format")
        rows = [[{**row[0], "color_model": value}] for row in column.to_pylist()]
        return with_column(batch, "Image:format", pa.array(rows, column.type))

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/camera")
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (problems(path, check_footers=False) == []) == (real.returncode == 0) == fine


def test_a_component_must_be_a_list(tmp_path: Path, made) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars").with_type(pa.float64())
        return with_column(batch, field.name, pa.array([1.0] * batch.num_rows), field)

    assert "a component must be a list" in broken_by(made["rich"], tmp_path, change, "/plot/speed")
