"""Every source keeps the contract; what is particular to files."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from rrsdk.errors import InputError
from rrsdk.sources import Source, open_source
from rrsdk.sources.damage import Damage
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from rrsdk.sources.pipe import PipeSource
from tests.contracts.source_contract import SCENE, SourceContract, chunk_messages, expected_chunks


class TestFile(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        path = self.folder / "in.rrd"
        path.write_bytes(data)
        return open_source(str(path), damage=losses, warn=self.warnings.append)

    def test_a_file_that_is_replaced_stays_readable(self) -> None:
        source = self.open(SCENE)
        messages = list(source.messages())
        other = self.folder / "other.rrd"
        other.write_bytes(b"something else")
        other.replace(self.folder / "in.rrd")
        found = sorted(raw for message in messages for raw in chunk_messages(message))
        source.close()
        assert found == expected_chunks(SCENE)

    def test_a_file_that_shrinks_is_an_error(self) -> None:
        source = self.open(SCENE)
        messages = list(source.messages())
        os.truncate(self.folder / "in.rrd", 1000)
        with pytest.raises(InputError, match="cut while it was read"):
            _ = [list(chunk_messages(message)) for message in messages]
        source.close()

    def test_a_file_that_grows_is_read_as_it_was(self) -> None:
        """A recording that is being written: what is there at the start is what is read."""
        source = self.open(SCENE)
        with (self.folder / "in.rrd").open("ab") as file:
            file.write(SCENE)
        found = sorted(raw for message in source.messages() for raw in chunk_messages(message))
        source.close()
        assert found == expected_chunks(SCENE)

    def test_symbolic_links_are_followed(self) -> None:
        self.open(SCENE).close()
        link = self.folder / "link.rrd"
        link.symlink_to("in.rrd")
        source = open_source(str(link))
        assert sum(len(list(chunk_messages(message))) for message in source.messages()) > 1
        source.close()


class TestMemory(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        return FileSource(MemoryOrigin("memory", data), damage=losses, warn=self.warnings.append)


@pytest.mark.skipif(sys.platform == "win32", reason="os.pipe and threads do; FIFOs do not exist there")
class TestPipe(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        read, write = os.pipe()
        feed(write, data)
        return PipeSource("pipe", read, damage=losses, warn=self.warnings.append)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
class TestFifo(SourceContract):
    def open(self, data: bytes, *, losses: Damage | None = None) -> Source:
        path = self.folder / f"fifo-{len(list(self.folder.iterdir()))}"
        os.mkfifo(path)
        thread = threading.Thread(target=lambda: feed(os.open(path, os.O_WRONLY), data), daemon=True)
        thread.start()
        source = open_source(str(path), damage=losses, warn=self.warnings.append)
        thread.join()
        return source


def feed(fileno: int, data: bytes) -> None:
    """Write in the background, as another process would; the reader may go away."""

    def run() -> None:
        with os.fdopen(fileno, "wb", buffering=0) as pipe:
            try:
                for start in range(0, len(data), 5000):
                    pipe.write(data[start : start + 5000])
            except BrokenPipeError:
                pass

    if len(data) < 65_536:
        run()
    else:
        threading.Thread(target=run, daemon=True).start()


@pytest.mark.parametrize("name", ["missing", "folder", "missing/in.rrd", "nul\0byte"])
def test_names_that_cannot_be_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as caught:
        open_source(str(tmp_path / name))
    assert str(tmp_path / name).split("\0")[0] in str(caught.value)
