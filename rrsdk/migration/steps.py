"""The steps from each object model to the next, in order; each changes a draft in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rrsdk.migration import renames

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.migration.draft import Column, Draft

_PREFIXES = ("rerun.archetypes.", "rerun.blueprint.archetypes.")
_KIND_ORDER = {"control": 0, "index": 1, "data": 2}


# --- 0.23, which wrote no version, to 0.1.0 -----------------------------------------------------


def order_columns(draft: Draft) -> None:
    """Row id first, then indexes, then components."""
    draft.columns.sort(key=lambda column: _KIND_ORDER.get(column.metadata.get("rerun.kind", "data"), 2))


def pluralize_archetypes(draft: Draft) -> None:
    """Scalar, SeriesLine and SeriesPoint."""
    for column in draft.columns:
        renamed = renames.SINGULAR_ARCHETYPES.get(column.metadata.get("rerun.archetype", ""))
        if renamed is None:
            continue
        column.metadata["rerun.archetype"], fields = renamed
        field = column.metadata.get("rerun.archetype_field")
        if field in fields:
            column.metadata["rerun.archetype_field"] = fields[field]


def replace_dotted_keys(draft: Draft) -> None:
    """`rerun.x` became `rerun:x`, and archetype, field and component one descriptor."""
    every = [draft.metadata, *(column.metadata for column in draft.columns)]
    if not any(key.startswith("rerun.") for metadata in every for key in metadata):
        return
    for column in draft.columns:
        old = column.metadata
        column.metadata = {renames.DOTTED_FIELD_KEYS.get(key, key): old[key] for key in old}
        if column.name.endswith("Indicator"):
            _tag_indicator(column)
        else:
            _tag_component(column)
    draft.metadata = {
        key.replace("rerun.", "rerun:"): value
        for key, value in draft.metadata.items()
        if key != "rerun.version"
    }


def _tag_indicator(column: Column) -> None:
    """Indicators belong to no archetype; older ones had only a short column name."""
    name = column.name if column.name.startswith("rerun.") else f"rerun.components.{column.name}"
    column.metadata["rerun:component"] = column.metadata.pop("rerun.component", name)
    column.metadata.pop("rerun.archetype", None)
    column.metadata.pop("rerun.archetype_field", None)


def _tag_component(column: Column) -> None:
    """`Points3D` + `colors` + `rerun.components.Color` → `Points3D:colors`, with its type."""
    component_type = column.metadata.pop("rerun.component", None)
    if component_type is None:
        return
    archetype = column.metadata.pop("rerun.archetype", None)
    field = column.metadata.pop("rerun.archetype_field", None)
    if field is None and (archetype is None or component_type.endswith("Indicator")):
        # Logged by hand, as AnyValues does it: the name was in the type's place.
        column.metadata["rerun:component"] = component_type
        return
    if archetype is not None:
        column.metadata["rerun:archetype"] = archetype
        field = component_type if field is None else f"{_short(archetype)}:{field}"
    column.metadata["rerun:component"] = field or component_type
    column.metadata["rerun:component_type"] = component_type


def _short(archetype: str) -> str:
    archetype = archetype.strip()
    for prefix in _PREFIXES:
        while archetype.startswith(prefix):
            archetype = archetype[len(prefix) :]
    return archetype


def move_recording_info(draft: Draft) -> None:
    """Properties of the recording itself got a shorter path and another archetype."""
    old, new = renames.OLD_PROPERTIES_NAME, renames.PROPERTIES_NAME
    for metadata in (draft.metadata, *(column.metadata for column in draft.columns)):
        if metadata.get("rerun:entity_path") == renames.OLD_PROPERTIES_PATH:
            metadata["rerun:entity_path"] = renames.PROPERTIES_PATH
    for column in draft.columns:
        column.name = column.name.replace(old, new)
        column.metadata = {key: value.replace(old, new) for key, value in column.metadata.items()}


# --- to 0.1.1, 0.1.2, 0.1.3, 0.1.4 --------------------------------------------------------------


def drop_indicators(draft: Draft) -> None:
    """Indicators said which archetype a row was logged as; descriptors say that now."""
    draft.columns = [column for column in draft.columns if not _is_indicator(column)]


def _is_indicator(column: Column) -> bool:
    marked = column.metadata.get("rerun:is_indicator")
    if marked is not None:
        return marked == "true"
    component = column.component or ""
    return component.startswith("rerun.components.") and component.endswith("Indicator")


def rename_types(table: dict[str, str]) -> Callable[[Draft], None]:
    """A step that gives component types other names."""

    def step(draft: Draft) -> None:
        for column in draft.columns:
            if column.component_type in table:
                column.metadata["rerun:component_type"] = table[column.component_type]

    return step


def move_components(draft: Draft) -> None:
    """Components that got another name, perhaps in another archetype."""
    for column in draft.columns:
        if column.component in renames.MOVED_COMPONENTS:
            component, archetype = renames.MOVED_COMPONENTS[column.component]
            column.metadata["rerun:component"] = component
            if archetype is not None:
                column.metadata["rerun:archetype"] = archetype


def replace_cell_kinds(draft: Draft) -> None:
    """Kinds of cells became names of component types: the one step that changes values."""
    for column in draft.columns:
        if column.component_type == renames.CELL_KIND_TYPE and column.array.type == pa.list_(pa.uint8()):
            column.array = _column_types(column.array)
            column.metadata["rerun:component"] = renames.COLUMN_TYPE_COMPONENT
            column.metadata["rerun:component_type"] = renames.COLUMN_TYPE_TYPE


def _column_types(kinds: pa.ListArray) -> pa.ListArray:
    row = {number: {"component_type_name": name} for number, name in renames.CELL_KINDS.items()}
    item = pa.struct([("component", pa.string()), ("component_type_name", pa.string())])
    rows = [
        None if instances is None else [None if kind is None else row.get(kind, {}) for kind in instances]
        for instances in kinds.to_pylist()
    ]
    return pa.array(rows, pa.list_(item))


# --- to any -------------------------------------------------------------------------------------


def complete_components(draft: Draft) -> None:
    """Every component column is a list and says what it is; the SDKs did so, others need not have."""
    for column in draft.columns:
        if column.metadata.setdefault("rerun:kind", "data") != "data":
            continue
        column.name = column.metadata.setdefault("rerun:component", column.name)
        if not pa.types.is_list(column.array.type):
            offsets = pa.array(range(len(column.array) + 1), pa.int32())
            column.array = pa.ListArray.from_arrays(offsets, column.array, mask=column.array.is_null())


Version = tuple[int, int, int, int]
"""Major, minor, patch, and 1 for a release or 0 for something before it."""

UNVERSIONED: Version = (0, 0, 0, 1)

STEPS: tuple[tuple[Version, Callable[[Draft], None]], ...] = (
    ((0, 1, 0, 1), order_columns),
    ((0, 1, 0, 1), pluralize_archetypes),
    ((0, 1, 0, 1), replace_dotted_keys),
    ((0, 1, 0, 1), move_recording_info),
    ((0, 1, 1, 1), drop_indicators),
    ((0, 1, 2, 1), rename_types(renames.POSE_TYPES)),
    ((0, 1, 2, 1), move_components),
    ((0, 1, 3, 1), rename_types(renames.VISIBLE_TYPES)),
    ((0, 1, 4, 1), replace_cell_kinds),
    ((0, 1, 4, 1), complete_components),
)
"""Each with the model it leads to: a chunk takes the steps that lead beyond its own."""
