"""What a forked child of a serving process inherits and must not keep: the sockets that are listened on.

The child has no broker: no thread of it runs there. But as long as it lives its copies of the sockets
would keep the ports, and whoever wants to listen there after the parent is gone would be refused.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Protocol

from rrsdk.broker.session import listening_inodes


class Listener(Protocol):
    """What listens on ports of this process."""

    @property
    def ports(self) -> tuple[int, ...]:
        """Which TCP ports these are."""


_LISTENERS: weakref.WeakSet[Listener] = weakref.WeakSet()


def watch(listener: Listener) -> None:
    """Have children that are forked from now on close its sockets."""
    _LISTENERS.add(listener)


def forget(listener: Listener) -> None:
    """It listens no more."""
    _LISTENERS.discard(listener)


def _in_child() -> None:
    ports = [port for listener in list(_LISTENERS) for port in listener.ports]
    _LISTENERS.clear()
    inodes = {inode for port in ports for inode in listening_inodes(port)}
    if not inodes:
        return
    try:
        for each in list(Path("/proc/self/fd").iterdir()):
            if os.readlink(each) in inodes:
                os.close(int(each.name))
    except OSError:  # no /proc: then the port stays taken until the child ends
        pass


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
