"""The values of blueprints' components, by the names that they have in Rerun's encodings."""

from __future__ import annotations

from typing import Any

from rrsdk.blueprint import components


def __getattr__(name: str) -> Any:
    return getattr(components, name)
