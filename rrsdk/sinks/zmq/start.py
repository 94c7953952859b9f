"""Which start of a program this process belongs to: those of one start share a recording on purpose.

A start is one launch: of all ranks, where a launcher says so, else of a program with the children that
multiprocessing gave it, which share its key. What is told of it is a digest: the key is a secret.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

from rrsdk import settings

_start = ""


def this_start() -> str:
    """32 hex digits that are the same for all processes of this start."""
    global _start  # noqa: PLW0603  # forked children inherit it, whatever their environment says by then
    if _start:
        return _start
    launch = settings.launch()
    secret = launch.encode() if launch is not None else _family()
    found = hashlib.sha256(b"rrsdk start " + secret).hexdigest()[:32]
    process: Any = sys.modules.get("multiprocessing.process")
    if process is None or not getattr(process.current_process(), "_inheriting", False):
        _start = found  # else the key is perhaps a fork server's, which is not the family's
    return found


def program_name() -> str:
    """What people call this program."""
    return os.path.basename(sys.argv[0] if sys.argv else "") or "python"


def _family() -> bytes:
    from multiprocessing.process import current_process

    return bytes(current_process().authkey)
