"""A broker on real sockets whose disk is a dictionary: it is written when a test says so, and may be lost."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import msgpack
import zmq

from rrsdk.broker.intake import Intake, Limits, Reply
from rrsdk.broker.ledger import Ledger
from rrsdk.broker.spool.batch import Mark
from rrsdk.store.entry import Entry
from rrsdk.store.message_log import MessageLog
from tests.sdk.plain_client import control_port

LIMITS = Limits(max_message=1 << 24, under_way_bytes=1 << 24)


class SpoolingBroker:
    """One incarnation after the other; what `sync` has put on its disk stays."""

    def __init__(self, port: int, *, is_written_at_once: bool = False) -> None:
        self.port = port
        self.marks: dict[bytes, Mark] = {}
        self.entries: list[Entry] = []
        """What is on disk."""
        self.is_written_at_once = is_written_at_once
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.start()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._stopping = False
        self.context: zmq.Context[Any] = zmq.Context()
        self._control = self.context.socket(zmq.ROUTER)
        self._control.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self._data = self.context.socket(zmq.PULL)
        for each in (self._control, self._data):
            each.linger = 0
        self._control.bind(f"tcp://127.0.0.1:{control_port(self.port)}")
        port = self._data.bind_to_random_port("tcp://127.0.0.1")
        self.ledger = Ledger(self.marks)
        self.intake = Intake(
            MessageLog(limit_bytes=1 << 28),
            epoch=secrets.randbits(63) | 1,
            data=f"tcp://127.0.0.1:{port}",
            limits=LIMITS,
            ledger=self.ledger,
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """Without a word; what is not on disk is gone."""
        self._stopping = True
        self._thread.join(10)
        self.context.term()

    def restart(self) -> None:
        self.kill()
        self.start()

    def call(self, what: Callable[[], None]) -> None:
        """Have the thread do it, and wait."""
        done = threading.Event()
        self._calls.put(lambda: (what(), done.set())[0])
        assert done.wait(10)

    def sync(self) -> None:
        """All that has come is durable."""
        self.call(self._sync)

    def _sync(self) -> None:
        batch = self.ledger.take()
        if batch is not None:
            self.entries += batch.entries
            self.marks.update(batch.marks)
            self.intake.is_durable(batch.marks)

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._control, zmq.POLLIN)
        poller.register(self._data, zmq.POLLIN)
        while not self._stopping:
            ready = dict(poller.poll(10))
            if self._control in ready:
                client, frame = self._control.recv_multipart()
                self._say(self.intake.word(client, msgpack.unpackb(frame), monotonic()))
            if self._data in ready:
                head, *parts = self._data.recv_multipart()
                self.intake.data(head, parts, monotonic())
            try:
                self._calls.get_nowait()()
            except Empty:
                pass
            if self.is_written_at_once:
                self._sync()
            self._say(self.intake.settle())
        self._control.close()
        self._data.close()

    def _say(self, replies: Iterable[Reply]) -> None:
        for client, word in replies:
            self._control.send_multipart([client, msgpack.packb(word)])
