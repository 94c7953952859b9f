"""Recordings as tables: Arrow record batches of entities and components, on a timeline of your choice."""

from __future__ import annotations

from rrsdk.dataframe.loading import load_recording
from rrsdk.dataframe.recording import Recording
from rrsdk.dataframe.schema import (
    ComponentColumnDescriptor,
    ComponentColumnSelector,
    IndexColumnDescriptor,
    IndexColumnSelector,
    Schema,
)
from rrsdk.dataframe.view import View

__all__ = [
    "ComponentColumnDescriptor",
    "ComponentColumnSelector",
    "IndexColumnDescriptor",
    "IndexColumnSelector",
    "Recording",
    "Schema",
    "View",
    "load_recording",
]
