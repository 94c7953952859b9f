"""Booleans: one is held as it is, several as a byte each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import numbers_of
from rrsdk.components.kind import instance_type, lengths, rows_by_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array

_BOOL = np.dtype(np.bool_)


_ONLY_BOOLS = {bool}


class Flags:
    """`bool`."""

    raw: type | None = bool
    empty = b""
    datatype = "bool"

    def coercer(self, field: str) -> Callable[[Any], bool | bytes]:
        """Numbers count as booleans, texts do not."""

        def coerce(value: Any) -> bool | bytes:
            if value.__class__ is bool:
                return value
            return numbers_of(value, _BOOL, field, "booleans").astype(_BOOL).tobytes()

        return coerce

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        if set(map(type, values)) == _ONLY_BOOLS:
            bits, counts = np.array(values, _BOOL), None
        else:
            values = [(b"\1" if value else b"\0") if value.__class__ is bool else value for value in values]
            bits, counts = np.frombuffer(b"".join(values), _BOOL), lengths(values, 1)
        buffer = pa.py_buffer(np.packbits(bits, bitorder="little"))
        return pa.Array.from_buffers(instance_type("bool"), len(bits), [None, buffer]), counts

    def nbytes(self, value: Any) -> int:
        return 1 if value.__class__ is bool else len(value)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return rows_by_shape(argument, instances)
