"""Chunks: rows of one entity in Arrow columns, sorted, cut, joined and given other columns."""

from __future__ import annotations

from rrsdk.chunk.chunk import Chunk

__all__ = ["Chunk"]
