"""Disks to be afraid of: one that loses its power with what was not synced, one whose calls fail as told."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rrsdk.message import Buffer
from rrsdk.sinks.disk import DISK, Disk

PAGE = 4096


class Node:
    """A file, whatever its names are: what of it would survive, and which pages never will by syncing."""

    def __init__(self, safe: bytes = b"") -> None:
        self.safe = bytearray(safe)
        self.dirty_from: int | None = None
        self.bad: set[int] = set()
        """Pages that a failed sync has left behind as if they were written: syncing again does nothing."""

    def wrote(self, start: int, end: int) -> None:
        """Bytes were written there, or cut off."""
        self.dirty_from = start if self.dirty_from is None else min(self.dirty_from, start)
        self.bad.difference_update(range(start // PAGE, -(-end // PAGE)))

    def sync(self, now: bytes, start: int) -> None:
        """What it holds from `start` on is durable, but for bad pages."""
        before = bytes(self.safe)
        self.safe[start:] = now
        for page in self.bad:
            if page * PAGE < len(self.safe):
                size = min(PAGE, len(self.safe) - page * PAGE)
                old = before[page * PAGE : page * PAGE + size]
                self.safe[page * PAGE : page * PAGE + size] = old + bytes(size - len(old))
        self.dirty_from = None


class _Named(NamedTuple):
    """A name was given (to `node`, or None: to a folder) or taken away."""

    path: str
    node: Node | None
    is_there: bool
    old: str | None = None
    """The name that it had before."""


class LossyDisk:
    """Real files below `root`, and a page cache that can be lost: `lose_power`.

    What lies there when it is made is durable. Files that others write are durable as of the last time
    that they were looked at by name. A name is durable when its folder was synced, content when the file was.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = os.path.abspath(root)
        os.makedirs(self.root, exist_ok=True)
        self._load()

    def _load(self) -> None:
        self._names: dict[str, Node | None] = {}
        for folder, folders, files in os.walk(self.root):
            for name in folders:
                self._names[os.path.join(folder, name)] = None
            for name in files:
                path = os.path.join(folder, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    self._names[path] = Node(Path(path).read_bytes())
        self._safe_names = dict(self._names)
        self._waiting: list[_Named] = []
        self._open: dict[int, Node] = {}

    # ---- the calls of a Disk ----

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        fileno = DISK.open(path, flags, mode)
        if not stat.S_ISREG(os.fstat(fileno).st_mode):
            return fileno
        path = os.path.abspath(path)
        node = self._names.get(path)
        if node is None:
            if flags & os.O_CREAT:
                node = Node()
                self._waiting.append(_Named(path, node, True))
            else:
                node = Node(Path(path).read_bytes())
                self._safe_names[path] = node
            self._names[path] = node
        if flags & os.O_TRUNC:
            node.wrote(0, len(node.safe))
        self._open[fileno] = node
        return fileno

    def close(self, fileno: int) -> None:
        self._open.pop(fileno, None)
        DISK.close(fileno)

    def writev(self, fileno: int, pieces: Sequence[Buffer]) -> int:
        before = os.lseek(fileno, 0, os.SEEK_CUR)
        done = DISK.writev(fileno, pieces)
        self._node(fileno).wrote(before, before + done)
        return done

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        return DISK.pread(fileno, size, offset)

    def seek(self, fileno: int, offset: int, whence: int = os.SEEK_SET) -> int:
        return DISK.seek(fileno, offset, whence)

    def truncate(self, fileno: int, size: int) -> None:
        end = max(size, DISK.size(fileno))
        DISK.truncate(fileno, size)
        self._node(fileno).wrote(size, end)

    def size(self, fileno: int) -> int:
        return DISK.size(fileno)

    def sync(self, fileno: int) -> None:
        node = self._node(fileno)
        if node.dirty_from is not None:
            start = node.dirty_from
            node.sync(_content(fileno, start), start)

    def sync_folder(self, path: str) -> None:
        path = os.path.abspath(path)
        self._waiting = [named for named in self._waiting if not self._settle(named, path)]

    def _settle(self, named: _Named, folder: str) -> bool:
        if os.path.dirname(named.path) != folder:
            return False
        _apply(self._safe_names, named)
        return True

    def rename(self, path: str, to: str) -> None:
        DISK.rename(path, to)
        path, to = os.path.abspath(path), os.path.abspath(to)
        named = _Named(to, self._names[path], True, path)
        _apply(self._names, named)
        self._waiting.append(named)

    def remove(self, path: str) -> None:
        DISK.remove(path)
        named = _Named(os.path.abspath(path), None, False)
        _apply(self._names, named)
        self._waiting.append(named)

    def make_folder(self, path: str) -> None:
        path = os.path.abspath(path)
        missing = []
        while not os.path.isdir(path) and len(path) > len(self.root):
            missing.append(path)
            path = os.path.dirname(path)
        for path in reversed(missing):
            DISK.make_folder(path)
            named = _Named(path, None, True)
            _apply(self._names, named)
            self._waiting.append(named)

    def _node(self, fileno: int) -> Node:
        node = self._open.get(fileno)
        if node is None:  # of before the power failed
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return node

    # ---- what may happen to it ----

    def fail_sync(self, fileno: int) -> None:
        """A sync that failed: the system takes for written what was not, and will not try again."""
        node = self._open[fileno]
        if node.dirty_from is not None:
            node.bad.update(range(node.dirty_from // PAGE, -(-DISK.size(fileno) // PAGE)))

    def lose_power(self, rng: random.Random) -> None:
        """Only what was synced is sure to be there still; descriptors are good for nothing but to be closed.

        They are left to who has them: a thread that is late to close one would close what has its number by
        then, such as ZeroMQ's, which aborts the process for it.
        """
        content = {id(node): _content(fileno, 0) for fileno, node in self._open.items()}
        for path, node in self._names.items():
            if node is not None and id(node) not in content:
                content[id(node)] = Path(path).read_bytes()
        names = dict(self._safe_names)
        keep_all, keep_none = rng.random() < 0.2, rng.random() < 0.2
        for named in self._waiting:
            if not keep_none and (keep_all or rng.random() < 0.6):
                _apply(names, named)
        for name in os.listdir(self.root):
            path = os.path.join(self.root, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.remove(path)
        folders = {self.root} | {path for path, node in names.items() if node is None}
        for path in sorted(folders):
            if _is_reached(path, folders, self.root):
                os.makedirs(path, exist_ok=True)
        for path, node in names.items():
            if node is not None and _is_reached(os.path.dirname(path), folders, self.root):
                Path(path).write_bytes(_left(node, content.get(id(node), bytes(node.safe)), rng))
        self._load()


def _is_reached(path: str, folders: set[str], root: str) -> bool:
    while path != root:
        if path not in folders:
            return False
        path = os.path.dirname(path)
    return True


def _apply(names: dict[str, Node | None], named: _Named) -> None:
    if not named.is_there:
        names.pop(named.path, None)
        return
    if named.old is not None:
        names.pop(named.old, None)
    names[named.path] = named.node


def _content(fileno: int, start: int) -> bytes:
    pieces = []
    while piece := DISK.pread(fileno, 1 << 20, start):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


def _left(node: Node, now: bytes, rng: random.Random) -> bytes:
    """What a file holds after the power came back: of each page the durable one or the last one."""
    safe = bytes(node.safe)
    if node.dirty_from is None and not node.bad:
        return safe
    way = rng.choice(("all", "none", "suffix", "pages", "pages"))
    if way == "none" or (way == "all" and node.bad):
        return safe
    if way == "all":
        return now
    if way == "suffix":
        if len(now) <= len(safe):
            return rng.choice((now, safe))
        return now[: rng.randint(len(safe), len(now))] if now.startswith(safe) else safe
    size = rng.choice((len(safe), len(now), rng.randint(min(len(safe), len(now)), max(len(safe), len(now)))))
    left = bytearray(size)
    for start in range(0, size, PAGE):
        end = min(start + PAGE, size)
        source = now if start // PAGE not in node.bad and rng.random() < 0.5 else safe
        if start + PAGE <= (node.dirty_from or 0):
            source = safe
        piece = source[start:end]
        left[start : start + len(piece)] = piece
    return bytes(left)


@dataclass
class Fault:
    """The `at`-th call of this name (1: the next one), and `lasts` in all, fail."""

    call: str
    """`open`, `close`, `writev`, `pread`, `seek`, `truncate`, `sync`, `sync_folder`, `rename`, `remove`, …"""
    at: int = 1
    lasts: int = 1
    error: int = errno.ENOSPC
    short: bool = False
    """A write that writes half of what it should, without an error, and fails only the next time."""


class FaultyDisk:
    """Passes on, but for calls that `faults` names; those are used up."""

    def __init__(self, disk: Disk = DISK, faults: Sequence[Fault] = ()) -> None:
        self.disk = disk
        self.faults = list(faults)
        self.calls: list[str] = []
        """Of all that were made, the names."""

    def _hit(self, call: str) -> Fault | None:
        self.calls.append(call)
        for fault in self.faults:
            if fault.call != call:
                continue
            fault.at -= 1
            if fault.at <= 0:
                fault.lasts -= 1
                if fault.lasts <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _pass(self, call: str) -> None:
        fault = self._hit(call)
        if fault is not None:
            raise OSError(fault.error, os.strerror(fault.error))

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        self._pass("open")
        return self.disk.open(path, flags, mode)

    def close(self, fileno: int) -> None:
        fault = self._hit("close")
        self.disk.close(fileno)
        if fault is not None:
            raise OSError(fault.error, os.strerror(fault.error))

    def writev(self, fileno: int, pieces: Sequence[Buffer]) -> int:
        fault = self._hit("writev")
        if fault is None:
            return self.disk.writev(fileno, pieces)
        whole = b"".join(pieces)
        if fault.short and len(whole) > 1:
            self.faults.insert(0, Fault("writev", error=fault.error))
            return self.disk.writev(fileno, [whole[: len(whole) // 2]])
        raise OSError(fault.error, os.strerror(fault.error))

    def pread(self, fileno: int, size: int, offset: int) -> bytes:
        self._pass("pread")
        return self.disk.pread(fileno, size, offset)

    def seek(self, fileno: int, offset: int, whence: int = os.SEEK_SET) -> int:
        self._pass("seek")
        return self.disk.seek(fileno, offset, whence)

    def truncate(self, fileno: int, size: int) -> None:
        self._pass("truncate")
        self.disk.truncate(fileno, size)

    def size(self, fileno: int) -> int:
        self._pass("size")
        return self.disk.size(fileno)

    def sync(self, fileno: int) -> None:
        fault = self._hit("sync")
        if fault is not None:
            fail: Callable[[int], None] | None = getattr(self.disk, "fail_sync", None)
            if fail is not None:
                fail(fileno)
            raise OSError(fault.error, os.strerror(fault.error))
        self.disk.sync(fileno)

    def sync_folder(self, path: str) -> None:
        self._pass("sync_folder")
        self.disk.sync_folder(path)

    def rename(self, path: str, to: str) -> None:
        self._pass("rename")
        self.disk.rename(path, to)

    def remove(self, path: str) -> None:
        self._pass("remove")
        self.disk.remove(path)

    def make_folder(self, path: str) -> None:
        self._pass("make_folder")
        self.disk.make_folder(path)
