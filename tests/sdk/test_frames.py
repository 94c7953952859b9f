"""The outermost layer: frames out of bytes in pieces of any size."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rrsdk.codec.footer import end_of_stream, footer_hash, read_trailer
from rrsdk.codec.frames import (
    CURRENT_VERSION,
    Frame,
    FrameDecoder,
    Kind,
    StreamStart,
    Version,
    message_header,
    parse_stream_header,
    stream_header,
    trailer_size,
)
from rrsdk.errors import FormatError, TruncatedError, VersionError

FIXTURES = Path(__file__).parents[2] / "fixtures"
REAL = (FIXTURES / "sdk-0.41/scene.rrd").read_bytes()

BYTE = st.integers(0, 255)
VERSIONS = st.builds(Version, st.integers(0, 3), st.integers(23, 60), BYTE, BYTE)
MESSAGES = st.tuples(
    st.sampled_from([Kind.STORE_INFO, Kind.CHUNK, Kind.BLUEPRINT_ACTIVATION]), st.binary(max_size=60)
)


@st.composite
def streams(draw: st.DrawFn, *, ended: bool | None = None) -> bytes:
    """One stream; with an End message and a trailer, with the former alone, or with neither."""
    out = stream_header(draw(VERSIONS), compression=draw(st.sampled_from([0, 1])))
    for kind, payload in draw(st.lists(MESSAGES, max_size=4)):
        out += message_header(kind, len(payload)) + payload
    match draw(st.sampled_from(["footer", "end"] if ended else ["footer", "end", "nothing"])):
        case "footer":
            out += end_of_stream(draw(st.binary(max_size=40)), len(out))
        case "end":
            out += message_header(Kind.END, 0)
    return out


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Streams one after the other, as `cat` would join them."""
    return b"".join(draw(st.lists(streams(), min_size=1, max_size=3)))


def decoded(pieces: list[bytes]) -> list[Any]:
    decoder = FrameDecoder()
    found = []
    for piece in pieces:
        decoder.feed(piece)
        found += list(decoder)
    decoder.finish()
    return found + list(decoder)


def plain(events: list[Any]) -> list[Any]:
    """Frames by value: their payloads are views."""
    return [
        (event.offset, event.kind, bytes(event.payload)) if isinstance(event, Frame) else event
        for event in events
    ]


def expected(data: bytes) -> list[Any]:
    """The simplest reader there could be, which needs the whole file."""
    found: list[Any] = []
    pos = 0
    while pos < len(data):
        if data[pos : pos + 4] == b"RRF2":
            _, major, minor, patch, meta, compression = struct.unpack_from("<4s5B", data, pos)
            found.append(StreamStart(pos, Version(major, minor, patch, meta), compression))
            pos += 12
            continue
        kind, size = struct.unpack_from("<QQ", data, pos)
        found.append((pos, Kind(kind), data[pos + 16 : pos + 16 + size]))
        pos += 16 + size
        if kind == Kind.END and data[pos + 20 : pos + 32] == b"RRF2FOOT\1\0\0\0":
            pos += 32
    return found


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[one:other] for one, other in pairwise(places)]


@given(files(), st.lists(st.integers(0, 10_000), max_size=8))
@example(REAL, [10_000, 17])
@example(REAL + REAL, [1, 2, 3])
def test_the_same_whole_or_in_any_pieces(data: bytes, cuts: list[int]) -> None:
    assert plain(decoded([data])) == expected(data)
    assert plain(decoded(pieces_of(data, cuts))) == expected(data)


@given(files())
@example(REAL)
def test_the_same_byte_by_byte(data: bytes) -> None:
    assert plain(decoded([data[at : at + 1] for at in range(len(data))])) == expected(data)


@given(streams(ended=True), st.integers(1, 11))
def test_trailing_bytes_are_an_error_at_their_place(data: bytes, count: int) -> None:
    for trailing in (bytes(count), b"\xff" * count, b"RRF2"[:count]):
        decoder = FrameDecoder()
        decoder.feed(data + trailing)
        found = list(decoder)
        decoder.finish()
        with pytest.raises(TruncatedError) as caught:
            found += list(decoder)
        assert plain(found) == expected(data)
        assert caught.value.offset == len(data)


@given(files(), st.data())
def test_a_cut_is_an_error_where_the_last_thing_begins(data: bytes, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(data) - 1))
    decoder = FrameDecoder()
    decoder.feed(data[:cut])
    found = list(decoder)
    decoder.finish()
    offset: int | None = cut
    try:
        found += list(decoder)
    except TruncatedError as error:
        offset = error.offset
    assert offset is not None
    assert offset <= cut
    whole = expected(data)
    assert plain(found) == whole[: len(found)]
    ends = [
        event[0] + 16 + len(event[2]) if isinstance(event, tuple) else event.offset + 12 for event in whole
    ]
    assert sum(end <= cut for end in ends) == len(found), "all that is complete comes out"


@given(files(), st.data())
def test_any_flipped_bit_gives_frames_or_a_format_error(data: bytes, draw: st.DataObject) -> None:
    bit = draw.draw(st.integers(0, 8 * len(data) - 1))
    broken = bytearray(data)
    broken[bit // 8] ^= 1 << bit % 8
    for pieces in ([bytes(broken)], [bytes(broken[at : at + 5]) for at in range(0, len(broken), 5)]):
        try:
            offsets = [event.offset for event in decoded(pieces)]
        except FormatError as error:
            offsets = [error.offset]
        assert all(offset is not None and 0 <= offset <= len(data) for offset in offsets)


def test_an_error_is_raised_as_soon_as_it_can_be_seen() -> None:
    decoder = FrameDecoder()
    decoder.feed(stream_header() + message_header(Kind.CHUNK, 3) + b"abc" + struct.pack("<QQ", 77, 10))
    assert isinstance(next(decoder), StreamStart)
    assert bytes(next(decoder).payload) == b"abc"  # type: ignore[union-attr]
    with pytest.raises(FormatError, match="unknown message kind 77") as caught:
        next(decoder)
    assert caught.value.offset == 12 + 16 + 3


def test_a_claimed_length_is_not_allocated() -> None:
    decoder = FrameDecoder()
    decoder.feed(stream_header() + message_header(Kind.CHUNK, 2**63) + b"abc")
    assert len(list(decoder)) == 1
    decoder.finish()
    with pytest.raises(TruncatedError, match=f"{2**63 - 3} of its {2**63} bytes are missing"):
        list(decoder)


def test_what_was_not_consumed_is_there() -> None:
    decoder = FrameDecoder()
    decoder.feed(stream_header())
    decoder.feed(b"\2")
    list(decoder)
    assert decoder.offset == 12
    assert bytes(decoder.unread()) == b"\2"
    decoder.feed(b"\0" * 20)
    assert len(decoder.unread()) == 21


def test_nothing_at_all() -> None:
    decoder = FrameDecoder()
    assert list(decoder) == []
    decoder.finish()
    with pytest.raises(TruncatedError, match="empty"):
        list(decoder)


# ---- headers ----


@given(VERSIONS, st.sampled_from([0, 1]), st.integers(0, 99))
def test_stream_headers_round_trip(version: Version, compression: int, offset: int) -> None:
    raw = stream_header(version, compression=compression)
    assert parse_stream_header(raw, offset) == StreamStart(offset, version, compression)


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (Version(0, 41, 0), "0.41.0"),
        (Version(0, 41, 2, 0b01_000011), "0.41.2-rc.3"),
        (Version(0, 42, 0, 0b10_000001), "0.42.0-alpha.1"),
        (Version(0, 42, 0, 0b11_000001), "0.42.0-alpha.1+dev"),
    ],
)
def test_versions_read_as_rerun_writes_them(version: Version, text: str) -> None:
    assert str(version) == text


@pytest.mark.parametrize(
    ("raw", "kind", "said"),
    [
        (b"RRF0" + bytes(8), VersionError, "before Rerun 0.23"),
        (b"RRF1" + bytes(8), VersionError, "before Rerun 0.23"),
        (b"RRF2\0\x16\0\0\1\2\0\0", VersionError, r"0\.22\.0; 0\.23 and later"),
        (b"PK\3\4" + bytes(8), FormatError, "not an .rrd"),
        (b"RRF2\0\x29\0\0\1\1\0\0", FormatError, "serializer 1"),
        (b"RRF2\0\x29\0\0\7\2\0\0", FormatError, "compression 7"),
    ],
)
def test_wrong_headers_say_what_is_wrong(raw: bytes, kind: type[FormatError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        parse_stream_header(raw, 5)
    assert caught.value.offset == 5
    if kind is VersionError:
        assert caught.value.hint
    decoder = FrameDecoder()
    decoder.feed(raw)
    with pytest.raises(kind, match=said):
        next(decoder)


# ---- trailers ----


@given(st.binary(max_size=50), st.integers(0, 2**40))
def test_trailers_round_trip(footer: bytes, position: int) -> None:
    raw = end_of_stream(footer, position)
    (place,) = read_trailer(raw[-32:]) or ()
    assert (place.start, place.size, place.xxh32) == (position + 16, len(footer), footer_hash(footer))


def test_the_real_trailer_is_understood() -> None:
    (place,) = read_trailer(REAL[-32:]) or ()
    assert footer_hash(REAL[place.start : place.start + place.size]) == place.xxh32


@given(st.binary(max_size=40))
def test_no_trailer_is_none(tail: bytes) -> None:
    assert read_trailer(tail) is None
    assert CURRENT_VERSION.release == (0, 41)


def test_several_footers_are_listed() -> None:
    entries = b"".join(struct.pack("<QQI", number, 10, 7) for number in range(3))
    tail = entries + b"RRF2FOOT\3\0\0\0"
    assert [place.start for place in read_trailer(tail) or ()] == [0, 1, 2]
    with pytest.raises(FormatError, match="claims 3 footers"):
        read_trailer(tail[1:])


# ---- what stands behind an End message ----


def behind(rest: bytes, *, ended: bool) -> int | None:
    return trailer_size(
        lambda size: memoryview(rest)[:size] if size <= len(rest) else None, ended=ended, offset=7
    )


TRAILERS = {
    entries: bytes([9]) * 20 * entries + b"RRF2FOOT" + struct.pack("<I", entries) for entries in (1, 2, 64)
}


@pytest.mark.parametrize("entries", TRAILERS)
@pytest.mark.parametrize("rest", [b"", stream_header(), b"\2" + bytes(15)])
@pytest.mark.parametrize("ended", [False, True])
def test_a_trailer_is_stepped_over(entries: int, rest: bytes, ended: bool) -> None:
    assert behind(TRAILERS[entries] + rest, ended=ended) == len(TRAILERS[entries])


@pytest.mark.parametrize(
    ("rest", "now", "at_the_end"),
    [
        (b"", None, 0),
        (stream_header(), 0, 0),
        (bytes(16), 0, 0),
        (b"\3" + bytes(30), 0, 0),
        (TRAILERS[1][:-1], None, TruncatedError),
        (b"\xff" * 5, None, TruncatedError),
        (b"\xff" * 32, None, 0),
        (b"\xff" * 64 * 32, 0, 0),
    ],
)
def test_no_trailer_or_not_yet(rest: bytes, now: int | None, at_the_end: int | type[TruncatedError]) -> None:
    assert behind(rest, ended=False) == now
    if isinstance(at_the_end, int):
        assert behind(rest, ended=True) == at_the_end
        return
    with pytest.raises(at_the_end, match="trailer") as caught:
        behind(rest, ended=True)
    assert caught.value.offset == 7
