"""Archetypes that Rerun calls experimental: how tables are shown."""

from __future__ import annotations

from rrsdk.archetypes.blueprint import (
    CardLayout,
    PreviewsConfig,
    TableBlueprint,
    TableColumn,
    TableColumnPreview,
    TableLayout,
)

__all__ = [
    "CardLayout",
    "PreviewsConfig",
    "TableBlueprint",
    "TableColumn",
    "TableColumnPreview",
    "TableLayout",
]
