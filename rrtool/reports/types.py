"""Arrow types and column metadata as the real program writes them above a column."""

from __future__ import annotations

from dataclasses import replace

from rrsdk.ipc.layout import ColumnLayout, Role
from rrsdk.ipc.schema import Field, Kind
from rrtool.reports.text import one_line

_PREFIXES = (
    "rerun.archetypes.",
    "rerun.components.",
    "rerun.datatypes.",
    "rerun.blueprint.archetypes.",
    "rerun.blueprint.components.",
    "rerun.controls.",
)
_PLAIN = {
    Kind.NULL: "Null",
    Kind.BOOL: "Boolean",
    Kind.UTF8: "Utf8",
    Kind.BINARY: "Binary",
    Kind.LARGE_UTF8: "LargeUtf8",
    Kind.LARGE_BINARY: "LargeBinary",
    Kind.UTF8_VIEW: "Utf8View",
    Kind.BINARY_VIEW: "BinaryView",
}
_LISTS = {
    Kind.LIST: "List",
    Kind.LARGE_LIST: "LargeList",
    Kind.LIST_VIEW: "ListView",
    Kind.LARGE_LIST_VIEW: "LargeListView",
}
_TIMES = {Kind.TIMESTAMP: "Timestamp", Kind.DURATION: "Duration"}
_UNITS = ("s", "ms", "µs", "ns")


def short(name: str) -> str:
    """A Rerun name without the part that all of them share."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def type_name(field: Field, *, nullable: bool = True) -> str:
    """A field's type; `nullable` False leaves out whether it may be null."""
    name = _bare_name(field)
    return name if field.nullable or not nullable else f"non-null {name}"


def _bare_name(field: Field) -> str:
    kind, params = field.type.kind, field.type.params
    if field.dictionary:
        _, bits, signed, _ = field.dictionary
        return f"Dictionary({'' if signed else 'U'}Int{bits}, {_bare_name(replace(field, dictionary=None))})"
    if kind is Kind.INT:
        return f"{'' if params[1] else 'U'}Int{params[0]}"
    if kind is Kind.FLOAT:
        return f"Float{16 << params[0]}"
    if kind is Kind.FIXED_SIZE_BINARY:
        return f"FixedSizeBinary({params[0]})"
    if kind in _TIMES:
        zone = f', "{field.type.timezone}"' if field.type.timezone else ""
        return f"{_TIMES[kind]}({_UNITS[params[0]]}{zone})"
    if kind in _LISTS:
        return f"{_LISTS[kind]}({type_name(field.children[0])})"
    if kind is Kind.FIXED_SIZE_LIST:
        return f"FixedSizeList({params[0]} x {type_name(field.children[0])})"
    if kind is Kind.STRUCT:
        return f"Struct({', '.join(map(_member, field.children))})"
    if kind is Kind.UNION:
        ids = field.type.type_ids or range(len(field.children))
        members = (f"{type_id}: ({_member(child)})" for type_id, child in zip(ids, field.children))
        return f"Union({'Dense' if params[0] else 'Sparse'}, {', '.join(members)})"
    if kind is Kind.RUN_END_ENCODED:
        return f"RunEndEncoded({', '.join(map(_member, field.children))})"
    if kind is Kind.MAP:
        return f"Map({', '.join(map(_member, field.children[0].children))})"
    return _PLAIN.get(kind) or kind.name.title().replace("_", "")


def _member(field: Field) -> str:
    return f'"{one_line(field.name)}": {type_name(field)}'


def column_title(column: ColumnLayout) -> str:
    """What a column is called above its values."""
    return one_line(short(column.field.name) if column.role is Role.ROW_ID else column.field.name)


def column_header(column: ColumnLayout) -> list[str]:
    """The lines above a column: its name, type and metadata."""
    metadata = {
        one_line(key.removeprefix("rerun:")): one_line(short(value))
        for key, value in column.field.metadata.items()
    }
    described = [f"{key}: {metadata[key]}" for key in sorted(metadata)]
    return [column_title(column), "---", f"type: {type_name(column.field)}", *described]
