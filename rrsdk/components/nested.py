"""Any other datatype: Arrow converts it when it is given."""

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


class Nested:
    """Structs, unions, and lists of them; held as an Arrow array, or `()` where empty."""

    raw: type | None = None
    empty: Any = ()

    def __init__(self, datatype: str) -> None:
        self.datatype = datatype

    def coercer(self, field: str) -> Callable[[Any], Any]:
        """An Arrow array of the type, or what Arrow makes one from: dicts, tuples, lists of them."""

        def coerce(value: Any) -> Any:
            import pyarrow as pa

            kind = instance_type(self.datatype)
            if hasattr(value, "as_arrow_array"):
                value = value.as_arrow_array()
            if isinstance(value, pa.Array):
                if value.type != kind:
                    raise LogError(f"an array of {kind} expected, not of {value.type}", field=field)
                return value
            instances = list(value) if isinstance(value, (list, tuple)) and _several(value, kind) else [value]
            try:
                return pa.array(instances, kind) if instances else ()
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                raise LogError(f"{kind} expected, not {shown(value)}: {error}", field=field) from None

        return coerce

    def flat(self, values: Sequence[Any]) -> tuple[pa.Array, Array | None]:
        import pyarrow as pa

        arrays = [value for value in values if len(value)]
        counts = np.fromiter(map(len, values), np.int64, len(values))
        if not arrays:
            return empty(instance_type(self.datatype)), counts
        return (arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)), counts

    def nbytes(self, value: Any) -> int:
        return int(getattr(value, "nbytes", 0))

    def rows(self, argument: Any, instances: int) -> list[int]:
        return one_each(instances)


def _several(value: Any, kind: pa.DataType) -> bool:
    """Whether a sequence holds instances: a tuple of plain values is one struct."""
    if not value:
        return True
    if str(kind).startswith("struct"):
        return isinstance(value[0], (dict, tuple, list))
    return str(kind).startswith("list") and isinstance(value[0], (list, tuple))


def empty(kind: pa.DataType) -> pa.Array:
    """An array without items, also of types for which Arrow cannot make one from values."""
    import pyarrow as pa

    name = str(kind)
    if name.startswith("struct"):
        return pa.StructArray.from_arrays([empty(field.type) for field in kind], fields=list(kind))
    if name.startswith("dense_union"):
        types, offsets = pa.py_buffer(b""), pa.py_buffer(b"")
        children = [empty(field.type) for field in kind]
        return pa.Array.from_buffers(kind, 0, [None, types, offsets], children=children)
    return pa.array([], kind)
