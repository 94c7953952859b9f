"""A mistake becomes a warning, and a line in the recording, as it does with the real SDK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rrsdk
from tests.interop import peer

rerun: Any = pytest.importorskip("rerun")


def warned_of(rr: Any, path: Path) -> list[Any]:
    """Texts and levels at the entity of warnings, after a mistake in a call of `log`."""
    recording = rr.RecordingStream("warned", recording_id="one", send_properties=False)
    recording.save(path)
    with recording:
        rr.set_time("frame", sequence=4)
        with pytest.warns(rr.error_utils.RerunWarning):
            rr.log("somewhere", rr.Points3D("no points"))
    recording.disconnect()
    found = []
    for store in peer.stores(path):
        for batch in peer.read(path, store).values():
            if batch.schema.metadata[b"rerun:entity_path"] == b"/__warnings":
                assert batch.column("frame").to_pylist() == [4] * batch.num_rows
                texts, levels = batch.column("TextLog:text"), batch.column("TextLog:level")
                found += zip(texts.to_pylist(), levels.to_pylist(), strict=True)
    return found


def test_a_mistake_is_logged_with_the_lines_that_led_to_it(tmp_path: Path) -> None:
    import rrsdk.error_utils  # as the real one has it

    theirs = warned_of(rerun, tmp_path / "theirs.rrd")
    ours = warned_of(rrsdk, tmp_path / "ours.rrd")
    for found in (theirs, ours):
        assert found[0][1] == ["WARN"]
        lines = found[0][0][0].splitlines()
        assert any(f'File "{__file__}"' in line and line.endswith("in warned_of") for line in lines), lines
    what, first = ours[0][0][0].splitlines()[:2]
    assert "Points3D:positions" in what
    assert first.startswith(f'File "{__file__}", line ')


def test_nothing_is_logged_where_mistakes_are_errors(tmp_path: Path) -> None:
    recording = rrsdk.RecordingStream("warned", recording_id="two", send_properties=False)
    kept = recording.memory_recording()
    rrsdk.set_strict_mode(True)
    try:
        with recording, pytest.raises(rrsdk.LogError):
            rrsdk.log("somewhere", rrsdk.Points3D("no points"))
    finally:
        rrsdk.set_strict_mode(False)
    assert b"__warnings" not in kept.drain_as_bytes()
