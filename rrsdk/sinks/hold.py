"""Messages kept in memory: until a recording has a sink, or until somebody takes them out."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from rrsdk.codec.frames import CURRENT_VERSION, Kind, message_header, stream_header
from rrsdk.identity import StoreKind
from rrsdk.ipc.keys import PROPERTIES
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sinks.live import Amount, Flushed, SinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Message

BUDGET_BYTES: Final = 512 * 1024 * 1024


class InMemory:
    """What both sinks here have in common: nothing is ever under way, and a child begins with nothing."""

    name: str

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._taken = self._dropped = self._lost = Amount()
        self._closed = False

    def flush(self, timeout_s: float) -> Flushed:
        """What was put is where it belongs."""
        del timeout_s
        return Flushed(True)

    def close(self, timeout_s: float) -> Flushed:
        """Nothing is taken any more; what is there stays."""
        del timeout_s
        self._closed = True
        return Flushed(True)

    def abandon(self) -> None:
        """In a forked child: what is here is the parent's."""
        self._renew()

    def status(self) -> SinkStatus:
        """How it stands."""
        return SinkStatus(
            self.name,
            "closed" if self._closed else "open",
            sent=self._taken + self._lost,
            held=self._taken,
            lost=self._lost,
            dropped=self._dropped,
        )


class HoldSink(InMemory):
    """Keeps messages, the latest ones where they are more than `budget_bytes`; a LiveSink."""

    def __init__(
        self,
        name: str = "memory",
        *,
        budget_bytes: int = BUDGET_BYTES,
        report: Callable[[str], None] | None = None,
        compress: bool = False,
    ) -> None:
        """`report` hears of the first chunk that has to go."""
        self.name = name
        self.compress = compress
        self._budget, self._report = budget_bytes, report
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._fixed: list[Message] = []
        """Store infos and blueprints: small, and what comes later makes no sense without them."""
        self._activations: list[Message] = []
        self._chunks: deque[ChunkMsg] = deque()
        self._size = 0

    def put(self, message: Message) -> None:
        """Keep one message; store infos and blueprints stay whatever comes."""
        with self._lock:
            if self._closed:
                self._lost += Amount.of(message)
                return
            self._taken += Amount.of(message)
            if isinstance(message, Activation):
                self._activations.append(message)
                return
            if not isinstance(message, ChunkMsg) or message.store.kind is StoreKind.BLUEPRINT:
                self._fixed.append(message)
                return
            self._chunks.append(message)
            self._size += message.size
            while self._size > self._budget and len(self._chunks) > 1:
                oldest = self._chunks.popleft()
                self._size -= oldest.size
                if not self._dropped and self._report is not None:
                    self._report(
                        f"{self.name}: more than {self._budget >> 20} MiB wait for a sink: "
                        "the oldest are dropped and counted; call save() or connect()"
                    )
                self._dropped += Amount.of(oldest)

    def take(self) -> list[Message]:
        """Everything that is kept, which is then forgotten."""
        with self._lock:
            found: list[Message] = [*self._fixed, *self._activations, *self._chunks]
            self._fixed, self._activations, self._size = [], [], 0
            self._chunks.clear()
        return found

    def amount(self) -> Amount:
        """How much of what was logged is kept; properties that every recording has do not count."""
        with self._lock:
            found = [one for one in self._chunks if not one.row.shape.layout.entity.startswith(PROPERTIES)]
            return sum(map(Amount.of, found), Amount())

    def __len__(self) -> int:
        return len(self._fixed) + len(self._activations) + len(self._chunks)


class StreamSink(InMemory):
    """Collects a stream's bytes until they are read; a LiveSink without a bound, as in Rerun."""

    def __init__(self, name: str = "binary stream") -> None:
        self.name = name
        self.compress = True
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._pieces: list[Buffer] = [stream_header(CURRENT_VERSION)]

    def put(self, message: Message) -> None:
        """Append one message."""
        with self._lock:
            if self._closed:
                self._lost += Amount.of(message)
                return
            self._taken += Amount.of(message)
            if isinstance(message, ChunkMsg):
                self._pieces += (message_header(Kind.CHUNK, message.size), *message.parts)
                return
            assert isinstance(message, (StoreInfo, Activation)), "what is logged lies in memory"
            kind = Kind.STORE_INFO if isinstance(message, StoreInfo) else Kind.BLUEPRINT_ACTIVATION
            self._pieces += (message_header(kind, len(message.payload)), message.payload)

    def read(self) -> bytes:
        """The bytes that came since the last call."""
        with self._lock:
            pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
