"""Random Arrow arrays of any type in strategies.TYPES: nulls, empty lists, unions of both modes."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.types as is_a

TEXT = "aß☮ 𝄞\n"


def array_of(kind: pa.DataType, length: int, chance: random.Random, *, nullable: bool = True) -> pa.Array:
    """`length` values, about a fifth of them null where that is allowed."""
    if is_a.is_null(kind):
        return pa.nulls(length)
    if is_a.is_union(kind):
        return _union(kind, length, chance)
    with_nulls = nullable and chance.random() < 0.6
    missing = [with_nulls and chance.random() < 0.2 for _ in range(length)]
    mask = pa.array(missing, pa.bool_())
    if is_a.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        if not fields:
            return pa.array([None if gone else {} for gone in missing], kind)
        children = [array_of(one.type, length, chance, nullable=one.nullable) for one in fields]
        return pa.StructArray.from_arrays(children, fields=fields, mask=mask)
    if is_a.is_fixed_size_list(kind):
        child = array_of(kind.value_type, length * kind.list_size, chance, nullable=kind.value_field.nullable)
        return pa.FixedSizeListArray.from_arrays(child, type=kind, mask=mask)
    if is_a.is_map(kind):
        offsets = _offsets(missing, chance)
        keys = array_of(kind.key_type, offsets[-1], chance, nullable=False)
        items = array_of(kind.item_type, offsets[-1], chance, nullable=kind.item_field.nullable)
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, items, type=kind, mask=mask)
    if is_a.is_list(kind) or is_a.is_large_list(kind):
        offsets = _offsets(missing, chance)
        child = array_of(kind.value_type, offsets[-1], chance, nullable=kind.value_field.nullable)
        wide = is_a.is_large_list(kind)
        made = pa.LargeListArray if wide else pa.ListArray
        ends = pa.array(offsets, pa.int64() if wide else pa.int32())
        return made.from_arrays(ends, child, type=kind, mask=mask)
    if is_a.is_boolean(kind):
        return pa.array([None if gone else chance.random() < 0.5 for gone in missing], kind)
    return _flat(kind, missing, chance)


def _offsets(missing: list[bool], chance: random.Random) -> list[int]:
    """A null list is sometimes not empty below, which Arrow allows."""
    offsets = [0]
    for gone in missing:
        offsets.append(offsets[-1] + (0 if gone and chance.random() < 0.7 else chance.randrange(4)))
    return offsets


def _union(kind: pa.UnionType, length: int, chance: random.Random) -> pa.UnionArray:
    fields = [kind.field(number) for number in range(kind.num_fields)]
    numbers = [chance.randrange(len(fields)) for _ in range(length)]
    codes = pa.array([kind.type_codes[number] for number in numbers], pa.int8())
    names = [one.name for one in fields]
    if kind.mode == "sparse":
        children = [array_of(one.type, length, chance, nullable=one.nullable) for one in fields]
        found = pa.UnionArray.from_sparse(codes, children, names, kind.type_codes)
    else:
        counts = [0] * len(fields)
        places = []
        for number in numbers:
            places.append(counts[number])
            counts[number] += 1
        children = [
            array_of(one.type, count, chance, nullable=one.nullable)
            for one, count in zip(fields, counts, strict=True)
        ]
        offsets = pa.array(places, pa.int32())
        found = pa.UnionArray.from_dense(codes, offsets, children, names, kind.type_codes)
    # from_* know nothing of nullability and metadata of the children: give the array its full type
    buffers = [None, *found.buffers()[1 : 2 if kind.mode == "sparse" else 3]]
    return pa.Array.from_buffers(kind, length, buffers, children=children)


def _flat(kind: pa.DataType, missing: list[bool], chance: random.Random) -> pa.Array:
    """Values that lie side by side, or texts."""
    length = len(missing)
    validity = pa.array([not gone for gone in missing], pa.bool_()).buffers()[1] if any(missing) else None
    if (
        is_a.is_string(kind)
        or is_a.is_binary(kind)
        or is_a.is_large_string(kind)
        or is_a.is_large_binary(kind)
    ):
        texts = [
            None if gone else "".join(chance.choices(TEXT, k=chance.randrange(5))).encode()
            for gone in missing
        ]
        return pa.array(texts, pa.large_binary()).cast(kind)
    width = kind.bit_width // 8
    if is_a.is_date64(kind):  # whole days, or it does not validate
        raw = b"".join((86_400_000 * chance.randrange(10**4)).to_bytes(8, "little") for _ in range(length))
    elif (
        is_a.is_floating(kind) or is_a.is_time(kind) or is_a.is_decimal(kind)
    ):  # neither NaN nor out of range
        raw = b"".join(chance.randrange(9000).to_bytes(width, "little") for _ in range(length))
    else:
        raw = chance.randbytes(width * length)
    return pa.Array.from_buffers(kind, length, [validity, pa.py_buffer(raw)])
