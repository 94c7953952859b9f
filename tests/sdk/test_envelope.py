"""Stamps and words there and back, and what is neither."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec.envelope import (
    MAX_U64,
    STAMP_SIZE,
    Dropped,
    Stamp,
    binary,
    flag,
    number,
    pack_place,
    pack_word,
    text,
    unpack_place,
    unpack_word,
)
from rrsdk.errors import FormatError

U64 = st.integers(0, MAX_U64)


@given(st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(min_size=16, max_size=16), U64, U64, U64)
def test_stamps(kind: int, link: int, producer: bytes, epoch: int, seq: int, size: int) -> None:
    stamp = Stamp(kind, link, producer, epoch, seq, size, flags=3)
    packed = stamp.pack()
    assert len(packed) == STAMP_SIZE == 52
    assert Stamp.unpack(packed) == Stamp.unpack(memoryview(packed)) == stamp


@pytest.mark.parametrize("frame", [b"", b"RRP1", b"RRP2" + bytes(48), b"RRP1" + bytes(49)])
def test_no_stamp(frame: bytes) -> None:
    with pytest.raises(FormatError):
        Stamp.unpack(frame)


def test_a_stamp_as_the_protocol_describes_it() -> None:
    packed = Stamp(2, 1, b"p" * 16, 258, 3, 4).pack()
    assert packed == bytes.fromhex("52525031 02 00 0000 01000000") + b"p" * 16 + bytes.fromhex(
        "0201000000000000 0300000000000000 0400000000000000"
    )


WORDS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.none(), st.booleans(), U64, st.text(max_size=20), st.binary(max_size=20)),
    max_size=5,
)


@given(WORDS, st.text(max_size=10))
def test_words(word: dict[str, Any], said: str) -> None:
    word["t"] = said
    assert unpack_word(pack_word(word)) == word


@given(st.binary(max_size=60))
def test_garbage_is_no_word(frame: bytes) -> None:
    for unpack in (unpack_word, Dropped.unpack):
        try:
            unpack(frame)
        except FormatError:
            pass


@pytest.mark.parametrize(
    "frame",
    [
        msgpack.packb([1]),
        msgpack.packb({"t": 1}),
        msgpack.packb({"x": "t"}),
        msgpack.packb({1: "a", "t": "x"}),
        msgpack.packb({"t": "x", "e": msgpack.ExtType(5, b"x")}),
        msgpack.packb({"t": "x"}) + b"\x00",
        b"\x82\xa1t\xa1x\xa1l\xdd\xff\xff\xff\xff",  # a list that claims four billion items
        b"\xdd\x00\xff\xff\xff" * 900,  # lists in lists, each claiming millions
        b"\x81\xa1t\xa2\xff\xfe",
        b"\xc6\x7f\xff\xff\xff",
    ],
)
def test_hostile_words(frame: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        unpack_word(frame)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [-1, 2**64, True, "1", 1.0, None])
def test_numbers(value: Any) -> None:
    with pytest.raises(FormatError, match="n must be"):
        number({"t": "x", "n": value}, "n")
    assert number({"t": "x"}, "n", 5) == 5


def test_fields_of_other_types() -> None:
    word = {"t": "x", "s": b"bytes", "b": "text", "f": 1}
    for read in (lambda: text(word, "s"), lambda: binary(word, "b"), lambda: flag(word, "f")):
        with pytest.raises(FormatError):
            read()
    with pytest.raises(FormatError, match="16 bytes"):
        binary({"t": "x", "p": b"short"}, "p", 16)


def test_places() -> None:
    assert unpack_place(pack_place(7, b"rest")) == (7, b"rest")
    for frame in (b"", b"1234567", bytes(129)):
        with pytest.raises(FormatError):
            unpack_place(frame)


@given(U64, U64, U64, U64, st.text(max_size=20))
def test_dropped(first: int, messages: int, rows: int, size: int, reason: str) -> None:
    dropped = Dropped(first, messages, rows, size, reason)
    assert Dropped.unpack(dropped.pack()) == dropped
