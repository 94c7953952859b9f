"""What the fuzzer starts from, and what it found."""

from __future__ import annotations

import pytest

from tests.faults.fuzz import seeds, ways

SEEDS = seeds()


@pytest.mark.parametrize("name", SEEDS)
def test_read_in_every_way(name: str) -> None:
    every_way, data = ways(), SEEDS[name]
    for size in (len(data), len(data) * 2 // 3):
        every_way(data[:size])
