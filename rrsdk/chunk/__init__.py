"""Chunks: rows of one entity in Arrow columns, sorted, cut, joined and given other columns."""

from __future__ import annotations

from rrsdk.chunk.chunk import Chunk
from rrsdk.chunk.dataframe import AUTO_INDEX

__all__ = ["AUTO_INDEX", "Chunk"]
