"""Free memory goes back to the system: after bursts, now and then under load, never for little."""

from __future__ import annotations

import sys

import pytest

from rrsdk.broker import slack
from rrsdk.broker.slack import Slack

MB = 1024 * 1024


def test_when_it_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    now = 100.0
    monkeypatch.setattr(slack, "give_back", lambda: given.append(now))
    looked_at = Slack()
    looked_at.tick(0, now)
    assert not given
    stored = 0
    for now in range(101, 131):  # steadily
        stored += 20 * MB
        looked_at.tick(stored, now)
    assert given == [101, 111, 121]
    looked_at.tick(stored, now := 132)  # quiet
    looked_at.tick(stored, now := 133)
    assert given[3:] == [132]
    for now in range(134, 140):  # a little
        stored += MB
        looked_at.tick(stored, now)
    assert len(given) == 4


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_it_is_given_back() -> None:
    kept = [bytes(100_000) for _ in range(640)]
    pins = kept[::64]
    full = slack.resident_bytes()
    del kept
    slack.give_back()
    assert 0 < slack.resident_bytes() < full - 30 * MB
    assert len(pins) == 10
