"""Payloads of many messages from a spool's data files, with as few reads as their places allow."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rrsdk.broker.spool.layout import open_data
from rrsdk.broker.spool.segments import PASSING, pread_all

if TYPE_CHECKING:
    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

_HEADER: Final = 16
_NEAR: Final = 512
"""Less between two messages is read along."""
_MOST_OPEN: Final = 32


class Payloads:
    """Data files that are open for reading; for one thread."""

    def __init__(self, disk: Disk, folder: str) -> None:
        self._disk, self._folder = disk, folder
        self._open: dict[tuple[int, str], int] = {}
        """The one that was used last is last."""

    def read(self, entries: np.ndarray[Any, Any], files: dict[int, File]) -> list[bytes | None]:
        """The payload of each; None where it is not to be had: the file is gone, shorter, or another."""
        payloads: list[bytes | None] = [None] * len(entries)
        order = np.argsort(entries["file"], kind="stable")
        mine = entries[order]
        numbers, starts = mine["file"], mine["offset"] - _HEADER
        ends = mine["offset"] + mine["size"]
        gaps = starts[1:] - ends[:-1]  # what lies before is far away, too: these have no sign
        breaks = np.flatnonzero((numbers[1:] != numbers[:-1]) | (gaps > _NEAR)) + 1
        edges = [0, *breaks.tolist(), len(mine)]
        for begin, end in pairwise(edges):
            file = files.get(int(numbers[begin]))
            if file is None:
                continue
            start = int(starts[begin])
            raw = self._range(file, start, int(ends[end - 1]) - start)
            self._cut(raw, start, mine[begin:end], order[begin:end], payloads)
        return payloads

    def _cut(
        self,
        raw: bytes,
        start: int,
        entries: np.ndarray[Any, Any],
        order: np.ndarray[Any, Any],
        payloads: list[bytes | None],
    ) -> None:
        offsets = (entries["offset"] - start).astype(np.int64)
        sizes = entries["size"].astype(np.int64)
        there = offsets + sizes <= len(raw)
        places = np.where(there, offsets - _HEADER, 0)[:, None] + np.arange(_HEADER)
        if len(raw) >= _HEADER:
            heads = np.frombuffer(raw, np.uint8)[places].view("<u8")
            there &= (heads[:, 0] == entries["kind"]) & (heads[:, 1] == entries["size"])
            if there.all():
                for place, offset, size in zip(order.tolist(), offsets.tolist(), sizes.tolist()):
                    payloads[place] = raw[offset : offset + size]
                return
            for place, offset, size, is_there in zip(
                order.tolist(), offsets.tolist(), sizes.tolist(), there.tolist()
            ):
                if is_there:
                    payloads[place] = raw[offset : offset + size]

    def _range(self, file: File, start: int, size: int) -> bytes:
        """What is there of it; nothing where it cannot be read. OSError where that may pass."""
        try:
            return pread_all(self._disk, self._fileno(file), size, start)
        except OSError as error:
            if error.errno in PASSING:
                raise
            self._drop((file.number, file.path))
            return b""

    def _fileno(self, file: File) -> int:
        key = file.number, file.path
        fileno = self._open.pop(key, None)
        if fileno is None:
            while len(self._open) >= _MOST_OPEN:
                self._drop(next(iter(self._open)))
            fileno = open_data(self._disk, self._folder, file.number, file.path, os.O_RDONLY)
        self._open[key] = fileno
        return fileno

    def _drop(self, key: tuple[int, str]) -> None:
        fileno = self._open.pop(key, None)
        if fileno is not None:
            try:
                self._disk.close(fileno)
            except OSError:
                pass  # it was read only

    def close(self) -> None:
        """No file is open; those that are needed are opened again."""
        for key in list(self._open):
            self._drop(key)
