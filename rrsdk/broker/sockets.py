"""The broker's two ZeroMQ sockets: where they listen, and what is received and sent without copies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq

from rrsdk.broker.guard import user_of
from rrsdk.broker.session import PortTakenError, bracketed, is_loopback, listener, who
from rrsdk.codec.envelope import MAX_WORD, PRODUCER_SIZE, STAMP_SIZE, Word, pack_word
from rrsdk.endpoint import control_port
from rrsdk.errors import OutputError, UsageError

if TYPE_CHECKING:
    from rrsdk.broker.guard import Guard
    from rrsdk.store.entry import Part

_UNCOPIED = 64 * 1024
"""From this size on a payload stays in the memory that ZeroMQ received it into."""
_COPIED_PIECE = 8192
"""Smaller frames share a buffer of this size in ZeroMQ, and would keep all of it."""
_MOST_FRAMES = 4096
# Where a receive queue is full, libzmq 4.3.5 stops reading that connection; if it breaks, and a heartbeat
# is due or unread, the whole process is aborted (an assertion in its out_event). So no heartbeats here (the
# protocol's pings and TCP's keepalive find who is gone), and queues that credit in bytes does not fill.
_WORDS_UNREAD = 20_000
_WORDS_WAITING = 20_000
_DATA_WAITING = 200_000
_KEEPALIVE_S = 10
_UNREAD_MS = 30_000
"""Whoever takes nothing for so long is cut off: it was away for long already, and what waits for it in
ZeroMQ, its credit at most, would be kept until the kernel gives up, after a quarter of an hour."""
_HANDSHAKE_MS = 5_000
"""Whoever connects and has not said by then who he is does not hold a connection any longer."""
_LINGER_MS = 500
_SIZE_AT = STAMP_SIZE - 8
_PRODUCER_AT = slice(12, 12 + PRODUCER_SIZE)
_UNLAWFUL_AT_ONCE = 256
"""More than so many messages that nobody may send are not thrown away in one go."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker listens."""

    port: int | None
    """The session's; None: a private broker in `folder`."""
    address: str
    data_port: int | None
    folder: str | None

    @property
    def url(self) -> str:
        """What clients connect to."""
        if self.port is None:
            return f"ipc://{self.folder}"
        host = "127.0.0.1" if self.address in ("0.0.0.0", "*") else self.address  # noqa: S104  # to be connected to
        return f"tcp://{bracketed('::1' if host == '::' else host)}:{self.port}"

    def check(self, *, insecure: bool, has_keys: bool = False) -> None:
        """Refuse what cannot be listened on, and what others could reach."""
        if self.port is None:
            if len(f"{self.folder}/control") > zmq.IPC_PATH_MAX_LEN:
                raise UsageError(f"{self.folder}: the folder's name is too long for a socket in it")
            return
        if not 1 <= self.port <= 65_535:
            raise UsageError(f"{self.port} is no port; 1 to 65535 are")
        if not is_loopback(self.address) and not insecure and not has_keys:
            raise UsageError(
                f"listening on {self.address} would let anyone on the network read and write",
                hint="let in only whom you know: rrtool serve --curve; or everybody: --insecure",
            )


def bind(
    context: zmq.Context[Any], place: Place, *, max_message: int, guard: Guard | None = None
) -> tuple[Any, Any, str]:
    """Control socket, data socket, and the data endpoint that clients are told."""
    control, data = context.socket(zmq.ROUTER), context.socket(zmq.PULL)
    for each in (control, data):
        each.linger = 0
        each.ipv6 = ":" in place.address
        each.tcp_keepalive, each.tcp_keepalive_idle, each.tcp_keepalive_intvl = 1, _KEEPALIVE_S, _KEEPALIVE_S
        each.tcp_keepalive_cnt = 3
        each.tcp_maxrt = _UNREAD_MS
        each.handshake_ivl = _HANDSHAKE_MS
        if guard is not None:
            guard.protect(each)
    control.router_handover = True
    control.router_mandatory = True
    control.rcvhwm, control.sndhwm = _WORDS_UNREAD, _WORDS_WAITING
    control.maxmsgsize = 2 * MAX_WORD
    # Producers are told the limit, and why what is above it was refused; this is against memory bombs.
    data.maxmsgsize = 2 * max_message + 1024 * 1024
    data.rcvhwm = _DATA_WAITING
    if place.port is None:
        folder = Path(place.folder or "")
        for each, name in ((control, "control"), (data, "data")):
            _bind(each, f"ipc://{folder / name}", place, None)
        return control, data, f"ipc://{folder / 'data'}"
    address = bracketed(place.address)
    number = control_port(place.port)
    _bind(control, f"tcp://{address}:{number}", place, number)
    wanted = f"tcp://{address}:{place.data_port or '*'}"
    _bind(data, wanted, place, place.data_port)
    return control, data, "tcp://*:" + data.getsockopt_string(zmq.LAST_ENDPOINT).rsplit(":", 1)[1]


def _bind(each: Any, endpoint: str, place: Place, number: int | None) -> None:
    try:
        each.bind(endpoint)
    except zmq.ZMQError as error:
        if error.errno == zmq.EADDRINUSE and number is not None:
            raise _taken(place, number) from None
        raise OutputError(f"cannot listen on {endpoint}: {error.strerror}") from None


def _taken(place: Place, number: int) -> PortTakenError:
    host = place.url.removeprefix("tcp://").rsplit(":", 1)[0]
    program = listener(number)
    named = f" ({program})" if program else ""
    if number == place.data_port:
        return PortTakenError(
            f"port {number}, for data, is taken{named}", port=number, hint="choose another one"
        )
    ours = who(f"tcp://{host}:{number}")
    if ours is not None:
        return PortTakenError(f"a broker runs on port {place.port} already{named}", port=number, is_ours=True)
    return PortTakenError(
        f"port {number}, the control port of session {place.port}, is taken by another program{named}",
        port=number,
        hint="choose another --port",
    )


class DataSocket:
    """Receives messages: small ones copied into one piece, large ones where they lie."""

    def __init__(self, pull: Any, guard: Guard | None = None) -> None:
        self.pull = pull
        self._guard = guard
        self._recv, self._get = pull.recv, pull.get

    def receive(self) -> tuple[bytes, list[Part]] | None:
        """The first frame and those behind it; None where there is nothing now."""
        recv, more = self._recv, self._get
        try:
            if self._guard is None:
                head: bytes = recv(zmq.NOBLOCK)
            else:
                head = self._guarded(self._guard)
        except zmq.Again:
            return None
        parts: list[Part] = []
        if not more(zmq.RCVMORE):
            return head, parts
        if len(head) != STAMP_SIZE:
            self._skip()
            return head, parts
        if int.from_bytes(head[_SIZE_AT:], "little") < _UNCOPIED:
            parts.append(recv(zmq.NOBLOCK))
            while more(zmq.RCVMORE):
                parts.append(recv(zmq.NOBLOCK))
                if len(parts) > _MOST_FRAMES:
                    self._skip()
            return head, [b"".join(parts)] if len(parts) > 1 else parts
        small: list[bytes] = []
        while more(zmq.RCVMORE):
            frame = recv(zmq.NOBLOCK, copy=False)
            if len(frame) < _COPIED_PIECE:
                small.append(frame.bytes)
            else:
                if small:
                    parts.append(b"".join(small))
                    small = []
                parts.append(frame.buffer)
            if len(small) + len(parts) > _MOST_FRAMES:
                self._skip()
        if small:
            parts.append(b"".join(small))
        return head, parts

    def _guarded(self, guard: Guard) -> bytes:
        """The next first frame that is of whom it says."""
        for _ in range(_UNLAWFUL_AT_ONCE):
            frame = self._recv(zmq.NOBLOCK, copy=False)
            head: bytes = frame.bytes
            if guard.knows(user_of(frame), head[_PRODUCER_AT]):
                return head
            self._skip()
        raise zmq.Again

    def _skip(self) -> None:
        """The other frames of the message, which nobody wants: then it is not as large as it says."""
        while self._get(zmq.RCVMORE):
            self._recv(zmq.NOBLOCK, copy=False)


class ControlSocket:
    """Receives words, and sends words and deliveries without ever waiting."""

    def __init__(self, router: Any, guard: Guard | None = None) -> None:
        self.router = router
        self._guard = guard
        self.unsent = 0
        """Words that found no room, or nobody."""

    def receive(self) -> tuple[bytes, list[bytes]] | None:
        """Who says something, and the frames of it; None where nobody does now."""
        try:
            if self._guard is not None:
                return self._guarded(self._guard)
            client, *frames = self.router.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        return client, frames

    def _guarded(self, guard: Guard) -> tuple[bytes, list[bytes]]:
        """The next word that is of whom it says; who uses another's id is told, and not heard."""
        for _ in range(_UNLAWFUL_AT_ONCE):
            first, *others = self.router.recv_multipart(zmq.NOBLOCK, copy=False)
            client = first.bytes
            user = user_of(others[-1]) if others else ""
            if client[:1] == b"P":
                is_lawful = guard.lets(user, client[1 : 1 + PRODUCER_SIZE])
            else:
                is_lawful = guard.lets(user, client)
            if is_lawful:
                return client, [frame.bytes for frame in others]
            reason = "this key is not allowed, or another key began with this id"
            self.say(client, {"t": "error", "reason": reason, "fatal": True})
        raise zmq.Again

    def say(self, client: bytes, word: Word) -> bool:
        """Send one word; words are repeated by whoever misses one, so none waits here."""
        return self._send(client, (pack_word(word),)) is True

    def deliver_word(self, client: bytes, word: Word) -> bool | None:
        """A word that stands between deliveries and must not be left out: as `deliver`."""
        return self._send(client, (pack_word(word),), count=False)

    def deliver(self, client: bytes, heads: tuple[bytes, ...], parts: tuple[Part, ...]) -> bool | None:
        """Send one delivery: False where there is no room now, None where nobody is there."""
        return self._send(client, heads + parts, count=False)

    def _send(self, client: bytes, frames: tuple[Part, ...], *, count: bool = True) -> bool | None:
        send = self.router.send
        try:
            send(client, zmq.NOBLOCK | zmq.SNDMORE)
        except zmq.ZMQError as error:
            self.unsent += count
            if error.errno == zmq.EAGAIN:
                return False
            if error.errno == zmq.EHOSTUNREACH:
                return None
            raise
        last = len(frames) - 1
        for place, frame in enumerate(frames):
            flags = zmq.NOBLOCK | zmq.SNDMORE if place < last else zmq.NOBLOCK
            if type(frame) is memoryview:
                whole = frame.obj
                if isinstance(whole, zmq.Frame) and len(whole) == len(frame):
                    send(whole, flags, copy=False)  # another reference to what was received
                    continue
            send(frame, flags)
        return True

    def close(self) -> None:
        """Let what is on its way leave, for a moment."""
        self.router.close(linger=_LINGER_MS)
