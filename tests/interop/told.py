"""What a value of ours and one of the real SDK's say of themselves, to be compared."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

import rrsdk.archetypes
import rrsdk.components
import rrsdk.encodings


class Ours:
    """Our modules, with names where the real SDK has them."""

    components, encodings = rrsdk.components, rrsdk.encodings

    def __getattr__(self, name: str) -> Any:
        return getattr(rrsdk.archetypes if name in dir(rrsdk.archetypes) else rrsdk.components, name)


OURS = Ours()


def batches(loggable: Any) -> dict[tuple[Any, ...], pa.Array]:
    """Arrays by name, archetype and type."""
    found = {}
    for batch in loggable.as_component_batches():
        named = batch.component_descriptor()
        key = (named.component, named.archetype, named.component_type)
        found[key] = batch.as_arrow_array()
    return found


def encoded(loggable: Any) -> dict[tuple[Any, ...], pa.Array]:
    """The same of what the batcher gets, one row."""
    found = {}
    for column in type(loggable).encode([loggable]):
        told = {key.decode(): value.decode() for key, value in column.field.metadata.items()}
        assert told["rerun:kind"] == "data"
        assert column.field.name == told["rerun:component"]
        assert column.field.type == column.array.type
        column.array.validate(full=True)
        key = (told["rerun:component"], told.get("rerun:archetype"), told.get("rerun:component_type"))
        found[key] = column.array.values
    return found


def assert_equal(ours: dict[Any, pa.Array], theirs: dict[Any, pa.Array]) -> None:
    assert ours.keys() == theirs.keys()
    for key, array in theirs.items():
        assert ours[key].type == array.type
        assert ours[key].to_pylist() == array.to_pylist(), key
