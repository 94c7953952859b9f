"""The chunk manifest: what a footer says of every chunk of one store.

A manifest is a table with a row a chunk, and the schema of the whole store. It is read from a
footer, or built from the rows of chunks (`rows.describe`); either way verbs answer from it
without touching the chunks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.ipc import stream
from rrsdk.ipc.keys import (
    COMPONENT_KEY,
    INDEX_KEY,
    IS_EMPTY_KEY,
    IS_STATIC_KEY,
)
from rrsdk.ipc.prune import Uses, descriptor_of, pruned_columns, pruned_fields
from rrsdk.ipc.schema import Field, Schema, read_schema_of_table, write_schema
from rrsdk.ipc.table import Column, Table, concat

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence

ENTITY, CHUNK_ID, IS_STATIC, NUM_ROWS = "chunk_entity_path", "chunk_id", "chunk_is_static", "chunk_num_rows"
OFFSET, SIZE, SIZE_UNCOMPRESSED = "chunk_byte_offset", "chunk_byte_size", "chunk_byte_size_uncompressed"
FIXED = (ENTITY, CHUNK_ID, IS_STATIC, NUM_ROWS, OFFSET, SIZE, SIZE_UNCOMPRESSED)


def column_key(field: Field) -> str:
    """Under what a manifest's column is found: `frame:start`; a component's by all that tells it apart.

    The column's own name says less: some characters are replaced in it, so that two can be equal.
    """
    index = field.metadata.get(INDEX_KEY)
    if index is None:
        return field.name
    suffix = field.name.rpartition(":")[2]
    descriptor = descriptor_of(field)
    if descriptor is None:
        return f"{index}:{suffix}"
    return "\0".join((index, *descriptor, suffix))


class Manifest:
    """The chunks of one store in file order, and the fields of the store's schema by name."""

    __slots__ = ("_fields", "schema", "table")

    def __init__(
        self,
        table: Table,
        fields: dict[str, Field] | None = None,
        *,
        schema: tuple[bytes, bytes] | None = None,
    ) -> None:
        """Either the fields, or `schema`: the bytes of the schema in a footer, and their sha256."""
        self.table = table
        self.schema = schema
        self._fields = fields

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of the store's schema by name."""
        if self._fields is None:
            assert self.schema is not None
            self._fields = read_fields(self.schema[0])
        return self._fields

    def __len__(self) -> int:
        return self.table.num_rows

    def take(self, keep: Sequence[int]) -> Manifest:
        """The chunks where `keep` is not zero; columns and fields nothing refers to any more go."""
        table = self.table.take(keep)
        before, after = Uses(self.table, self.table.raw(ENTITY)), Uses(table, table.raw(ENTITY))
        fields = pruned_fields(self.fields, before, after)
        return Manifest(Table(pruned_columns(table.columns, fields, before, after), table.num_rows), fields)

    def moved(self, offsets: array[int]) -> Manifest:
        """The same chunks at other places."""
        column = self.table.columns[OFFSET]
        columns = {**self.table.columns, OFFSET: Column(column.field, offsets)}
        return Manifest(Table(columns, self.table.num_rows), self._fields, schema=self.schema)

    def name_that_is_there_twice(self) -> str | None:
        """A column name that two columns share: cleaned of the characters that told them apart."""
        seen: set[str] = set()
        for column in self.table.columns.values():
            if column.field.name in seen:
                return column.field.name
            seen.add(column.field.name)
        return None

    def total_size(self) -> int:
        """Bytes of all chunk messages together, headers not counted."""
        return sum(self.table.u64(SIZE))

    def timelines(self) -> list[str]:
        """The names of the timelines that any chunk is on, in column order."""
        return [
            column.field.metadata[INDEX_KEY]
            for name, column in self.table.columns.items()
            if name.endswith(":start") and COMPONENT_KEY not in column.field.metadata and name not in FIXED
        ]

    def on_timeline(self, timeline: str) -> bytearray:
        """A byte a chunk: 1 where it has this timeline (and at least one row)."""
        column = self.table.columns.get(f"{timeline}:start")
        return bytearray(len(self)) if column is None else column.present()

    def components(self) -> dict[str, bytearray]:
        """For each component, a byte a chunk: 1 where the chunk has values of it."""
        found: dict[str, bytearray] = {}
        for name, column in self.table.columns.items():
            component = column.field.metadata.get(COMPONENT_KEY)
            if component is None or not name.endswith(("\0start", "\0has_static_data")):
                continue
            there = column.present()
            before = found.get(component)
            if before is not None:
                there = bytearray(a | b for a, b in zip(before, there))
            found[component] = there
        return found


def join(manifests: Sequence[Manifest]) -> Manifest:
    """One manifest of all chunks, in the order given."""
    if len(manifests) == 1:
        return manifests[0]
    fields: dict[str, Field] = {}
    for manifest in manifests:
        for name, field in manifest.fields.items():
            known = fields.get(name)
            fields[name] = field if known is None else joined_field(known, field)
    return Manifest(concat([manifest.table for manifest in manifests]), fields)


def joined_field(one: Field, other: Field) -> Field:
    """Static anywhere is static, empty everywhere is empty."""
    if one.metadata == other.metadata:
        return one
    metadata = {**other.metadata, **one.metadata}
    if other.metadata.get(IS_STATIC_KEY) == "true":
        metadata[IS_STATIC_KEY] = "true"
    if IS_EMPTY_KEY not in one.metadata or IS_EMPTY_KEY not in other.metadata:
        metadata.pop(IS_EMPTY_KEY, None)
    return replace(one, metadata=metadata)


def read_fields(encapsulated: bytes | memoryview) -> dict[str, Field]:
    """The fields of a store's schema from the bytes of a footer."""
    raw = memoryview(encapsulated)
    if len(raw) < 8 or raw[:4] != stream.CONTINUATION:
        raise FormatError("the footer's schema is broken")
    return {field.name: field for field in read_schema_of_table(raw[8:]).fields}


def write_fields(fields: Iterable[Field]) -> tuple[bytes, bytes]:
    """The bytes of a store's schema, and their sha256.

    The released program accepts any digest but wants one; it is taken over our own layout of the
    sorted fields, which need not be that of the Rust library.
    """
    import hashlib

    ordered = tuple(sorted(fields, key=lambda field: field.name))
    framed = stream.frame(write_schema(Schema(ordered)))
    return framed, hashlib.sha256(framed + stream.END_OF_STREAM).digest()
