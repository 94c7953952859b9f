"""From a child process to the parent that holds the file: a stream of messages, acknowledged.

A Unix socket in a directory that only this user may enter. Frames go up (`FRAME`, then the
payload), numbers of what the parent has taken come down. What is not acknowledged is kept, so that
where the parent is gone, it goes to a file of the child's own: nothing is lost with the parent.

A parent may also be busy for long and come back: then what lies in the socket must not be taken as
well. So there is a token, an empty file beside the socket. The parent renames it to the number of the
last message that it is about to take; a child that goes alone renames it to what the parent does not
know. Either is one step that the other cannot interrupt: each message is taken by one of them.
"""

from __future__ import annotations

import os
import secrets
import select
import socket
import struct
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from rrsdk.codec.frames import Kind
from rrsdk.identity import StoreKind
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sinks.live import Amount, Flushed, LiveSink, SinkStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.message import Buffer, Message

FRAME: Final = struct.Struct("<4sB3xQQ")
"""`RRU1`, kind, number of the message, size of the payload that follows."""
MAGIC: Final = b"RRU1"
TOKEN: Final = 0
"""Instead of a kind: the payload is the name of the token, without the number at its end."""
ACK: Final = struct.Struct("<Q")
"""The number of the last message that was taken."""

_WINDOW: Final = 32 * 1024 * 1024
_PATIENCE_S: Final = 10.0
_CONNECT_S: Final = 2.0
_MAX_PIECES: Final = 256


class UplinkSink:
    """Sends to the parent's socket; a LiveSink."""

    compress = True  # in the child: that is work the parent need not do

    def __init__(
        self,
        path: str,
        *,
        owner: int,
        alone: Callable[[], LiveSink | None],
        report: Callable[[str], None],
    ) -> None:
        """`alone` makes the child's own sink, for when the parent is gone; `owner` is its pid."""
        self.name = f"process {owner}"
        self._path, self._alone, self._report = path, alone, report
        self._lock = threading.RLock()
        self._socket: socket.socket | None = None
        self._own: LiveSink | None = None
        self._token = ""
        self._infos: list[Message] = []
        self._number = 0
        self._unsent: deque[memoryview] = deque()
        self._unacked: deque[tuple[int, Message, int]] = deque()
        self._window = 0
        self._acks = b""
        self._sent = self._held = self._lost = Amount()
        self._is_closed = self._is_alone = False
        self._connect()

    def _connect(self) -> None:
        try:
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        except (OSError, AttributeError) as error:
            self._go_alone(f"cannot be reached: {error}")
            return
        try:
            link.settimeout(_CONNECT_S)
            link.connect(self._path)
            link.setblocking(False)
        except OSError as error:
            link.close()
            self._go_alone(f"cannot be reached: {error}")
            return
        self._socket = link
        self._offer_token()

    def _offer_token(self) -> None:
        """The first thing that is sent. Where it cannot be made, only the parent's end is noticed."""
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        token = os.path.join(os.path.dirname(self._path), name)
        try:
            with open(f"{token}.0", "xb"):
                pass
        except OSError:
            return
        self._token = token
        payload = name.encode()
        self._unsent.append(memoryview(FRAME.pack(MAGIC, TOKEN, 0, len(payload)) + payload))

    def _take_token(self) -> int:
        """The number of the last message that the parent takes; it takes none from here on."""
        folder, name = os.path.split(self._token)
        while True:
            try:
                (found,) = [one for one in os.listdir(folder) if one.startswith(f"{name}.")]
                os.rename(os.path.join(folder, found), f"{self._token}.alone")
                return int(found.rpartition(".")[2])
            except FileNotFoundError:
                if not os.path.isdir(folder):
                    return 0
            except (OSError, ValueError):  # it has none any more: so it has hung up
                return 0

    def put(self, message: Message) -> None:
        """Send one message, or write it to the file of one's own."""
        with self._lock:
            if _begins_recording(message):
                self._infos.append(message)
            self._sent += Amount.of(message)
            if self._is_alone or self._is_closed:
                self._put_alone(message)
                return
            self._number += 1
            parts = _payload(message)
            size = sum(map(len, parts))
            frame = FRAME.pack(MAGIC, _KINDS[type(message)], self._number, size)
            self._unacked.append((self._number, message, size))
            self._window += size
            self._unsent.extend(memoryview(part).cast("B") for part in (frame, *parts) if len(part))
            deadline = time.monotonic() + _PATIENCE_S
            while self._pump(0.0) and self._window > _WINDOW:
                if time.monotonic() > deadline:
                    self._go_alone(f"has taken nothing for {_PATIENCE_S:g} s", lives=True)
                    return
                self._pump(0.05)

    def _pump(self, wait_s: float) -> bool:
        """Send what can be sent, hear what was taken; False where the parent is gone."""
        link = self._socket
        if link is None:
            return False
        try:
            if wait_s:
                select.select([link], [link] if self._unsent else [], [], wait_s)
            while self._unsent:
                try:
                    done = (
                        link.sendmsg(list(self._unsent)[:_MAX_PIECES])
                        if len(self._unsent) < 512
                        else (link.send(self._unsent[0]))
                    )
                except BlockingIOError:
                    break
                while self._unsent and done >= len(self._unsent[0]):
                    done -= len(self._unsent.popleft())
                if done:
                    self._unsent[0] = self._unsent[0][done:]
            while True:
                try:
                    heard = link.recv(65536)
                except BlockingIOError:
                    break
                if not heard:
                    raise ConnectionResetError("it has closed the connection")
                self._hear(heard)
        except OSError as error:
            self._go_alone(f"is gone: {error}")
            return False
        return True

    def _hear(self, heard: bytes) -> None:
        self._acks += heard
        whole = len(self._acks) // ACK.size * ACK.size
        if whole:
            (last,) = ACK.unpack_from(self._acks, whole - ACK.size)
            self._acks = self._acks[whole:]
            while self._unacked and self._unacked[0][0] <= last:
                _, message, size = self._unacked.popleft()
                self._held += Amount.of(message)
                self._window -= size

    def _go_alone(self, why: str, *, lives: bool = False) -> None:
        """The parent takes nothing any more: what it did not acknowledge goes to a file of our own.

        Where it `lives`, without what it has in hand.
        """
        if self._is_alone:
            return
        self._is_alone = True
        if lives and self._token:
            taken = self._take_token()
            while self._unacked and self._unacked[0][0] <= taken:
                self._held += Amount.of(self._unacked.popleft()[1])
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._own = self._alone()
        where = self._own.name if self._own is not None else "nowhere, which is counted as lost"
        if self._unacked or self._own is not None:
            self._report(f"{self.name} {why}; process {os.getpid()} goes on in {where}")
        for message in self._infos:
            if self._own is not None:
                self._own.put(message)
        left, self._unacked = self._unacked, deque()
        self._unsent.clear()
        self._window = 0
        for _, message, _ in left:
            if not _begins_recording(message):
                self._put_alone(message)

    def _put_alone(self, message: Message) -> None:
        if self._own is not None and not self._is_closed:
            self._own.put(message)
        else:
            self._lost += Amount.of(message)

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until the parent has taken everything."""
        deadline = time.monotonic() + timeout_s
        while True:
            with self._lock:
                if self._own is not None:
                    return self._own.flush(timeout_s)
                if not self._unacked:
                    return Flushed(not self._lost, *_numbers(self._lost), "the parent was gone")
                left = deadline - time.monotonic()
                if left <= 0:
                    return self._left("the parent has not taken it yet")
                self._pump(min(left, 0.02))

    def _left(self, why: str) -> Flushed:
        rows = sum(Amount.of(message).rows for _, message, _ in self._unacked)
        return Flushed(False, len(self._unacked), rows, self._window, f"{self.name}: {why}")

    def close(self, timeout_s: float) -> Flushed:
        """Flush and hang up; what the parent has not taken by then goes to a file of our own."""
        if self._is_closed:
            return Flushed(True)
        ended = self.flush(timeout_s)
        with self._lock:
            if not ended and self._own is None:
                self._go_alone(f"did not take everything within {timeout_s:g} s", lives=True)
            if self._own is not None:
                ended = self._own.close(timeout_s)
            self._is_closed = True
            if self._socket is not None:
                self._socket.close()
                self._socket = None
        return ended

    def abandon(self) -> None:
        """In a forked child: the connection is its parent's, and our copy would only keep it open."""
        self._lock = threading.RLock()
        if self._socket is not None:
            self._socket.close()
        self._is_closed = self._is_alone = True
        self._socket, self._own = None, None

    def status(self) -> SinkStatus:
        """How it stands."""
        with self._lock:
            if self._own is not None:
                return self._own.status()
            waiting = sum((Amount.of(message) for _, message, _ in self._unacked), Amount())
            state = "closed" if self._is_closed else "broken" if self._is_alone else "connected"
            return SinkStatus(
                self.name, state, sent=self._sent, held=self._held, waiting=waiting, lost=self._lost
            )


_KINDS: Final = {
    StoreInfo: Kind.STORE_INFO,
    ChunkMsg: Kind.CHUNK,
    Activation: Kind.BLUEPRINT_ACTIVATION,
}


def _begins_recording(message: Message) -> bool:
    """What a file of our own begins with, whatever the parent has taken of it already."""
    return isinstance(message, StoreInfo) and message.store.kind is StoreKind.RECORDING


def _payload(message: Message) -> tuple[Buffer, ...]:
    if isinstance(message, ChunkMsg):
        return message.parts
    assert isinstance(message, (StoreInfo, Activation)), "what is logged lies in memory"
    return (message.payload,)


def _numbers(amount: Amount) -> tuple[int, int, int]:
    return amount.messages, amount.rows, amount.bytes
