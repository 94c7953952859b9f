"""Which values of two Arrow arrays of one type differ, bit by bit or but for rounding.

Bit by bit a NaN is equal to itself and 0.0 is not -0.0: what is compared is what was recorded. What stands
under a null is no value, and is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from rrsdk.store.buffers import flags, presence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

_TOLERANCES = {2: 1e-3, 4: 1e-3, 8: 1e-8}
"""By width of a float: by how much of the greater value two may differ. The real program's."""


def differing(one: pa.Array, other: pa.Array, *, tolerant: bool = False) -> Flags:
    """A flag a value. Both arrays have one length and type; `tolerant` forgives rounding of floats."""
    kind = one.type
    there, also = presence(one), presence(other)
    found: Flags = there != also
    both = there & also
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind):
        found |= both & _lists(one, other, both, tolerant)
    elif pa.types.is_fixed_size_list(kind):
        found |= both & _fixed(one, other, kind.list_size, tolerant)
    elif pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            found |= both & differing(_member(one, number), _member(other, number), tolerant=tolerant)
    elif _is_text(kind):
        found |= both & _texts(one, other, both)
    elif pa.types.is_null(kind):
        pass
    elif pa.types.is_boolean(kind):
        found |= both & (_bits(one) != _bits(other))
    elif pa.types.is_floating(kind) and tolerant:
        found |= both & ~_close(
            _words(one, kind.bit_width // 8, float=True), _words(other, kind.bit_width // 8, float=True)
        )
    elif _has_width(kind):
        width = kind.bit_width // 8
        found |= both & (_words(one, width) != _words(other, width))
    else:  # dictionaries, views, unions, run ends: few have them, and what they say is what counts
        pairs = zip(one.to_pylist(), other.to_pylist())
        found |= both & np.fromiter((repr(a) != repr(b) for a, b in pairs), bool, len(one))
    return found


def _bits(array: pa.Array) -> Flags:
    if not len(array):
        return np.zeros(0, bool)
    return flags(array.buffers()[1], array.offset, len(array))


def _words(array: pa.Array, width: int, *, float: bool = False) -> Any:  # noqa: A002  # what they are read as
    """The values as unsigned integers, floats, or, of an odd width, as bytes."""
    count = len(array)
    raw = array.buffers()[1]
    if raw is None or not count:
        return np.zeros(0, np.uint8)
    data = np.frombuffer(raw, np.uint8)[array.offset * width : (array.offset + count) * width]
    if float:
        return data.view(f"<f{width}")
    return data.view(f"<u{width}") if width in (1, 2, 4, 8) else data.view(f"V{width}")


def _close(one: Any, other: Any) -> Any:
    tolerance = _TOLERANCES[one.dtype.itemsize]
    one, other = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        greater = np.fmax(np.abs(one), np.abs(other))
        return (one == other) | (greater <= tolerance) | (np.abs(one - other) / greater <= tolerance)


def _has_width(kind: pa.DataType) -> bool:
    try:
        return not pa.types.is_dictionary(kind) and kind.bit_width % 8 == 0
    except ValueError:
        return False


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_binary, pa.types.is_large_string, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _member(array: pa.Array, number: int) -> pa.Array:
    """A struct's member, cut as the struct is."""
    child = array.field(number)
    return child if len(child) == len(array) else child.slice(array.offset, len(array))


def _lists(one: pa.Array, other: pa.Array, both: Flags, tolerant: bool) -> Flags:
    starts, lengths = _extents(one.offsets)
    others, other_lengths = _extents(other.offsets)
    found: Flags = lengths != other_lengths
    same = both & ~found
    lengths = np.where(same, lengths, 0)
    return found | _within(one.values, starts, other.values, others, lengths, tolerant)


def _fixed(one: pa.Array, other: pa.Array, size: int, tolerant: bool) -> Flags:
    count = len(one)
    children = (
        one.values.slice(one.offset * size, count * size),
        other.values.slice(other.offset * size, count * size),
    )
    inner = differing(*children, tolerant=tolerant)
    return np.asarray(inner.reshape(count, size).any(axis=1)) if size else np.zeros(count, bool)


def _texts(one: pa.Array, other: pa.Array, both: Flags) -> Flags:
    wide = pa.types.is_large_string(one.type) or pa.types.is_large_binary(one.type)

    def taken(array: pa.Array) -> tuple[Any, Any, pa.Array]:
        kind = np.int64 if wide else np.int32
        if not len(array):
            offsets = np.zeros(1, kind)
        else:
            offsets = np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array) + 1]
        data = array.buffers()[2]
        values = pa.Array.from_buffers(
            pa.uint8(), data.size if data else 0, [None, data or pa.py_buffer(b"")]
        )
        return *_extents(offsets), values

    starts, lengths, data = taken(one)
    others, other_lengths, other_data = taken(other)
    found: Flags = lengths != other_lengths
    lengths = np.where(both & ~found, lengths, 0)
    return found | _within(data, starts, other_data, others, lengths, tolerant=False)


def _extents(offsets: Any) -> tuple[Any, Any]:
    ends = np.asarray(offsets, np.int64)
    return ends[:-1], np.diff(ends)


def _within(
    values: pa.Array, starts: Any, other_values: pa.Array, others: Any, lengths: Any, tolerant: bool
) -> Flags:
    """Whether lists of equal lengths hold something that differs."""
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    if not total:
        return np.zeros(len(lengths), bool)
    one, other = (
        _gathered(values, starts, lengths, ends, total),
        _gathered(other_values, others, lengths, ends, total),
    )
    inner = np.concatenate([[0], np.cumsum(differing(one, other, tolerant=tolerant))])
    return np.asarray(inner[ends] > inner[ends - lengths])


def _gathered(values: pa.Array, starts: Any, lengths: Any, ends: Any, total: int) -> pa.Array:
    """The values of lists, one behind the other; without a copy where they lie so."""
    first = int(starts[np.argmax(lengths > 0)])
    if bool(((starts == first + ends - lengths) | (lengths == 0)).all()):
        return values.slice(first, total)
    places = np.repeat(starts - (ends - lengths), lengths) + np.arange(total)
    return values.take(pa.array(places))
