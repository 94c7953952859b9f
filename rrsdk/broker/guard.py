"""Who is let in where a broker has keys: ZeroMQ asks for each connection, and here is the list.

libzmq asks by ZAP (its RFC 27): a request on an inproc endpoint of the context, for each handshake. It tells
with each frame the name that was answered, `User-Id`; names are public keys here, so that what a producer's
or subscriber's id does is compared with the key that it began with. Nobody else can use it then.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import zmq

from rrsdk.errors import OutputError, RrError
from rrsdk.keys import KEY_SIZE, key_text

if TYPE_CHECKING:
    from collections.abc import Container

    from rrsdk.keys import KeyFolder, KeyPair

_ZAP = "inproc://zeromq.zap.01"
_DOMAIN = b"rrkit"
_LOOK_AGAIN_S = 1.0
_MOST_OWNERS = 65_536
"""More than the broker remembers producers and subscribers; what is not of them goes every second."""
_USER = "User-Id"


@dataclass(frozen=True, slots=True)
class BrokerKeys:
    """The pair that a broker proves itself with, and where the list of those lies that it lets in."""

    pair: KeyPair
    folder: KeyFolder

    @classmethod
    def of(cls, folder: KeyFolder) -> BrokerKeys:
        """InputError where there are no keys, or where others could have read or written them."""
        keys = cls(folder.own(), folder)
        folder.allowed()
        return keys


class Guard:
    """The list, the thread that answers ZeroMQ's questions, and whose an id is."""

    def __init__(self, context: zmq.Context[Any], keys: BrokerKeys) -> None:
        """Answers from now on. `stop` it before the context ends."""
        self.refused_connections = 0
        self.refused_words = 0
        """Words and data of a key that is not allowed any more, or that used another one's id."""
        self.trouble = ""
        """Why the list was not read again."""
        self._keys = keys
        self._names = _names(keys.folder)
        self._stamp = keys.folder.allowed_stamp()
        self._looked_at = time.monotonic()
        self._owners: dict[bytes, str] = {}
        self._zap = context.socket(zmq.REP)
        self._zap.linger = 0
        self._zap.maxmsgsize = 4096
        try:
            self._zap.bind(_ZAP)
        except zmq.ZMQError as error:
            self._zap.close()
            raise OutputError(f"cannot check keys: {error.strerror}") from None
        self._stop_in, self._stop_out = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="rrkit-guard", daemon=True)
        self._thread.start()

    def protect(self, listening: zmq.Socket[Any]) -> None:
        """Nobody connects to this socket but by a key that is allowed."""
        listening.curve_server = True
        listening.curve_secretkey = self._keys.pair.secret
        listening.curve_publickey = self._keys.pair.public
        listening.zap_domain = _DOMAIN

    def lets(self, user: str, name: bytes) -> bool:
        """Whether what came in under this id is from whoever began with it, and still allowed."""
        owner = self._owners.get(name)
        if user in self._names and owner == user:
            return True
        if user in self._names and owner is None and len(self._owners) < _MOST_OWNERS:
            self._owners[name] = user
            return True
        self.refused_words += 1
        return False

    def knows(self, user: str, name: bytes) -> bool:
        """The same, of what cannot begin anything."""
        if self._owners.get(name) == user and user in self._names:
            return True
        self.refused_words += 1
        return False

    def owner(self, name: bytes) -> str:
        """Whose key an id began with; empty where nobody knows."""
        return self._owners.get(name, "")

    def forget_but(self, known: Container[bytes]) -> None:
        """Ids that nobody remembers any more may be anybody's."""
        if len(self._owners) > _MOST_OWNERS // 2:
            self._owners = {name: user for name, user in self._owners.items() if name in known}

    def status(self) -> dict[str, Any]:
        """For people: the broker's key, how many are let in, and what was not."""
        return {
            "key": key_text(self._keys.pair.public),
            "allowed": len(self._names),
            "refused_connections": self.refused_connections,
            "refused_words": self.refused_words,
            "trouble": self.trouble,
        }

    def stop(self) -> None:
        """Answer no more."""
        self._stop_in.close()
        self._thread.join(5.0)
        self._stop_out.close()

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._zap, zmq.POLLIN)
        poller.register(self._stop_out.fileno(), zmq.POLLIN)
        try:
            while True:
                ready = dict(poller.poll(int(_LOOK_AGAIN_S * 1000)))
                if self._stop_out.fileno() in ready:
                    return
                self._look_again()
                if self._zap in ready:
                    self._zap.send_multipart(self._answer(self._zap.recv_multipart()))
        except zmq.ContextTerminated:
            pass
        finally:
            self._zap.close()

    def _answer(self, frames: list[bytes]) -> list[bytes]:
        """The reply to one request of libzmq; of another mechanism nobody is let in."""
        number = frames[1] if len(frames) > 1 else b""
        user = ""
        if len(frames) == 7 and frames[5] == b"CURVE" and len(frames[6]) == KEY_SIZE:
            user = key_text(frames[6])
        if user in self._names:
            return [b"1.0", number, b"200", b"", user.encode(), b""]
        self.refused_connections += 1
        return [b"1.0", number, b"400", b"this key is not allowed", b"", b""]

    def _look_again(self) -> None:
        """The list, where it was changed; as it was, where it cannot be read."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_AGAIN_S / 2:
            return
        self._looked_at = now
        stamp = self._keys.folder.allowed_stamp()
        if stamp == self._stamp:
            return
        try:
            self._names = _names(self._keys.folder)
            self._stamp, self.trouble = stamp, ""
        except RrError as error:
            self.trouble = str(error)


def user_of(frame: zmq.Frame) -> str:
    """Whose key the connection has that a frame came by."""
    try:
        return str(frame.get(_USER))
    except zmq.ZMQError:
        return ""


def _names(folder: KeyFolder) -> frozenset[str]:
    return frozenset(key_text(each.key) for each in folder.allowed())
