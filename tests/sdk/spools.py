"""Batches for tests of the spool, and what a spool's files hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from rrsdk.broker.spool.batch import Batch, Mark
from rrsdk.broker.spool.layout import open_data
from rrsdk.broker.spool.segments import read_segments, segment_numbers
from rrsdk.identity import StoreId, StoreKind
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.store.entry import Entry, Lifetime, Tally
from tests.sdk.raw_pipe import activation, chunk, info

RUN = StoreId(StoreKind.RECORDING, "app", "run")
OTHER = StoreId(StoreKind.RECORDING, "app", "other")
LOOKS = StoreId(StoreKind.BLUEPRINT, "app", "looks")
KEY, KEY2 = b"k" * 16, b"q" * 16

Told = tuple[int, int, Lifetime, StoreId | None, bytes]
"""Kind, rows, lifetime, store, payload."""

_CHUNKS: dict[tuple[object, ...], bytes] = {}


def a_chunk(
    number: int, *, store: StoreId = RUN, static: bool = False, entity: str = "/e", pad: int = 0
) -> Told:
    key = number, store, static, entity, pad
    if key not in _CHUNKS:
        _CHUNKS[key] = chunk(number, rows=1 + pad, store=store, static=static, entity=entity)
    lifetime = Lifetime.STATIC if static else Lifetime.TEMPORAL
    if store.kind is StoreKind.BLUEPRINT:
        lifetime = Lifetime.PERSISTENT
    return 2, 1 + pad, lifetime, store, _CHUNKS[key]


def an_info(store: StoreId = RUN, at: int = 1) -> Told:
    return 1, 0, Lifetime.PERSISTENT, store, info(store, at)


def an_activation(store: StoreId = LOOKS) -> Told:
    return 3, 0, Lifetime.PERSISTENT, store, activation(store)


def a_table(number: int) -> Told:
    return 4, 0, Lifetime.STATIC, None, b"table %d" % number


class Log:
    """What a broker would hand to its spool; knows all that it ever has."""

    def __init__(self, begin: int = 0) -> None:
        self.entries: list[Entry] = []
        self.begin = begin
        self.held: dict[bytes, int] = {}

    @property
    def next_index(self) -> int:
        return self.begin + len(self.entries)

    def batch(self, told: Iterable[Told], key: bytes = KEY) -> Batch:
        made: list[Entry] = []
        for kind, rows, lifetime, store, payload in told:
            seq = self.held[key] = self.held.get(key, 0) + 1
            half = len(payload) // 2
            parts = (payload,) if seq % 2 else (payload[:half], memoryview(payload)[half:])
            made.append(Entry(self.next_index, kind, lifetime, store, key, seq, rows, len(payload), parts, 0))
            self.entries.append(made[-1])
        return Batch(made, {key: Mark(self.held.get(key, 0), stored=Tally(self.held.get(key, 0)))})


def payload(entry: Entry) -> bytes:
    return b"".join(entry.parts)


def spooled(folder: str | Path, *, disk: Disk = DISK) -> list[tuple[int, bytes, int, bytes]]:
    """Index, producer, number and payload of each message that counts, as journal and data files say."""
    folder = str(folder)
    numbers = segment_numbers(folder)
    found: list[tuple[int, bytes, int, bytes]] = []
    for segment in read_segments(disk, folder, numbers[0], numbers[-1]):
        for shelf in segment.shelves:
            for each in shelf.entries:
                file = segment.files[int(each["file"])]
                fileno = open_data(disk, folder, file.number, file.path, os.O_RDONLY)
                data = disk.pread(fileno, int(each["size"]), int(each["offset"]))
                header = disk.pread(fileno, 16, int(each["offset"]) - 16)
                disk.close(fileno)
                assert header == int(each["kind"]).to_bytes(8, "little") + len(data).to_bytes(8, "little")
                key = segment.producers[int(each["producer"])]
                found.append((int(each["at"]), key, int(each["seq"]), data))
    return sorted(found)


def expected(entries: Iterable[Entry]) -> list[tuple[int, bytes, int, bytes]]:
    return [(entry.at, entry.producer, entry.seq, payload(entry)) for entry in entries]


def positions(folder: str | Path) -> tuple[list[int], list[int], list[int]]:
    """By lifetime, where the messages stand."""
    numbers = segment_numbers(str(folder))
    found: tuple[list[int], list[int], list[int]] = ([], [], [])
    for segment in read_segments(DISK, str(folder), numbers[0], numbers[-1]):
        for lifetime, shelf in enumerate(segment.shelves):
            found[lifetime].extend(shelf.positions.tolist())
    return found


def data_files(folder: str | Path) -> list[str]:
    """Paths of the recordings in it."""
    root = Path(folder)
    return sorted(
        str(path.relative_to(root)) for path in root.rglob("*.r*d") if ".rrkit" not in path.parts
    ) + sorted(str(path.relative_to(root)) for path in root.rglob("*.rbl"))
