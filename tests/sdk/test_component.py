"""What rrsdk.component knows is what the real SDK says, and its verdicts are the real `verify`'s."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from rrsdk.component import ARCHETYPE_FIELDS, COMPONENT_TYPES, RELEASE
from rrsdk.component.datatypes import Datatype, arrow_type, parse
from rrsdk.component.problems import column_problem, descriptor_problem

ROOT = Path(__file__).resolve().parents[2]
FACTS = json.loads((ROOT / "fixtures" / "facts" / "components.json").read_text())


def test_tables_are_the_recorded_facts() -> None:
    assert FACTS["release"] == RELEASE
    assert FACTS["components"] == COMPONENT_TYPES
    assert FACTS["archetypes"] == ARCHETYPE_FIELDS


def test_facts_are_those_of_the_installed_sdk() -> None:
    if importlib.util.find_spec("rerun_cli") is None:
        pytest.skip("rerun-sdk is not installed (it has no wheel for Python 3.10)")
    command = [sys.executable, str(ROOT / "fixtures" / "facts.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", sorted(set(COMPONENT_TYPES.values())))
def test_datatypes_read_back(text: str) -> None:
    datatype = parse(text)
    assert str(datatype) == text
    assert isinstance(arrow_type(datatype), pa.DataType)


def test_arrow_types_are_the_sdks() -> None:
    def of(name: str) -> pa.DataType:
        return arrow_type(parse(COMPONENT_TYPES[f"rerun.components.{name}"]))

    assert of("Position3D") == pa.list_(pa.field("item", pa.float32(), nullable=False), 3)
    assert of("Blob") == pa.list_(pa.field("item", pa.uint8(), nullable=False))
    assert of("GraphEdge") == pa.struct(
        [pa.field("first", pa.string(), nullable=False), pa.field("second", pa.string(), nullable=False)]
    )
    tensor = of("TensorData")
    assert tensor.field("names").nullable
    assert pa.types.is_union(tensor.field("buffer").type)


@pytest.mark.parametrize(
    "text", ["", "list<", "list<bool", "struct<a bool>", "bool>", "uint8{1", "a b", "list<bool>]"]
)
def test_what_is_no_datatype(text: str) -> None:
    with pytest.raises(ValueError, match=r"datatype|expected|in list"):
        parse(text)


def test_every_field_has_a_known_type() -> None:
    for fields in ARCHETYPE_FIELDS.values():
        assert set(fields.values()) <= set(COMPONENT_TYPES)


# --- verdicts: each pair was tried on the real verify of 0.41 ----------------------------------

VECTOR = pa.list_(pa.float32(), 3)
POSITION = "rerun.components.Position3D"
ROTATION = "rerun.components.RotationAxisAngle"
RELATION = "rerun.components.TransformRelation"
POINTS = "rerun.archetypes.Points3D"
AXIS_ANGLE = pa.struct([("axis", VECTOR), ("angle", pa.float32())])


@pytest.mark.parametrize(
    ("component_type", "instances", "problem"),
    [
        (POSITION, pa.array([[1, 2, 3]], VECTOR), None),
        (POSITION, pa.array([[1, 2, None]], VECTOR), None),
        (POSITION, pa.array([[1, 2, 3], None], VECTOR), "null"),
        (POSITION, pa.array([[1, 2]], pa.list_(pa.float32(), 2)), "should be"),
        (POSITION, pa.array([], pa.list_(pa.float64(), 3)), "should be"),
        (POSITION, pa.array([[1, 2, 3]], pa.list_(pa.float32())), "should be"),
        ("rerun.components.Text", pa.array(["a"], pa.large_string()), "should be"),
        ("rerun.components.Blob", pa.array([b"a"]), "should be"),
        ("rerun.components.Blob", pa.array([[1, None]], pa.list_(pa.uint8())), None),
        (ROTATION, pa.array([{"axis": [1, 2, 3], "angle": 1}], AXIS_ANGLE), None),
        (ROTATION, pa.array([{"axis": [1, 2, 3], "angle": None}], AXIS_ANGLE), "angle is null"),
        (ROTATION, pa.array([{"axis": [1, 2, 3]}], pa.struct([("axis", VECTOR)])), "no field angle"),
        (ROTATION, pa.array([], pa.struct([("axis", VECTOR)])), None),
        (RELATION, pa.array([1, 2], pa.uint8()), None),
        (RELATION, pa.array([3], pa.uint8()), "no value 3"),
        ("rerun.components.ViewCoordinates", pa.array([[1, 2, 7]], pa.list_(pa.uint8(), 3)), "no value 7"),
        ("rerun.components.ViewCoordinates", pa.array([[1, 2, None]], pa.list_(pa.uint8(), 3)), "null"),
        ("rerun.components.NoSuch", pa.array([1]), "unknown component type"),
        ("rerun.encodings.Vec3D", pa.array([1]), "unknown component type"),
        ("mine.NoSuch", pa.array([1]), None),
        (None, pa.array([1]), None),
    ],
)
def test_values(component_type: str | None, instances: pa.Array, problem: str | None) -> None:
    found = column_problem("x", None, component_type, instances)
    assert (found is None) == (problem is None), found
    assert (problem or "") in (found or "")


@pytest.mark.parametrize(
    ("component", "archetype", "component_type", "problem"),
    [
        ("Points3D:positions", POINTS, POSITION, None),
        ("positions", POINTS, POSITION, None),
        ("anything", None, POSITION, None),
        ("Mine:it", "mine.Mine", POSITION, None),
        ("Points3D:other", POINTS, POSITION, "no field 'other'"),
        ("Other:positions", POINTS, POSITION, "no field"),
        ("Points3D:radii", POINTS, POSITION, "has type rerun.components.Radius"),
        ("NoSuch:x", "rerun.archetypes.NoSuch", POSITION, "unknown archetype"),
        ("Background:kind", "rerun.blueprint.archetypes.Background", POSITION, "has type"),
    ],
)
def test_descriptors(component: str, archetype: str | None, component_type: str, problem: str | None) -> None:
    found = descriptor_problem(component, archetype, component_type)
    assert (found is None) == (problem is None), found
    assert (problem or "") in (found or "")


def test_datatypes_are_values() -> None:
    assert parse("list<bool>") == parse("list< bool >")
    assert hash(parse("bool")) == hash(Datatype("bool"))
