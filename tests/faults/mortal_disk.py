"""A disk whose user dies at some call: that one is done, half done or not at all, and none follows."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Sequence
from typing import Any

from rrsdk.message import Buffer
from rrsdk.sinks.disk import Disk

_HARMLESS = frozenset({"close", "pread", "size", "seek"})


class Died(OSError):
    """What every call raises from then on."""


class MortalDisk:
    """One life: a broker gets a new one each time it starts. `inner` is what stays."""

    def __init__(self, inner: Disk, chance: random.Random) -> None:
        self.died = threading.Event()
        self.calls = 0
        """That change something."""
        self._inner, self._chance = inner, chance
        self._dies_at = -1
        self._lock = threading.Lock()

    def die_in(self, calls: int) -> None:
        """Die at that call that changes something, counted from now."""
        with self._lock:
            self._dies_at = self.calls + calls

    def die(self) -> None:
        """Now, between two calls."""
        with self._lock:
            self.died.set()

    def _do(self, name: str, *args: Any) -> Any:
        call = getattr(self._inner, name)
        with self._lock:
            if self.died.is_set():
                if name == "close":  # or the test would run out of descriptors
                    call(*args)
                raise Died(5, "dead")
            if name not in _HARMLESS:
                if self.calls == self._dies_at:
                    self.died.set()
                    if self._chance.random() < 0.5:
                        call(*args)
                    raise Died(5, "dies")
                self.calls += 1
            return call(*args)

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        return int(self._do("open", path, flags, mode))

    def close(self, fileno: int) -> None:
        self._do("close", fileno)

    def writev(self, fileno: int, pieces: Sequence[Buffer]) -> int:
        with self._lock:
            is_last = self.calls == self._dies_at and not self.died.is_set()
        if is_last:
            whole = b"".join(pieces)
            pieces = [whole[: self._chance.randint(0, len(whole))]]
        return int(self._do("writev", fileno, pieces))

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        return bytes(self._do("pread", fileno, size, offset))

    def seek(self, fileno: int, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._do("seek", fileno, offset, whence))

    def truncate(self, fileno: int, size: int) -> None:
        self._do("truncate", fileno, size)

    def size(self, fileno: int) -> int:
        return int(self._do("size", fileno))

    def sync(self, fileno: int) -> None:
        self._do("sync", fileno)

    def sync_folder(self, path: str) -> None:
        self._do("sync_folder", path)

    def rename(self, path: str, to: str) -> None:
        self._do("rename", path, to)

    def remove(self, path: str) -> None:
        self._do("remove", path)

    def make_folder(self, path: str) -> None:
        self._do("make_folder", path)
