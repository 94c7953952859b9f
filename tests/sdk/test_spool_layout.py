"""Where a spool's files lie: hostile ids leave no folder and share no file."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.broker.spool import layout
from rrsdk.broker.spool.draft import base_of
from rrsdk.broker.spool.journal import is_inside
from rrsdk.broker.spool.state import File
from rrsdk.errors import OutputError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.sinks.disk import DISK
from rrsdk.sinks.rotation import part_path

NASTY = [
    *("", ".", "..", "/", "../../etc/passwd", "a/b", "a\\b", "C:\\x", "nul", "CON", "con.txt", "Com1", "x."),
    *(" x", "x ", "a\nb", "a\0b", ".rrkit", ".rrkit/tables", "-rf", "~", "run.0002", "run", "RUN", "Run"),
    *(
        "größe",
        "gro\u0308ße",
        "GRÖSSE",
        "☮",
        "\udc80",
        "x" * 10_000,
        "ß" * 300,
        "a" * 120,
        "a" * 121,
        "ﬁ",
        "fi",
    ),
    *("tables", "run-5ae7", "run.rrd", "aux .x", "\u202e", "İ", "conin$", "com¹"),
]
IDS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=12))
STORES = st.builds(StoreId, st.sampled_from(StoreKind), IDS, IDS)
PLAIN = st.from_regex(r"[a-z0-9_]([a-z0-9_ -]{0,30}[a-z0-9])?", fullmatch=True)


@given(st.lists(STORES, max_size=12, unique=True))
def test_ids_never_share_a_file_and_stay_in_their_folder(stores: list[StoreId]) -> None:
    taken: set[str] = set()
    for store in stores:
        path = layout.base_path(store, taken)
        assert layout.folded(path) not in taken
        taken.add(layout.folded(path))
        folder, name = path.split("/")
        for each in (folder, name):
            assert is_inside(each)
            assert not each.startswith((".", " ", "-", "~"))
            assert not each.endswith((".", " "))
            assert not re.search(r'[<>:"|?*/\\\x00-\x1f]', each)
            assert len(each.encode()) < 200, "also with a part's number behind it"
            assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", each, re.IGNORECASE)
        others = {layout.folded(part_path(path, number)) for number in range(2, 5)}
        assert not others & taken, "nor does a later part"


@given(PLAIN, PLAIN)
def test_a_plain_name_stays_as_it_is(application: str, recording: str) -> None:
    if layout._DEVICES.fullmatch(application) or layout._DEVICES.fullmatch(recording):
        return
    store = StoreId(StoreKind.RECORDING, application, recording)
    assert layout.base_path(store, ()) == f"{application}/{recording}.rrd"


@given(IDS)
def test_a_name_is_the_same_each_time_and_can_be_made(name: str) -> None:
    safe = layout.safe_name(name)
    assert safe == layout.safe_name(name)
    assert safe.encode()  # no surrogates


def test_blueprints_and_tables_have_their_places() -> None:
    assert layout.base_path(StoreId(StoreKind.BLUEPRINT, "app", "b"), ()) == "app/b.rbl"
    assert layout.base_path(None, ()) == ".rrkit/tables"


def test_nothing_is_reached_through_a_link(tmp_path: Path) -> None:
    folder, outside = tmp_path / "spool", tmp_path / "outside"
    outside.mkdir()
    (outside / "run.rrd").write_bytes(b"mine")
    layout.prepare(str(folder), DISK)
    (folder / "app").symlink_to(outside)
    (folder / "file").mkdir()
    (folder / "file" / "run.rrd").symlink_to(outside / "run.rrd")
    os.mkfifo(folder / "file" / "pipe.rrd")
    for path in ("app/run.rrd", "file/run.rrd", "../outside/run.rrd", "file/pipe.rrd", "file"):
        with pytest.raises(OSError):  # noqa: PT011  # each system has its own words
            layout.open_inside(DISK, str(folder), path, os.O_RDWR)
    assert layout.free_part(str(folder), "file/run.rrd", 0) == ("file/run.0002.rrd", 2)


def test_a_folder_of_ours_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / ".rrkit").symlink_to(tmp_path)
    with pytest.raises(OutputError, match="is a link"):
        layout.prepare(str(tmp_path / "spool"), DISK)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"no folder|Not a directory"):
        layout.prepare(str(tmp_path / "file"), DISK)
    with pytest.raises(OutputError, match="not the name"):
        layout.prepare("a\0b", DISK)


def test_the_first_part_is_known_from_any() -> None:
    for base in ("app/run.rrd", "app/looks.rbl", ".rrkit/tables"):
        for number in (1, 2, 345, 12345):
            file = File(1, part_path(base, number), b"", number, 0, 0, 1)
            assert base_of(file) == base
