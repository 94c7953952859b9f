"""In a process that holds a file: takes in what its children send, and hands it to the batcher."""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from rrsdk.codec.chunks import ChunkReader
from rrsdk.codec.frames import Kind
from rrsdk.codec.payload import read_activation_store, read_info_store, read_store_id
from rrsdk.errors import RrError
from rrsdk.identity import StoreKind
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.sinks.uplink import ACK, FRAME, MAGIC, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from rrsdk.batcher.batcher import Batcher
    from rrsdk.identity import StoreId

    Single: TypeAlias = StoreInfo | Activation | ChunkMsg

_BLOCK: Final = 1024 * 1024
_MAX_MESSAGE: Final = 2**31
_MAX_READS: Final = 4096
_QUIET_S: Final = 0.05


class Relay:
    """Listens on a Unix socket in a directory of its own, with a thread that sleeps until a child sends."""

    def __init__(self, folder: str, batcher_of: Callable[[StoreId], Batcher | None]) -> None:
        """`folder` is new and this user's alone; it is removed by `stop`."""
        self.folder = folder
        self.path = os.path.join(folder, "s")
        self._batcher_of = batcher_of
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._children: dict[socket.socket, _Child] = {}
        self._stopping = False
        self._until = 0.0
        self.refused = 0

    def start(self) -> None:
        """Children are expected."""
        with self._lock:
            if self._thread is not None or self._stopping:
                return
            thread = threading.Thread(target=self._run, name="rrsdk relay", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down
                return
            self._thread = thread

    def settle(self, timeout_s: float) -> None:
        """Take in what was sent already, and nothing more."""
        with self._lock:
            if self._stopping:
                return
            self._until = time.monotonic() + timeout_s
            self._stopping = True
            thread = self._thread
        if thread is not None:
            self._wake.send(b"\0")
            thread.join(timeout_s + 1.0)

    def stop(self, timeout_s: float) -> None:
        """Hang up, best when all that was taken in has been acknowledged. Stopping twice is allowed."""
        self.settle(timeout_s)
        self._close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _close(self) -> None:
        for one in (*self._children, self._listener, self._wake, self._woken):
            one.close()
        self._children.clear()

    def forked(self) -> None:
        """In a forked child: close our copies, so that the parent's end is seen by all."""
        self._close()

    def _accept(self) -> bool:
        try:
            link, _ = self._listener.accept()
        except OSError:
            return False
        link.setblocking(False)
        self._children[link] = _Child(self._batcher_of, link, self.folder)
        return True

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            for link in self._children:
                selector.register(link, selectors.EVENT_READ)
            quiet_since = time.monotonic()
            while True:
                ready = selector.select(_QUIET_S / 2 if self._stopping else None)
                now = time.monotonic()
                if ready:
                    quiet_since = now
                elif self._stopping and now - quiet_since > _QUIET_S:
                    return
                if self._stopping and now > self._until:
                    return
                for key, _ in ready:
                    if key.fileobj is self._woken:
                        selector.unregister(self._woken)
                        continue
                    if key.fileobj is self._listener:
                        before = set(self._children)
                        while self._accept():
                            pass
                        for new in set(self._children) - before:
                            selector.register(new, selectors.EVENT_READ)
                        continue
                    child = key.fileobj
                    assert isinstance(child, socket.socket), "nothing else is registered"
                    if not self._serve(child):
                        selector.unregister(child)
                        self._children.pop(child).hang_up()
                        child.close()

    def _serve(self, link: socket.socket) -> bool:
        """Take in what a child sent; False where it is done, or talks nonsense."""
        child = self._children[link]
        try:
            data = link.recv(_BLOCK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        try:
            child.feed(data)
        except (RrError, ValueError):
            self.refused += 1
            return False
        return True


class _Child:
    """What one child is sending."""

    def __init__(
        self, batcher_of: Callable[[StoreId], Batcher | None], link: socket.socket, folder: str
    ) -> None:
        self._batcher_of, self._link, self._folder = batcher_of, link, folder
        self._token, self._claimed = "", 0
        self._lock = threading.Lock()
        self._submitted = self._acked = self._passed = 0
        self._buffer = bytearray()
        self._reader, self._reads = ChunkReader(), 0
        self._stores: dict[bytes, StoreId] = {}
        self._recording: StoreId | None = None

    def feed(self, data: bytes) -> None:
        """Take what is whole; it is acknowledged when the sinks have it."""
        self._buffer += data
        whole: list[tuple[int, int, int, int]] = []
        at = 0
        while len(self._buffer) - at >= FRAME.size:
            magic, kind, number, size = FRAME.unpack_from(self._buffer, at)
            if magic != MAGIC or size > _MAX_MESSAGE:
                raise ValueError("not a frame")
            if len(self._buffer) - at < FRAME.size + size:
                break
            whole.append((kind, number, at + FRAME.size, size))
            at += FRAME.size + size
        for kind, number, start, size in whole:
            if self._token and self._claimed < whole[-1][1]:
                self._claim(whole[-1][1])
            self._take(kind, number, bytes(memoryview(self._buffer)[start : start + size]))
        del self._buffer[:at]

    def _claim(self, number: int) -> None:
        """Up to this message all is ours; ValueError where the child would not wait and went alone."""
        try:
            os.rename(f"{self._token}.{self._claimed}", f"{self._token}.{number}")
        except OSError:
            raise ValueError("the child has gone alone") from None
        self._claimed = number

    def hang_up(self) -> None:
        """The child is gone."""
        if self._token:
            for state in (self._claimed, "alone"):
                try:
                    os.unlink(f"{self._token}.{state}")
                except OSError:  # it is in the other one
                    pass

    def _acknowledge(self, number: int) -> None:
        """Up to this message all is with the sinks; called by the batcher too."""
        with self._lock:
            self._acked = number
            if number == self._submitted:
                self._acked = number = max(number, self._passed)
        try:
            self._link.send(ACK.pack(number))
        except OSError:  # the child is gone, or has thousands of these to read still: the next one will do
            pass

    def _pass(self, number: int) -> None:
        """A message with nothing to be done; what comes before it may be under way."""
        with self._lock:
            self._passed = number
            wait = self._acked < self._submitted
        if not wait:
            self._acknowledge(number)

    def _submit(self, batcher: Batcher, message: Single, number: int, size: int) -> None:
        with self._lock:
            before, self._submitted = self._submitted, number
        if not batcher.submit(message, size, done=partial(self._acknowledge, number)):
            with self._lock:
                self._submitted = before
            self._pass(number)  # dropped and counted there: it need not be sent again

    def _take(self, kind: int, number: int, payload: bytes) -> None:
        if kind == TOKEN:
            name = payload.decode()
            if "/" in name or self._token:
                raise ValueError("no name of a token")
            self._token = os.path.join(self._folder, name)
            self._claim(0)
        elif kind == Kind.CHUNK:
            self._reads += 1
            if self._reads % _MAX_READS == 0:  # it remembers every size of batch that it met
                self._reader = ChunkReader()
            about = self._reader.envelope(payload)
            store = self._stores.get(about.store)
            if store is None:
                store = self._stores[about.store] = read_store_id(about.store)
            row = self._reader.row(payload, about)
            message = ChunkMsg(store, about.store, row, (payload,), about.uncompressed_size)
            self._submit(self._batcher(store), message, number, len(payload))
        elif kind == Kind.BLUEPRINT_ACTIVATION:
            store, _ = read_activation_store(payload)
            self._submit(self._batcher(store), Activation(store, payload), number, len(payload))
        elif kind == Kind.STORE_INFO:
            store, _ = read_info_store(payload)
            batcher = self._batcher(store)
            if store.kind is StoreKind.BLUEPRINT:
                self._submit(batcher, StoreInfo(store, payload), number, len(payload))
            else:
                self._pass(number)
        else:
            self._pass(number)

    def _batcher(self, store: StoreId) -> Batcher:
        """Of a recording, its own; a blueprint goes where the recording goes that the child logs to."""
        if store.kind is not StoreKind.BLUEPRINT:
            self._recording = store
        found = None if self._recording is None else self._batcher_of(self._recording)
        if found is None:
            raise ValueError("a store that is not recorded here")
        return found
