"""A chunk's record batch taken apart so that steps can rename things, and put together again."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from rrsdk.errors import FormatError


@dataclass(slots=True)
class Column:
    """One column: its array and what its field says, the metadata as text."""

    name: str
    metadata: dict[str, str]
    array: pa.Array
    nullable: bool

    @property
    def component_type(self) -> str | None:
        """The component type, in the key of 0.24 and later."""
        return self.metadata.get("rerun:component_type")

    @property
    def component(self) -> str | None:
        """The component, in the key of 0.24 and later."""
        return self.metadata.get("rerun:component")


@dataclass(slots=True)
class Draft:
    """A record batch under way from one object model to another. Steps change it in place."""

    metadata: dict[str, str]
    columns: list[Column]

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Draft:
        """Taken apart; arrays are shared, not copied."""
        schema = batch.schema
        try:
            names = schema.names
        except UnicodeDecodeError as error:
            raise FormatError("a column's name is not UTF-8") from error
        columns = [
            Column(name, _texts(field.metadata, name), batch.column(i), field.nullable)
            for i, (name, field) in enumerate(zip(names, schema))
        ]
        return cls(_texts(schema.metadata, None), columns)

    def batch(self) -> pa.RecordBatch:
        """Put together."""
        fields = [
            pa.field(column.name, column.array.type, column.nullable, column.metadata)
            for column in self.columns
        ]
        schema = pa.schema(fields, metadata=self.metadata)
        try:
            return pa.RecordBatch.from_arrays([column.array for column in self.columns], schema=schema)
        except (pa.ArrowException, ValueError, TypeError) as error:
            entity = self.metadata.get("rerun:entity_path")
            raise FormatError(f"the migrated chunk does not hold together: {error}", entity=entity) from error


def _texts(metadata: dict[bytes, bytes] | None, field: str | None) -> dict[str, str]:
    try:
        return {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    except UnicodeDecodeError as error:
        raise FormatError("metadata that is not UTF-8", field=field) from error
