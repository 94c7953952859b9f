"""Chunks by real SDKs from 0.23 on, migrated by us, equal what the real 0.41 made of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lz4.block
import pyarrow as pa
import pytest

from rrsdk.errors import FormatError
from rrsdk.migration import (
    CURRENT,
    FIRST_CURRENT_RELEASE,
    current_application_id,
    migrate,
    needs_migration,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MIGRATED = sorted(FIXTURES.glob("sdk-*/*.migrated.rrd"))

# --- a reader of its own, so that a fault in rrsdk.codec cannot hide one here -----------------


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data: bytes) -> dict[int, Any]:
    """The fields of a protobuf message, the last of each number."""
    found: dict[int, Any] = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            found[tag >> 3], at = varint(data, at)
        else:
            size, at = varint(data, at) if tag & 7 == 2 else (8, at)
            found[tag >> 3], at = data[at : at + size], at + size
    return found


def messages(path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and payload of each message before the End."""
    data, at = path.read_bytes(), 12
    while True:
        kind, size = struct.unpack_from("<QQ", data, at)
        if kind == 0:
            return
        yield kind, data[at + 16 : at + 16 + size]
        at += 16 + size


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    for kind, payload in messages(path):
        if kind == 2:
            message = fields(payload)
            stream = message[5]
            if message.get(2) == 2:
                stream = lz4.block.decompress(stream, uncompressed_size=message[3])
            yield pa.ipc.open_stream(stream).read_next_batch()


def chunk_id(batch: pa.RecordBatch) -> bytes:
    metadata = batch.schema.metadata
    return bytes(metadata.get(b"rerun:id") or metadata[b"rerun.id"])


# --- against the oracle -----------------------------------------------------------------------


def test_there_are_fixtures_of_every_object_model() -> None:
    releases = {path.parent.name for path in MIGRATED}
    assert releases >= {"sdk-0.23", "sdk-0.24", "sdk-0.27", "sdk-0.29", "sdk-0.36", "sdk-0.40"}


@pytest.mark.parametrize("path", MIGRATED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_equals_what_the_real_program_makes(path: Path) -> None:
    wanted = {chunk_id(batch): batch for batch in batches(path)}
    original = list(batches(path.with_name(path.name.replace(".migrated", ""))))
    assert len(original) == len(wanted)
    for batch in original:
        assert needs_migration(batch.schema.metadata)
        ours = migrate(batch)
        ours.validate(full=True)
        want = wanted[chunk_id(batch)]
        assert ours.schema.equals(want.schema, check_metadata=True), ours.schema
        assert ours.equals(want)
        assert not needs_migration(ours.schema.metadata)


@pytest.mark.parametrize("path", MIGRATED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_migrating_twice_changes_nothing(path: Path) -> None:
    for batch in batches(path):
        assert migrate(batch) is batch


def test_the_current_release_needs_nothing() -> None:
    for path in FIXTURES.glob("sdk-0.41/*.rrd"):
        for batch in batches(path):
            assert not needs_migration(batch.schema.metadata)
            assert migrate(batch) is batch


def test_application_id_equals_what_the_real_program_makes() -> None:
    def application_ids(path: Path) -> set[str]:
        infos = (fields(fields(payload)[2]) for kind, payload in messages(path) if kind == 1)
        # Before 0.25 the id stood in a field of its own, outside of the store's id.
        raw = (fields(info[2]).get(3) or info[1] for info in infos)
        return {fields(value)[1].decode() for value in raw}

    for path in MIGRATED:
        written = application_ids(path.with_name(path.name.replace(".migrated", "")))
        assert {current_application_id(name) for name in written} == application_ids(path)


def test_a_routed_file_has_a_new_header_and_old_chunks() -> None:
    path = FIXTURES / "routed" / "changed.rrd"
    assert tuple(path.read_bytes()[5:7]) == (41, 0)
    assert all(needs_migration(batch.schema.metadata) for batch in batches(path))
    for kind, payload in messages(path):
        if kind == 1:  # only this tells
            bits = fields(fields(fields(payload)[2])[6])[1]
            assert (bits & 255, bits >> 8 & 255) < FIRST_CURRENT_RELEASE


# --- each change by itself --------------------------------------------------------------------


LIST = pa.array([[1], None], pa.list_(pa.int32()))


def of_023(name: str, array: pa.Array = LIST, path: str = "/x", **metadata: str) -> pa.RecordBatch:
    """One column as 0.23 described them."""
    field = pa.field(name, array.type, metadata={f"rerun.{key}": value for key, value in metadata.items()})
    return pa.record_batch([array], pa.schema([field], {"rerun.entity_path": path, "rerun.version": "1"}))


def of_version(version: str, array: pa.Array = LIST, name: str = "x", **metadata: str) -> pa.RecordBatch:
    """One column as described since 0.24."""
    described = {"rerun:kind": "data", **{f"rerun:{key}": value for key, value in metadata.items()}}
    field = pa.field(name, array.type, metadata=described)
    return pa.record_batch([array], pa.schema([field], {"sorbet:version": version}))


def described(batch: pa.RecordBatch) -> tuple[str | None, str | None, str | None]:
    """Component, archetype, component type of the only column, whose name is the component."""
    assert batch.schema.metadata[b"sorbet:version"] == CURRENT.encode()
    (field,) = batch.schema
    component, archetype, kind = (
        field.metadata[key].decode() if key in field.metadata else None
        for key in (b"rerun:component", b"rerun:archetype", b"rerun:component_type")
    )
    assert component == field.name
    assert field.metadata[b"rerun:kind"] == b"data"
    return component, archetype, kind


@pytest.mark.parametrize(
    ("metadata", "component", "archetype", "kind"),
    [
        ({"component": "sky"}, "sky", None, None),
        ({"component": "T", "archetype_field": "far"}, "far", None, "T"),
        ({"component": "T", "archetype": "A"}, "T", "A", "T"),
        ({"component": "T", "archetype": "A", "archetype_field": "b"}, "A:b", "A", "T"),
        (
            {"component": "T", "archetype": "rerun.blueprint.archetypes.B", "archetype_field": "c"},
            "B:c",
            "rerun.blueprint.archetypes.B",
            "T",
        ),
        (
            {"component": "T", "archetype": "rerun.archetypes.Scalar", "archetype_field": "scalar"},
            "Scalars:scalars",
            "rerun.archetypes.Scalars",
            "T",
        ),
        (
            {"component": "T", "archetype": "rerun.archetypes.SeriesPoint", "archetype_field": "marker_size"},
            "SeriesPoints:marker_sizes",
            "rerun.archetypes.SeriesPoints",
            "T",
        ),
        (
            {
                "component": "T",
                "archetype": "rerun.archetypes.SeriesLine",
                "archetype_field": "visible_series",
            },
            "SeriesLines:visible_series",
            "rerun.archetypes.SeriesLines",
            "T",
        ),
        ({}, "raw", None, None),
    ],
)
def test_descriptors_of_023(
    metadata: dict[str, str], component: str, archetype: str | None, kind: str | None
) -> None:
    batch = migrate(of_023("raw", kind="data", **metadata))
    assert described(batch) == (component, archetype, kind)
    assert batch.schema.metadata == {b"rerun:entity_path": b"/x", b"sorbet:version": CURRENT.encode()}


def test_recording_info_moves() -> None:
    old = {"component": "T", "archetype": "rerun.archetypes.RecordingProperties", "archetype_field": "name"}
    batch = migrate(of_023("Name", path="/__properties/recording", kind="data", **old))
    assert described(batch) == ("RecordingInfo:name", "rerun.archetypes.RecordingInfo", "T")
    assert batch.schema.metadata[b"rerun:entity_path"] == b"/__properties"


def test_indicators_are_dropped_and_rows_stay() -> None:
    for old in (
        of_023("FooIndicator", kind="data", component="rerun.components.FooIndicator", archetype="Foo"),
        of_023("FooIndicator", kind="data"),
        of_version("0.1.0", component="rerun.components.FooIndicator"),
        of_version("0.1.0", component="other", is_indicator="true"),
    ):
        assert migrate(old).num_columns == 0
    kept = of_version("0.1.0", component="rerun.components.FooIndicator", is_indicator="false")
    assert migrate(kept).num_columns == 1


def test_columns_of_023_are_put_in_order() -> None:
    arrays = [LIST, pa.array([1, 2]), pa.array([b"0" * 16] * 2, pa.binary(16))]
    kinds = ["data", "index", "control"]
    old = pa.schema(
        pa.field(kind, array.type, metadata={"rerun.kind": kind})
        for kind, array in zip(kinds, arrays, strict=True)
    )
    assert migrate(pa.record_batch(arrays, old)).schema.names == ["control", "index", "data"]


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        ("0.1.1", "PoseTranslation3D", "Translation3D"),
        ("0.1.1", "PoseRotationAxisAngle", "RotationAxisAngle"),
        ("0.1.1", "PoseRotationQuat", "RotationQuat"),
        ("0.1.1", "PoseScale3D", "Scale3D"),
        ("0.1.1", "PoseTransformMat3x3", "TransformMat3x3"),
        ("0.1.2", "SeriesVisible", "Visible"),
        ("0.1.2", "PoseScale3D", "PoseScale3D"),  # not before 0.1.2, so left alone
    ],
)
def test_renamed_component_types(version: str, before: str, after: str) -> None:
    batch = migrate(of_version(version, component="a:b", component_type=f"rerun.components.{before}"))
    assert described(batch) == ("a:b", None, f"rerun.components.{after}")


def test_moved_components() -> None:
    old = of_version("0.1.1", component="Transform3D:axis_length", archetype="rerun.archetypes.Transform3D")
    assert described(migrate(old))[:2] == ("TransformAxes3D:axis_length", "rerun.archetypes.TransformAxes3D")
    old = of_version("0.1.1", component="CoordinateFrame:frame_id", archetype="kept")
    assert described(migrate(old))[:2] == ("CoordinateFrame:frame", "kept")


def test_cell_kinds_become_column_types() -> None:
    kinds = pa.array([[1, 2, 3], None, [4, None, 6], [], [5, 0, 200]], pa.list_(pa.uint8()))
    old = {"component": "any:name", "component_type": "rerun.blueprint.components.TableCellKind"}
    batch = migrate(of_version("0.1.3", kinds, archetype="kept", **old))
    assert described(batch) == ("TableColumn:column_type", "kept", "rerun.blueprint.components.ColumnType")
    names = [
        row if row is None else [item if item is None else item["component_type_name"] for item in row]
        for row in batch.column(0).to_pylist()
    ]
    url, thumbnail, flag, entry = (f"rerun.components.{n}" for n in ("Url", "Thumbnail", "Flag", "EntryKind"))
    assert names == [[None, url, thumbnail], None, [flag, None, entry], [], [None, None, None]]


def test_cell_kinds_of_another_type_stay() -> None:
    kinds = pa.array([[1]], pa.list_(pa.uint16()))
    old = {"component": "a", "component_type": "rerun.blueprint.components.TableCellKind"}
    assert described(migrate(of_version("0.1.3", kinds, **old)))[0] == "a"


def test_what_is_not_a_list_becomes_one() -> None:
    batch = migrate(of_version("0.1.3", pa.array([1, None]), component="x"))
    assert batch.column(0).to_pylist() == [[1], None]


# --- versions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "old"),
    [("0.1.4", False), ("0.1.3", True), ("0.1.4-alpha.1", True), ("0.1.10", False), ("9.0.0", False)],
)
def test_versions(version: str, old: bool) -> None:
    batch = of_version(version, component="x")
    assert needs_migration(batch.schema.metadata) is old
    assert (migrate(batch) is batch) is not old


@pytest.mark.parametrize("version", ["", "1", "0.1", "a.b.c", "0.1.-4", "0.1.\N{SUPERSCRIPT TWO}", "9" * 99])
def test_a_broken_version_is_a_format_error(version: str) -> None:
    with pytest.raises(FormatError, match="sorbet:version"):
        needs_migration({b"sorbet:version": version.encode()})


def test_metadata_that_is_not_text_is_a_format_error() -> None:
    batch = of_version("0.1.3", component="x").replace_schema_metadata(
        {b"sorbet:version": b"0.1.3", b"a": b"\xff"}
    )
    with pytest.raises(FormatError, match="UTF-8"):
        migrate(batch)


def test_no_metadata_at_all_is_of_the_oldest_model() -> None:
    batch = pa.record_batch({"a": LIST})
    assert needs_migration(batch.schema.metadata)
    assert described(migrate(batch)) == ("a", None, None)


# --- application ids: pairs that the real program printed --------------------------------------


@pytest.mark.parametrize(
    ("written", "current"),
    [
        ("plain_id-1 [a]:b", "plain_id-1 [a]:b"),
        ("a" * 180, "a" * 180),
        ("a/b", "a-b5aae"),
        ("a.b", "a-bed56"),
        ("ü", "-793d"),
        ("cell.app/x ü", "cell-app-x -5b90"),
        ("[a](b):c_d", "[a]-b-:c_d1ffe"),
        ("a\tb", "a-bb303"),
        ("y" * 176 + "/", "y" * 176 + "4299"),
        ("y" * 180 + "/", "y" * 176 + "a2c6"),
        ("ä" * 100, "-" * 100 + "89b3"),
    ],
)
def test_application_ids(written: str, current: str) -> None:
    assert current_application_id(written) == current
    assert current_application_id(current) == current
