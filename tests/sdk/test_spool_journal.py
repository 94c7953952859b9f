"""The journal's format: what is packed comes back, and whatever was cut or damaged is noticed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.broker.spool import journal
from rrsdk.broker.spool.batch import Mark
from rrsdk.broker.spool.index import read_segment
from rrsdk.broker.spool.journal import ENTRY, SEGMENT, Kind
from rrsdk.broker.spool.state import NOTHING, Change, Extent, File, Phase, State, last_parts
from rrsdk.errors import FormatError
from rrsdk.store.entry import Tally

U32, U63 = st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1)
TALLIES = st.builds(Tally, U63, U63, U63)
MARKS = st.builds(Mark, U63, U63, TALLIES, TALLIES, U63)
KEYS = st.binary(min_size=16, max_size=16)
PATHS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(journal.is_inside)
FILES = st.builds(
    File, U32, PATHS, st.binary(max_size=20), U32, U32, U32, U32, U63, st.sampled_from(Phase), U32, U63
)
CHANGES = st.builds(
    Change,
    U63,
    st.tuples(TALLIES, TALLIES, TALLIES),
    st.lists(st.builds(Extent, U32, U63, U63, U63), max_size=3).map(tuple),
    st.lists(FILES, max_size=3).map(tuple),
    st.lists(st.tuples(U32, KEYS), max_size=3).map(tuple),
    st.lists(st.tuples(KEYS, MARKS), max_size=3).map(tuple),
    st.lists(KEYS, max_size=3).map(tuple),
    st.integers(0, 3),
)


def entries(*ats: int, lifetime: int = 2, file: int = 1) -> bytes:
    return b"".join(ENTRY.pack(at, at + 1, 100 * at, 90, 3, file, 7, 2, lifetime) for at in ats)


def held(*messages: int) -> tuple[Tally, Tally, Tally]:
    first, second, third = (Tally(number) for number in messages)
    return first, second, third


@given(st.sampled_from(Kind), CHANGES, st.integers(0, 4), U63)
def test_a_record_comes_back(kind: Kind, change: Change, count: int, safe: int) -> None:
    packed = journal.pack_record(kind, change, entries(*range(count)), safe=safe)
    record = journal.read_record(b"before" + packed + b"behind", 6)
    assert record is not None
    assert (record.kind, record.change, record.safe, record.num_entries) == (kind, change, safe, count)
    assert record.end == 6 + len(packed)
    assert len(packed) % 8 == 0
    assert packed[record.entries_at - 6 :][: 64 * count] == entries(*range(count))


@given(CHANGES, st.integers(0, 2), st.data())
def test_whatever_is_changed_or_missing_in_a_record_is_noticed(
    change: Change, count: int, data: st.DataObject
) -> None:
    packed = bytearray(journal.pack_record(Kind.WRITTEN, change, entries(*range(count))))
    at = data.draw(st.integers(0, len(packed) - 1))
    assert journal.read_record(packed[:at], 0) is None
    packed[at] ^= data.draw(st.integers(1, 255))
    found = journal.read_record(packed, 0)
    assert found is None or found.change == change, "padding that says nothing is covered all the same"
    assert found is None


@given(st.binary(max_size=400), st.integers(0, 300))
def test_bytes_that_are_no_journal_are_none(junk: bytes, at: int) -> None:
    raw = junk[:at] + b"RRj\x01" + junk[at:]
    assert list(journal.readable(raw)) == []
    assert journal.read_record(raw, at) is None
    assert read_segment(raw).files == {}
    try:
        journal.read_head(b"RRSPOOL\n" + junk)
    except FormatError:
        pass
    journal.head_size(b"RRSPOOL\n" + junk)


@given(U63, st.binary(max_size=16).filter(lambda boot: not boot.endswith(b"\0")), CHANGES)
def test_the_head_of_a_segment_comes_back(number: int, boot: bytes, snapshot: Change) -> None:
    raw = journal.pack_segment(number, boot, snapshot)
    assert journal.head_size(raw[:1024]) == len(raw)
    assert journal.read_head(raw + b"more") == (number, boot, snapshot, len(raw))
    assert journal.segment_number(journal.segment_name(number)) == number


def segment(*batches: int, damaged: int | None = None, lifetime: int = 2) -> bytes:
    """So many messages a record, from the index 10 and the position 5 of that lifetime on."""
    start = Change(10, held(*(5 if lifetime == each else 1 for each in range(3))))
    raw = journal.pack_segment(3, b"", start)
    at, position = 10, 5
    for number, count in enumerate(batches):
        after = Change(at + count, held(*(position + count if lifetime == each else 1 for each in range(3))))
        packed = bytearray(
            journal.pack_record(Kind.WRITTEN, after, entries(*range(at, at + count), lifetime=lifetime))
        )
        if number == damaged:
            packed[len(packed) // 2] ^= 1
        raw += packed
        at, position = at + count, position + count
    return raw


def test_entries_of_a_segment_have_their_positions() -> None:
    for lifetime in range(3):
        shelf = read_segment(segment(2, 0, 3, lifetime=lifetime)).shelves[lifetime]
        assert shelf.entries["at"].tolist() == [10, 11, 12, 13, 14]
        assert shelf.positions.tolist() == [5, 6, 7, 8, 9]
        assert shelf.entries["offset"].tolist() == [1000, 1100, 1200, 1300, 1400]
        others = [read_segment(segment(2, lifetime=lifetime)).shelves[each] for each in range(3)]
        assert [len(each.entries) for each in others] == [2 if each == lifetime else 0 for each in range(3)]


def test_what_lies_behind_damage_has_its_positions_still() -> None:
    shelf = read_segment(segment(2, 1, 3, damaged=1)).shelves[2]
    assert shelf.entries["at"].tolist() == [10, 11, 13, 14, 15]
    assert shelf.positions.tolist() == [5, 6, 8, 9, 10]
    assert [record.num_entries for record in journal.readable(segment(2, 1, 3, damaged=1))] == [0, 2, 3]
    assert [record.num_entries for record in journal.records(segment(2, 1, 3, damaged=1), SEGMENT.size)] == [
        0,
        2,
    ]


def test_entries_that_the_next_segment_has_anew_do_not_count() -> None:
    shelf = read_segment(segment(2, 3), before=13).shelves[2]
    assert shelf.entries["at"].tolist() == [10, 11, 12]
    assert shelf.positions.dtype == np.uint64


@given(st.lists(CHANGES, max_size=4))
def test_a_snapshot_stands_for_the_records_before_it(changes: list[Change]) -> None:
    state = State()
    for change in changes:
        state.apply(change)
    again = State()
    again.apply(state.snapshot())
    assert (again.next_index, again.held, again.marks) == (state.next_index, state.held, state.marks)
    assert again.forgot == state.forgot
    assert last_parts(again.files.values()) == last_parts(state.files.values())
    assert all(state.files[number] == file for number, file in again.files.items())
    assert {number for number, file in state.files.items() if file.phase != Phase.DONE} <= again.files.keys()


def test_a_path_that_leaves_the_folder_is_no_file() -> None:
    for path in ("../x.rrd", "/etc/x.rrd", "a//b", "a/./b", "", "a\\..\\b", "a\0"):
        bad = Change(0, NOTHING, (), (File(1, path, b"", 1, 12, 0, 1),))
        assert journal.read_record(journal.pack_record(Kind.SNAPSHOT, bad), 0) is None
