"""LZ4 blocks: whole, beginnings, and claims that cannot be true."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import lz4.block
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec import lz4 as ours
from rrsdk.codec.wire import COMPRESSION_LZ4, COMPRESSION_NONE
from rrsdk.errors import FormatError

PREFIX_WORTH_IT = 256 * 1024


@st.composite
def large(draw: st.DrawFn) -> bytes:
    """A few hundred KB that compress well, badly, or now well and now badly."""
    pieces: list[bytes] = []
    random = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(1, 6))):
        size = draw(st.integers(1, 120_000))
        match draw(st.sampled_from(["random", "zeros", "period", "text"])):
            case "random":
                pieces.append(random.randbytes(size))
            case "zeros":
                pieces.append(bytes(size))
            case "period":
                pattern = random.randbytes(draw(st.integers(1, 70)))
                pieces.append((pattern * (size // len(pattern) + 1))[:size])
            case "text":
                pieces.append(b" ".join(b"%d" % random.randrange(1000) for _ in range(size // 4)))
    return b"".join(pieces) or b"x"


@given(st.binary(max_size=2000))
def test_round_trip(data: bytes) -> None:
    block = ours.compress(data)
    assert ours.decompress(block, COMPRESSION_LZ4, len(data)) == data
    assert ours.decompress(memoryview(block), COMPRESSION_LZ4, len(data)) == data
    assert lz4.block.decompress(block, uncompressed_size=len(data)) == data


@settings(max_examples=30)
@given(large(), st.integers(0, 300_000))
def test_a_prefix_is_the_beginning_of_the_whole(data: bytes, size: int) -> None:
    block = lz4.block.compress(data, store_size=False)
    prefix = ours.decompress_prefix(block, COMPRESSION_LZ4, len(data), size)
    assert len(prefix) >= min(size, len(data))
    assert data.startswith(prefix)


@settings(max_examples=30)
@given(large(), st.integers(0, 20_000), st.integers(0, 5))
def test_a_prefix_from_the_beginning_of_a_block(data: bytes, size: int, extra: int) -> None:
    """Of a large message only the first bytes are read: too few are an error, never wrong bytes."""
    block = lz4.block.compress(data, store_size=False)[: size + size // 255 + extra]
    try:
        prefix = ours.decompress_prefix(block, COMPRESSION_LZ4, len(data), size)
    except FormatError:
        return
    assert data.startswith(prefix)


@settings(max_examples=30)
@given(large(), st.data())
def test_a_broken_block_is_a_format_error_or_bytes(data: bytes, draw: st.DataObject) -> None:
    block = bytearray(lz4.block.compress(data, store_size=False))
    for _ in range(3):
        bit = draw.draw(st.integers(0, 8 * len(block) - 1))
        block[bit // 8] ^= 1 << bit % 8
    for size in (100, 5000, len(data)):
        try:
            assert len(ours.decompress_prefix(block, COMPRESSION_LZ4, len(data), size)) >= min(
                size, len(data)
            )
        except FormatError:
            pass


def test_the_pure_way_is_taken() -> None:
    """Else the tests above test the package. A head costs a few KB of a block of megabytes."""
    data = bytes(range(256)) * 8000
    block = lz4.block.compress(data, store_size=False)
    prefix = ours.decompress_prefix(block, COMPRESSION_LZ4, len(data), 4096)
    assert 4096 <= len(prefix) < PREFIX_WORTH_IT


@pytest.mark.parametrize("claim", [2**31 - 1, 2**31, 2**32, 2**40, 2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize(
    "read",
    [
        lambda block, claim: ours.decompress(block, COMPRESSION_LZ4, claim),
        lambda block, claim: ours.decompress_prefix(block, COMPRESSION_LZ4, claim, 4096),
    ],
    ids=["whole", "prefix"],
)
def test_a_lie_costs_nothing(claim: int, read: Callable[[bytes, int], object]) -> None:
    block = lz4.block.compress(bytes(100_000), store_size=False)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="cannot hold"):
            read(block, claim)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=500), st.integers(0, 10_000))
def test_a_small_lie_is_found(data: bytes, claim: int) -> None:
    block = ours.compress(data)
    if claim == len(data):
        return
    with pytest.raises(FormatError):
        ours.decompress(block, COMPRESSION_LZ4, claim)


@given(st.integers(3, 2**64 - 1) | st.just(0), st.binary(max_size=20))
def test_other_compressions_are_not_known(compression: int, data: bytes) -> None:
    for read in (
        lambda: ours.decompress(data, compression, 5),
        lambda: ours.decompress_prefix(data, compression, 10**6, 5),
    ):
        with pytest.raises(FormatError, match=f"compression {compression} is not known"):
            read()


@given(st.binary(max_size=100), st.integers(0, 2**64 - 1))
def test_without_compression_the_size_means_nothing(data: bytes, claim: int) -> None:
    assert ours.decompress(data, COMPRESSION_NONE, claim) is data
    assert ours.decompress_prefix(data, COMPRESSION_NONE, claim, 5) is data
