"""What programs call: recordings, the times they log at, and where their data go."""

from __future__ import annotations
