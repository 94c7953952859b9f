"""From rows to chunks: what `log` records is gathered here and becomes Arrow by the batch."""

from __future__ import annotations
