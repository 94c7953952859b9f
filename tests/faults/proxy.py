"""A TCP proxy that does what networks do: cut, reset, stall, delay, swallow, refuse. Linux: uses 127.0.0.2.

A broker names its data port and leaves the host to whoever reached it, so a proxy that listens on another
loopback address with the same ports stands between a client and everything that the broker has.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

HOST = "127.0.0.2"
_BLOCK = 64 * 1024
_POLL_S = 0.05


class _Connection:
    """Two sockets and a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.is_swallowing = False
        self.is_over = False
        self.threads = [
            threading.Thread(target=self._pump, args=pair, daemon=True)
            for pair in ((client, server), (server, client))
        ]
        for thread in self.threads:
            thread.start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            source.settimeout(_POLL_S)
            while not self.is_over:
                if self.proxy.is_stalled:
                    time.sleep(_POLL_S)
                    continue
                try:
                    data = source.recv(_BLOCK)
                except TimeoutError:
                    continue
                if not data:
                    break
                if self.proxy.delay_s:
                    time.sleep(self.proxy.delay_s)
                while self.proxy.is_stalled and not self.is_over:
                    time.sleep(_POLL_S)
                if not self.is_swallowing:
                    self._send(target, data)
        except OSError:
            pass
        if not self.is_swallowing:
            self.end()

    def _send(self, target: socket.socket, data: bytes) -> None:
        view = memoryview(data)
        while view and not self.is_over:
            with contextlib.suppress(TimeoutError):
                view = view[target.send(view) :]

    def end(self, *, reset: bool = False) -> None:
        self.is_over = True
        for each in (self.client, self.server):
            with contextlib.suppress(OSError):
                if reset:
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    each.shutdown(socket.SHUT_RDWR)
            each.close()


class Proxy:
    """Passes connections on from one loopback address to the other, on some ports."""

    def __init__(self, *ports: int) -> None:
        self.is_stalled = False
        """Nothing passes, nothing breaks."""
        self.delay_s = 0.0
        """Added to every block."""
        self.is_refusing = False
        """New connections are closed at once."""
        self._connections: list[_Connection] = []
        self._listeners = []
        self._is_over = False
        for port in ports:
            listener = socket.create_server((HOST, port))
            listener.settimeout(_POLL_S)
            self._listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, port), daemon=True).start()

    def _accept(self, listener: socket.socket, port: int) -> None:
        while not self._is_over:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            try:
                if self.is_refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.append(_Connection(self, client, server))

    def cut(self) -> None:
        """Every connection ends, as when a cable is pulled and the systems notice."""
        self._end(reset=False)

    def reset(self) -> None:
        """Every connection is reset; what is under way is thrown away."""
        self._end(reset=True)

    def swallow(self) -> None:
        """Half-open: what is sent on the connections there are vanishes, untold. New ones work."""
        for connection in self._connections:
            connection.is_swallowing = True

    def _end(self, *, reset: bool) -> None:
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.end(reset=reset)

    def close(self) -> None:
        self._is_over = True
        for listener in self._listeners:
            listener.close()
        self.is_stalled = False
        self.cut()


@contextlib.contextmanager
def proxied(*ports: int) -> Iterator[Proxy]:
    """A proxy for as long as the block lasts."""
    proxy = Proxy(*ports)
    try:
        yield proxy
    finally:
        proxy.close()
