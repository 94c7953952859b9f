"""Rerun's MessageProxyService on the broker: what the real SDK writes to and the real viewer reads from.

Handlers take and give bytes: of a message only the wrapper is looked at, the payload goes to the
broker's intake as it came. One thread a stream, so that whoever is slow waits alone: a writer is read
from as fast as the broker takes in, a reader has a queue of its own.
"""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, Protocol

from rrsdk.broker.access import GrpcAccess
from rrsdk.broker.local import END, Delivery, Missed
from rrsdk.codec.frames import Kind
from rrsdk.codec.logmsg import check_table, unwrap, wrap
from rrsdk.endpoint import DEFAULT_PORT
from rrsdk.errors import FormatError, OutputError, RrError, UsageError
from rrsdk.proxy import MAX_MESSAGE, SERVICE, load_grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rrsdk.broker.local import LocalProducer, LocalSubscription

TABLE = 4
_NO_KIND = 0
"""What the broker refuses, and counts where people look for it."""
MAX_STREAMS = 256
"""Writers and readers at once; each has a thread. One more is told RESOURCE_EXHAUSTED."""
READER_BYTES = 64 * 1024 * 1024
"""What waits for one reader at most."""
_COPIED = 16 * 1024
_LOOK_UP_S = 0.25
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # not to be connected to


class _Threads(Executor):
    """A thread a call; how many there are at once the server bounds.

    Those of the standard pool are waited for when the interpreter ends, before anything could stop the
    server: a program with a viewer connected would never end.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it at once."""
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001  # it is the server's
                future.set_exception(error)

        threading.Thread(target=run, name="rrkit-grpc", daemon=True).start()
        return future


class BrokerSeam(Protocol):
    """As much of the broker as is needed here."""

    def producer(self, *, name: str, host: str = ..., policy: str = ...) -> LocalProducer:
        """Whoever writes."""

    def subscription(
        self,
        *,
        newest_first: bool | None = ...,
        live: bool = ...,
        credit_bytes: int = ...,
        wake: Callable[[], None] | None = ...,
    ) -> LocalSubscription:
        """Whoever reads."""

    def also(self, name: str, ask: Callable[[], dict[str, Any]]) -> None:
        """Who is asked when the broker says how it stands."""


class GrpcAdapter:
    """Listens where it is told and feeds the broker until stopped. Stop it before the broker."""

    def __init__(
        self,
        broker: BrokerSeam,
        *,
        port: int = DEFAULT_PORT,
        bind: str = "127.0.0.1",
        insecure: bool = False,
        access: GrpcAccess | None = None,
        stall_timeout_s: float = 60.0,
        reader_bytes: int = READER_BYTES,
    ) -> None:
        """`port` 0: any that is free. `access`: who may connect, and the certificate.

        `insecure` allows a `bind` that others reach without any of that: anyone may write then.
        """
        self._access = access or GrpcAccess()
        self._bind = "0.0.0.0" if bind in ("", "*") else bind  # noqa: S104  # refused in the next line
        if (
            not (self._bind == "localhost" or self._bind == "::1" or self._bind.startswith("127."))
            and not insecure
            and not self._access.is_limited
        ):
            raise UsageError(
                f"gRPC on {self._bind} would let anyone on the network read and write",
                hint="limit who may: rrtool serve --grpc-allow CIDR, --grpc-tls-cert; or all: --insecure",
            )
        self._broker, self._port = broker, port
        self._stall_timeout_s, self._reader_bytes = stall_timeout_s, reader_bytes
        self._server: Any = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._counts = {"writers": 0, "readers": 0, "unreadable": 0, "turned_away": 0}
        self._missed = Missed(0, 0, 0)
        """By all readers together, those that left included."""

    @property
    def url(self) -> str:
        """What to give to `rr.connect_grpc` and `rerun --connect`."""
        host = "127.0.0.1" if self._bind in _WILDCARDS else self._bind
        scheme = "rerun+https" if self._access.certificate is not None else "rerun+http"
        return f"{scheme}://{_in_brackets(host)}:{self._port}/proxy"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    def status(self) -> dict[str, Any]:
        """Streams open now, messages that were no LogMsg, and what was evicted before a reader got it.

        What was refused for what is in it, the broker counts.
        """
        with self._lock:
            return {**self._counts, "missed": self._missed._asdict()}

    def start(self) -> None:
        """Listen; OutputError where the port is taken."""
        grpc = load_grpc()
        server = grpc.server(
            _Threads(),
            maximum_concurrent_rpcs=MAX_STREAMS,
            options=[
                ("grpc.max_send_message_length", MAX_MESSAGE),
                ("grpc.max_receive_message_length", MAX_MESSAGE),
                ("grpc.so_reuseport", 0),  # or a second server on the port would get half of the clients
                (
                    "grpc.keepalive_time_ms",
                    15_000,
                ),  # a reader whose machine is gone holds a thread and a queue
                ("grpc.keepalive_timeout_ms", 10_000),
                ("grpc.http2.max_pings_without_data", 0),
                ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
                ("grpc.http2.max_ping_strikes", 0),
            ],
        )
        server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    SERVICE,
                    {
                        # All take a stream, of one message where that is all there is: of a stream
                        # nothing is read before a handler asks for it, and looks at who it is first.
                        "WriteMessages": grpc.stream_unary_rpc_method_handler(self._write_messages),
                        "ReadMessages": grpc.stream_stream_rpc_method_handler(self._read_messages),
                        "WriteTable": grpc.stream_unary_rpc_method_handler(self._write_table),
                        "ReadTables": grpc.stream_stream_rpc_method_handler(self._read_tables),
                    },
                ),
            )
        )
        address = f"{_in_brackets(self._bind)}:{self._port}"
        try:
            certificate = self._access.certificate
            if certificate is None:
                bound = server.add_insecure_port(address)
            else:
                pair = (certificate.key, certificate.chain)
                bound = server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
        except RuntimeError:
            bound = 0
        if not bound:
            raise OutputError(
                f"gRPC cannot listen on {address}: the port is taken or not ours",
                hint="choose another --port",
            )
        self._port = bound
        self._broker.also("grpc", self.status)
        self._server = server
        server.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Let nobody in, give readers what waits for them, end all streams. Stopping twice is allowed."""
        server, self._server = self._server, None
        self._stopping.set()
        if server is not None:
            server.stop(timeout_s / 2).wait(timeout_s)

    def _write_messages(self, requests: Iterator[bytes], context: Any) -> bytes:
        grpc = load_grpc()
        self._let_in(context)
        self._count("writers", 1)
        producer = self._broker.producer(name=f"gRPC from {context.peer()}", host="", policy="block")
        try:
            for (
                request
            ) in requests:  # the next one is received when it is asked for: that is the backpressure
                kind: int
                try:
                    kind, payload = unwrap(request)
                except FormatError:  # from a newer SDK, perhaps; what comes behind it may be fine
                    self._count("unreadable", 1)
                    kind, payload = _NO_KIND, memoryview(request)
                whole = (
                    bytes(payload) if len(payload) < _COPIED else payload
                )  # a small view costs more than it saves
                producer.submit(kind, whole, timeout_s=self._stall_timeout_s)
            self._take_in(producer)
        except grpc.RpcError:  # the client is gone; what it sent stays
            pass
        except RrError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        finally:
            producer.close()
            self._count("writers", -1)
        return b""

    def _write_table(self, requests: Iterator[bytes], context: Any) -> bytes:
        grpc = load_grpc()
        self._let_in(context)
        request = next(requests, b"")
        producer = self._broker.producer(name=f"gRPC table from {context.peer()}", host="", policy="block")
        try:
            check_table(request)
            producer.submit(TABLE, request, timeout_s=self._stall_timeout_s)
            self._take_in(producer)
        except FormatError as error:
            self._count("unreadable", 1)
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except RrError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        finally:
            producer.close()
        return b""

    def _take_in(self, producer: LocalProducer) -> None:
        """The answer to a stream means that all of it is in the store."""
        if not producer.flush(timeout_s=self._stall_timeout_s):
            raise OutputError(f"not everything was taken in within {self._stall_timeout_s:.0f} s")

    def _read_messages(self, _requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        for kind, parts in self._deliveries(context):
            if kind in (Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION):
                yield wrap(kind, parts)

    def _read_tables(self, _requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        for kind, parts in self._deliveries(context):
            if kind == TABLE:
                yield b"".join(parts)

    def _deliveries(self, context: Any) -> Iterator[tuple[int, Any]]:
        """What there is and what comes, until the client leaves or the broker stops."""
        self._let_in(context)
        subscription = self._broker.subscription(credit_bytes=self._reader_bytes)
        self._count("readers", 1)
        try:
            while context.is_active():
                item = subscription.get(_LOOK_UP_S)
                if isinstance(item, Delivery):
                    yield item.kind, item.parts
                elif isinstance(item, Missed):  # there is no word for it in this protocol
                    with self._lock:
                        self._missed = Missed(*map(sum, zip(self._missed, item)))
                elif item is END or (item is None and self._stopping.is_set()):
                    return
        finally:  # also where the client is gone: gRPC closes the generator
            subscription.close()
            self._count("readers", -1)

    def _let_in(self, context: Any) -> None:
        """Or not: then nothing that was sent is read."""
        if not self._access.lets(context.peer()):
            self._count("turned_away", 1)
            context.abort(load_grpc().StatusCode.PERMISSION_DENIED, "this address may not connect here")

    def _count(self, what: str, change: int) -> None:
        with self._lock:
            self._counts[what] += change


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host
