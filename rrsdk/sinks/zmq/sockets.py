"""The sockets of one producer: opened, closed and polled as `Link` says. Used by one thread only."""

from __future__ import annotations

import os
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import zmq
from zmq.utils.garbage import gc as lending

from rrsdk.codec.envelope import MAX_WORD, pack_word, unpack_word
from rrsdk.dialing import WATCHED
from rrsdk.errors import FormatError

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from typing import Any

    from rrsdk.codec.envelope import Word
    from rrsdk.dialing import Dialing
    from rrsdk.message import Buffer
    from rrsdk.sinks.zmq.link import Parcel

LARGE = 64 * 1024
"""Parts of this size are handed over without a copy."""
_WORDS_AT_ONCE = 64

# What is under way is bounded by the broker's credit, in bytes. This bounds how many messages it is in.
_SEND_QUEUE = 256
_WORD_QUEUE = 8
_CONTROL_OPTIONS: dict[int, int | bytes] = {
    zmq.LINGER: 0,
    zmq.SNDHWM: _WORD_QUEUE,
    zmq.MAXMSGSIZE: MAX_WORD,
}
_DATA_OPTIONS: dict[int, int | bytes] = {**_CONTROL_OPTIONS, zmq.SNDHWM: _SEND_QUEUE, zmq.MAXMSGSIZE: 1024}


class Ready(NamedTuple):
    """What polling brought."""

    words: list[Word]
    broken: str


NOTHING = Ready([], "")


class Sockets:
    """A DEALER for words and a PUSH for data, new ones for each link, watched for disconnects."""

    def __init__(self, dialing: Dialing, routing_id: bytes, wake: socket.socket) -> None:
        self._dialing, self._endpoint = dialing, dialing.endpoint
        self._routing_id, self._wake = routing_id, wake
        # What pyzmq lends is given back through a socket of its own. In a child forked from a process
        # that used it, it would begin by closing that inherited socket, which can hang.
        self._lends = lending.pid in (None, os.getpid())
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context(1)
        self._poller = zmq.Poller()
        self._poller.register(wake.fileno(), zmq.POLLIN)
        self._control: zmq.Socket[bytes] | None = None
        self._data: zmq.Socket[bytes] | None = None
        self._monitors: dict[zmq.Socket[bytes], str] = {}
        self._opened = 0

    def open(self) -> str:
        """Begin a link; returns what prevents it, if anything does."""
        self.shut()
        options: dict[int, int | bytes] = {
            **_CONTROL_OPTIONS,
            zmq.ROUTING_ID: self._dialing.routing_id(self._routing_id),
        }
        self._control, why = self._connect(zmq.DEALER, options, self._endpoint.control, "control")
        if self._control is not None:
            self._poller.register(self._control, zmq.POLLIN)
        return why

    def join(self, endpoint: str) -> str:
        """Connect to where data go."""
        self._data, why = self._connect(zmq.PUSH, _DATA_OPTIONS, self._endpoint.data(endpoint), "data")
        return why

    def _connect(
        self, kind: int, options: Mapping[int, int | bytes], endpoint: str, name: str
    ) -> tuple[zmq.Socket[bytes] | None, str]:
        made = self._context.socket(kind)
        try:
            self._watch(made, name)
            self._dialing.connect(made, endpoint, options)
        except zmq.ZMQError as error:
            made.close(0)
            return None, f"{endpoint} cannot be connected to: {error.strerror}"
        return made, ""

    def _watch(self, watched: zmq.Socket[bytes], name: str) -> None:
        self._opened += 1
        place = f"inproc://watch-{self._opened}"
        watched.monitor(place, WATCHED)
        monitor = self._context.socket(zmq.PAIR)
        monitor.setsockopt(zmq.LINGER, 0)
        monitor.connect(place)
        self._poller.register(monitor, zmq.POLLIN)
        self._monitors[monitor] = name

    def shut(self) -> None:
        """End the link; what was not sent is forgotten."""
        for monitor in self._monitors:
            self._poller.unregister(monitor)
        for made in (self._control, self._data):
            if made is not None:
                if made in self._poller:
                    self._poller.unregister(made)
                made.disable_monitor()
                made.close(0)
        for monitor in self._monitors:
            monitor.close(0)
        self._control = self._data = None
        self._monitors = {}

    def close(self) -> None:
        """Give everything back."""
        self.shut()
        self._context.destroy(0)

    def say(self, word: Mapping[str, Any]) -> None:
        """Send a word, if it can be sent: all that matter are repeated."""
        if self._control is not None:
            try:
                self._control.send(pack_word(word), zmq.NOBLOCK)
            except zmq.ZMQError:
                pass

    def send(self, parcel: Parcel) -> bool:
        """Hand over one message; False where that must wait."""
        data = self._data
        if data is None:
            return False
        stamp, parts, size = parcel
        try:
            if not parts:
                data.send(stamp, zmq.NOBLOCK)
                return True
            data.send(stamp, zmq.NOBLOCK | zmq.SNDMORE)
            if size < LARGE:
                data.send(parts[0] if len(parts) == 1 else b"".join(parts), zmq.NOBLOCK)
                return True
            pieces = _gathered(parts)
            for piece in pieces[:-1]:
                self._send_piece(data, piece, zmq.NOBLOCK | zmq.SNDMORE)
            self._send_piece(data, pieces[-1], zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def _send_piece(self, data: zmq.Socket[bytes], piece: Buffer, flags: int) -> None:
        """Large pieces are lent to ZeroMQ; the outbox holds them until they are acknowledged."""
        if self._lends and len(piece) >= LARGE:
            try:
                data.send(piece, flags, copy=False)
                return
            except RuntimeError:  # pyzmq has shut that down already: the interpreter ends
                self._lends = False
        data.send(piece, flags)

    def poll(self, timeout_s: float, *, for_sending: bool) -> Ready:
        """Wait for words, a broken connection, room to send, or being woken."""
        data = self._data
        if data is not None and (data in self._poller) != for_sending:
            if for_sending:
                self._poller.register(data, zmq.POLLOUT)
            else:
                self._poller.unregister(data)
        events = self._poller.poll(ceil(min(timeout_s, 60.0) * 1000))
        if not events:
            return NOTHING
        broken = ""
        for which, _ in events:
            if which in self._monitors:
                broken = self._event(which) or broken
            elif which is not data and which is not self._control:
                self._wake.recv(4096)
        return Ready(self._words(take_all=bool(broken)), broken)

    def _words(self, *, take_all: bool) -> list[Word]:
        words: list[Word] = []
        while self._control is not None and (take_all or len(words) < _WORDS_AT_ONCE):
            try:
                frames = self._control.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            try:
                words.append(unpack_word(frames[0]))
            except FormatError as error:  # for the link to judge, as a word that says so
                words.append({"t": "error", "reason": str(error)})
        return words

    def _event(self, monitor: zmq.Socket[bytes]) -> str:
        name = self._monitors[monitor]
        broken = ""
        while True:
            try:
                frames = monitor.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return broken
            if int.from_bytes(frames[0][:2], "little") == zmq.EVENT_DISCONNECTED:
                broken = broken or f"the {name} connection to {self._endpoint.url} broke"
            else:
                broken = self._dialing.failed(frames) or broken


def _gathered(parts: tuple[Buffer, ...]) -> list[Buffer]:
    """Small neighbours joined, large parts as they are."""
    pieces: list[Buffer] = []
    small: list[Buffer] = []
    for part in parts:
        if len(part) < LARGE:
            small.append(part)
            continue
        if small:
            pieces.append(b"".join(small))
            small = []
        pieces.append(part)
    if small:
        pieces.append(b"".join(small))
    return pieces
