"""What killed processes left in the temporary directory: removed by later ones, when it is old."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import Final

PREFIX: Final = "rrsdk-"
PUBLISHED: Final = "recordings.json"
_OLD_S: Final = 86_400.0
_MOST: Final = 100


def sweep(folder: str) -> None:
    """Remove directories of ours whose process is gone, where nobody has touched them for a day.

    A day, because processes of another container may share the directory, and look gone from here.
    """
    done = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if done >= _MOST:
                    return
                if entry.name.startswith(PREFIX) and _is_stale(entry):
                    done += 1
                    shutil.rmtree(entry.path, ignore_errors=True)
    except OSError:
        return


def _is_stale(entry: os.DirEntry[str]) -> bool:
    try:
        about = entry.stat(follow_symlinks=False)
        if not entry.is_dir(follow_symlinks=False) or about.st_uid != os.getuid():
            return False
        if time.time() - about.st_mtime < _OLD_S:
            return False
        names = set(os.listdir(entry.path))
        if "s" in names:  # a relay's, with its children's tokens: whoever listens there answers
            return not _listens(os.path.join(entry.path, "s"))
        if names != {PUBLISHED}:
            return not names
        with open(os.path.join(entry.path, PUBLISHED), encoding="utf-8") as file:
            os.kill(int(json.load(file)["pid"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return False


def _listens(path: str) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.1)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return False
        except OSError:
            pass
    return True
