"""The logging API: times, values at the call, mistakes, sinks, and what is said when something is lost."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rrsdk as rr
from rrsdk.message import Message
from rrsdk.sinks.live import Flushed, SinkStatus
from rrsdk.sources.chunks import chunks_of

Rows = list[tuple[str, dict[str, int], dict[str, Any]]]


@pytest.fixture
def rec() -> Iterator[rr.RecordingStream]:
    stream = rr.RecordingStream("rrkit_test", recording_id="one", send_properties=False)
    stream.set_log_time_enabled(False)
    with_memory = stream.memory_recording()
    stream.taken = with_memory  # type: ignore[attr-defined]
    yield stream
    stream.close(10.0)


def rows(data: bytes) -> Rows:
    """Entity, times and components of each row, in the order of their ids."""
    found = []
    for _, chunk in chunks_of(rr.MemorySource(data).messages()):
        for row, one in enumerate(chunk.row_ids.to_pylist()):
            when = {name: chunk.times(name).view("int64")[row].as_py() for name in chunk.timelines}
            what = {name: chunk.component(name)[row].as_py() for name in chunk.components}
            found.append((one, chunk.entity_path, when, {k: v for k, v in what.items() if v is not None}))
    return [tuple(one[1:]) for one in sorted(found, key=lambda one: one[0])]  # type: ignore[misc]


def taken(stream: rr.RecordingStream) -> Rows:
    return rows(stream.taken.drain_as_bytes())  # type: ignore[attr-defined]


def test_rows_have_the_times_that_are_set(rec: rr.RecordingStream) -> None:
    rec.log("a", rr.Scalars(0.0))
    rec.set_time("frame", sequence=1)
    rec.log("a", rr.Scalars(1.0))
    rec.set_time("t", duration=1.5)
    rec.set_time("frame", sequence=np.int32(2))
    rec.log("a", rr.Scalars(2.0))
    rec.disable_timeline("frame")
    rec.log("a", rr.Scalars(3.0))
    rec.log("a", rr.Scalars(4.0), static=True)
    rec.reset_time()
    rec.log("a", rr.Scalars(5.0))
    times = [
        ({}, 0.0),
        ({"frame": 1}, 1.0),
        ({"frame": 2, "t": 1_500_000_000}, 2.0),
        ({"t": 1_500_000_000}, 3.0),
    ]
    expected = [("/a", when, {"Scalars:scalars": [value]}) for when, value in [*times, ({}, 4.0), ({}, 5.0)]]
    assert taken(rec) == expected


@pytest.mark.parametrize(
    ("given", "nanoseconds"),
    [
        ({"duration": 3}, 3_000_000_000),
        ({"duration": 0.25}, 250_000_000),
        ({"duration": timedelta(days=-1, microseconds=1)}, -86_399_999_999_000),
        ({"duration": np.timedelta64(7, "ms")}, 7_000_000),
        ({"timestamp": 1.5}, 1_500_000_000),
        ({"timestamp": 1_700_000_000}, 1_700_000_000_000_000_000),
        ({"timestamp": datetime(1970, 1, 1, 0, 0, 1)}, 1_000_000_000),
        ({"timestamp": datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, 0),
        ({"timestamp": np.datetime64("1970-01-02")}, 86_400_000_000_000),
    ],
)
def test_every_kind_of_time(rec: rr.RecordingStream, given: dict[str, Any], nanoseconds: int) -> None:
    rec.set_time("t", **given)
    rec.log("a", rr.Scalars(0.0))
    assert taken(rec)[0][1] == {"t": nanoseconds}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"sequence": 1, "duration": 2},
        {"sequence": 1.5},
        {"duration": "x"},
        {"timestamp": 1e18},
        {"sequence": 2**63},
    ],
)
def test_what_is_no_time_raises(rec: rr.RecordingStream, given: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        rec.set_time("t", **given)


@pytest.mark.parametrize(("name", "error"), [("", ValueError), (3, TypeError), (None, TypeError)])
def test_what_is_no_timeline_raises_and_changes_nothing(
    rec: rr.RecordingStream, name: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="name of a timeline"):
        rec.set_time(name, sequence=1)
    rec.set_time("frame", sequence=2)
    rec.log("a", rr.Scalars(0.0))
    assert taken(rec)[0][1] == {"frame": 2}


def test_a_timeline_that_changes_its_type_is_said_once(
    rec: rr.RecordingStream, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        rec.set_time("t", sequence=1)
        rec.set_time("t", duration=1.0)
    rec.reset_time()
    rec.send_columns("c", [rr.TimeColumn("t", timestamp=[1])], rr.Scalars.columns(scalars=[1.0]))
    assert caplog.messages == [
        "timeline 't' has times of type duration that had sequence number before: "
        "give them a timeline each, Rerun cannot show both"
    ]


def test_values_are_those_at_the_call(rec: rr.RecordingStream) -> None:
    points = np.zeros((3, 3), np.float32)
    image = np.zeros((64, 64, 3), np.uint8)
    for number in range(3):
        points[:] = number
        image[:] = number
        rec.log("p", rr.Points3D(points))
        rec.log("i", rr.Image(image))
    points[:] = image[:] = 99
    found = taken(rec)
    assert [what["Points3D:positions"][0] for entity, _, what in found if entity == "/p"] == [
        [n] * 3 for n in range(3)
    ]
    assert [set(what["Image:buffer"][0]) for entity, _, what in found if entity == "/i"] == [{0}, {1}, {2}]


def test_scalars_of_one_number_and_of_several_take_turns(rec: rr.RecordingStream) -> None:
    given: list[Any] = [1.5, [2.0, 3.0], 4, np.float64(5.5), np.array([6.5]), 7.5, [], float("inf")]
    for place, value in enumerate(given * 3):
        rec.set_time("step", sequence=place)
        rec.log("a", rr.Scalars(value))
    rec.log("a", rr.Scalars.cleared())
    rec.log("a", rr.Scalars(8.5), rr.AnyValues(extra=9))
    found = taken(rec)
    expected = [np.atleast_1d(np.asarray(value, float)).tolist() for value in given * 3] + [[], [8.5]]
    assert [values["Scalars:scalars"] for _, _, values in found] == expected


def test_threads_have_times_of_their_own(rec: rr.RecordingStream) -> None:
    rec.set_time("frame", sequence=1)

    def other() -> None:
        rec.log("other", rr.Scalars(0.0))
        rec.set_time("frame", sequence=2)
        rec.log("other", rr.Scalars(0.0))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    rec.log("main", rr.Scalars(0.0))
    assert [(entity, when) for entity, when, _ in taken(rec)] == [
        ("/other", {}),
        ("/other", {"frame": 2}),
        ("/main", {"frame": 1}),
    ]


def test_log_tick_and_log_time(rec: rr.RecordingStream) -> None:
    rec.set_log_tick_enabled(True)
    rec.log("a", rr.Scalars(0.0))
    rec.log("a", rr.Scalars(0.0))
    rec.set_log_tick_enabled(False)
    rec.set_log_time_enabled(True)
    before = time.time_ns()
    rec.log("a", rr.Scalars(0.0))
    first, second, third = (when for _, when, _ in taken(rec))
    assert (first, second) == ({"log_tick": 0}, {"log_tick": 1})
    assert set(third) == {"log_time"}
    assert before <= third["log_time"] <= time.time_ns()


def test_paths(rec: rr.RecordingStream) -> None:
    for path in ("a/b", "/a//b/", ["a", 1, "b c/d"], "we ird", ""):
        rec.log(path, rr.Scalars(0.0))
    assert [entity for entity, _, _ in taken(rec)] == ["/a/b", "/a/b", r"/a/1/b\ c\/d", r"/we\ ird", "/"]
    assert rr.new_entity_path(["a", 1, "b c/d"]) == r"/a/1/b\ c\/d"
    assert rr.escape_entity_path_part("a/b c!é☮") == r"a\/b\ c\!é\u{262E}"


def test_several_values_make_one_row(rec: rr.RecordingStream) -> None:
    rec.log("a", rr.Scalars(1.0), rr.AnyValues(foo=3))
    assert taken(rec) == [("/a", {}, {"Scalars:scalars": [1.0], "foo": [3]})]


@pytest.mark.parametrize("path", ["a", 3, None])
@pytest.mark.parametrize("value", [3, "text", None, np.zeros(3), object()])
def test_mistakes_warn_at_the_users_line(rec: rr.RecordingStream, path: Any, value: Any) -> None:
    with pytest.warns(rr.RerunWarning) as heard:
        rec.log(path, value)
    assert [one.filename for one in heard] == [__file__]
    with pytest.raises(rr.LogError):
        rec.log(path, value, strict=True)
    assert taken(rec) == []


def test_what_the_constructor_refused_is_not_logged(rec: rr.RecordingStream) -> None:
    with pytest.warns(rr.RerunWarning):
        broken = rr.Image(None)
    with pytest.warns(rr.RerunWarning, match="here"):
        rec.log("here", broken)
    assert taken(rec) == []


def test_one_wrong_field_costs_that_field(rec: rr.RecordingStream) -> None:
    with pytest.warns(rr.RerunWarning, match="Points3D:colors"):
        rec.log("here", rr.Points3D([[1, 2, 3]], colors="no color", radii=[2.0]))
    assert [what for _, _, what in taken(rec)] == [
        {"Points3D:positions": [[1.0, 2.0, 3.0]], "Points3D:colors": [], "Points3D:radii": [2.0]}
    ]


def test_foreign_values_are_taken(rec: rr.RecordingStream) -> None:
    class Mine:
        def as_component_batches(self) -> Any:
            return rr.Scalars([1.0, 2.0]).as_component_batches()

    rec.log("a", Mine())
    rec.log("b", rr.Scalars(3.0).as_component_batches())
    assert [what for _, _, what in taken(rec)] == [
        {"Scalars:scalars": [1.0, 2.0]},
        {"Scalars:scalars": [3.0]},
    ]


def test_columns_and_chunks(rec: rr.RecordingStream) -> None:
    rec.set_time("ignored", sequence=1)
    rec.send_columns("c", [rr.TimeColumn("frame", sequence=[3, 1])], rr.Scalars.columns(scalars=[1.0, 2.0]))
    chunk = rr.Chunk.from_columns("/d", indexes={"frame": [7]}, components={"Scalars:scalars": [[5.0]]})
    rec.send_chunks([chunk])
    assert taken(rec) == [
        ("/c", {"frame": 3}, {"Scalars:scalars": [1.0]}),
        ("/c", {"frame": 1}, {"Scalars:scalars": [2.0]}),
        ("/d", {"frame": 7}, {"Scalars:scalars": [5.0]}),
    ]
    with pytest.warns(rr.RerunWarning, match="same length"):
        rec.send_columns("c", [rr.TimeColumn("frame", sequence=[3])], rr.Scalars.columns(scalars=[1.0, 2.0]))
    with pytest.warns(rr.RerunWarning, match="must not be empty"):
        rec.send_columns("c", [rr.TimeColumn("", sequence=[3])], rr.Scalars.columns(scalars=[1.0]))


def test_properties(rec: rr.RecordingStream) -> None:
    rec.send_recording_name("name")
    rec.send_recording_start_time_nanos(5)
    rec.send_property("situation", rr.AnyValues(rain=True))
    assert taken(rec) == [
        ("/__properties", {}, {"RecordingInfo:name": ["name"]}),
        ("/__properties", {}, {"RecordingInfo:start_time": [5]}),
        ("/__properties/situation", {}, {"rain": [True]}),
    ]


def test_what_comes_before_a_sink_is_kept(tmp_path: Path) -> None:
    stream = rr.RecordingStream("rrkit_test", recording_id="late")
    for number in range(3):
        stream.log("a", rr.Scalars(float(number)))
    stream.save(tmp_path / "late.rrd")
    stream.log("a", rr.Scalars(3.0))
    stream.disconnect()
    found = [what for entity, _, what in rows((tmp_path / "late.rrd").read_bytes()) if entity == "/a"]
    assert found == [{"Scalars:scalars": [float(number)]} for number in range(4)]
    stream.close(5.0)


def test_a_context_completes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "with.rrd"
    with rr.RecordingStream("rrkit_test", recording_id="with") as stream:
        assert rr.get_data_recording() is stream
        stream.save(path)
        rr.set_time("frame", sequence=1)
        rr.log("a", rr.Scalars(1.0))
    assert rr.get_thread_local_data_recording() is None
    assert path.read_bytes()[-12:-4] == b"RRF2FOOT"
    assert len(rows(path.read_bytes())) == 2
    stream.close(5.0)


def test_generators_leave_the_context_while_they_wait() -> None:
    outer = rr.RecordingStream("rrkit_test", recording_id="outer")
    inner = rr.RecordingStream("rrkit_test", recording_id="inner")

    @rr.recording_stream_generator_ctx
    def steps() -> Iterator[Any]:
        with inner:
            yield rr.get_data_recording()
            yield rr.get_data_recording()

    with outer:
        generator = steps()
        assert next(generator) is inner
        assert rr.get_data_recording() is outer
        assert next(generator) is inner
        assert rr.get_data_recording() is outer
        assert list(generator) == []
    for stream in (outer, inner):
        stream.close(5.0)


def test_a_function_with_a_recording_of_its_own() -> None:
    @rr.thread_local_stream("rrkit_own")
    def work() -> Any:
        return rr.get_application_id(), rr.get_recording_id()

    first, second = work(), work()
    assert first[0] == "rrkit_own"
    assert first[1] != second[1]


def test_binary_stream() -> None:
    stream = rr.RecordingStream("rrkit_test", recording_id="bytes", send_properties=False)
    reader = stream.binary_stream()
    data = reader.read() or b""
    stream.log("a", rr.Scalars(1.0))
    data += reader.read() or b""
    assert reader.read() is None
    assert [entity for entity, _, _ in rows(data)] == ["/a"]
    stream.close(5.0)


def test_several_sinks_get_the_same(tmp_path: Path) -> None:
    stream = rr.RecordingStream("rrkit_test", recording_id="tee", send_properties=False)
    paths = [tmp_path / "one.rrd", tmp_path / "two.rrd"]
    stream.set_sinks(*map(rr.FileSink, paths))
    stream.log("a", rr.Scalars(1.0))
    stream.log("big", rr.Image(np.zeros((300, 300), np.uint8)))
    stream.disconnect()
    one, two = (rows(path.read_bytes()) for path in paths)
    assert one == two
    assert len(one) == 2
    sink = rr.FileSink(paths[0])
    with pytest.raises(ValueError, match="Duplicate"):
        stream.set_sinks(sink, sink)
    stream.close(5.0)


def test_logging_handler(rec: rr.RecordingStream) -> None:
    logger = logging.getLogger("rrkit.test")
    logger.setLevel(logging.INFO)
    handler = rr.LoggingHandler("logs")
    logger.addHandler(handler)
    try:
        with rec:
            logger.warning("careful %d", 5)
            logging.getLogger("rrsdk").addHandler(handler)
            logging.getLogger("rrsdk").warning("not recorded")
            assert taken(rec) == [
                ("/logs/test_recording", {}, {"TextLog:text": ["careful 5"], "TextLog:level": ["WARN"]})
            ]
    finally:
        logger.removeHandler(handler)
        logging.getLogger("rrsdk").removeHandler(handler)


def test_switched_off_it_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RERUN", "off")
    stream = rr.RecordingStream("rrkit_test")
    assert not stream.is_enabled()
    stream.save(tmp_path / "off.rrd")
    stream.log("a", rr.Scalars(1.0))
    assert stream.flush()
    assert not (tmp_path / "off.rrd").exists()


def test_one_id_for_one_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from rrsdk.recording.calls import default_recording_id

    assert default_recording_id("a") == default_recording_id("a") != default_recording_id("b")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    before = default_recording_id("a")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("SLURM_STEP_ID", "2")
    assert default_recording_id("a") == "slurm-17.2.0" != before
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "run7")
    assert default_recording_id("a") == "run7"
    monkeypatch.setenv("RRSDK_RUN_ID", "mine")
    assert default_recording_id("a") == "mine"


def test_ranks_become_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "8")
    stream = rr.RecordingStream("rrkit_test", recording_id="ranked", send_properties=False)
    memory = stream.memory_recording()
    assert rows(memory.drain_as_bytes()) == [("/__properties/ranks/3", {}, {"rank": [3], "world_size": [8]})]
    stream.close(5.0)


class Stuck:
    """A sink that takes nothing until it is let go."""

    name = "stuck"
    compress = False

    def __init__(self) -> None:
        self.free = threading.Event()
        self.taken: list[Message] = []

    def put(self, message: Message) -> None:
        self.free.wait(20.0)
        self.taken.append(message)

    def flush(self, timeout_s: float) -> Flushed:
        return Flushed(self.free.wait(timeout_s), why="stuck")

    def close(self, timeout_s: float) -> Flushed:
        return Flushed(True)

    def abandon(self) -> None:
        pass

    def status(self) -> SinkStatus:
        return SinkStatus(self.name, "open")


def test_a_stuck_sink_bounds_memory_and_what_is_dropped_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    stream = rr.RecordingStream("rrkit_test", recording_id="stuck", send_properties=False)
    stream.batcher.gate._limit, stream.batcher.gate._wait_s = 100_000, 0.2
    sink = Stuck()
    sink.free.set()
    stream.set_sinks(sink)
    sink.free.clear()
    total = 5_000
    for number in range(total):
        stream.log("a", rr.Scalars(float(number)))
        if number == 0:
            assert not stream.flush(timeout_sec=0.3)
    status = stream.status()
    assert 0 < status.dropped_rows < total
    assert status.waiting_rows * 150 < 250_000
    assert sum("no room" in one.getMessage() for one in caplog.records) == 1
    sink.free.set()
    assert stream.flush(timeout_sec=20.0)
    arrived = sum(one.row.shape.batch.num_rows for one in sink.taken if hasattr(one, "row"))
    assert arrived + stream.status().dropped_rows == total
    stream.close(5.0)


def test_a_broken_sink_costs_its_rows_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Stuck):
        name = "broken"

        def put(self, message: Message) -> None:
            if self.free.is_set():
                raise OSError("on fire")

    stream = rr.RecordingStream("rrkit_test", recording_id="broken", send_properties=False)
    bad, good = Broken(), Stuck()
    good.free.set()
    stream.set_sinks(bad, good)
    bad.free.set()
    for number in range(10):
        stream.log("a", rr.Scalars(float(number)))
        stream.batcher.flush(20.0)
    assert sum(hasattr(one, "row") for one in good.taken) == 10
    assert stream.status().lost_rows == 10
    assert sum("on fire" in one.getMessage() for one in caplog.records) == 1
    stream.close(5.0)


def test_rows_or_bytes_make_a_batch(rec: rr.RecordingStream) -> None:
    always = rr.RecordingStream(
        "rrkit_test", send_properties=False, batcher_config=rr.ChunkBatcherConfig.ALWAYS_TEST_ONLY()
    )
    memory = always.memory_recording()
    for number in range(5):
        always.log("a", rr.Scalars(float(number)))
    data = memory.drain_as_bytes()
    assert [chunk.num_rows for _, chunk in chunks_of(rr.MemorySource(data).messages())] == [1] * 5
    always.close(5.0)


def test_entities_that_nobody_uses_are_let_go(rec: rr.RecordingStream) -> None:
    for number in range(3000):
        rec.log(f"many/{number}", rr.Scalars(0.0))
    for _ in range(60):
        rec.log("busy", rr.Scalars(0.0))
        rec.batcher.flush(20.0)
    assert len(rec.batcher.pending.entities()) < 100
    rec.log("many/1", rr.Scalars(1.0))
    found = taken(rec)
    assert len(found) == 3061
    assert found[-1] == ("/many/1", {}, {"Scalars:scalars": [1.0]})


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_a_signals_handler_may_log_amid_a_call_of_log(rec: rr.RecordingStream) -> None:
    calls = 0

    def handler(_number: int, _frame: Any) -> None:
        nonlocal calls
        calls += 1
        rec.log(f"handler/{calls % 20}", rr.Scalars(float(calls)), static=calls % 2 == 0)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for number in range(5000):
            rec.log(f"main/{number % 300}", rr.Scalars(float(number)))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(taken(rec)) == 5000 + calls


def test_what_is_logged_after_the_end_is_lost_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    stream = rr.RecordingStream("rrkit_test", recording_id="over", send_properties=False)
    stream.memory_recording()
    stream.log("a", rr.Scalars(0.0))
    stream.close(10.0)
    for _ in range(3):
        stream.log("a", rr.Scalars(0.0))
    assert stream.status().lost_rows == 3
    assert sum("after the end" in one.getMessage() for one in caplog.records) == 1


def test_a_recording_that_is_let_go_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "gone.rrd"
    stream = rr.RecordingStream("rrkit_test", recording_id="gone", send_properties=False)
    stream.save(path)
    stream.log("a", rr.Scalars(0.0))
    del stream
    assert path.read_bytes()[-12:-4] == b"RRF2FOOT"
    assert len(rows(path.read_bytes())) == 1


def test_eight_threads_log_and_flush_at_once(rec: rr.RecordingStream) -> None:
    count = 2000

    def work(number: int) -> None:
        for row in range(count):
            rec.set_time("row", sequence=row)
            rec.log(f"w/{number % 3}", rr.Scalars(float(number * count + row)))
            if row % 500 == 499:
                assert rec.flush(timeout_sec=30)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    by_thread: dict[int, list[int]] = {number: [] for number in range(8)}
    for _, when, what in taken(rec):
        number, row = divmod(int(what["Scalars:scalars"][0]), count)
        assert when == {"row": row}
        by_thread[number].append(row)
    assert by_thread == {number: list(range(count)) for number in range(8)}
