"""Parents and children of multiprocessing: how a child finds the recording it takes part in.

A forked child has it in memory. A spawned one has nothing but the authkey that multiprocessing
hands down: it names a directory that only this user may enter, in which the first process says
what it records and where it listens.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from rrsdk.identity import StoreId, StoreKind
from rrsdk.recording import here
from rrsdk.recording.core import streams
from rrsdk.recording.kinship import HELD, Kinship, Origin, sinks_of_kin
from rrsdk.recording.litter import PREFIX, PUBLISHED, sweep
from rrsdk.recording.relay import Relay
from rrsdk.sinks.zmq.start import this_start

if TYPE_CHECKING:
    from rrsdk.batcher.batcher import Batcher
    from rrsdk.recording.core import Core
    from rrsdk.recording.outlets import Outlets
    from rrsdk.sinks.live import LiveSink

_relay: Relay | None = None
_relay_failed = False
_published = ""


# --- the parent's side ---


def relay() -> Relay | None:
    """Where this process listens to its children; None where it cannot."""
    global _relay, _relay_failed  # noqa: PLW0603  # one for the process
    if _relay is None and not _relay_failed:
        import tempfile

        try:
            _relay = Relay(tempfile.mkdtemp(prefix=PREFIX), _batcher_of)
        except (OSError, AttributeError):  # no Unix sockets, a path too long, a full disk
            _relay_failed = True
    return _relay


def _batcher_of(store: StoreId) -> Batcher | None:
    for stream in streams():
        if stream.store == store and stream.outlets.origin is None:
            return stream.batcher
    return None


def publish(chosen: Core) -> None:
    """Say what this process records, for children that are started anew; only the first process does."""
    global _published  # noqa: PLW0603  # one for the process
    if in_child() or here.is_forked or os.name != "posix":
        return
    entries = []
    for stream in streams():
        kin = stream.outlets.kinship
        if kin is None or stream.outlets.origin is not None:
            continue
        listening = relay() if kin.is_local else None
        if listening is not None:
            listening.start()  # now: nothing tells when multiprocessing starts a child
        entries.append(
            {
                "application": stream.store.application_id,
                "recording": stream.store.recording_id,
                "kin": kin.to_json(),
                "socket": listening.path if listening is not None else "",
                "rings": [ring.name for ring in stream.outlets.rings],
                "current": stream is chosen,
            }
        )
    folder = _folder(make=True)
    if folder is None:
        return
    try:
        temporary = os.path.join(folder, f".{os.getpid()}")
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump({"pid": os.getpid(), "recordings": entries}, file)
        _published = os.path.join(folder, PUBLISHED)
        os.replace(temporary, _published)
    except (OSError, TypeError, ValueError):  # then spawned children are on their own
        _published = ""


def close(timeout_s: float) -> None:
    """Take in what children have sent, and take back what was published."""
    global _relay, _published  # noqa: PLW0603  # one for the process
    listening, _relay = _relay, None
    if listening is not None:
        listening.settle(timeout_s / 2)
        for stream in streams():
            stream.batcher.flush(timeout_s / 2)  # what children sent is written, and they are told
        listening.stop(timeout_s / 2)
    if _published:
        sweep(os.path.dirname(os.path.dirname(_published)))
        try:
            os.unlink(_published)
            os.rmdir(os.path.dirname(_published))
        except OSError:
            pass
        _published = ""


def forked() -> None:
    """In a forked child: what was the parent's is not ours."""
    global _relay, _relay_failed, _published  # noqa: PLW0603  # one for the process
    listening, _relay = _relay, None
    if listening is not None:
        listening.forked()
    _relay_failed = False
    _published = ""


def expect_children() -> None:
    """There was a fork: children may send from now on."""
    if _relay is not None:
        _relay.start()


def origin_here() -> Origin:
    """What a child must know of this process; called before a fork."""
    listening = relay()
    return Origin(os.getpid(), listening.path if listening is not None else "")


# --- the child's side ---


def in_child() -> bool:
    """Whether multiprocessing started this process."""
    process: Any = sys.modules.get("multiprocessing.process")
    return process is not None and (process.parent_process() is not None or is_preparing())


def is_preparing() -> bool:
    """Whether this is a child that multiprocessing starts anew, and which imports its main module now."""
    process: Any = sys.modules.get("multiprocessing.process")
    return process is not None and getattr(process.current_process(), "_inheriting", False)


def is_forkserver() -> bool:
    """Whether this process only imports the main module, to be forked from for each child.

    It knows another key than the family's, and its children get that one when they are forked: what
    they log goes to their parent's recording, whatever the module did when it was imported.
    """
    process: Any = sys.modules.get("multiprocessing.process")
    return is_preparing() and process.current_process().name == "MainProcess"


def join(outlets: Outlets) -> list[LiveSink]:
    """What this process sends to because its parent records; none where it does not."""
    if outlets.origin is not None:
        return sinks_of_kin(outlets.store, outlets.kinship or HELD, outlets.origin, outlets.report)
    if outlets.is_held and in_child():
        found = kin_of(outlets.store)
        if found is not None:
            outlets.kinship, outlets.origin = found
            return sinks_of_kin(outlets.store, *found, outlets.report)
    return []


def kin_of(store: StoreId) -> tuple[Kinship, Origin] | None:
    """How the parent records this store, if it does."""
    for entry, origin in _found():
        if (entry["application"], entry["recording"]) == (store.application_id, store.recording_id):
            return Kinship(**entry["kin"]), origin
    return None


def writer_of(path: str) -> tuple[StoreId, Kinship, Origin] | None:
    """Who of the family writes this file already."""
    if not in_child():
        return None
    wanted = os.path.realpath(path)
    for entry, origin in _found():
        kin = Kinship(**entry["kin"])
        if kin.mode == "save" and os.path.realpath(kin.path) == wanted:
            store = StoreId(StoreKind.RECORDING, entry["application"], entry["recording"])
            return store, kin, origin
    return None


def has_ring(path: str) -> bool:
    """Whether the first process of the family keeps the last of a recording for this file."""
    return in_child() and any(path in entry["rings"] for entry, _ in _found())


def server_of(port: int) -> str:
    """The URL of the broker that a process of the family runs on this port; empty where none does."""
    if in_child():
        for entry, _ in _found():
            url = Kinship(**entry["kin"]).url
            if url.endswith(f":{port}"):
                return url
    return ""


def recording_of_parent() -> StoreId | None:
    """What the first process of the family records, in a child of it."""
    if not in_child():
        return None
    entries = _found()
    for entry, _ in [one for one in entries if one[0]["current"]] or entries:
        return StoreId(StoreKind.RECORDING, entry["application"], entry["recording"])
    return None


def start_here() -> str:
    """Which start this process belongs to: its parent's, in a child that multiprocessing started."""
    if in_child():
        for entry, _ in _found():
            start = Kinship(**entry["kin"]).options.get("start")
            if start:
                return str(start)
    return this_start()


def _found() -> list[tuple[dict[str, Any], Origin]]:
    """What the first process says; nothing where it is gone."""
    folder = _folder(make=False)
    if folder is None:
        return []
    try:
        with open(os.path.join(folder, PUBLISHED), encoding="utf-8") as file:
            said = json.load(file)
        pid = int(said["pid"])
        os.kill(pid, 0)
        return [(entry, Origin(pid, entry["socket"])) for entry in said["recordings"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _folder(*, make: bool) -> str | None:
    """The family's directory; None where there is none, or it is not this user's alone."""
    if not hasattr(os, "getuid"):
        return None
    import tempfile
    from multiprocessing.process import current_process

    digest = hashlib.sha256(b"rrsdk family " + bytes(current_process().authkey)).hexdigest()
    path = os.path.join(tempfile.gettempdir(), PREFIX + digest[:32])
    try:
        if make:
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                pass
        about = os.lstat(path)
    except OSError:
        return None
    private = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
    return path if private else None
