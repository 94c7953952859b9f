"""What every Sink must do, as a class to inherit: a medium says how it is opened and what it received."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rrsdk.message import Chunks, Message, StoreInfo
from rrsdk.sinks import Sink
from rrsdk.sources import open_source
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from tests.contracts.source_contract import LAYOUT, SCENE, chunk_messages, expected_chunks
from tests.faults import damage
from tests.sdk.manifests import refuse

LARGE = (Path(__file__).parents[2] / "fixtures/demo/car.rrd").read_bytes()


def messages_of(*files: bytes) -> Iterator[Message]:
    for data in files:
        yield from FileSource(MemoryOrigin("in.rrd", data), damage=None, warn=refuse).messages()


class SinkContract:
    """Inherit and implement `open` and `received`."""

    APPEARS_WHOLE = True
    """Whether nothing is there before `close`, and nothing after `abort`."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        self.folder = tmp_path
        yield
        self.finish()

    def open(self) -> Sink:
        """A new sink."""
        raise NotImplementedError

    def received(self) -> bytes | None:
        """What has arrived where the sink writes to; None where nothing is to be seen."""
        raise NotImplementedError

    def finish(self) -> None:
        """Give back what `open` took."""

    def test_nothing_put_is_a_recording_of_nothing(self) -> None:
        sink = self.open()
        sink.close()
        data = self.received()
        assert data is not None
        assert data[:4] == b"RRF2"
        assert data[-8:-4] == b"FOOT"
        assert list(messages_of(data)) == []

    def test_what_is_put_is_there(self) -> None:
        for files in ([SCENE], [LAYOUT], [SCENE, LAYOUT], [LARGE]):
            sink = self.open()
            for message in messages_of(*files):
                sink.put(message)
            sink.close()
            data = self.received()
            assert data is not None
            expected = sorted(raw for one in files for raw in expected_chunks(one))
            assert expected_chunks(data) == expected
            found = sorted(raw for message in messages_of(data) for raw in chunk_messages(message))
            assert found == expected, "the footer tells where"

    def test_it_knows_how_much_it_wrote(self) -> None:
        sink = self.open()
        assert sink.name
        before = sink.bytes_written
        for message in messages_of(SCENE):
            sink.put(message)
            assert sink.bytes_written > before or isinstance(
                message, StoreInfo
            )  # of which repeats are left out
            before = sink.bytes_written
        sink.close()
        data = self.received()
        assert data is not None
        assert sink.bytes_written == len(data)

    def test_store_infos_are_written_once(self) -> None:
        sink = self.open()
        for message in [*messages_of(SCENE), *messages_of(SCENE)]:
            if isinstance(message, StoreInfo):
                sink.put(message)
        sink.close()
        data = self.received()
        assert data is not None
        infos = [data[place.start : place.end] for place in damage.places(data) if place.kind == 1]
        said = [SCENE[p.start : p.end] for p in damage.places(SCENE) if p.kind == 1]
        assert len(said) == 2  # the SDK announces its store twice, with two row ids
        assert infos == said[:1]

    def test_chunks_are_copied_from_files_and_memory(self) -> None:
        """In runs, with gaps, and one by one."""
        path = self.folder / "origin.rrd"
        path.write_bytes(LARGE)
        for keep in ([1] * 500, [1, 0] * 250, [0, 0, 1] * 200, [0] * 500):
            source = open_source(str(path), warn=refuse)
            sink = self.open()
            expected: list[bytes] = []
            for message in [*source.messages(), *messages_of(SCENE)]:
                if isinstance(message, Chunks):
                    message = message.take(keep[: len(message)])
                    expected += chunk_messages(message)
                sink.put(message)
            sink.close()
            source.close()
            data = self.received()
            assert data is not None
            assert expected_chunks(data) == sorted(expected)
            assert sorted(raw for message in messages_of(data) for raw in chunk_messages(message)) == sorted(
                expected
            )

    def test_nothing_is_there_too_early(self) -> None:
        if not self.APPEARS_WHOLE:
            pytest.skip("this medium shows what is written as it comes")
        before = self.received()
        sink = self.open()
        for message in messages_of(LARGE):
            sink.put(message)
        assert self.received() == before
        sink.close()
        assert self.received() != before

    def test_nothing_is_left_behind(self) -> None:
        before, files = self.received(), sorted(self.folder.iterdir())
        sink = self.open()
        for message in messages_of(LARGE):
            sink.put(message)
        sink.abort()
        sink.abort()
        if self.APPEARS_WHOLE:
            assert self.received() == before
            assert sorted(self.folder.iterdir()) == files
