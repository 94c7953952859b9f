"""What a spool's files hold, read by the test's own walk over them, and opened by the real program."""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path

from rrsdk.codec.envelope import Kind
from rrsdk.codec.receive import Receiver
from rrsdk.message import ChunkMsg
from rrsdk.sources import open_source
from tests.faults.damage import CHUNK, END, STORE_INFO, places
from tests.faults.spool_labels import APPLICATION, Label, label_of

_PART = re.compile(r"(?P<name>.+?)(?:\.(?P<number>\d{4,}))?\.rrd")
_END_BYTES = 12
ENVIRONMENT = {**os.environ, "RERUN_ANALYTICS": "0"}


def parts(folder: Path) -> dict[str, list[Path]]:
    """The files of each recording, in the order in which they were written."""
    found: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in (folder / APPLICATION).glob("*.rrd"):
        match = _PART.fullmatch(path.name)
        assert match is not None, path
        found[match["name"]].append((int(match["number"] or 1), path))
    return {name: [path for _, path in sorted(some)] for name, some in found.items()}


def has_footer(path: Path) -> bool:
    """Whether a whole stream is there, with what closes it; of a recording without data it says nothing."""
    kinds = {place.kind for place in places(path.read_bytes())}
    return {END, CHUNK} <= kinds


def read_spool(folder: Path) -> dict[int, list[Label]]:
    """What was logged by each producer, in the order of the files.

    Static data that begin a part may repeat what a part before it has; nothing else may.
    """
    found: dict[int, list[Label]] = defaultdict(list)
    seen: dict[Label, Path] = {}
    for some in parts(folder).values():
        for path in some:
            may_repeat = True
            for label in _labels(path):
                if label in seen:
                    assert may_repeat, f"{path}: {label} again, after data that are new"
                    assert label.is_static, f"{path}: {label} again, is in {seen[label]}"
                    assert seen[label] != path, f"{path}: {label} twice"
                    continue
                may_repeat = False
                seen[label] = path
                found[label.producer].append(label)
    return dict(found)


def _labels(path: Path) -> list[Label]:
    reader = Receiver(str(path), warn=print)
    data = path.read_bytes()
    found, end, kinds = [], _END_BYTES, []
    for place in places(data):
        end = place.end
        kinds.append(place.kind)
        assert place.end <= len(data), f"{path}: ends amid a message at {place.header} of {len(data)}"
        if place.kind == CHUNK:
            message = reader.read(Kind.CHUNK, data[place.start : place.end])
            assert isinstance(message, ChunkMsg)
            found.append(label_of(message.row.chunk_id))
    if END not in kinds:
        assert end == len(data), f"{path}: {len(data) - end} bytes behind the last message"
    assert kinds[:1] == [STORE_INFO], f"{path}: begins with {kinds[:1]}"
    return found


def opens_everywhere(folder: Path, rerun: Path) -> None:
    """Our own sources and the real program read every file; footers are right where there are some."""
    paths = [path for some in parts(folder).values() for path in some]
    for path in paths:
        source = open_source(str(path))
        assert list(source.messages())
        source.close()
    _run(rerun, "print", paths)
    _run(rerun, "verify", [path for path in paths if has_footer(path)])


def _run(rerun: Path, verb: str, paths: list[Path]) -> None:
    if not paths:
        return
    command = [rerun, "rrd", verb, *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == 0, f"rerun rrd {verb} {paths}: {done.stderr[-2000:]}"
