"""With checksums every flipped bit of a chunk is noticed: by readers, by `recover`, by `checksum check`."""

from __future__ import annotations

import os
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec import checksum
from rrsdk.codec.frames import Kind
from rrsdk.errors import FormatError, RrError
from rrsdk.sinks.output import Output
from rrsdk.sinks.rrd import RrdSink
from rrsdk.sources.file import FileSource
from rrsdk.sources.origin import MemoryOrigin
from rrtool.reports.checksums import checksums
from rrtool.transforms.checksums import with_checksums
from tests.faults import damage
from tests.faults.test_any_damage import NAME, PLAIN, SCENE, WHOLE, ignore, read_file, read_pipe, some_of
from tests.faults.test_recover import Saved

IS_CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"


def with_sums(data: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:
        sink = RrdSink(Output("sealed", os.dup(file.fileno())))
        for message in with_checksums(
            FileSource(MemoryOrigin(NAME, data), damage=None, warn=ignore).messages()
        ):
            sink.put(message)
        sink.close()
        file.seek(0)
        return file.read()


SEALED = with_sums(some_of(SCENE, 4))
SEALED_PLAIN = damage.without_footer(SEALED)
FORM = pytest.mark.parametrize("form", [SEALED, SEALED_PLAIN], ids=["whole", "plain"])


def bits_of_chunks(data: bytes) -> list[tuple[int, int]]:
    """Where chunk messages begin and end, headers included, in bits."""
    return [(8 * place.header, 8 * place.end) for place in damage.chunks(data)]


def check_noticed(data: bytes, bit: int) -> None:
    broken = damage.flipped(data, bit)
    with pytest.raises(RrError):
        read_file(broken, None)
    with pytest.raises(RrError):
        read_pipe(broken, None)
    found = checksums(MemoryOrigin(NAME, broken), len(broken))
    assert found.problems, bit
    saved = Saved(broken)
    assert saved.salvage.lost or saved.salvage.notes, bit
    before = [data[place.start : place.end] for place in damage.chunks(data)]
    assert not set(saved.chunks) - set(before), "what is kept is as it was"
    assert saved.chunks.total() >= len(before) - 1


def test_nothing_is_wrong_with_sound_ones() -> None:
    for data in (SEALED, SEALED_PLAIN):
        read_file(data, None)
        read_pipe(data, None)
        saved = Saved(data)
        assert saved.is_complete
        assert not saved.salvage.notes
        assert checksums(MemoryOrigin(NAME, data), len(data)).is_good
    assert with_sums(SEALED) == SEALED
    for data in (WHOLE, PLAIN):
        found = checksums(MemoryOrigin(NAME, data), len(data))
        assert not found.problems
        assert not found.is_good


def test_chunks_lose_nothing_to_it() -> None:
    without = [SEALED[place.start : place.end - checksum.SIZE] for place in damage.chunks(SEALED)]
    assert without == [WHOLE[place.start : place.end] for place in damage.chunks(WHOLE)[:4]]


@FORM
@settings(max_examples=50)
@given(data=st.data())
def test_any_flipped_bit_of_a_chunk(form: bytes, data: st.DataObject) -> None:
    start, end = data.draw(st.sampled_from(bits_of_chunks(form)))
    check_noticed(form, data.draw(st.integers(start, end - 1)))


@FORM
def test_flipped_bits_around_a_chunk(form: bytes) -> None:
    """Of its header, the fields before the payload, and the checksum."""
    start, end = bits_of_chunks(form)[2]
    step = 1 if IS_CAMPAIGN else 13
    for bit in (*range(start, start + 8 * 60, step), *range(end - 8 * 36, end, step)):
        check_noticed(form, bit)


@pytest.mark.campaign
@FORM
def test_every_flipped_bit_of_a_chunk(form: bytes) -> None:
    for start, end in bits_of_chunks(form):
        for bit in range(start, end, 1 if IS_CAMPAIGN else 3989):
            check_noticed(form, bit)


def test_a_damaged_checksum_costs_no_chunk() -> None:
    place = damage.chunks(SEALED)[1]
    for bit in range(8 * (place.end - checksum.SIZE), 8 * place.end, 5):
        saved = Saved(damage.flipped(SEALED, bit))
        assert saved.is_complete, bit
        assert saved.salvage.notes
        assert saved.chunks.total() == len(damage.chunks(SEALED))


# ---- the field itself ----


@given(message=st.binary(min_size=1, max_size=200), kind=st.sampled_from([1, 2, 3]), data=st.data())
def test_a_message_and_its_checksum(message: bytes, kind: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(message)))
    sealed = message + checksum.checksum_field(kind, (message[:cut], memoryview(message)[cut:]))
    assert checksum.check(kind, sealed)
    assert checksum.without_checksum(sealed) == message
    with pytest.raises(FormatError):
        checksum.check(kind % 3 + 1, sealed)
    broken = damage.flipped(sealed, data.draw(st.integers(0, 8 * len(sealed) - 1)))
    with pytest.raises(FormatError):
        checksum.check(kind, broken)
    sound = checksum.sound_part(kind, broken)
    assert sound is None or sound == message


@given(message=st.binary(max_size=60))
def test_a_message_without(message: bytes) -> None:
    if not checksum.has_checksum(message):
        assert not checksum.check(Kind.CHUNK, message)
