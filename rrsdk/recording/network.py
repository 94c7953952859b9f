"""Recordings that leave the process: to a broker, to Rerun, or by being the broker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rrsdk.endpoint import DEFAULT_PORT, control_port, parse_endpoint
from rrsdk.errors import OutputError, RrError
from rrsdk.recording import family
from rrsdk.recording.kinship import Kinship
from rrsdk.recording.modes import arm, chosen, use

if TYPE_CHECKING:
    from rrsdk.recording.stream import RecordingStream


def connect(
    url: str | None = None,
    *,
    policy: Any = None,
    buffer_bytes: int | None = None,
    overflow_dir: str | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Send to a broker (`rrtool serve`) at `host:port`, over ZeroMQ, acknowledged.

    Returns at once; the connection is made, and made again, in the background. `policy`: `block`
    (for at most 30 s, or `block(5)`), `drop-oldest` or `latest-only` where the broker cannot follow.
    `overflow_dir`: where what was not acknowledged at exit is kept as an .rrd file.
    """
    stream = chosen(recording, "connect")
    if stream is None:
        return
    options: dict[str, Any] = {}
    if policy is not None:
        options["policy"] = str(policy)
    if buffer_bytes is not None:
        options["buffer_bytes"] = buffer_bytes
    if overflow_dir is not None:
        options["overflow_dir"] = os.path.abspath(overflow_dir)
    _connect(stream, url or f"127.0.0.1:{DEFAULT_PORT}", options, default_blueprint)


def _connect(stream: RecordingStream, url: str, options: dict[str, Any], blueprint: Any) -> None:
    from rrsdk.sinks.zmq.sink import ZmqSink

    endpoint = parse_endpoint(url)
    kinship = Kinship("connect", url=endpoint.url, options=options)
    use(stream, [ZmqSink(endpoint, **options)], kinship, blueprint=blueprint, network=True)
    arm()


def connect_grpc(
    url: str | None = None, *, default_blueprint: Any = None, recording: RecordingStream | None = None
) -> None:
    """Send over gRPC to `rerun+http://host:port/proxy`: our broker, or Rerun. Wants the extra `grpc`."""
    stream = chosen(recording, "connect_grpc")
    if stream is None:
        return
    from rrsdk.sinks.grpc import GrpcSink

    target = url or f"rerun+http://127.0.0.1:{DEFAULT_PORT}/proxy"
    sink = GrpcSink(target)
    use(stream, [sink], Kinship("grpc", url=target), blueprint=default_blueprint, network=True)
    arm()


def serve(
    *,
    port: int | None = None,
    bind: str = "127.0.0.1",
    memory_limit: str | int | None = None,
    newest_first: bool = False,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> str:
    """Be the broker: others may connect and log, subscribe, or ask. Returns the URL to connect to."""
    stream = chosen(recording, "serve")
    if stream is None:
        return "[recording is switched off]"
    return _serve(stream, port, bind, memory_limit, newest_first, default_blueprint, grpc=False)


def serve_grpc(
    *,
    grpc_port: int | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
    server_memory_limit: str | int = "1GiB",
    newest_first: bool = False,
    cors_allow_origin: list[str] | None = None,
) -> str:
    """Be the broker, and offer Rerun's gRPC service too. Returns its URL. Wants the extra `grpc`."""
    del cors_allow_origin  # of browsers, which are not served here
    stream = chosen(recording, "serve_grpc")
    if stream is None:
        return "[recording is switched off]"
    return _serve(
        stream, grpc_port, "127.0.0.1", server_memory_limit, newest_first, default_blueprint, grpc=True
    )


def _serve(
    stream: RecordingStream,
    port: int | None,
    bind: str,
    memory_limit: str | int | None,
    newest_first: bool,
    blueprint: Any,
    *,
    grpc: bool,
) -> str:
    port = DEFAULT_PORT if port is None else port
    parent = family.server_of(port)
    if parent:
        _connect(stream, parent, {}, blueprint)
        return parent
    from rrsdk.broker.service import Broker
    from rrsdk.recording.served import ServedSink

    broker = Broker(port=port, bind=bind, memory_limit=_bytes(memory_limit), newest_first=newest_first)
    broker.start()
    adapter: Any = None
    try:
        if grpc:
            from rrsdk.broker.grpc import GrpcAdapter

            adapter = GrpcAdapter(broker, port=port, bind=bind)
            adapter.start()
        sink = ServedSink(broker, before_stop=adapter.stop if adapter is not None else None)
    except RrError:
        broker.stop()
        raise
    use(stream, [sink], Kinship("connect", url=broker.url), blueprint=blueprint, network=True)
    arm()
    return str(adapter.url) if adapter is not None else broker.url


_UNITS = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


def _bytes(limit: str | int | None) -> int | None:
    """`1GiB`, `500MB`, `75%` of this machine's memory, or a number of bytes."""
    if limit is None or isinstance(limit, int):
        return limit
    text = limit.strip().upper()
    try:
        if text.endswith("%"):
            from rrsdk.broker.memory import share_of_memory

            return share_of_memory(float(text[:-1]))
        for unit in sorted(_UNITS, key=len, reverse=True):
            if text.endswith(unit):
                return int(float(text[: -len(unit)]) * _UNITS[unit])
        return int(text)
    except ValueError:
        raise OutputError(f"{limit!r} is no amount of memory", hint="write it like 1GiB or 75%") from None


def spawn(
    *,
    port: int = DEFAULT_PORT,
    connect: bool = True,  # Rerun's name
    memory_limit: str = "75%",
    server_memory_limit: str = "1GiB",
    hide_welcome_screen: bool = False,
    detach_process: bool = True,
    executable_name: str = "",
    executable_path: str | None = None,
    default_blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Start a broker as a program of its own, unless one runs there, and connect to it. No viewer yet."""
    del memory_limit, hide_welcome_screen, executable_name, executable_path  # of the viewer
    stream = chosen(recording, "spawn")
    if stream is None:
        return
    from rrsdk import launch

    launch.broker(
        port=port, control=control_port(port), memory_limit=server_memory_limit, detach=detach_process
    )
    stream.reporter.say(
        f"no viewer yet: `rrtool serve` runs on port {port}; "
        f"`rrtool record localhost:{port} -o FILE` records what it gets"
    )
    if connect:
        _connect(stream, f"127.0.0.1:{port}", {}, default_blueprint)
