"""Text: one string is held as it is, several as a tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rrsdk.components.arrays import shown
from rrsdk.components.kind import instance_type, one_each
from rrsdk.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from rrsdk.components.storage import Array


_ONLY_TEXT = {str}


class Text:
    """`utf8`."""

    raw: type | None = str
    empty = ()
    datatype = "utf8"

    def coercer(self, field: str) -> Callable[[Any], str | tuple[str, ...]]:
        """Anything that is no sequence is shown as text by `str()`, as in Rerun."""

        def coerce(value: Any) -> str | tuple[str, ...]:
            if value.__class__ is str:
                return value
            if isinstance(value, str):
                return str(value)
            if isinstance(value, np.ndarray):
                if value.ndim > 1:
                    raise LogError(f"texts expected, not {shown(value)}", field=field)
                value = value.tolist()
            elif hasattr(value, "as_arrow_array"):
                value = value.as_arrow_array().to_pylist()
            elif hasattr(value, "to_pylist"):
                value = value.to_pylist()
            if isinstance(value, (list, tuple, range)):
                return tuple(text if text.__class__ is str else str(text) for text in value)
            if isinstance(value, (bytes, bytearray, memoryview)):
                raise LogError(f"text expected, not {shown(value)}; decode it", field=field)
            return str(value)

        return coerce

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        if set(map(type, values)) == _ONLY_TEXT:
            return texts(values), None
        values = [(value,) if value.__class__ is str else value for value in values]
        counts = np.fromiter(map(len, values), np.int64, len(values))
        return texts([text for batch in values for text in batch]), counts

    def nbytes(self, value: Any) -> int:
        return len(value) if value.__class__ is str else sum(map(len, value)) + 8 * len(value)

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)


def texts(values: Sequence[str]) -> pa.Array:
    """An array of strings; what has no UTF-8, such as half of a surrogate pair, becomes `?`."""
    import pyarrow as pa

    try:
        return pa.array(values, instance_type("utf8"))
    except UnicodeEncodeError:
        clean = [text.encode(errors="replace").decode() for text in values]
        return pa.array(clean, instance_type("utf8"))
