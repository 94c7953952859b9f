"""rrtool schema: the columns a recording has as a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rrtool.options import reads_recordings
from rrtool.tables import asks_one_recording, load

if TYPE_CHECKING:
    from rrsdk.dataframe import ComponentColumnDescriptor, Schema


@click.command("schema")
@reads_recordings
@click.option("--json", "as_json", is_flag=True, help="One object instead of text.")
@asks_one_recording
def command(inputs: tuple[str, ...], as_json: bool, recording_id: str | None) -> None:
    """Show which timelines a recording has, and which components of which entities: query's columns.

    Several inputs are one recording. Where there is a footer nothing else is read.

    \b
    Examples:
      rrtool schema drive.rrd
      rrtool schema drive.rrd --json | jq -r '.components[].name'
    """
    with load(inputs, recording_id) as recording:
        schema = recording.schema()
        text = _json(schema) if as_json else _text(schema)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


def _json(schema: Schema) -> str:
    from rrtool.reports.text import compact_json

    timelines = [{"name": one.name, "type": one.kind.value} for one in schema.index_columns()]
    components = [_facts(one) for one in schema.component_columns()]
    return compact_json({"timelines": timelines, "components": components}) + "\n"


def _facts(column: ComponentColumnDescriptor) -> dict[str, object]:
    return {
        "name": column.name,
        "entity": column.entity_path,
        "component": column.component,
        "archetype": column.archetype,
        "component_type": column.component_type,
        "datatype": str(column.datatype),
        "static": column.is_static,
        "property": column.is_property,
    }


def _text(schema: Schema) -> str:
    from rrtool.reports.text import one_line

    rows = [(one.name, f"timeline, {one.kind.value}s") for one in schema.index_columns()]
    for column in schema.component_columns():
        datatype = str(column.datatype.value_type)
        rows.append((column.name, f"{datatype}, static" if column.is_static else datatype))
    width = min(60, max((len(name) for name, _ in rows), default=0))
    return "".join(f"{one_line(name):<{width}}  {one_line(about)}\n" for name, about in rows)
