"""What `recover` promises of any damage: every sound message is kept, no other, and memory is bounded."""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec.salvage import Salvage
from rrsdk.errors import RrError
from rrsdk.message import ChunkMsg, Chunks, Message
from rrsdk.sources.origin import MemoryOrigin
from rrtool.reports.soundness import Soundness
from tests.faults import damage
from tests.faults.test_any_damage import NAME, PLAIN, SCENE, WHOLE, ignore, little_memory, some_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
SMALL = some_of(SCENE, 3)
IS_CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"


class Saved:
    """What was had of some bytes."""

    def __init__(self, data: bytes) -> None:
        origin = MemoryOrigin(NAME, data)
        self.salvage = Salvage(origin, len(data), check=Soundness().problem, warn=ignore)
        with little_memory():
            self.messages: list[Message] = list(self.salvage.messages())
            self.lost_chunks = self.salvage.lost_chunks()
        self.chunks = Counter(self._chunks())
        assert self.salvage.chunks == self.chunks.total()
        assert self.salvage.found == bool(self.messages)
        spans = [(lost.start, lost.end) for lost in self.salvage.lost]
        assert all(0 <= start < end <= len(data) for start, end in spans), spans
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), spans

    def _chunks(self) -> Iterator[bytes]:
        for message in self.messages:
            if isinstance(message, ChunkMsg):
                yield b"".join(message.parts)
            elif isinstance(message, Chunks):
                for row in range(len(message)):
                    start, end = message.extent(row)
                    yield bytes(message.origin.read(start + 16, end - start - 16))

    @property
    def is_complete(self) -> bool:
        return not (self.salvage.lost or self.salvage.made_up)


def payloads(data: bytes, places: list[damage.Place]) -> Counter[bytes]:
    return Counter(data[place.start : place.end] for place in places)


def test_a_sound_recording_loses_nothing() -> None:
    for data in (WHOLE, PLAIN, WHOLE + SMALL, PLAIN + WHOLE):
        saved = Saved(data)
        assert saved.is_complete
        assert not saved.salvage.notes
    assert Saved(WHOLE).chunks == payloads(WHOLE, damage.chunks(WHOLE))


@pytest.mark.parametrize("version", ["0.23", "0.24", "0.27", "0.29", "0.36", "0.40"])
def test_old_recordings_without_their_beginning(version: str) -> None:
    """The chunks behind the lost part are there, though nothing says of which object model they are."""
    data = (FIXTURES / f"sdk-{version}/scene.rrd").read_bytes()
    whole = Saved(data)
    assert whole.is_complete
    beheaded = Saved(data[damage.chunks(data)[1].header + 3 :])
    assert whole.salvage.chunks - beheaded.salvage.chunks in (2, 3)  # of 0.23 a static one lies before
    assert beheaded.salvage.made_up


# ---- truncation ----


def check_truncated(data: bytes, size: int) -> None:
    complete = [place for place in damage.chunks(data) if place.end <= size]
    try:
        saved = Saved(data[:size])
    except RrError:
        assert not complete
        return
    assert saved.chunks == payloads(data, complete)
    in_a_chunk = any(place.header < size < place.end for place in damage.chunks(data))
    assert not in_a_chunk or saved.salvage.lost
    last = damage.chunks(data)[-1].end
    if size == last or size >= last + 24:
        assert not saved.salvage.lost, "no more than a footer is missing"


def test_truncated_at_any_byte() -> None:
    ends = {place.end for place in damage.places(SMALL)} | {place.header for place in damage.places(SMALL)}
    near = {end + by for end in ends for by in (-1, 0, 1, 12, 16, 17)}
    step = 1 if IS_CAMPAIGN else 29
    for size in sorted(near | set(range(1, len(SMALL), step))):
        if 0 < size <= len(SMALL):
            check_truncated(SMALL, size)


@pytest.mark.campaign
@pytest.mark.parametrize("form", [WHOLE, PLAIN], ids=["whole", "plain"])
def test_truncated_at_every_byte(form: bytes) -> None:
    for size in range(1, len(form), 1 if IS_CAMPAIGN else 211):
        check_truncated(form, size)


# ---- flipped bits ----


def check_flipped(data: bytes, bit: int) -> None:
    """All chunks but the one that is hit are there, whatever is hit."""
    others = [place for place in damage.chunks(data) if not place.header <= bit // 8 < place.end]
    saved = Saved(damage.flipped(data, bit))
    missing = payloads(data, others) - saved.chunks
    assert not missing, (bit, len(missing))


@pytest.mark.parametrize("form", [WHOLE, PLAIN], ids=["whole", "plain"])
@settings(max_examples=100)
@given(data=st.data())
def test_any_flipped_bit(form: bytes, data: st.DataObject) -> None:
    check_flipped(form, data.draw(st.integers(0, 8 * len(form) - 1)))


@pytest.mark.parametrize("form", [WHOLE, PLAIN], ids=["whole", "plain"])
def test_flipped_bits_of_headers(form: bytes) -> None:
    bits = [*range(8 * 12)]
    for place in damage.places(form):
        bits += range(8 * place.header, 8 * (place.start + 8), 1 if IS_CAMPAIGN else 3)
    for bit in bits:
        check_flipped(form, bit)


@pytest.mark.campaign
@pytest.mark.parametrize("form", [WHOLE, PLAIN], ids=["whole", "plain"])
def test_every_flipped_bit(form: bytes) -> None:
    for bit in range(0, 8 * len(form), 1 if IS_CAMPAIGN else 1999):
        check_flipped(form, bit)


# ---- more of it ----


@pytest.mark.parametrize(
    "piece", [b"", b"\0" * 500, b"\xff" * 33, b"RRF2", WHOLE[:12], WHOLE[-40:], SCENE[5000:9000]]
)
def test_debris_between_messages(piece: bytes) -> None:
    wanted = payloads(PLAIN, damage.chunks(PLAIN))
    for place in damage.chunks(PLAIN)[1:]:
        saved = Saved(PLAIN[: place.header] + piece + PLAIN[place.header :])
        assert not wanted - saved.chunks
        assert bool(saved.salvage.lost) == (piece not in (b"", WHOLE[:12])), saved.salvage.lost


@pytest.mark.parametrize("hole", [16, 48, 700, 3000])
def test_a_hole_of_zeros(hole: int) -> None:
    for start in range(300, len(PLAIN) - hole, 487):
        saved = Saved(damage.overwritten(PLAIN, start, bytes(hole)))
        untouched = [
            place for place in damage.chunks(PLAIN) if place.end <= start or place.header >= start + hole
        ]
        assert not payloads(PLAIN, untouched) - saved.chunks
        assert not saved.is_complete or saved.chunks.total() == len(damage.chunks(PLAIN))


@pytest.mark.parametrize("first", [WHOLE, PLAIN], ids=["whole", "plain"])
def test_a_torn_recording_before_another(first: bytes) -> None:
    for size in (5, 12, 200, damage.chunks(first)[2].start + 50, len(first) - 9):
        saved = Saved(first[:size] + SCENE)
        wanted = payloads(SCENE, damage.chunks(SCENE))
        wanted += payloads(first, [place for place in damage.chunks(first) if place.end <= size])
        assert not wanted - saved.chunks, size


def test_what_lies_in_a_broken_chunk_is_not_taken_for_messages() -> None:
    """A recording that was logged as a blob, say."""
    place = damage.chunks(PLAIN)[2]
    message = PLAIN[place.start : place.end]
    data = damage.with_payload(PLAIN, place, b"\x0a\x00" + SCENE + message)
    saved = Saved(data)
    wanted = payloads(PLAIN, damage.chunks(PLAIN)) - Counter([message])
    assert saved.chunks == wanted
    assert [(lost.start, lost.end) for lost in saved.salvage.lost] == [
        (place.header, place.end + len(SCENE) + 2)
    ]


def test_a_chunk_under_another_kind_is_a_chunk() -> None:
    for place in damage.chunks(PLAIN):
        for kind in (0, 1, 3, 77, 2**63 + 2):
            data = damage.overwritten(PLAIN, place.header, struct.pack("<Q", kind))
            saved = Saved(data)
            assert saved.chunks == payloads(PLAIN, damage.chunks(PLAIN)), (place, kind)
            assert saved.is_complete
            assert saved.salvage.notes


def test_a_damaged_message_around_a_sound_chunk() -> None:
    place = damage.chunks(PLAIN)[2]
    at = PLAIN.rindex(b"\x38", place.start, place.end) + 1  # is_static, the last field
    saved = Saved(damage.overwritten(PLAIN, at, bytes((1 - PLAIN[at],))))
    assert saved.is_complete
    assert saved.salvage.notes
    assert saved.chunks.total() == len(damage.chunks(PLAIN))


# ---- what is known of what is lost ----


def test_the_footer_tells_what_is_missing() -> None:
    gone = damage.chunks(WHOLE)[2]
    saved = Saved(damage.overwritten(WHOLE, gone.header, b"\xff" * (gone.end - gone.header)))
    assert [lost.entity for lost in saved.lost_chunks] == ["/world/map"] or len(saved.lost_chunks) == 1
    assert saved.lost_chunks[0].rows > 0


def test_the_head_of_a_chunk_tells_what_it_was() -> None:
    gone = damage.chunks(PLAIN)[-1]
    saved = Saved(PLAIN[: gone.end - 30])
    (known,) = saved.lost_chunks
    assert known == saved.salvage.lost[0].chunk
    whole = Saved(WHOLE)
    ids = {
        message.manifest.table.raw("chunk_id")[row]
        for message in whole.messages
        if isinstance(message, Chunks)
        for row in range(len(message))
    }
    assert known.chunk_id in ids
    assert known.entity.startswith("/")


@pytest.mark.campaign
@settings(max_examples=10_000 if IS_CAMPAIGN else 100)
@given(data=st.data())
def test_mutated(data: st.DataObject) -> None:
    """Cut, repeated, overwritten, turned over, several times: what comes out was a chunk before."""
    form = bytearray(data.draw(st.sampled_from([WHOLE, PLAIN, WHOLE + SMALL])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(form)))
        length = data.draw(st.integers(0, 2000))
        kind = data.draw(st.sampled_from(["cut", "repeat", "zero", "noise", "flip", "number"]))
        if kind == "cut":
            del form[at : at + length]
        elif kind == "repeat":
            form[at:at] = form[at : at + length]
        elif kind == "zero":
            form[at : at + length] = bytes(len(form[at : at + length]))
        elif kind == "noise":
            form[at : at + length] = data.draw(st.binary(max_size=60))
        elif kind == "number":
            form[at : at + 8] = struct.pack("<Q", data.draw(st.sampled_from([0, 2, 2**20, 2**40, 2**64 - 1])))
        elif at < len(form):
            form[at] ^= 1 << data.draw(st.integers(0, 7))
        if not form:
            return
    with suppress(RrError):
        Saved(bytes(form))
