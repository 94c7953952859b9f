"""The live sink to a broker keeps the contract of live sinks, over TCP and over private endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rrsdk.broker.service import Broker
from rrsdk.message import ChunkMsg
from rrsdk.sinks.live import LiveSink
from rrsdk.sinks.zmq.sink import ZmqSink
from rrsdk.sources.zmq import ZmqSource
from tests.contracts.live_sink_contract import LiveSinkContract
from tests.faults.pipe_world import free_session


class ZmqContract(LiveSinkContract):
    broker: Broker

    @pytest.fixture(autouse=True)
    def _broker(self, tmp_path: Path) -> Iterator[None]:
        self.broker = self.started(tmp_path)
        self.made: list[ZmqSink] = []
        try:
            yield
        finally:
            for sink in self.made:  # where a test abandoned it without a fork, its thread goes on
                sink._is_stopping = True
                sink._wake()
                sink._thread.join(10)
                sink._wake_up.close()
            self.broker.stop()

    def started(self, folder: Path) -> Broker:
        raise NotImplementedError

    def make(self) -> LiveSink:
        self.made.append(ZmqSink(self.broker.url))
        return self.made[-1]

    def arrived(self) -> list[str]:
        source = ZmqSource(self.broker.url, warn=print)
        try:
            return [
                message.row.shape.layout.entity
                for message in source.messages()
                if isinstance(message, ChunkMsg)
            ]
        finally:
            source.close()


class TestTcp(ZmqContract):
    def started(self, folder: Path) -> Broker:
        broker = Broker(port=free_session()[0])
        broker.start()
        return broker


class TestPrivate(ZmqContract):
    def started(self, folder: Path) -> Broker:
        broker = Broker(endpoint_dir=str(folder))
        broker.start()
        return broker
