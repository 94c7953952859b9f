"""What a manifest need no longer mention when some of its chunks are gone.

A column or field goes when it spoke of chunks before and speaks of none now. What never spoke of
any (a component that is null in all rows is not to be seen in a manifest) stays as long as its
entity does.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING

from rrsdk.ipc.keys import (
    ARCHETYPE_KEY,
    COMPONENT_KEY,
    COMPONENT_TYPE_KEY,
    ENTITY_KEY,
    INDEX_KEY,
    INDEX_NAME_KEY,
    IS_STATIC_KEY,
    STATIC_INDEX,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rrsdk.ipc.schema import Field
    from rrsdk.ipc.table import Column, Table

Descriptor = tuple[str, str, str]
"""Archetype, component and component type: what tells components of a store apart."""


class Uses:
    """Which timelines and components the chunks of a table have, and which entities have them."""

    def __init__(self, table: Table, entities: Sequence[bytes]) -> None:
        self.entities = set(entities)
        self.timelines: set[str] = set()
        self.pairs: set[tuple[str, Descriptor]] = set()
        """Component on timeline."""
        self.owners: dict[Descriptor, set[bytes]] = defaultdict(set)
        self.static_owners: dict[Descriptor, set[bytes]] = defaultdict(set)
        for column in table.columns.values():
            index = column.field.metadata.get(INDEX_KEY)
            if index is None or column.field.name.endswith("num_rows"):
                continue
            owners = set(compress(entities, column.present()))
            if not owners:
                continue
            descriptor = descriptor_of(column.field)
            if descriptor is None:
                self.timelines.add(index)
                continue
            self.owners[descriptor] |= owners
            if index == STATIC_INDEX:
                self.static_owners[descriptor] |= owners
            else:
                self.pairs.add((index, descriptor))


def descriptor_of(field: Field) -> Descriptor | None:
    """What tells a component from others, where the column or field is about one."""
    metadata = field.metadata
    if COMPONENT_KEY not in metadata:
        return None
    return metadata.get(ARCHETYPE_KEY, ""), metadata[COMPONENT_KEY], metadata.get(COMPONENT_TYPE_KEY, "")


def pruned_fields(fields: Mapping[str, Field], before: Uses, after: Uses) -> dict[str, Field]:
    """The fields of the store's schema that still have a chunk."""
    kept: dict[str, Field] = {}
    for name, field in fields.items():
        timeline = field.metadata.get(INDEX_NAME_KEY)
        descriptor = descriptor_of(field)
        if timeline is not None:
            if timeline in after.timelines or timeline not in before.timelines:
                kept[name] = field
            continue
        if descriptor is None or ENTITY_KEY not in field.metadata:
            kept[name] = field
            continue
        entity = field.metadata[ENTITY_KEY].encode()
        was, still = entity in before.owners[descriptor], entity in after.owners[descriptor]
        if entity not in after.entities or (was and not still):
            continue
        if entity in before.static_owners[descriptor] and entity not in after.static_owners[descriptor]:
            field = field.with_metadata({k: v for k, v in field.metadata.items() if k != IS_STATIC_KEY})
        kept[name] = field
    return kept


def pruned_columns(
    columns: Mapping[str, Column], fields: Mapping[str, Field], before: Uses, after: Uses
) -> dict[str, Column]:
    """The columns of the manifest that still say something."""
    descriptors = {descriptor_of(field) for field in fields.values()}
    kept: dict[str, Column] = {}
    for key, column in columns.items():
        index = column.field.metadata.get(INDEX_KEY)
        descriptor = descriptor_of(column.field)
        if index is None:
            kept[key] = column
        elif descriptor is None:
            if index in after.timelines or index not in before.timelines:
                kept[key] = column
        elif descriptor in descriptors:
            gone = index in before.timelines and index not in after.timelines
            pair = index, descriptor
            if not gone and (pair in after.pairs or pair not in before.pairs):
                kept[key] = column
    return kept
