"""Log multimodal data over time, and read it back: the SDK of rrkit."""

from __future__ import annotations
