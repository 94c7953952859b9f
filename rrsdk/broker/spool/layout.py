"""Where a spool's files lie: names for applications and recordings, whatever these call themselves.

An id is whatever some program sent: `..`, `/`, nothing at all, ten kilobytes, `CON`. A name that is plain
stays as it is; any other gets what can stay of it, and a digest. Nothing outside of the folder is ever named,
nor reached through a link that somebody put there.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import unicodedata
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_64_intdigest

from rrsdk.broker.spool.journal import is_inside
from rrsdk.errors import OutputError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.sinks.rotation import part_path

if TYPE_CHECKING:
    from collections.abc import Container

    from rrsdk.broker.spool.state import File
    from rrsdk.sinks.disk import Disk

OURS: Final = ".rrkit"
LOCK: Final = "lock"
FINISH_LOCK: Final = "finish"
TABLES: Final = f"{OURS}/tables"
_PENDING: Final = re.compile(r"part-(\d{1,10})")
_MOST_BYTES: Final = 120
"""Of a name: so that digest, part and suffix fit into 255."""
_BESIDES: Final = frozenset(" _-.,+=@()[]{}#%&!~'^$")
_DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE
)
_REPLACED: Final = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.EISDIR, errno.ENXIO)
_MOST_SIGNED: Final = 64 * 1024
_LIKE_A_PART: Final = re.compile(r".*\.\d{4,}", re.DOTALL)


def safe_name(name: str) -> str:
    """What a folder or (with a suffix behind it) a file may be called everywhere."""
    kept = "".join(letter if letter.isalnum() or letter in _BESIDES else "_" for letter in name[:200])
    kept = unicodedata.normalize("NFC", kept)
    while len(kept.encode()) > _MOST_BYTES:
        kept = kept[:-1]
    kept = kept.strip(" .").lstrip("-~") or "_"
    if _DEVICES.fullmatch(kept):
        kept = "_" + kept
    if kept == name and not _LIKE_A_PART.fullmatch(kept):
        return kept
    return f"{kept}-{_digest(name)}"


def _digest(*names: str) -> str:
    told = hashlib.sha256()
    for name in names:
        raw = name.encode("utf-8", "surrogatepass")
        told.update(len(raw).to_bytes(8, "little") + raw)
    return told.hexdigest()[:12]


def base_path(store: StoreId | None, taken: Container[str]) -> str:
    """The path of a store's first part. `taken` has, as `folded`, those of other stores."""
    if store is None:
        return TABLES
    suffix = ".rbl" if store.kind is StoreKind.BLUEPRINT else ".rrd"
    folder, name = safe_name(store.application_id), safe_name(store.recording_id)
    path = f"{folder}/{name}{suffix}"
    if folded(path) in taken:  # differs in case alone, or pretends to be another's digest
        path = f"{folder}/{name}-{_digest(store.application_id, store.recording_id)}{suffix}"
    number = 2
    while folded(path) in taken:
        path = f"{folder}/{name}-{_digest(store.application_id, store.recording_id, str(number))}{suffix}"
        number += 1
    return path


def folded(path: str) -> str:
    """Equal for paths that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def free_part(folder: str, base: str, after: int) -> tuple[str, int]:
    """The path and number of the next part that is not there yet."""
    number = after + 1
    while os.path.lexists(os.path.join(folder, part_path(base, number))):
        number += 1
    return part_path(base, number), number


def is_folder(path: str) -> bool:
    """Whether it is one, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def pending_path(number: int) -> str:
    """Where a new file lies until the journal is sure to know of it: then it gets its name."""
    return f"{OURS}/part-{number}"


def pending_number(name: str) -> int | None:
    """The file's number in such a name; None where it is another."""
    match = _PENDING.fullmatch(name)
    return int(match[1]) if match else None


def open_data(disk: Disk, folder: str, number: int, path: str, flags: int) -> int:
    """A descriptor of a data file, wherever it lies just now; OSError where it is not to be had."""
    last: OSError | None = None
    for place in (pending_path(number), path, pending_path(number), path):  # it may be moved meanwhile
        try:
            return open_inside(disk, folder, place, flags)
        except FileNotFoundError as error:
            last = error
    assert last is not None
    raise last


def is_ours(disk: Disk, fileno: int, file: File) -> bool:
    """Whether a data file is the one that was written, by its first bytes."""
    if file.sign_size > _MOST_SIGNED:
        return False
    return not file.sign_size or xxh3_64_intdigest(disk.pread(fileno, file.sign_size, 0)) == file.sign


def open_inside(disk: Disk, folder: str, path: str, flags: int) -> int:
    """A descriptor of a regular file in the spool's folder that no link leads to.

    FileNotFoundError also where somebody has put something else in its place.
    """
    if not is_inside(path):
        raise FileNotFoundError(errno.ENOENT, "not in the spool", path)
    parts = path.split("/")
    above = os.path.join(folder, *parts[:-1])
    if not is_folder(above) and os.path.lexists(above):
        raise FileNotFoundError(errno.ENOENT, "is not a folder", above)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        fileno = disk.open(os.path.join(folder, *parts), flags)
    except OSError as error:
        if error.errno in _REPLACED:
            raise FileNotFoundError(errno.ENOENT, "is not a file", path) from error
        raise
    if not stat.S_ISREG(os.fstat(fileno).st_mode):
        disk.close(fileno)
        raise FileNotFoundError(errno.ENOENT, "is not a file", path)
    return fileno


def prepare(folder: str, disk: Disk) -> None:
    """Make the folder and what is ours in it; OutputError where that cannot be."""
    ours = os.path.join(folder, OURS)
    try:
        above = os.path.abspath(ours)
        unsure: list[str] = []  # folders that a name is given in
        while not os.path.lexists(above):
            above = os.path.dirname(above)
            unsure.append(above)
        disk.make_folder(folder)
        if not os.path.lexists(ours):
            disk.make_folder(ours)
        if folder not in unsure:
            unsure.append(folder)
        for each in reversed(unsure):
            disk.sync_folder(each)
    except ValueError:  # a NUL in it
        raise OutputError("is not the name of a folder", source=folder) from None
    except FileExistsError:
        raise OutputError("is there, and is no folder", source=folder) from None
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", source=folder) from error
    if not is_folder(ours):
        raise OutputError(f"{OURS} in it is a link, not a folder", source=folder, hint="take it away")
