"""Values as short texts where only pyarrow can follow them: dictionaries, views, run ends.

Slower than `values`, and to the same effect: items are shown while there is room for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rrtool.reports.numbers import float32, float64
from rrtool.reports.times import duration, timestamps

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNITS = {"s": 0, "ms": 1, "us": 2, "ns": 3}


def text(scalar: Any, room: int) -> str:
    """One value; of lists about as many items as there is room for."""
    kind = scalar.type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return text(scalar.value, room) if scalar.is_valid else "null"
    if not scalar.is_valid:
        return "null"
    if pa.types.is_map(kind):
        keys, items = (scalar.values.field(number) for number in range(2))
        pairs = ((f"{text(key, room)}: ", item) for key, item in zip(keys, items))
        return f"{{{_joined(pairs, room)}}}"
    if pa.types.is_struct(kind):
        return f"{{{_joined(((f'{name}: ', member) for name, member in scalar.items()), room)}}}"
    if isinstance(scalar, pa.ListScalar):
        return f"[{_joined((('', item) for item in scalar.values), room)}]"
    return _leaf(scalar, kind)


def items(array: pa.Array, room: int = 100) -> str:
    """The instances of a component, as many as there is room for."""
    shown = _joined((("", item) for item in array[: room + 1]), room)
    return f"[{shown}]" if len(shown) <= room else f"[{shown[: room - 1]}… {len(array)} in all]"


def _joined(items: Iterable[tuple[str, Any]], room: int) -> str:
    parts: list[str] = []
    for name, item in items:
        part = name + text(item, room - len(name))
        parts.append(part)
        room -= len(part) + 2
        if room < 0:
            break
    return ", ".join(parts)


def _leaf(scalar: Any, kind: Any) -> str:
    if pa.types.is_timestamp(kind):  # pyarrow's own way to Python knows no nanoseconds
        return timestamps([scalar.value], unit=_UNITS[kind.unit], zone="Z" if kind.tz else "")[0]
    if pa.types.is_duration(kind):
        return duration(scalar.value, unit=_UNITS[kind.unit])
    value = scalar.as_py()
    if pa.types.is_floating(kind):
        return float64(value) if kind.bit_width == 64 else float32(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.hex() if isinstance(value, bytes) else str(value)
