"""What people may pass for values, as types: for editors and type checkers alone."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from fractions import Fraction
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rrsdk.components.colors import Rgba32
    from rrsdk.components.formats import ImageFormat
    from rrsdk.components.radius import Radius
    from rrsdk.components.rotations import Mat3x3, Quaternion, RotationAxisAngle


class SupportsArray(Protocol):
    """Tensors and the like."""

    def __array__(self) -> npt.NDArray[Any]:
        """The values."""


class TimeColumnLike(Protocol):
    """Times of many rows: a `TimeColumn`, and what else has these methods."""

    def timeline_name(self) -> str:
        """The timeline."""

    def as_arrow_array(self) -> Any:
        """One time a row, in Arrow."""


_Number: TypeAlias = "float | np.floating[Any] | np.integer[Any] | Decimal | Fraction | Radius"
_Array: TypeAlias = "npt.NDArray[Any] | SupportsArray"
# Written out, as deep as values go: a text is a sequence of texts without end.
_Row: TypeAlias = "Sequence[_Number | _Array]"
_Rows: TypeAlias = "Sequence[_Number | _Array | _Row]"
_Blocks: TypeAlias = "Sequence[_Number | _Array | Sequence[_Number | _Array | _Row]]"

NumberLike: TypeAlias = "_Number | SupportsArray"
VectorLike: TypeAlias = "_Row | _Array"
VectorsLike: TypeAlias = "_Blocks | _Array"
NumbersLike: TypeAlias = "_Number | _Rows | _Array"

FlagLike: TypeAlias = "bool | np.bool_"
FlagsLike: TypeAlias = "bool | Sequence[bool] | npt.NDArray[np.bool_]"

TextLike: TypeAlias = str
TextsLike: TypeAlias = "str | Sequence[str] | npt.NDArray[Any]"

ColorLike: TypeAlias = "int | str | Rgba32 | _Array | Sequence[_Number]"
"""0–255 integers, 0–1 floats, packed 0xRRGGBBAA, or `#rrggbb`."""
_Channels: TypeAlias = "Sequence[_Number | str | Rgba32 | _Array | _Row]"
ColorsLike: TypeAlias = "int | str | Rgba32 | _Array | _Channels"

BlobLike: TypeAlias = "bytes | bytearray | memoryview | npt.NDArray[np.uint8] | IO[bytes]"
BlobsLike: TypeAlias = "BlobLike | Sequence[BlobLike]"

StripsLike: TypeAlias = "_Blocks | _Array"

QuaternionLike: TypeAlias = "Quaternion | VectorLike"
QuaternionsLike: TypeAlias = "Quaternion | _Array | Sequence[Quaternion | _Number | _Array | _Row]"
AxisAngleLike: TypeAlias = "RotationAxisAngle"
AxisAnglesLike: TypeAlias = "RotationAxisAngle | Sequence[RotationAxisAngle]"
RotationLike: TypeAlias = "Quaternion | RotationAxisAngle"
MatrixLike: TypeAlias = "Mat3x3 | VectorsLike"
MatricesLike: TypeAlias = "Mat3x3 | _Array | Sequence[Mat3x3 | _Number | _Array | _Rows]"

FormatLike: TypeAlias = "ImageFormat"
FormatsLike: TypeAlias = "ImageFormat | Sequence[ImageFormat]"

ComponentValueLike: TypeAlias = Any
"""Scalars, texts, sequences, arrays of numpy and Arrow, tensors, batches of components."""

DirectionsLike: TypeAlias = Any
ImageLike: TypeAlias = Any
"""Arrays, pictures of Pillow, tensors."""
PathLike: TypeAlias = "str | Path"
