"""Footers for data files to which nothing more comes: made from a scan, written behind what counts.

As a program (`python -m rrsdk.broker.spool.finish FOLDER`) it reads one line of JSON from its input, a list
of files, writes one line for each that is done, and ends at once when its input does: then whoever started it
is gone, and may have been followed by another.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.layout import FINISH_LOCK, OURS, is_ours, open_data
from rrsdk.broker.spool.parts import FileOnDisk, walk
from rrsdk.broker.spool.state import File, Phase
from rrsdk.codec.footer import end_of_stream, write_footer
from rrsdk.codec.frames import STREAM_HEADER
from rrsdk.errors import RrError
from rrsdk.ipc.manifest import Manifest, join
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sinks.append import Appender
from rrsdk.sinks.claim import claim
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.sources.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.identity import StoreId

_MOST_CHUNKS: Final = 1_000_000
_LEAST_CHUNK: Final = 200
"""No chunk message is smaller: so short files need not be counted through."""
_NICENESS: Final = 10


def finish(disk: Disk, folder: str, file: File) -> str:
    """Give a file its footer; returns why it stays without one, else "". OSError: it may be tried again."""
    end = file.end
    try:
        fileno = open_data(disk, folder, file.number, file.path, os.O_RDWR)
    except FileNotFoundError:
        return ""  # taken away, which is its owner's right
    try:
        if not is_ours(disk, fileno, file):
            return "it is another file than was written there"
        if disk.size(fileno) < end:
            return "it is shorter than it was"
        if disk.size(fileno) > end:
            disk.truncate(fileno, end)
        origin = FileOnDisk(disk, fileno, file.path, end)
        try:
            footer = _footer(origin)
        except RrError as error:
            return f"it cannot be read: {error.what}"
        if isinstance(footer, str):
            return footer
        disk.seek(fileno, end)
        Appender(fileno, is_regular=True, position=end, disk=disk).append([footer])
        disk.sync(fileno)
        return ""
    finally:
        try:
            disk.close(fileno)
        except OSError:
            pass


def _footer(origin: FileOnDisk) -> bytes | str:
    if origin.size > _MOST_CHUNKS * _LEAST_CHUNK:
        count = sum(1 for _ in walk(origin, STREAM_HEADER.size, origin.size))
        if count > _MOST_CHUNKS:
            return f"it has {count} messages, for which a footer would take too much memory"
    names: dict[StoreId, bytes] = {}
    manifests: dict[StoreId, list[Manifest]] = {}
    for message in Scan(origin, 0, origin.size, damage=None, warn=_nobody).messages():
        if isinstance(message, ChunkMsg):
            return "it holds chunks of an older release"
        if isinstance(message, Chunks):
            names.setdefault(message.store, message.store_raw)
            manifests.setdefault(message.store, []).append(message.manifest)
    joined = [(names[store], join(found)) for store, found in manifests.items()]
    for _, manifest in joined:
        twice = manifest.name_that_is_there_twice()
        if twice is not None:
            return f"two timelines or components are both called {twice} in it, which Rerun could not read"
    return end_of_stream(write_footer(joined), origin.size)


def _nobody(_line: str) -> None:
    pass


def _work(folder: str, files: list[File]) -> Iterator[tuple[int, str]]:
    """What became of each."""
    for file in files:
        try:
            yield file.number, finish(DISK, folder, file)
        except OSError:
            continue  # later


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def main() -> int:
    """Finish what the input names."""
    folder = sys.argv[1]
    files = [
        File(number, path, b"", 1, 0, 0, 0, end, Phase.CLOSED, sign_size, sign)
        for number, path, end, sign_size, sign in json.loads(sys.stdin.readline())
    ]
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    lock = os.open(os.path.join(folder, OURS, FINISH_LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    if not claim(lock):
        return 1
    threading.Thread(target=_end_with_input, daemon=True).start()
    for number, reason in _work(folder, files):
        sys.stdout.write(json.dumps([number, reason]) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
