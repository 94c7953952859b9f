"""Rotations and matrices, packed when they are made."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import as_arrow, numbers_of, shown
from rrsdk.components.instance import Instance
from rrsdk.components.kind import instance_type
from rrsdk.components.numbers import Numbers, fixed
from rrsdk.components.strictness import complain
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pyarrow as pa

    from rrsdk.components.storage import Array, Buffer

_FLOAT32 = np.dtype(np.float32)
_pack3 = struct.Struct("<3f").pack
_pack4 = struct.Struct("<4f").pack
_pack9 = struct.Struct("<9f").pack


def _vector(value: Any, size: int, field: str) -> bytes:
    """Exactly so many numbers; where they are not, nothing, and a word about it."""
    try:
        array = numbers_of(value, _FLOAT32, field, f"{size} numbers")
        if array.size != size:
            raise LogError(f"{size} numbers expected, not {shown(value)}", field=field)
        with np.errstate(over="ignore"):
            return array.astype(_FLOAT32).tobytes()
    except LogError as error:
        complain(error)
        return b""


class Quaternion:
    """A rotation as x, y, z, w."""

    __slots__ = ("packed",)

    packed: bytes

    def __init__(self, *, xyzw: Any) -> None:
        if xyzw.__class__ in (list, tuple):
            try:
                self.packed = _pack4(*xyzw)
                return
            except (struct.error, OverflowError):
                pass
        self.packed = _vector(xyzw, 4, "Quaternion:xyzw")

    @property
    def xyzw(self) -> npt.NDArray[np.float32]:
        """The four numbers."""
        return np.frombuffer(self.packed, np.float32)

    @staticmethod
    def identity() -> Quaternion:
        """No rotation."""
        return Quaternion(xyzw=(0, 0, 0, 1))

    @staticmethod
    def invalid() -> Quaternion:
        """No rotation that there is: what it stands on is not shown."""
        return Quaternion(xyzw=(0, 0, 0, 0))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.xyzw, dtype=dtype)

    def __len__(self) -> int:
        return 4

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quaternion) and other.packed == self.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"Quaternion(xyzw={self.xyzw.tolist()})"


class Angle:
    """An angle, held in radians."""

    __slots__ = ("radians",)

    def __init__(self, rad: float | None = None, deg: float | None = None) -> None:
        if rad is not None:
            self.radians = float(rad)
        elif deg is not None:
            self.radians = math.radians(deg)
        else:
            raise ValueError("an Angle wants `rad` or `deg`")

    def __float__(self) -> float:
        return self.radians

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Angle) and other.radians == self.radians

    def __hash__(self) -> int:
        return hash(self.radians)

    def __repr__(self) -> str:
        return f"Angle(rad={self.radians})"


class RotationAxisAngle(Instance):
    """A rotation around an axis, which need not be of length 1."""

    __slots__ = ("packed",)

    packed: bytes

    def __init__(
        self,
        axis: Any,
        angle: Angle | float | None = None,
        *,
        radians: float | None = None,
        degrees: float | None = None,
    ) -> None:
        if (angle is None) + (radians is None) + (degrees is None) != 2:
            raise ValueError("a RotationAxisAngle wants exactly one of `angle`, `radians` and `degrees`")
        if degrees is not None:
            radians = math.radians(degrees)
        elif radians is None:
            radians = float(angle)  # type: ignore[arg-type]
        if axis.__class__ in (list, tuple):
            try:
                self.packed = _pack4(*axis, radians)
                return
            except (struct.error, OverflowError):
                pass
        packed = _vector(axis, 3, "RotationAxisAngle:axis")
        self.packed = packed and packed + struct.pack("<f", radians)

    @property
    def axis(self) -> npt.NDArray[np.float32]:
        """Three numbers."""
        return np.frombuffer(self.packed, np.float32)[:3]

    @property
    def angle(self) -> Angle:
        """As precise as a float32 is."""
        return Angle(rad=float(np.frombuffer(self.packed, np.float32)[3]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RotationAxisAngle) and other.packed == self.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"RotationAxisAngle({self.axis.tolist()}, radians={self.angle.radians})"


class Mat3x3:
    """A matrix, held column by column."""

    __slots__ = ("packed",)

    packed: bytes

    def __init__(self, rows: Any = None, *, columns: Any = None) -> None:
        if (rows is None) == (columns is None):
            raise ValueError("a Mat3x3 wants either `rows` or `columns`")
        if isinstance(rows, Mat3x3):
            self.packed = rows.packed
            return
        given = rows if rows is not None else columns
        try:
            self.packed = _matrices(given, "Mat3x3", by_rows=rows is not None)
            if len(self.packed) != 36:
                raise LogError(f"one matrix expected, not {shown(given)}", field="Mat3x3")
        except LogError as error:
            self.packed = b""
            complain(error)

    @property
    def flat_columns(self) -> npt.NDArray[np.float32]:
        """Nine numbers, column by column."""
        return np.frombuffer(self.packed, np.float32)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        rows: Array = np.array(self.flat_columns, dtype=dtype).reshape(3, 3).T
        return rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mat3x3) and other.packed == self.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"Mat3x3({np.asarray(self).tolist()})"


class RotationQuat(Quaternion, Instance):
    """The same, under the name of the component."""

    __slots__ = ()


class TransformMat3x3(Mat3x3, Instance):
    """The same, under the name of the component."""

    __slots__ = ()


class PinholeProjection(Mat3x3, Instance):
    """The same, under the name of the component."""

    __slots__ = ()


def _matrices(value: Any, field: str, *, by_rows: bool = True) -> bytes:
    array = numbers_of(value, _FLOAT32, field, "3×3 matrices")
    if array.size % 9 or (array.ndim > 1 and array.shape[-1] not in (3, 9)):
        raise LogError(f"3×3 matrices, or 9 numbers each, expected, not {shown(value)}", field=field)
    with np.errstate(over="ignore"):
        array = array.astype(_FLOAT32).reshape(-1, 3, 3)
    return (array.transpose(0, 2, 1) if by_rows else array).tobytes()


def holds_axis_angles(value: Any) -> bool:
    """Whether rotations are given as axes and angles, not as quaternions."""
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    return isinstance(first, RotationAxisAngle)


class Packed(Numbers):
    """Vectors that also come as objects which hold themselves packed."""

    def __init__(self, datatype: str, of: type[Any]) -> None:
        super().__init__(datatype)
        self.of = of

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """One object, a sequence of them, or what other vectors are given as."""
        of, otherwise = self.of, self.otherwise(field)

        def coerce(value: Any) -> Any:
            if value.__class__ is of:
                return value.packed or refuse(value)
            if isinstance(value, (list, tuple)) and any(isinstance(item, of) for item in value):
                return b"".join([bytes(coerce(item)) for item in value])
            return (value.packed or refuse(value)) if isinstance(value, of) else otherwise(value)

        def refuse(value: Any) -> bytes:
            raise LogError(f"a {type(value).__name__} that could not be made", field=field)

        return coerce

    def otherwise(self, field: str) -> Callable[[Any], Any]:
        """What takes anything else."""
        return super().coercer(field)


class Matrices(Packed):
    """`fixed_size_list<float32>[9]`: rows are given, columns are held."""

    def __init__(self) -> None:
        super().__init__("fixed_size_list<float32>[9]", Mat3x3)

    def otherwise(self, field: str) -> Callable[[Any], Any]:
        def coerce(value: Any) -> bytes:
            if value.__class__ is np.ndarray and value.shape == (3, 3) and value.dtype.kind in "fiu":
                try:
                    return _pack9(*value.T.ravel().tolist())
                except OverflowError:
                    pass
            return _matrices(value, field, by_rows=as_arrow(value) is None)  # Arrow has columns

        return coerce


class AxisAngles(Packed):
    """`struct<axis: fixed_size_list<float32>[3], angle: float32>`, held as four numbers."""

    STRUCT = "struct<axis: fixed_size_list<float32>[3], angle: float32>"

    def __init__(self) -> None:
        super().__init__("fixed_size_list<float32>[4]", RotationAxisAngle)
        self.datatype = self.STRUCT

    def otherwise(self, field: str) -> Callable[[Any], Any]:
        def coerce(value: Any) -> Buffer:
            if isinstance(value, (list, tuple)) and not value:
                return b""
            raise LogError(f"RotationAxisAngle expected, not {shown(value)}", field=field)

        return coerce

    def array(self, data: Any, count: int) -> pa.Array:
        import pyarrow as pa

        kind = instance_type(self.STRUCT)
        numbers = np.frombuffer(data, np.float32).reshape(count, 4)
        axes = pa.py_buffer(np.ascontiguousarray(numbers[:, :3]))
        angles = pa.py_buffer(np.ascontiguousarray(numbers[:, 3]))
        children = [fixed(kind.field(0).type, count, axes), fixed(kind.field(1).type, count, angles)]
        return pa.Array.from_buffers(kind, count, [None], children=children)
