"""What a store holds, as its manifests tell it: no chunk is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.chunk.check import time_type
from rrsdk.errors import FormatError
from rrsdk.ipc.keys import (
    ARCHETYPE_KEY,
    COMPONENT_KEY,
    COMPONENT_TYPE_KEY,
    ENTITY_KEY,
    INDEX_NAME_KEY,
    IS_EMPTY_KEY,
    IS_STATIC_KEY,
)
from rrsdk.ipc.manifest import write_fields
from rrsdk.store.schema import ComponentColumn, StoreSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rrsdk.ipc.manifest import Manifest
    from rrsdk.store.chunk_index import ChunkIndex
    from rrsdk.timeline import TimeType


def schema_of(manifests: Sequence[Manifest], index: ChunkIndex) -> StoreSchema:
    """The schema of all manifests together; of a component that two describe, the first one's holds."""
    timelines: dict[str, TimeType] = {}
    components: dict[str, dict[str, ComponentColumn]] = {entity: {} for entity in index.entities()}
    for manifest in manifests:
        raw = manifest.schema[0] if manifest.schema is not None else write_fields(manifest.fields.values())[0]
        try:
            fields = list(pa.ipc.read_schema(pa.py_buffer(raw)))
        except (pa.ArrowException, OSError, ValueError) as broken:
            raise FormatError(f"the schema of the chunk manifest is broken: {broken}") from broken
        for field in fields:
            about = {
                key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
                for key, value in _metadata(field)
            }
            timeline = about.get(INDEX_NAME_KEY)
            if timeline is not None:
                timelines.setdefault(timeline, time_type(field.type))
            elif ENTITY_KEY in about and COMPONENT_KEY in about:
                _add(components, field, about)
    ordered = {name: timelines[name] for name in sorted(timelines)}
    return StoreSchema(
        ordered,
        {entity: dict(sorted(named.items())) for entity, named in sorted(components.items())},
        {entity: frozenset(names) for entity, names in index.timelines().items()},
    )


def _add(components: dict[str, dict[str, ComponentColumn]], field: pa.Field, about: dict[str, str]) -> None:
    entity, component = about[ENTITY_KEY], about[COMPONENT_KEY]
    if entity not in components:  # none of its chunks is there any more
        return
    column = ComponentColumn(
        entity,
        component,
        about.get(ARCHETYPE_KEY),
        about.get(COMPONENT_TYPE_KEY),
        field.type,
        about.get(IS_STATIC_KEY) == "true",
        about.get(IS_EMPTY_KEY) == "true",
    )
    known = components[entity].setdefault(component, column)
    components[entity][component] = known._replace(
        is_static=known.is_static or column.is_static, is_empty=known.is_empty and column.is_empty
    )


def _metadata(field: pa.Field) -> list[tuple[bytes, bytes]]:
    return list((field.metadata or {}).items())
