"""Live data to Rerun's own servers and viewers, and to whatever else speaks their protocol."""

from __future__ import annotations

from rrsdk.sinks.grpc.sink import GrpcSink

__all__ = ["GrpcSink"]
