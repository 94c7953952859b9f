"""What tells one spool from another: random bytes, made and durable before anybody is told of it.

A producer remembers which spool called its messages durable. Where the power fails and all that the spool
knew of that producer goes with it, it is still the same spool, and can say that those messages are lost.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from rrsdk.broker.spool.layout import OURS
from rrsdk.broker.spool.segments import read_file
from rrsdk.codec.envelope import SPOOL_SIZE
from rrsdk.sinks.append import Appender

if TYPE_CHECKING:
    from rrsdk.sinks.disk import Disk

_NAME: Final = "id"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)


def spool_id(disk: Disk, folder: str, *, is_new: bool) -> bytes:
    """The folder's; `is_new`: another one, for nothing is known of what was there before. OSError."""
    ours = os.path.join(folder, OURS)
    path = os.path.join(ours, _NAME)
    if not is_new:
        try:
            found = bytes.fromhex(read_file(disk, path, 2 * SPOOL_SIZE).decode("ascii"))
            if len(found) == SPOOL_SIZE:
                return found
        except (FileNotFoundError, ValueError):  # of an earlier release, or damaged
            pass
    made = secrets.token_bytes(SPOOL_SIZE)
    fileno = disk.open(f"{path}.new", _FLAGS)
    try:
        Appender(fileno, is_regular=True, disk=disk).append([made.hex().encode() + b"\n"])
        disk.sync(fileno)
    finally:
        disk.close(fileno)
    disk.rename(f"{path}.new", path)
    disk.sync_folder(ours)
    return made
