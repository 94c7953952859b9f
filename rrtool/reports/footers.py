"""What a footer's manifest says of each chunk, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.ipc.manifest import CHUNK_ID, FIXED, Manifest
from rrtool.reports.listing import hex_ids
from rrtool.reports.stores import name_store, store_json
from rrtool.reports.tables import Tables, make_header
from rrtool.reports.text import compact_json, one_line
from rrtool.reports.types import type_name

if TYPE_CHECKING:
    from rrsdk.identity import StoreId
    from rrsdk.ipc.table import Column

_JSON_NAMES = dict(zip(FIXED, ("entity", "id", "static", "rows", "offset", "bytes", "bytes_uncompressed")))


def footer_table(store: StoreId, manifest: Manifest) -> bytes:
    """A row a chunk, with the columns that every manifest has."""
    columns = [manifest.table.columns[name] for name in FIXED if name in manifest.table.columns]
    header = make_header(
        (
            "METADATA:",
            f"* store: {one_line(name_store(store))}",
            f"* num_columns: {len(manifest.table.columns)}",
        ),
        [(column.field.name, "---", f"type: {type_name(column.field)}") for column in columns],
    )
    return Tables().draw(header, [_shown(column) for column in columns]) + b"\n"


def footer_json(store: StoreId, manifest: Manifest) -> str:
    """One object."""
    columns = {name: _texts(manifest.table.columns[name]) for name in FIXED}
    chunks = [dict(zip(_JSON_NAMES.values(), row)) for row in zip(*columns.values())]
    return compact_json({"type": "footer", "store": store_json(store), "chunks": chunks})


def _texts(column: Column) -> list[object]:
    if isinstance(column.values, bytearray):
        return list(map(bool, column.values))
    if isinstance(column.values, list):
        if column.field.name == CHUNK_ID:
            return [f"chunk_{text}" for text in hex_ids(column.values)]
        return [one_line(value.decode("utf-8", "replace")) for value in column.values]
    return list(column.values)


def _shown(column: Column) -> list[str]:
    """As the real program writes them in tables."""
    if isinstance(column.values, bytearray):
        return ["true" if flag else "false" for flag in column.values]
    return [str(value) for value in _texts(column)]
