"""Memory keeps both contracts, and what is written to it can be read from it."""

from __future__ import annotations

import pytest

from rrsdk.errors import UsageError
from rrsdk.sinks import Sink
from rrsdk.sinks.memory import MemorySink
from rrsdk.sources import Source
from rrsdk.sources.damage import Damage
from rrsdk.sources.memory import MemorySource
from tests.contracts.sink_contract import SinkContract, messages_of
from tests.contracts.source_contract import LAYOUT, SCENE, SourceContract, expected_chunks


class TestMemorySource(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        return MemorySource(data, damage=losses, warn=self.warnings.append)


class TestViewOfMemory(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        inside = memoryview(b"before" + data + b"behind")[6 : 6 + len(data)]
        return MemorySource(inside, name="part", damage=losses, warn=self.warnings.append)


class TestMemorySink(SinkContract):
    sink: MemorySink | None = None

    def open(self) -> Sink:
        self.sink = MemorySink()
        return self.sink

    def received(self) -> bytes | None:
        try:
            return None if self.sink is None else self.sink.data
        except UsageError:
            return None


def test_what_is_written_can_be_read() -> None:
    data = SCENE
    for _ in range(2):
        sink = MemorySink()
        for message in MemorySource(data).messages():
            sink.put(message)
        sink.close()
        data = sink.data
    assert expected_chunks(data) == expected_chunks(SCENE)


def test_it_is_not_there_before_it_is_complete() -> None:
    sink = MemorySink(name="mine")
    for message in messages_of(LAYOUT):
        sink.put(message)
    with pytest.raises(UsageError, match=r"mine: the recording is not complete; close"):
        _ = sink.data
