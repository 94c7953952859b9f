"""The service that Rerun's SDK and viewer talk to: what its methods are called, how grpc is loaded and used.

grpc is an extra and slow to import, so nothing but `load_grpc` imports it, and only where it is used.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from rrsdk.endpoint import DEFAULT_PORT, Endpoint, Transport, parse_endpoint
from rrsdk.errors import RrError, UsageError

SERVICE = "rerun.sdk_comms.v1alpha1.MessageProxyService"
WRITE_MESSAGES = f"/{SERVICE}/WriteMessages"
READ_MESSAGES = f"/{SERVICE}/ReadMessages"
WRITE_TABLE = f"/{SERVICE}/WriteTable"
READ_TABLES = f"/{SERVICE}/ReadTables"

MAX_MESSAGE = 2**31 - 1
"""gRPC's own bound is 4 MiB, which two images exceed."""

_UNWATCHED_AFTER_S = 0.5

HINT = f"write it like rerun+http://localhost:{DEFAULT_PORT}/proxy"


class GrpcMissingError(RrError):
    """The extra `grpc` is not installed."""

    exit_code = 2


def parse_proxy(url: str) -> Endpoint:
    """The endpoint of a proxy; UsageError where the URL is that of something else."""
    endpoint = parse_endpoint(url)
    if endpoint.transport is not Transport.GRPC:
        raise UsageError("is not the address of a gRPC server", source=url, hint=HINT)
    return endpoint


def load_grpc() -> Any:
    """The grpc package; GrpcMissingError, which says what to install, where it is not there."""
    # Its handlers around fork work only while no thread is inside gRPC, and say so on stderr at every fork
    # when one is. What is forked here goes another way (see `forked_with_grpc`).
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    try:
        import grpc
    except ImportError as missing:
        raise GrpcMissingError(
            "talking gRPC needs the package grpcio", hint="pip install 'rrkit[grpc]'"
        ) from missing
    return grpc


def open_channel(endpoint: Endpoint) -> Any:
    """A channel of its own (gRPC would share a connection) that finds out when the other side is gone."""
    grpc = load_grpc()
    options = [
        ("grpc.max_send_message_length", MAX_MESSAGE),
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1000),
        ("grpc.max_reconnect_backoff_ms", 2000),
        ("grpc.keepalive_time_ms", 15_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.enable_http_proxy", 0 if endpoint.is_local else 1),
    ]
    if endpoint.is_encrypted:
        return grpc.secure_channel(endpoint.control, grpc.ssl_channel_credentials(), options=options)
    return grpc.insecure_channel(endpoint.control, options=options)


def close_channel(channel: Any, *, waited_for: Any = None) -> None:
    """Close a channel, a little later where its state was watched (with `waited_for`, if it still is).

    A thread of gRPC's own looks at the state, and every 0.2 s at whether that is still wanted; one that finds
    the channel closed under it ends with a traceback on stderr.
    """
    if waited_for is not None:
        channel.unsubscribe(waited_for)
    later = threading.Timer(_UNWATCHED_AFTER_S, channel.close)
    later.daemon = True
    later.start()


_forked_with_grpc = False


def forked_with_grpc() -> bool:
    """Whether this process was forked from one that had gRPC loaded: then gRPC hangs in it, for good."""
    return _forked_with_grpc


def _after_fork() -> None:
    global _forked_with_grpc  # noqa: PLW0603  # the state of the process, as is sys.modules
    _forked_with_grpc = _forked_with_grpc or "grpc._cython.cygrpc" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
