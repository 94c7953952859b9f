"""Component columns that keep values apart from the rows using them, each beside its plain twin."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

ENTITY, CHUNK_ID = "/odd", "chunk_" + "0123456789ABCDEF" + "0123456789abcdef"
TIMES = [5, 3, 8, 4]
OFFSETS = pa.array([0, 2, None, 2, 5], pa.int32())  # the second row is empty, the third was not logged
_TEXTS = ["a", "a text too long to lie in a view itself", "b", None, "another text that is too long for it"]
_NUMBERS = [[1, 2], [3], None, [], [4]]


class Twin(NamedTuple):
    """The same instances, oddly and plainly encoded."""

    odd: pa.Array
    plain: pa.Array


def _runs(values: pa.Array) -> pa.Array:
    return pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 5], pa.int32()), values)


TWINS = {
    "dictionary": Twin(pa.array(_TEXTS).dictionary_encode(), pa.array(_TEXTS)),
    "text view": Twin(pa.array(_TEXTS, pa.string_view()), pa.array(_TEXTS)),
    "short text view": Twin(pa.array(list("abcde"), pa.string_view()), pa.array(list("abcde"))),
    "binary view": Twin(
        pa.array([text and text.encode() for text in _TEXTS], pa.binary_view()),
        pa.array([text and text.encode() for text in _TEXTS]),
    ),
    "list view": Twin(pa.array(_NUMBERS, pa.list_view(pa.int32())), pa.array(_NUMBERS, pa.list_(pa.int32()))),
    "large list view": Twin(
        pa.array(_NUMBERS, pa.large_list_view(pa.int32())), pa.array(_NUMBERS, pa.large_list(pa.int32()))
    ),
    "run ends": Twin(_runs(pa.array(["x", "y", None])), pa.array(["x", "x", "y", None, None])),
    "runs of a dictionary": Twin(
        _runs(pa.array(["x", "y", "x"]).dictionary_encode()), pa.array(["x", "x", "y", "x", "x"])
    ),
    "dictionary in a struct": Twin(
        pa.StructArray.from_arrays([pa.array(_TEXTS).dictionary_encode(), pa.array(range(5))], ["d", "n"]),
        pa.StructArray.from_arrays([pa.array(_TEXTS), pa.array(range(5))], ["d", "n"]),
    ),
}


def chunk(instances: pa.Array) -> pa.RecordBatch:
    """Four rows, out of order, with a component before this one and one behind it."""
    fields = [
        pa.field("rerun.controls.RowId", pa.binary(16), nullable=False, metadata={"rerun:kind": "control"}),
        pa.field("frame", pa.int64(), metadata={"rerun:kind": "index", "rerun:index_name": "frame"}),
    ]
    columns = [pa.array([number.to_bytes(16, "big") for number in range(4)]), pa.array(TIMES)]
    around = pa.array([[1.5], None, [], [2.5, 3.5]], pa.list_(pa.float64()))
    odd = pa.ListArray.from_arrays(OFFSETS, instances)
    for name, column in (("before", around), ("odd", odd), ("behind", around)):
        metadata = {"rerun:kind": "data", "rerun:component": name}
        fields.append(pa.field(name, column.type, metadata=metadata))
        columns.append(column)
    about = {"rerun:entity_path": ENTITY, "rerun:id": CHUNK_ID, "sorbet:version": "0.1.4"}
    fixed = [column.cast(field.type) for field, column in zip(fields[:2], columns[:2], strict=True)]
    return pa.RecordBatch.from_arrays([*fixed, *columns[2:]], schema=pa.schema(fields, about))
