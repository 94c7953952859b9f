"""Recordings that leave the process: to a broker, to Rerun, or by being the broker."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rrsdk import launch, settings
from rrsdk.endpoint import DEFAULT_PORT, control_port, parse_endpoint
from rrsdk.errors import RrError, UsageError
from rrsdk.quantity import parse_size
from rrsdk.recording import exit, family  # noqa: A004  # the end of the process
from rrsdk.recording.kinship import Kinship
from rrsdk.recording.modes import Unopened, is_on, use

if TYPE_CHECKING:
    from rrsdk.broker.guard import BrokerKeys
    from rrsdk.recording.core import Core
    from rrsdk.recording.served import ServedSink
    from rrsdk.sinks.live import LiveSink


def connect(
    stream: Core,
    url: str | None,
    *,
    policy: Any,
    buffer_bytes: int | str | None,
    overflow_dir: str | None,
    blueprint: Any,
) -> None:
    """Send to a broker over ZeroMQ."""
    if not is_on(stream, "connect"):
        return
    from rrsdk.sinks.zmq.sink import ZmqSink

    options: dict[str, Any] = {
        "start": family.start_here()
    }  # plain values: children open links of their own with them
    if policy is not None:
        options["policy"] = str(policy)
    if buffer_bytes is not None:
        options["buffer_bytes"] = _bytes(buffer_bytes)
    if overflow_dir is not None:
        options["overflow_dir"] = os.path.abspath(overflow_dir)
    endpoint = parse_endpoint(url or f"127.0.0.1:{DEFAULT_PORT}")
    kinship = Kinship("connect", url=endpoint.address, options=options)
    use(
        stream,
        [ZmqSink(endpoint, **options, report=stream.reporter.say)],
        kinship,
        blueprint=blueprint,
        network=True,
    )
    exit.arm_child_of_family()


def connect_grpc(stream: Core, url: str | None, blueprint: Any) -> None:
    """Send over gRPC."""
    if not is_on(stream, "connect_grpc"):
        return
    from rrsdk.sinks.grpc import GrpcSink

    target = url or f"rerun+http://127.0.0.1:{DEFAULT_PORT}/proxy"
    use(stream, [GrpcSink(target)], Kinship("grpc", url=target), blueprint=blueprint, network=True)
    exit.arm_child_of_family()


@dataclass(frozen=True, slots=True)
class Serving:
    """How to be the broker."""

    port: int | None
    bind: str = "127.0.0.1"
    memory_limit: str | int | None = None
    newest_first: bool = False
    grpc: bool = False
    keys: bool | str | os.PathLike[str] | None = None
    """Encrypt, and let in only whom these allow: True for the user's own, else a folder."""


def serve(stream: Core, about: Serving, blueprint: Any) -> str:
    """Be the broker; a child of a process that is it already connects to that."""
    if not is_on(stream, "serve"):
        return "[recording is switched off]"
    port = DEFAULT_PORT if about.port is None else about.port
    parents = family.server_of(port)
    if parents:
        connect(stream, parents, policy=None, buffer_bytes=None, overflow_dir=None, blueprint=blueprint)
        return parents
    sink, url, kinship = _hosted(port, about)
    use(stream, [sink], kinship, blueprint=blueprint, network=True)
    exit.arm_child_of_family()
    return url


def _hosted(port: int, about: Serving) -> tuple[ServedSink, str, Kinship]:
    """A broker in this process, the URL for those who connect, and how children do."""
    from rrsdk.broker.service import Broker
    from rrsdk.recording.served import ServedSink

    keys = _keys(about.keys)
    broker = Broker(
        keys=keys,
        port=port,
        bind=about.bind,
        memory_limit=_bytes(about.memory_limit),
        newest_first=about.newest_first,
    )
    broker.start()
    adapter: Any = None
    try:
        if about.grpc:
            from rrsdk.broker.grpc import GrpcAdapter

            adapter = GrpcAdapter(broker, port=port, bind=about.bind)
            adapter.start()
        start = family.start_here()
        sink = ServedSink(broker, start=start, before_stop=adapter.stop if adapter is not None else None)
    except RrError:
        broker.stop()
        raise
    url = broker.url
    if keys is not None:
        from rrsdk.keys import key_text

        url += f"?key={key_text(keys.pair.public)}"
    kinship = Kinship("connect", url=url, options={"start": start})
    return sink, str(adapter.url) if adapter is not None else url, kinship


def _keys(which: bool | str | os.PathLike[str] | None) -> BrokerKeys | None:
    if which is None or which is False:
        return None
    from rrsdk.broker.guard import BrokerKeys
    from rrsdk.keys import KeyFolder

    return BrokerKeys.of(KeyFolder(None if which is True else which))


class GrpcServerSink(Unopened):
    """For `set_sinks`: a server for gRPC and ZeroMQ, like that of `serve_grpc`, which runs from here on.

    Exchanging the recording's sinks ends it. Unlike Rerun's it listens to this machine alone unless told
    otherwise.
    """

    def __init__(
        self,
        bind_ip: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        server_memory_limit: str | int = "1GiB",
        newest_first: bool = False,
        cors_allow_origin: list[str] | None = None,
    ) -> None:
        """Listen. OutputError where the port is taken."""
        del cors_allow_origin  # of browsers, which are not served here
        about = Serving(port, bind_ip, server_memory_limit, newest_first, grpc=True)
        self._sink, self.uri, _ = _hosted(port, about)

    def open(self, stream: Core) -> LiveSink:
        """The sink itself, of one recording alone."""
        del stream
        return self._sink


def _bytes(limit: str | int | None) -> int | None:
    """`1GiB`, `500MB`, `75%` of this machine's memory, or a number of bytes."""
    if limit is None:
        return None
    text = str(limit).strip().upper()
    try:
        if text.startswith("-"):
            raise ValueError
        if text.endswith("%"):
            from rrsdk.broker.memory import share_of_memory

            return share_of_memory(float(text[:-1]))
        return parse_size(text)
    except ValueError:
        raise UsageError(f"{limit!r} is no amount of memory", hint="write it like 1GiB or 75%") from None


def spawn(stream: Core, *, port: int, memory_limit: str, detach: bool) -> None:
    """Start a broker as a program of its own, unless one runs there; the viewer is yet to come."""
    if not is_on(stream, "spawn") or settings.forced_save():  # then nothing would be sent to it
        return
    launch.broker(port=port, control=control_port(port), memory_limit=memory_limit, detach=detach)
    stream.reporter.say(
        f"no viewer yet: `rrtool serve` runs on port {port}; "
        f"`rrtool record localhost:{port} -o FILE` records what it gets"
    )
