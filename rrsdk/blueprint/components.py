"""Components of blueprints: enums, batches, and values of several parts."""

from __future__ import annotations

from typing import Any

from rrsdk import components
from rrsdk.components import blueprint_records
from rrsdk.components.batch import batch_class
from rrsdk.components.choices import choice
from rrsdk.components.single import single


def __getattr__(name: str) -> Any:
    for make in (choice, single):
        try:
            return make(f"blueprint.{name}")
        except KeyError:
            pass
    found = vars(blueprint_records).get(name) if name[:1].isupper() else None
    if found is not None and found.__module__ == blueprint_records.__name__:
        return found
    if name.endswith("Batch"):
        try:
            return batch_class(f"rerun.blueprint.components.{name.removesuffix('Batch')}")
        except KeyError:
            pass
    return getattr(components, name)
