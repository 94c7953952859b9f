"""The spool's thread before a disk that fails as told: what is called durable is there, in order, once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.broker.spool.batch import Batch, Mark, UnsureError
from rrsdk.broker.spool.policy import Fsync
from rrsdk.broker.spool.spooler import Progress, Spooler
from rrsdk.errors import UsageError
from rrsdk.store.entry import Entry, Lifetime

DEADLINE_S = 20.0
KEY, OTHER = b"k" * 16, b"o" * 16


class Platter:
    """A volume in memory: what a failed sync leaves of what was written since the last one is nothing."""

    def __init__(self, failures: list[str]) -> None:
        self.safe: list[int] = []
        self.written: list[int] = []
        self.failures = failures
        self.is_closed = False
        self.batches: list[Batch] = []
        self.gate = threading.Event()
        self.gate.set()

    def write(self, batch: Batch) -> None:
        assert self.gate.wait(DEADLINE_S)
        if self.failures and self.failures[0] == "write":
            self.failures.pop(0)
            raise OSError(28, "No space left on device")
        if self.failures and self.failures[0] == "unsure":
            self.failures.pop(0)
            self.written = list(self.safe)
            raise UnsureError(5, "Input/output error")
        self.batches.append(batch)
        self.written += [entry.at for entry in batch.entries]

    def sync(self) -> None:
        if self.failures and self.failures[0] in ("sync", "fault"):
            self.written = list(self.safe)
            if self.failures.pop(0) == "fault":
                raise RuntimeError("a fault of ours")
            raise OSError(5, "Input/output error")
        self.safe = list(self.written)

    def tend(self) -> None:
        pass

    def close(self, *, footers_s: float) -> None:
        assert footers_s > 0
        self.is_closed = True

    def status(self) -> dict[str, Any]:
        return {}


def entry(at: int, size: int = 10) -> Entry:
    return Entry(at, 2, Lifetime.TEMPORAL, None, KEY, at + 1, 1, size, (b"x" * size,), 0)


def batch(*ats: int) -> Batch:
    return Batch([entry(at) for at in ats], {KEY: Mark(max(ats) + 1)})


class Heard:
    """What the broker's thread would hear."""

    def __init__(self, platter: Platter, fsync: Fsync) -> None:
        self.platter, self.is_never = platter, fsync.is_never
        self.news: list[Progress] = []
        self.lines: list[tuple[str, bool]] = []
        self.changed = threading.Condition()

    def progress(self, news: Progress) -> None:
        there = self.platter.written if self.is_never else self.platter.safe
        assert there[: news.durable] == list(range(news.durable)), "what is durable is there"
        assert all(mark.held <= news.durable for mark in news.marks.values())
        assert news.counts == (0, 0, news.durable)
        with self.changed:
            self.news.append(news)
            self.changed.notify_all()

    def trouble(self, line: str, lasts: bool) -> None:
        with self.changed:
            self.lines.append((line, lasts))
            self.changed.notify_all()

    def wait_for(self, durable: int) -> None:
        with self.changed:
            assert self.changed.wait_for(
                lambda: bool(self.news) and self.news[-1].durable >= durable, DEADLINE_S
            ), self.news[-3:]


def spooler(platter: Platter, fsync: Fsync) -> tuple[Spooler, Heard]:
    heard = Heard(platter, fsync)
    made = Spooler(
        platter,
        fsync=fsync,
        begin=0,
        counts=(0, 0, 0),
        retry_s=(0.001, 0.002),  # there are hundreds of failures here, and nothing gets better meanwhile
        progress=heard.progress,
        trouble=heard.trouble,
    )
    return made, heard


def test_who_was_forgotten_and_is_back_keeps_the_new_mark() -> None:
    platter = Platter([])
    platter.gate.clear()
    made, _ = spooler(platter, Fsync(None))
    made.put(Batch([entry(0)], {KEY: Mark(1)}))
    until = time.monotonic() + DEADLINE_S
    while made._queue and time.monotonic() < until:
        time.sleep(0.001)
    for each in (
        Batch([], {OTHER: Mark(1)}),
        Batch([], {}, (KEY, OTHER)),
        Batch([], {KEY: Mark(5, before=4)}),
    ):
        made.put(each)
    platter.gate.set()
    assert made.stop(DEADLINE_S)
    assert platter.batches[1:] == [Batch([], {KEY: Mark(5, before=4)}, (KEY, OTHER))]


@given(
    st.sampled_from(["always", "interval:1", "never"]),
    st.lists(st.sampled_from(["write", "sync", "fault", "unsure"]), max_size=3),
    st.lists(st.integers(1, 4), min_size=1, max_size=6),
)
def test_whatever_fails_everything_is_there_in_the_end(
    policy: str, failures: list[str], sizes: list[int]
) -> None:
    fsync = Fsync.parse(policy)
    if fsync.is_never:
        failures = [each for each in failures if each == "write"]
    platter = Platter(failures)
    made, heard = spooler(platter, fsync)
    at = 0
    for size in sizes:
        made.put(batch(*range(at, at + size)))
        at += size
    heard.wait_for(at)
    assert made.stop(DEADLINE_S)
    assert platter.written == list(range(at)), "once, and in order"
    assert platter.is_closed
    assert made.waiting_bytes == 0
    assert sum(1 for each in heard.news if each.marks) >= 1
    assert heard.news[-1].durable == at


def test_trouble_is_said_once_and_so_is_its_end() -> None:
    platter = Platter(["write", "write", "write"])
    made, heard = spooler(platter, Fsync.parse("always"))
    made.put(batch(0))
    heard.wait_for(1)
    made.stop(DEADLINE_S)
    assert [lasts for _, lasts in heard.lines] == [True, False]
    assert "No space left on device" in heard.lines[0][0]
    assert made.status()["error"] == ""


def test_what_waits_is_counted_and_a_hanging_disk_does_not_hold_the_caller() -> None:
    platter = Platter([])
    platter.gate.clear()
    made, _heard = spooler(platter, Fsync.parse("always"))
    began = time.monotonic()
    for at in range(100):
        made.put(Batch([entry(at, size=1000)], {KEY: Mark(at + 1)}))
    assert made.waiting_bytes >= 100_000
    assert not made.stop(0.05), "it is said that not all was done"
    assert time.monotonic() - began < DEADLINE_S
    platter.gate.set()


def test_ways_to_sync() -> None:
    assert [str(Fsync.parse(text)) for text in ("always", "never", "interval", "interval:250")] == [
        "always",
        "never",
        "interval:100",
        "interval:250",
    ]
    for text in ("", "sometimes", "interval:", "interval:0", "interval:-1", "interval:1.5", "ALWAYS "):
        with pytest.raises(UsageError, match="no way to sync"):
            Fsync.parse(text)
