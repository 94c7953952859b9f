"""What every Source must do, as a class to inherit: a medium says how it is opened, the rest is here."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rrsdk.errors import FormatError, TruncatedError
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import Activation, ChunkMsg, Chunks, StoreInfo
from rrsdk.sources import Source
from rrsdk.sources.damage import Damage
from tests.faults import damage

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCENE = (FIXTURES / "sdk-0.41/scene.rrd").read_bytes()
LAYOUT = (FIXTURES / "sdk-0.41/layout.rrd").read_bytes()
"""A recording with a blueprint store."""


def chunk_messages(message: Any) -> Iterator[bytes]:
    """The chunk messages that a message stands for."""
    if isinstance(message, ChunkMsg):
        yield b"".join(message.parts)
    elif isinstance(message, Chunks):
        places = zip(message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE), strict=True)
        for offset, size in places:
            yield bytes(message.origin.read(offset, size))


def expected_chunks(data: bytes) -> list[bytes]:
    return sorted(data[place.start : place.end] for place in damage.chunks(data))


class SourceContract:
    """Inherit and implement `open`."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.warnings: list[str] = []

    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        """A source from which exactly `data` can be read; its warnings go to `self.warnings`."""
        raise NotImplementedError

    def read(self, data: bytes, *, losses: Damage | None = None) -> tuple[list[Any], list[bytes]]:
        """All messages, and all chunk messages in them, sorted."""
        source = self.open(data, losses=losses)
        try:
            messages = list(source.messages())
            return messages, sorted(raw for message in messages for raw in chunk_messages(message))
        finally:
            source.close()

    def test_everything_is_there(self) -> None:
        for data in (SCENE, LAYOUT):
            for form in (data, damage.without_footer(data)):
                messages, found = self.read(form)
                assert found == expected_chunks(form)
                infos = [message.payload for message in messages if isinstance(message, StoreInfo)]
                kinds = list(damage.places(form))
                assert infos == [form[p.start : p.end] for p in kinds if p.kind == damage.STORE_INFO]
                activations = [message.payload for message in messages if isinstance(message, Activation)]
                assert activations == [form[p.start : p.end] for p in kinds if p.kind == 3]
        assert self.warnings == []

    def test_a_store_is_announced_before_its_chunks(self) -> None:
        messages, _ = self.read(LAYOUT)
        announced = set()
        for message in messages:
            if isinstance(message, StoreInfo):
                announced.add(message.store)
            else:
                assert message.store in announced

    def test_streams_may_follow_each_other(self) -> None:
        plain = damage.without_footer(SCENE)
        for data in (SCENE + LAYOUT, plain + LAYOUT, LAYOUT + plain, plain + plain):
            _, found = self.read(data)
            parts = [expected_chunks(one) for one in (SCENE, LAYOUT)]
            expected = [*parts[0], *(parts[1] if LAYOUT[-100:] in data else parts[0])]
            assert found == sorted(expected)

    def test_it_has_a_name_and_perhaps_a_size(self) -> None:
        source = self.open(SCENE)
        try:
            assert source.name
            assert source.size in (None, len(SCENE))
            list(source.messages())
        finally:
            source.close()

    def test_truncated(self) -> None:
        place = damage.chunks(SCENE)[3]
        with pytest.raises(TruncatedError, match="inside a message") as caught:
            self.read(SCENE[: place.end - 10])
        assert caught.value.offset == place.header
        assert caught.value.source

    def test_truncated_and_tolerated(self) -> None:
        place = damage.chunks(SCENE)[3]
        losses = Damage()
        _, found = self.read(SCENE[: place.end - 10], losses=losses)
        assert found == sorted(SCENE[p.start : p.end] for p in damage.chunks(SCENE)[:3])
        (loss,) = losses.losses
        assert (loss.start, loss.end) == (place.header, place.end - 10)

    def test_damaged_and_tolerated(self) -> None:
        plain = damage.without_footer(SCENE)
        place = damage.chunks(plain)[3]
        losses = Damage()
        _, found = self.read(damage.overwritten(plain, place.header, b"\x4d"), losses=losses)
        assert found == sorted({*expected_chunks(plain)} - {plain[place.start : place.end]})
        (loss,) = losses.losses
        assert (loss.start, loss.end) == (place.header, place.end)
        assert "unknown message kind" in str(loss)

    def test_empty(self) -> None:
        for losses in (None, Damage()):
            with pytest.raises(FormatError, match="is empty") as caught:
                self.read(b"", losses=losses)
            assert caught.value.source

    def test_something_else(self) -> None:
        for losses in (None, Damage()):
            with pytest.raises(FormatError, match=r"not an \.rrd") as caught:
                self.read(b"\x89PNG" + bytes(100), losses=losses)
            assert caught.value.offset == 0

    def test_a_newer_release_is_a_warning(self) -> None:
        newer = damage.overwritten(SCENE, 5, b"\x63")
        for form in (newer, damage.without_footer(newer)):
            self.warnings.clear()
            _, found = self.read(form)
            assert found == expected_chunks(form)
            (line,) = self.warnings
            assert "newer" in line

    @pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
    def test_nothing_stays_open(self) -> None:
        self.read(SCENE)
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        self.read(SCENE)
        with pytest.raises(FormatError):
            self.read(SCENE[:-1000])
        source = self.open(SCENE)
        next(iter(source.messages()))
        source.close()
        gc.collect()
        assert len(os.listdir("/proc/self/fd")) == before

    @pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be replaced there")
    def test_reading_stops_where_it_is_asked_to(self) -> None:
        """A source is lazy: an error behind what was asked for does not show."""
        source = self.open(damage.without_footer(SCENE) + b"rubbish at the end")
        try:
            assert isinstance(next(iter(source.messages())), StoreInfo)
        finally:
            source.close()
