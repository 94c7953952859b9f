"""Archetypes by themselves: values at the call, many rows as one, mistakes named, little imported."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rrsdk.archetypes as rr
from rrsdk.archetypes import blueprint
from rrsdk.archetypes.foreign import Bundle
from rrsdk.archetypes.making import names
from rrsdk.component.column import Loggable
from rrsdk.components import (
    ComponentColumn,
    ComponentDescriptor,
    DescribedComponentBatch,
    Mat3x3,
    Quaternion,
    RotationAxisAngle,
    TimeColumn,
    strictness,
)
from rrsdk.components.storage import LARGE, Pool, joined
from rrsdk.errors import LogError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _not_strict() -> Any:
    yield
    strictness.set_strict_mode(False)


def arrays(*rows: Any) -> dict[str, pa.ListArray]:
    """The columns of several rows, by component."""
    return {column.field.name: column.array for column in type(rows[0]).encode(rows)}


# Rows of one archetype whose values have many shapes: single, several, none, large.
COORDINATES = st.floats(-1e3, 1e3, width=32)
TEXTS = st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=3)
COLORS = st.sampled_from([0xFF0000FF, (1, 2, 3), [[1, 2, 3], [4, 5, 6]], [], "#abc"])
CLOUDS = st.integers(0, 4).flatmap(lambda n: hnp.arrays(np.float32, (n, 3), elements=COORDINATES)) | st.just(
    np.arange(3.0 * LARGE).reshape(-1, 3)[: LARGE // 4]
)
ROWS: dict[str, st.SearchStrategy[Any]] = {
    "scalars": st.builds(rr.Scalars, COORDINATES | st.lists(COORDINATES, max_size=3)),
    "texts": st.builds(rr.TextLog, TEXTS, level=TEXTS, color=COLORS),
    "clouds": st.builds(
        rr.Points3D, CLOUDS, colors=COLORS, labels=TEXTS, show_labels=st.booleans() | st.just([True, False])
    ),
    "transforms": st.builds(
        rr.Transform3D,
        translation=st.lists(COORDINATES, min_size=3, max_size=3),
        rotation=st.builds(Quaternion, xyzw=st.lists(COORDINATES, min_size=4, max_size=4)),
        relation=st.sampled_from(["ChildFromParent", 1]),
    ),
    "turns": st.builds(
        rr.Transform3D,
        rotation=st.lists(
            st.builds(RotationAxisAngle, st.just([0, 0, 1]), radians=COORDINATES), min_size=1, max_size=2
        ),
    ),
    "images": st.builds(
        rr.Image,
        st.sampled_from([(4, 3), (2, 2, 3), (1, 1, 4), (300, 300)]).flatmap(
            lambda shape: hnp.arrays(np.uint8, shape, fill=st.integers(0, 255))
        ),
    ),
    "formats": st.sampled_from(["NV12", "YUY2"]).map(
        lambda form: rr.Image(bytes=b"1234", width=2, height=2, pixel_format=form)
    ),
    "files": st.builds(rr.EncodedImage, contents=st.binary(max_size=9), media_type=st.just("image/png")),
    "strips": st.builds(rr.LineStrips3D, st.lists(st.lists(CLOUDS.filter(len), max_size=2), max_size=2).map(
        lambda strips: [strip[0] for strip in strips if strip]
    )),
    "clears": st.builds(rr.Clear, recursive=st.booleans()),
    "values": st.builds(
        rr.AnyValues, number=st.integers(-9, 9) | st.lists(st.integers(-9, 9), min_size=1), text=st.text()
    ),
    "tensors": st.builds(rr.Tensor, CLOUDS | st.just(np.ones((2, 2, 2), np.uint8))),
    "nested": st.lists(st.tuples(st.text(), st.text()), min_size=1).map(rr.GraphEdges),
    "foreign": st.builds(rr.Points3D, CLOUDS, radii=COORDINATES).map(Bundle),
    "cleared": st.sampled_from([rr.Transform3D.cleared()]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
@given(data=st.data())
def test_many_rows_are_encoded_as_each_alone(name: str, data: st.DataObject) -> None:
    rows: list[Loggable] = data.draw(st.lists(ROWS[name], min_size=1, max_size=4))
    assert len({row.layout for row in rows}) == 1
    together = type(rows[0]).encode(rows)
    alone = [type(row).encode([row]) for row in rows]
    assert together
    for index, column in enumerate(together):
        assert column.field.type == column.array.type
        assert len(column.array) == len(rows)
        column.array.validate(full=True)
        assert column.array.equals(pa.concat_arrays([each[index].array for each in alone]))
        assert {each[index].field for each in alone} == {column.field}
    for row in rows:
        assert 0 < row.nbytes < 2000 + 2 * sum(column.array.nbytes for column in type(row).encode([row]))


@pytest.mark.parametrize("size", [4, 30_000])
def test_values_are_those_at_the_call(size: int) -> None:
    points = np.ones((size, 3), np.float32)
    colors = np.full((size, 3), 7, np.uint8)
    packed = np.full(size, 7, np.uint32)
    image = np.zeros((size, 3), np.uint8)
    blob = bytearray(size)
    flags = np.zeros(size, np.bool_)
    ids = np.ones(size, np.uint16)
    texts = ["a"] * size
    strip = [points, points]
    made = [
        rr.Points3D(
            points, colors=colors, labels=texts, show_labels=flags, class_ids=ids, radii=points[:, 0]
        ),
        rr.Points3D(points.T.copy().T, colors=packed),
        rr.Points3D(points[::2]),
        rr.Scalars(points[:, 0].astype(np.float64)),
        rr.Image(image),
        rr.Image(image[::2]),
        rr.EncodedImage(contents=blob, media_type="image/png"),
        rr.Image(bytes=memoryview(blob), width=1, height=size, pixel_format="NV12"),
        rr.LineStrips3D(strip),
        rr.Tensor(points),
        Bundle(Own(ids)),
        rr.AnyValues(a=points[:, 0], b=ids, c=texts),
        rr.DynamicArchetype("own", components={"a": points[:, 0]}),
    ]
    columns = [rr.Scalars.columns(scalars=points[:, 0]), rr.Points3D.columns(positions=points)]
    times = TimeColumn("t", sequence=ids)
    before = [arrays(each) for each in made]
    before_columns = [[column.as_arrow_array().to_pylist() for column in each] for each in columns]
    pickled = [pickle.dumps([array.to_pylist() for array in each.values()]) for each in before]
    for array in (points, colors, packed, image, flags, ids):
        array[...] = array + 1 if array.dtype != np.bool_ else ~array
    blob[:] = b"x" * size
    texts[0] = "changed"
    strip.pop()
    for each, old, bytes_ in zip(made, before, pickled):
        new = arrays(each)
        assert {name: array.equals(old[name]) for name, array in new.items()} == dict.fromkeys(old, True)
        assert pickle.dumps([array.to_pylist() for array in new.values()]) == bytes_
    after_columns = [[column.as_arrow_array().to_pylist() for column in each] for each in columns]
    assert after_columns == before_columns
    assert set(times.as_arrow_array().to_pylist()) == {1}


class Own:
    """A user's own class, whose Arrow array lies in the memory of the user's numpy array."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def as_component_batches(self) -> Any:
        return [DescribedComponentBatch(self, ComponentDescriptor("own", "user.Own"))]

    def as_arrow_array(self) -> Any:
        return pa.array(self.values)


def test_large_memory_is_used_again_only_once_nobody_has_it() -> None:
    pool = Pool(budget_bytes=300_000)
    first = pool.take(100_000)
    second = pool.take(100_000)
    assert not np.shares_memory(first, second)
    lent = pa.py_buffer(first)
    address = first.ctypes.data
    del first
    assert pool.take(100_000).ctypes.data != address
    del lent
    again = [pool.take(99_000) for _ in range(3)]
    assert address in {buffer.ctypes.data for buffer in again}
    assert len({buffer.ctypes.data for buffer in again}) == 3
    assert pool.take(200_000).size == 200_000  # Beyond what is kept, and another size.


def test_the_memory_that_was_used_last_is_used_next_and_little_is_kept_at_rest() -> None:
    pool = Pool(budget_bytes=2_000_000)
    lent = [pool.take(100_000) for _ in range(10)]
    assert len({buffer.ctypes.data for buffer in lent}) == 10
    for number, buffer in enumerate(lent):
        buffer[:] = number
    assert [int(buffer[0]) for buffer in lent] == list(range(10))
    last = lent[-1].ctypes.data
    del buffer
    lent.clear()
    for _ in range(3):
        assert pool.take(100_000).ctypes.data == last
    held = pool.take(100_000)
    held[:] = 7
    pool.trim(0)
    others = [pool.take(100_000) for _ in range(20)]  # More than the budget allows to keep.
    for other in others:
        other[:] = 8
    assert not any(np.shares_memory(held, other) for other in others)
    assert held.min() == held.max() == 7


@given(st.integers(0, 700), st.integers(1, 400), st.none() | st.integers(0, 300))
def test_rows_are_joined_whatever_their_sizes(size: int, rows: int, other: int | None) -> None:
    values: list[Any] = [bytes([row % 251]) * size for row in range(rows)]
    if other is not None:
        values.append(bytes(other))
    assert bytes(joined(values)) == b"".join(values)


WRONG: dict[str, Any] = {
    "Points3D:positions": [
        lambda: rr.Points3D(np.zeros((3, 2))),
        lambda: rr.Points3D([[1, 2, 3], [4, 5]]),
        lambda: rr.Points3D("abc"),
        lambda: rr.Points3D(7),
        lambda: rr.Points3D({1: 2}),
        lambda: rr.Points3D(np.zeros((2, 3), np.complex64)),
        lambda: rr.Points3D(np.array(["a", "b", "c"])),
        lambda: rr.Points3D(np.array(["2020-01-01"] * 3, "M8[D]")),
        lambda: rr.Points3D(Stubborn()),
        lambda: rr.Points3D.from_fields(positions=[1, 2]),
        lambda: rr.Points3D([1, 2, object()]),
    ],
    "Points3D:colors": [
        lambda: rr.Points3D([1, 2, 3], colors=[[300, 0, 0], [0, 0, 0]]),
        lambda: rr.Points3D([1, 2, 3], colors=-1),
        lambda: rr.Points3D([1, 2, 3], colors="red"),
        lambda: rr.Points3D([1, 2, 3], colors="#12345g"),
        lambda: rr.Points3D([1, 2, 3], colors=2**32),
        lambda: rr.Points3D([1, 2, 3], colors=np.zeros((4, 5), np.uint8)),
    ],
    "Points3D:class_ids": [
        lambda: rr.Points3D([1, 2, 3], class_ids=70_000),
        lambda: rr.Points3D([1, 2, 3], class_ids=np.array([-1])),
        lambda: rr.Points3D([1, 2, 3], class_ids=[np.nan]),
    ],
    "Points3D:labels": [lambda: rr.Points3D([1, 2, 3], labels=b"bytes")],
    "Points3D:point_shading": [lambda: rr.Points3D([1, 2, 3], point_shading="glossy")],
    "Scalars:scalars": [
        lambda: rr.Scalars("1"),
        lambda: rr.Scalars(10**400),
        lambda: rr.Scalars([[1], [2, 3]]),
    ],
    "TextLog:text": [lambda: rr.TextLog(b"bytes")],
    "Image:buffer": [
        lambda: rr.Image(np.zeros(3)),
        lambda: rr.Image(np.zeros((2, 2, 5))),
        lambda: rr.Image(np.zeros((2, 2), bool)),
        lambda: rr.Image(np.zeros((2, 2, 3)), "L"),
        lambda: rr.Image(np.zeros((2, 2, 3)), "CMYK"),
        lambda: rr.Image(np.zeros((2, 2)), width=3),
        lambda: rr.Image(None),
        lambda: rr.Image(bytes="text", width=1, height=1, pixel_format="NV12"),
    ],
    "Image:format": [
        lambda: rr.Image(bytes=b"", width=1),
        lambda: rr.Image(bytes=b"", width=1, height=1),
        lambda: rr.Image(bytes=b"", width=1, height=1, pixel_format="JPG"),
        lambda: rr.Image(bytes=b"", width=1, height=1, color_model="L", pixel_format="NV12"),
    ],
    "EncodedImage:blob": [
        lambda: rr.EncodedImage(path=None),
        lambda: rr.EncodedImage(path="/nowhere/image.png"),
        lambda: rr.EncodedImage(contents="text", media_type="image/png"),
    ],
    "EncodedImage:media_type": [lambda: rr.EncodedImage(contents=b"")],
    "rotation": [
        lambda: rr.Transform3D(rotation=[0, 0, 0, 1]),  # type: ignore[arg-type]
        lambda: rr.Transform3D(rotation=Quaternion.identity(), quaternion=Quaternion.identity()),
    ],
    "Tensor:data": [
        lambda: rr.Tensor("abc"),
        lambda: rr.Tensor(None),
        lambda: rr.Tensor(np.zeros((2, 2)), dim_names=["a"]),
        lambda: rr.Tensor(np.zeros((2, 2), bool)),
    ],
    "Transform3D:mat3x3": [lambda: rr.Transform3D(mat3x3=np.zeros((2, 2)))],
    "value": [lambda: rr.AnyValues(value=object()), lambda: rr.AnyValues(value=[[1], "a"])],
}  # fmt: skip


class Stubborn:
    """What raises whatever it is asked."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise KeyError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("field", WRONG)
@pytest.mark.parametrize("strict", [False, True])
def test_mistakes_are_named(field: str, strict: bool) -> None:
    strictness.set_strict_mode(strict)
    for make in WRONG[field]:
        if strict:
            with pytest.raises(LogError) as raised:
                make()
            text = str(raised.value)
        else:
            with pytest.warns(strictness.RerunWarning) as warned:
                made = make()
            # The user's line: the one that calls.
            assert {(w.filename, w.lineno) for w in warned} == {(__file__, make.__code__.co_firstlineno)}
            text = str(warned[0].message)
            if field == "value":
                assert made.layout == ()
            elif made.is_broken:  # the constructor could not tell what the fields are
                assert made.encode([made]) == []
                assert made.as_component_batches() == []
                assert "broken" in repr(made)
            else:  # all other fields are there
                assert "the field is left empty" in text
                left = {
                    batch.component_descriptor().component: batch for batch in made.as_component_batches()
                }
                assert len(left.pop(field).as_arrow_array()) == 0
                assert all(len(batch.as_arrow_array()) for batch in left.values())
        assert text.startswith(f"field {field}: ")
        assert "\n" not in text


def test_columns_that_do_not_fit() -> None:
    with pytest.raises(LogError, match="add up to 5, but there are 3"):
        next(iter(rr.Scalars.columns(scalars=[1, 2, 3]).partition([2, 3]))).as_arrow_array()
    with pytest.raises(LogError, match="one number a row"):
        rr.Scalars.columns(scalars=[1, 2, 3]).partition([[1, 2]])
    with pytest.warns(strictness.RerunWarning, match="Points3D:positions"):
        columns = rr.Points3D.columns(positions="no", radii=[1])
    assert [column.descriptor.component for column in columns] == ["Points3D:radii"]
    with pytest.raises(TypeError, match="no field 'position'"):
        rr.Points3D.from_fields(position=[1, 2, 3])
    column = next(iter(rr.Scalars.columns(scalars=[1, 2, 3])))
    assert len(ComponentColumn("own", column.component_batch, offsets=np.array([0, 1, 3]))) == 2


def test_a_tensor_that_needs_another_way() -> None:
    class Tensor:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise RuntimeError("requires grad")

        def numpy(self, *, force: bool = False) -> Any:
            assert force
            return np.ones((2, 3), np.float32)

    class Device:
        def __init__(self) -> None:
            self.array = np.ones((2, 3), np.float32)

        def __dlpack__(self, **options: Any) -> Any:
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self) -> Any:
            return self.array.__dlpack_device__()

        def __iter__(self) -> Any:
            raise TypeError("on a device")

    assert arrays(rr.Points3D(Tensor()))["Points3D:positions"].to_pylist() == [[[1.0] * 3] * 2]
    assert arrays(rr.Points3D(Device()))["Points3D:positions"].to_pylist() == [[[1.0] * 3] * 2]


def test_colors_beyond_the_real_ones() -> None:
    def packed(color: Any) -> Any:
        (value,) = arrays(rr.TextLog("t", color=color))["TextLog:color"].to_pylist()
        return [f"{each:08x}" for each in value]

    assert packed("#ff8000") == ["ff8000ff"]
    assert packed("f80") == ["ff8800ff"]
    assert packed(["#01020304", 0x05060708, (9, 10, 11)]) == ["01020304", "05060708", "090a0bff"]
    with pytest.warns(strictness.RerunWarning, match="wrap around"):
        assert packed([1.5, -1.0, np.nan]) == ["7e0100ff"]
    assert packed(np.array([[0.5, 0.5, 0.5, 0.5]])) == ["80808080"]


def test_numbers_beyond_float32_are_infinite_and_nobody_is_warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = rr.Points3D(np.full((1, 3), 1e300))
        assert arrays(made)["Points3D:positions"].to_pylist() == [[[np.inf] * 3]]
        assert arrays(rr.Points3D([1e300, 0, 0]))["Points3D:positions"].to_pylist() == [[[np.inf, 0, 0]]]


def test_a_component_is_there_once() -> None:
    values = rr.AnyValues(a=1, b=2).with_component_from_data("a", 3).with_component_from_data("c", "x")
    assert {name: array.to_pylist() for name, array in arrays(values.settled()).items()} == {
        "a": [[3]], "b": [[2]], "c": [["x"]]
    }  # fmt: skip


def test_fields_can_be_read_but_not_set() -> None:
    cloud = rr.Points3D([1, 2, 3], radii=2)
    assert cloud.radii is not None
    assert cloud.radii.as_arrow_array().to_pylist() == [2.0]
    assert cloud.colors is None
    with pytest.raises(AttributeError):
        cloud.radii = None
    assert cloud == rr.Points3D(positions=[[1, 2, 3]], radii=[2]) != rr.Points3D([1, 2, 3])


def test_arrow_arrays_and_batches_are_taken() -> None:
    from rrsdk.components import ColorBatch, Position3DBatch, RadiusBatch, TextBatch

    plain = rr.Points3D([[1, 2, 3]], colors=[7, 8, 9], labels=["a"], radii=[1.5])
    batches = rr.Points3D(
        Position3DBatch([1, 2, 3]),
        colors=ColorBatch([7, 8, 9]),
        labels=TextBatch("a"),
        radii=RadiusBatch(1.5),
    )  # type: ignore[arg-type]
    assert batches == plain
    assert plain.positions is not None
    again = rr.Points3D(plain.positions.as_arrow_array(), labels=pa.array(["a"]), radii=pa.array([1.5]))
    assert again == rr.Points3D([[1, 2, 3]], labels=["a"], radii=[1.5])


def test_text_without_utf8_is_shown_with_a_mark() -> None:
    assert arrays(rr.TextLog("a\ud800b"))["TextLog:text"].to_pylist() == [["a?b"]]
    assert arrays(rr.AnyValues(odd="\udfff"))["odd"].to_pylist() == [["?"]]


def test_small_objects() -> None:
    turn = RotationAxisAngle([0, 0, 1], degrees=180)
    assert turn.axis.tolist() == [0, 0, 1]
    assert turn.angle.radians == pytest.approx(np.pi)
    assert turn == RotationAxisAngle((0, 0, 1), np.pi)
    assert Quaternion(xyzw=np.array([0, 0, 0, 1])) == Quaternion.identity() != Quaternion.invalid()
    rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert np.asarray(Mat3x3(rows)).tolist() == rows
    assert Mat3x3(rows) == Mat3x3(columns=np.transpose(rows)) == Mat3x3(Mat3x3(rows))
    for wrong in (
        lambda: RotationAxisAngle([0, 0, 1]),
        lambda: Mat3x3(None),
        lambda: Mat3x3(rows, columns=rows),
    ):
        with pytest.raises(ValueError, match="wants"):
            wrong()


def test_compress() -> None:
    pytest.importorskip("PIL")
    image = rr.Image(np.full((8, 8, 3), 200, np.uint8), "BGR", draw_order=3)
    made = image.compress(jpeg_quality=50)
    columns = arrays(made)
    assert columns["EncodedImage:media_type"].to_pylist() == [["image/jpeg"]]
    assert columns["EncodedImage:draw_order"].to_pylist() == [[3.0]]
    assert bytes(columns["EncodedImage:blob"].to_pylist()[0][0]).startswith(b"\xff\xd8")
    with pytest.warns(strictness.RerunWarning, match="not RGBA of U8"):
        assert isinstance(rr.Image(np.zeros((2, 2, 4), np.uint8)).compress(), rr.Image)


@pytest.mark.parametrize("name", sorted(names()))
def test_every_archetype(name: str) -> None:
    """Made from the table alone: clear, encode, pickle, show."""
    prefix, _, short = name.rpartition(".")
    archetype = getattr(blueprint if prefix else rr, short)
    cleared = archetype.cleared()
    columns = archetype.encode([cleared, cleared])
    assert [column.array.to_pylist() for column in columns] == [[[], []]] * len(archetype.FIELDS)
    assert pickle.loads(pickle.dumps(cleared)) == cleared
    assert repr(cleared).startswith(short)


def test_the_environment_says_whether_to_be_strict() -> None:
    program = "import rrsdk.archetypes as rr; rr.Scalars('x'); print('went on')"

    def run(strict: str) -> Any:
        return subprocess.run(
            [sys.executable, "-c", program],
            env={"RERUN_STRICT": strict, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert "went on" in run("0").stdout
    assert "LogError: field Scalars:scalars" in run("1").stderr
    assert "RERUN_STRICT is 'maybe'" in run("maybe").stderr


def test_constructing_imports_no_arrow() -> None:
    program = """
import sys
import numpy as np
import rrsdk.archetypes as rr
rr.Points3D(np.zeros((2, 3)), colors=[1, 2, 3], labels=["a"])
rr.Image(np.zeros((2, 2, 3), np.uint8)); rr.Scalars(1.0); rr.TextLog("x"); rr.AnyValues(a=1, b="x")
print(sorted({"pyarrow", "zmq", "grpc", "google", "PIL"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_generated_files_are_fresh() -> None:
    subprocess.run([sys.executable, ROOT / "fixtures" / "stubs.py", "--check"], check=True, timeout=60)


def test_types() -> None:
    """mypy accepts and refuses what it should; the file says which."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/sdk/typed_api.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
