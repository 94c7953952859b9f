"""The progress line: only on a terminal, only when work is long, and gone at the end."""

from __future__ import annotations

import io

import pytest

from rrtool import progress
from rrtool.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_short_work_shows_nothing(clock: list[float]) -> None:
    terminal = Terminal()
    with Progress(total_bytes=100, stream=terminal) as bar:
        clock[0] += 0.4
        bar.advance(50)
    assert terminal.getvalue() == ""


def test_long_work_shows_a_line_and_clears_it(clock: list[float]) -> None:
    terminal = Terminal()
    with Progress(total_bytes=10**9, stream=terminal) as bar:
        clock[0] += 1.0
        bar.advance(5 * 10**8)
        bar.advance(1)  # too soon for another
    assert terminal.getvalue() == "\r\x1b[K 50% of 1,000 MB, 500 MB/s\r\x1b[K"


def test_the_line_is_cleared_when_work_fails(clock: list[float]) -> None:
    terminal = Terminal()

    def work() -> None:
        with Progress(stream=terminal) as bar:
            clock[0] += 1.0
            bar.advance(10**6)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert terminal.getvalue().endswith("1 MB, 1 MB/s\r\x1b[K")


@pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO(), False), (Terminal(), True)])
def test_silent_without_a_terminal_or_when_quiet(
    clock: list[float], stream: io.StringIO, quiet: bool
) -> None:
    with Progress(quiet=quiet, stream=stream) as bar:
        clock[0] += 10.0
        bar.advance(1)
    assert stream.getvalue() == ""


def test_warnings_come_through_quiet_and_on_a_line_of_their_own(clock: list[float]) -> None:
    terminal = Terminal()
    with Progress(quiet=True, stream=terminal) as bar:
        bar.warn("a.rrd, bytes 5-9: skipped")
    assert terminal.getvalue() == "a.rrd, bytes 5-9: skipped\n"
    terminal = Terminal()
    with Progress(stream=terminal) as bar:
        clock[0] += 1.0
        bar.advance(1)
        bar.warn("careful")
    assert terminal.getvalue().endswith("\r\x1b[Kcareful\n")
