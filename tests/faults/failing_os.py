"""The module `os` as outputs see it, with a call that fails: the N-th of its kind, as a disk lets it fail."""

from __future__ import annotations

import os
from typing import Any

WRITES = ("write", "sendfile", "pwrite", "writev")
SYNCS = ("fsync", "fdatasync")
KINDS = {"write": WRITES, "fsync": SYNCS, "rename": ("replace",), "close": ("close",), "chmod": ("chmod",)}


class FailingOs:
    """Stands in for the module; everything that is not to fail is passed on."""

    def __init__(self, kind: str, nth: int, error: int | None) -> None:
        """`error` None: a write that takes only half of what it is given, which is no failure."""
        self._names = KINDS[kind]
        self._left, self._error = nth, error
        self.has_failed = False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(name, real) if name in self._names else real

    def _counted(self, name: str, real: Any) -> Any:
        def call(*args: Any) -> Any:
            self._left -= 1
            if self._left:
                return real(*args)
            self.has_failed = True
            if self._error is None:
                return real(*_half(name, args))
            if name == "close":
                real(*args)  # the descriptor is gone all the same
            raise OSError(self._error, os.strerror(self._error))

        return call


def _half(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments for half of the bytes, and at least one."""
    if name == "sendfile":
        target, source, offset, size = args
        return target, source, offset, max(size // 2, 1)
    fileno, data, *rest = args
    return (fileno, memoryview(data)[: max(len(data) // 2, 1)], *rest)
