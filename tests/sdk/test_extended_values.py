"""Components that are added to a value after it was logged are not in the rows before."""

from __future__ import annotations

from typing import Any

import pytest

import rrsdk as rr
from rrsdk.sources.chunks import chunks_of


def logged(recording: rr.RecordingStream, memory: Any) -> dict[str, list[dict[str, Any]]]:
    """The values of each entity's rows, in the order of the calls."""
    recording.flush()
    found = []
    for _, chunk in chunks_of(rr.MemorySource(memory.drain_as_bytes()).messages()):
        for place, row_id in enumerate(chunk.row_ids.to_pylist()):
            row = {name: chunk.component(name)[place].as_py() for name in chunk.components}
            found.append((row_id, chunk.entity_path, {name: one[0] for name, one in row.items() if one}))
    rows: dict[str, list[dict[str, Any]]] = {}
    for _, entity, row in sorted(found, key=lambda each: each[0]):
        rows.setdefault(entity, []).append(row)
    return rows


@pytest.mark.parametrize("extra", [(), (rr.AnyValues(other=0),)])
def test_rows_hold_what_was_there_at_the_call(extra: tuple[Any, ...]) -> None:
    recording = rr.RecordingStream("rrkit_test", recording_id="one", send_properties=False)
    memory = recording.memory_recording()
    plain, typed = rr.AnyValues(x=1), rr.DynamicArchetype("own", components={"x": 1})
    for number in range(3):
        recording.log("plain", plain, *extra)
        recording.log("typed", typed, *extra)
        assert plain.with_component_from_data(f"y{number}", number) is plain
        assert typed.with_component_override("x", "own.Type", number) is typed
    recording.log("plain", plain, *extra)
    recording.log("typed", typed, *extra, static=True)
    names = [batch.component_descriptor().component for batch in plain.component_batches]
    assert names == ["x", "y0", "y1", "y2"]
    other = {"other": 0} if extra else {}
    rows = logged(recording, memory)
    recording.close(10.0)
    assert rows["/plain"] == [{"x": 1, **{f"y{n}": n for n in range(count)}, **other} for count in range(4)]
    kept = [[value for name, value in row.items() if name != "other"] for row in rows["/typed"]]
    assert kept == [[1], [0], [1], [2]]


def test_an_empty_value_that_was_logged_stays_empty() -> None:
    recording = rr.RecordingStream("rrkit_test", recording_id="one", send_properties=False)
    memory = recording.memory_recording()
    values = rr.AnyValues()
    recording.log("a", values)
    recording.log("a", values.with_component_from_data("added_text", "text"))
    recording.log("a", values)
    rows = logged(recording, memory)
    recording.close(10.0)
    assert rows == {"/a": [{"added_text": "text"}] * 2}
