"""A LiveSink over gRPC: into Rerun's own viewer and server, or into ours.

This protocol has no acknowledgements of its own. What is known: a WriteMessages call that was
answered has arrived whole (`held`); one that broke may have arrived in part (`lost`, and said so);
it is not sent again, since most of it would then be there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.codec.frames import Kind
from rrsdk.codec.logmsg import wrap
from rrsdk.endpoint import DEFAULT_PORT
from rrsdk.identity import StoreKind
from rrsdk.ipc.manifest import NUM_ROWS, OFFSET, SIZE
from rrsdk.message import Activation, ChunkMsg, Chunks, StoreInfo
from rrsdk.proxy import forked_with_grpc, load_grpc, parse_proxy
from rrsdk.sinks.grpc.courier import Courier, Parcel, Policy
from rrsdk.sinks.live import Amount, Flushed, SinkStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.endpoint import Endpoint
    from rrsdk.message import Message
    from rrsdk.sinks.grpc.carrier import Carrier

BUFFER_BYTES = 256 * 1024 * 1024
BLOCK_S = 30.0


class GrpcSink:
    """Connects when the first message comes, again whenever the connection breaks, and says what was lost.

    When `buffer_bytes` wait, `put` blocks for `block_s` at most and then drops, counted: what it was
    given, or with `drop_oldest` what has waited longest. Store infos, blueprints and static data stay.
    """

    def __init__(
        self,
        url: str | Endpoint = f"rerun+http://127.0.0.1:{DEFAULT_PORT}/proxy",
        *,
        buffer_bytes: int = BUFFER_BYTES,
        block_s: float = BLOCK_S,
        drop_oldest: bool = False,
    ) -> None:
        self._endpoint = parse_proxy(url) if isinstance(url, str) else url
        if not forked_with_grpc():
            load_grpc()  # so that a missing package is an error here, and not a line in a status
        self.name = self._endpoint.url
        self.compress = not self._endpoint.is_local
        self._courier = Courier(self.name, Policy(buffer_bytes, block_s, drop_oldest), self._carrier)

    def _carrier(self) -> Carrier:
        if forked_with_grpc():
            from rrsdk.sinks.grpc.relay import RelayCarrier

            return RelayCarrier(self._endpoint)
        from rrsdk.sinks.grpc.carrier import DirectCarrier

        return DirectCarrier(self._endpoint)

    def put(self, message: Message) -> None:
        """Queue it; blocks only while the queue is full."""
        for parcel in parcels(message):
            self._courier.put(parcel)

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until the proxy has said that it took everything."""
        return self._courier.flush(timeout_s)

    def close(self, timeout_s: float) -> Flushed:
        """Flush and disconnect."""
        return self._courier.close(timeout_s)

    def abandon(self) -> None:
        """In a forked child: what is under way is the parent's; the next message opens a new connection."""
        self._courier.abandon()

    def status(self) -> SinkStatus:
        """`lost` is what may be lost: the call that carried it broke before it was answered."""
        return self._courier.status()


def parcels(message: Message) -> Iterator[Parcel]:
    """What is to be sent for a message, ready to go."""
    if isinstance(message, ChunkMsg):
        keep = message.row.shape.layout.is_static or message.store.kind is StoreKind.BLUEPRINT
        yield Parcel(wrap(Kind.CHUNK, message.parts), Amount.of(message), may_be_dropped=not keep)
    elif isinstance(message, StoreInfo):
        request = wrap(Kind.STORE_INFO, (message.payload,))
        yield Parcel(request, Amount.of(message), message.store, may_be_dropped=False)
    elif isinstance(message, Activation):
        request = wrap(Kind.BLUEPRINT_ACTIVATION, (message.payload,))
        yield Parcel(request, Amount.of(message), may_be_dropped=False)
    elif isinstance(message, Chunks):
        table, origin = message.manifest.table, message.origin
        rows = table.u64(NUM_ROWS)
        for offset, size, count in zip(table.u64(OFFSET), table.u64(SIZE), rows):
            request = wrap(Kind.CHUNK, (origin.read(offset, size),))
            yield Parcel(request, Amount(1, count, size))
