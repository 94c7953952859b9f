"""Live sink to a broker over ZeroMQ: `outbox` keeps, `link` decides, `sockets` and `sink` do."""

from __future__ import annotations
