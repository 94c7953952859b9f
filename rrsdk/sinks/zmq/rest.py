"""What has not become durable by the end, or has not even arrived, goes to a recording of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rrsdk.errors import RrError
from rrsdk.message import StoreInfo
from rrsdk.sinks.disk import DISK, Disk
from rrsdk.sinks.save import save_sink

if TYPE_CHECKING:
    from rrsdk.sinks.zmq.outbox import Outbox


def keep_rest(outbox: Outbox, path: str, *, disk: Disk = DISK) -> str:
    """Write it, and say how that went, for people.

    Each message is written for itself: where the disk is full, what fits is there. What the broker holds and
    has not made durable is written as well, since it may end before it does; who merges this file with the
    broker's recording gets such chunks once, because they have the same id.
    """
    held = outbox.kept.amount()
    folders = _missing(os.path.dirname(path))
    try:
        disk.make_folder(os.path.dirname(path))
        sink = save_sink(path, disk=disk)
        for store, payload in outbox.infos.items():
            sink.put(StoreInfo(store, payload))
        for message in outbox.rest():
            if not (isinstance(message, StoreInfo) and outbox.infos.get(message.store) == message.payload):
                sink.put(message)
        ended = sink.close(0)
        lost = sink.status().lost
        if lost or not ended:
            return f"{lost} of it could not be kept: {ended.why}"
        _sync(path, disk)
        for folder in (path, *folders):
            disk.sync_folder(os.path.dirname(folder))
    except (RrError, OSError) as error:
        return f"could not be kept: {error}"
    if held:
        return f"kept in {path}, with {held} that the broker held: merging removes repeats"
    return f"kept in {path}"


def _sync(path: str, disk: Disk) -> None:
    fileno = disk.open(path, os.O_RDWR)
    try:
        disk.sync(fileno)
    finally:
        disk.close(fileno)


def _missing(folder: str) -> list[str]:
    """Folders that are to be made, the innermost first."""
    missing = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing
