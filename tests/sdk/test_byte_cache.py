"""The cache of decoded chunks, against a list; and what several threads do with it at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rrsdk.store.cache import ByteCache

BUDGET = 100


@dataclass(eq=False)
class Value:
    nbytes: int


class CacheMachine(RuleBasedStateMachine):
    """`model` holds numbers, the one used last at the end; sizes as the cache last counted them."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: ByteCache[Value] = ByteCache(BUDGET, lambda value: value.nbytes)
        self.model: list[tuple[int, Value]] = []
        self.counted: dict[int, int] = {}
        self.used: set[int] = set()

    @rule(number=st.integers(0, 9), size=st.integers(0, 120), expected=st.integers(0, 120))
    def get(self, number: int, size: int, expected: int) -> None:
        known = dict(self.model).get(number)
        value = self.cache.get_or_make(number, expected, lambda: Value(size))
        if known is not None:
            assert value is known
            self.model = [each for each in self.model if each[0] != number] + [(number, known)]
            self.used.add(number)
            return
        self.evict(expected)
        self.model.append((number, value))
        self.counted[number] = size
        for grown in self.used & dict(self.model).keys():
            self.counted[grown] = dict(self.model)[grown].nbytes
        self.used.clear()
        self.evict(0)

    @rule(number=st.integers(0, 9), size=st.integers(0, 120))
    def fail(self, number: int, size: int) -> None:
        def broken() -> Value:
            raise ValueError("broken")

        if number not in self.cache:
            with pytest.raises(ValueError, match="broken"):
                self.cache.get_or_make(number, size, broken)
            self.evict(size)

    @rule(number=st.integers(0, 9), more=st.integers(0, 50))
    def grow(self, number: int, more: int) -> None:
        value = self.cache.get(number)
        assert value is dict(self.model).get(number)
        if value is not None:
            value.nbytes += more
            self.model = [each for each in self.model if each[0] != number] + [(number, value)]
            self.used.add(number)

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model, self.counted = [], {}
        self.used.clear()

    def evict(self, reserved: int) -> None:
        while self.model and sum(self.counted[number] for number, _ in self.model) + reserved > BUDGET:
            self.used.discard(self.model.pop(0)[0])

    @invariant()
    def agrees(self) -> None:
        assert len(self.cache) == len(self.model)
        assert all(number in self.cache for number, _ in self.model)
        assert self.cache.used_bytes == sum(self.counted[number] for number, _ in self.model) <= BUDGET


TestCache = CacheMachine.TestCase


def test_threads_that_want_the_same_make_it_once() -> None:
    cache: ByteCache[Value] = ByteCache(BUDGET, lambda value: value.nbytes)
    started, go, made = threading.Barrier(9), threading.Event(), list[Value]()

    def make() -> Value:
        assert go.wait(10)
        made.append(Value(7))
        return made[-1]

    got: list[Value] = []

    def want() -> None:
        started.wait(10)
        got.append(cache.get_or_make(3, 7, make))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    started.wait(10)
    go.set()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert got == made * 8
    assert cache.used_bytes == 7


def test_who_waited_for_what_failed_tries_himself() -> None:
    cache: ByteCache[Value] = ByteCache(BUDGET, lambda value: value.nbytes)
    begun, go = threading.Event(), threading.Event()

    def broken() -> Value:
        begun.set()
        assert go.wait(10)
        raise ValueError("broken")

    def first() -> None:
        with pytest.raises(ValueError, match="broken"):
            cache.get_or_make(1, 5, broken)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    waiting = threading.Timer(0.05, go.set)
    waiting.start()
    assert cache.get_or_make(1, 5, lambda: Value(5)).nbytes == 5
    thread.join(10)
    waiting.join(10)
    assert cache.used_bytes == 5
