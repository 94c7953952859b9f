"""LZ4 blocks whose beginning is replaced: the same bytes as from decompressing and joining."""

from __future__ import annotations

import random

import lz4.block
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.codec.splice import HeadSplicer
from rrsdk.errors import FormatError


def material(seed: int, size: int) -> bytes:
    """Noise, runs and repeats near and far, as chunks hold them."""
    rng = random.Random(seed)
    data = bytearray()
    while len(data) < size:
        kind = rng.randrange(4)
        if kind == 0 or not data:
            data += rng.randbytes(rng.choice((3, 50, 5000, 100_000)))
        elif kind == 1:
            data += bytes(rng.choice((1, 30, 20_000)))
        else:
            begin = max(len(data) - rng.choice((10, 3000, 60_000)), 0)
            data += data[begin : begin + rng.choice((8, 500, 9000))]
    return bytes(data[:size])


def compress(data: bytes) -> bytes:
    return bytes(lz4.block.compress(data, store_size=False))


@given(st.integers(0, 2**32), st.integers(0, 150_000), st.integers(0, 6000), st.binary(max_size=600))
def test_spliced_blocks_decompress_to_the_new_head_and_the_old_rest(
    seed: int, size: int, old: int, new: bytes
) -> None:
    data = material(seed, size)
    old = min(old, size)
    splicer = HeadSplicer(memoryview(compress(data)), size)
    assert data.startswith(bytes(splicer.head))
    parts = splicer.splice(old, new)
    if parts is not None:
        expected = new + data[old:]
        assert lz4.block.decompress(b"".join(parts), uncompressed_size=len(expected)) == expected


def test_values_behind_a_head_are_spliced() -> None:
    data = b"schema and schema and schema " * 80 + random.Random(0).randbytes(500_000)
    block = compress(data)
    parts = HeadSplicer(memoryview(block), len(data)).splice(2320, b"new head")
    assert parts is not None
    assert len(b"".join(parts)) < len(block) + 100
    assert lz4.block.decompress(b"".join(parts), uncompressed_size=8 + 500_000) == b"new head" + data[2320:]


def test_what_leans_on_the_head_all_along_is_not_spliced() -> None:
    data = bytes(range(250)) * 4000
    assert HeadSplicer(memoryview(compress(data)), len(data)).splice(2000, b"x") is None


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 300))
def test_garbage_is_refused_or_spliced_but_raises_nothing(block: bytes, size: int, old: int) -> None:
    try:
        HeadSplicer(memoryview(block), size).splice(old, b"new")
    except FormatError:
        pass


def test_a_lying_size_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot hold"):
        HeadSplicer(memoryview(compress(b"x" * 100)), 2**40)
