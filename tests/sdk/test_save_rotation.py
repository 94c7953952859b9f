"""Parts of a recording: each can be read alone, together they are all of it, and nothing else is touched."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

import rrsdk as rr
from rrsdk.codec.payload import write_activation, write_store_id
from rrsdk.errors import OutputError, UsageError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.ipc.manifest import Manifest
from rrsdk.message import Activation, ChunkMsg, Chunks, StoreInfo
from rrsdk.recording.announce import announcement
from rrsdk.recording.kinship import Kinship, Origin, sinks_of_kin
from rrsdk.sinks.rotation import Rotate
from rrsdk.sinks.save import SaveSink, save_sink
from rrsdk.sinks.succession import SaveOptions
from rrsdk.sources.opening import open_path
from tests.conftest import Result
from tests.contracts.live_sink_contract import STORE, chunk


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def moving(number: int, *, entity: str = "/moving", store: StoreId = STORE) -> ChunkMsg:
    """A chunk that is not static, with its number as time and value."""
    from rrsdk.codec.chunks import pack_chunk
    from rrsdk.ipc.layout import LayoutCache

    made = rr.Chunk.from_columns(
        entity, indexes={"frame": [number]}, components={"Scalars:scalars": [[float(number)]]}
    )
    payload = made.to_ipc()
    laid_out = LayoutCache().read(payload)
    return pack_chunk(store, write_store_id(store), payload, laid_out, laid_out.chunk_id)


def frames(path: str | Path) -> list[int]:
    """The times on `frame` that stand in a file, in its order; it must be sound, with a footer."""
    chunks = [found for _, found in rr.read_chunks(str(path)) if not found.is_static]
    return [one for found in chunks for one in found.times("frame").cast(pa.int64()).to_pylist()]


def manifests(path: str | Path) -> list[Manifest]:
    """Those of the footer, which must be there."""
    return [
        one.manifest for one in open_path(str(path), warn=pytest.fail).messages() if isinstance(one, Chunks)
    ]


def statics(path: str | Path) -> list[str]:
    return [found.entity_path for _, found in rr.read_chunks(str(path)) if found.is_static]


def sink_on(path: str, size: int, **options: object) -> SaveSink:
    return save_sink(path, options=SaveOptions(rotate=Rotate(size_bytes=size), **options), report=pytest.fail)  # type: ignore[arg-type]


def test_parts_are_no_larger_than_asked_and_hold_everything_once(
    here: Path, rrtool: Callable[..., Result]
) -> None:
    sink = sink_on("run.rrd", 5000)
    sink.put(announcement(STORE))
    for number in range(50):
        sink.put(moving(number))
    assert sink.close(1.0).done
    parts = sorted(here.iterdir())
    assert sink.parts > 5
    assert [part.name for part in parts] == [f"run.{n:04d}.rrd" for n in range(2, sink.parts + 1)] + [
        "run.rrd"
    ]
    for part in parts:
        assert rrtool("verify", part).rc == 0
    found = {part.name: frames(part) for part in parts}
    assert rrtool("merge", *parts, "-o", "all.rrd").rc == 0
    assert sorted(frames("all.rrd")) == list(range(50))
    in_order = found.pop("run.rrd") + [one for name in sorted(found) for one in found[name]]
    assert in_order == list(range(50))
    for part in parts:
        size = sum(one.total_size() for one in manifests(part))
        assert size < 5000, "a footer comes on top"


def test_each_part_begins_with_the_static_data_so_far(here: Path) -> None:
    sink = sink_on("run.rrd", 4000)
    sink.put(announcement(STORE))
    sink.put(chunk(1))
    sink.put(chunk(2))
    sink.put(chunk(1))
    for number in range(30):
        sink.put(moving(number))
        if number == 12:
            sink.put(chunk(3))
    sink.put(chunk(2, padding=50))
    for number in range(30, 40):
        sink.put(moving(number))
    assert sink.close(1.0).done
    parts = ["run.rrd"] + [f"run.{number:04d}.rrd" for number in range(2, sink.parts + 1)]
    assert len(parts) > 4
    assert statics(parts[0])[:3] == ["/n/1", "/n/2", "/n/1"]
    assert statics(parts[1])[:2] == ["/n/2", "/n/1"], "of equal ones the last, in the order they came"
    assert statics(parts[-1]) == ["/n/1", "/n/3", "/n/2"]
    (large,) = [one for _, one in rr.read_chunks(parts[-1]) if one.entity_path == "/n/2"]
    assert len(large.component("data")[0].as_py()[0]) == 58
    for part in parts:
        infos = [one for one in open_path(part, warn=pytest.fail).messages() if isinstance(one, StoreInfo)]
        assert [info.store for info in infos] == [STORE]


def test_blueprints_go_along(here: Path) -> None:
    blueprint = StoreId(StoreKind.BLUEPRINT, STORE.application_id, "b")
    activation = Activation(blueprint, write_activation(blueprint, make_active=True, make_default=True))
    sink = sink_on("run.rrd", 5000)
    sink.put(announcement(STORE))
    sink.put(announcement(blueprint))
    sink.put(moving(0, entity="/viewport", store=blueprint))
    sink.put(moving(1, entity="/viewport", store=blueprint))
    sink.put(activation)
    for number in range(30):
        sink.put(moving(number))
    sink.close(1.0)
    assert sink.parts > 2
    last = f"run.{sink.parts:04d}.rrd"
    messages = list(open_path(last, warn=pytest.fail).messages())
    assert activation in messages
    assert {one.store for one in messages if isinstance(one, StoreInfo)} == {STORE, blueprint}
    (kept,) = [found for store, found in rr.read_chunks(last) if found.entity_path == "/viewport"]
    assert kept.times("frame").cast(pa.int64()).to_pylist() == [1]


def test_static_data_alone_do_not_make_parts_for_ever(here: Path) -> None:
    sink = sink_on("run.rrd", 4000)
    sink.put(announcement(STORE))
    for number in range(100):
        sink.put(chunk(number))
    sink.close(1.0)
    total = sum(os.path.getsize(one) for one in here.iterdir())
    assert total < 5 * os.path.getsize(max(here.iterdir(), key=os.path.getsize))
    assert statics(f"run.{sink.parts:04d}.rrd") == [f"/n/{number}" for number in range(100)]


def test_by_age(here: Path) -> None:
    now = [100.0]
    fileno = os.open("run.rrd", os.O_RDWR | os.O_CREAT)
    options = SaveOptions(rotate=Rotate(age_s=60))
    sink = SaveSink("run.rrd", fileno, owned=True, options=options, clock=lambda: now[0])
    sink.put(announcement(STORE))
    for number in range(10):
        now[0] += 25
        sink.put(moving(number))
    now[0] += 1000
    sink.close(1.0)
    assert [frames(path) for path in ("run.rrd", "run.0002.rrd", "run.0003.rrd", "run.0004.rrd")] == [
        [0, 1],
        [2, 3, 4],
        [5, 6, 7],
        [8, 9],
    ]


def test_parts_of_an_earlier_run_are_left_alone(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("run.rrd", "run.0002.rrd", "run.0003.rrd"):
        (here / name).write_bytes(b"old")
    rec = rr.RecordingStream("rrkit_test", send_properties=False)
    rec.save("run.rrd", rotate=65536)
    for _ in range(40):
        rec.log("noise", rr.TextLog(os.urandom(3000).hex()))
        rec.flush()
        (here / "run.0005.rrd").touch()
    rec.disconnect()
    assert caplog.messages == [
        "run.0002.rrd is there from an earlier run and stays: run.rrd goes on in run.0004.rrd"
    ]
    assert [(here / name).read_bytes() for name in ("run.0002.rrd", "run.0003.rrd")] == [b"old", b"old"]
    assert (here / "run.0005.rrd").read_bytes() == b"", "nor what somebody else made meanwhile"
    names = sorted(one.name for one in here.iterdir())
    assert names[:6] == [f"run.{number:04d}.rrd" for number in range(2, 8)][:6]
    rows = [
        found.num_rows
        for name in ("run.rrd", *names[2:-1])
        if os.path.getsize(name)
        for _, found in rr.read_chunks(name)
    ]
    assert sum(rows) == 40


def test_a_part_that_somebody_was_killed_over_is_begun_again(here: Path) -> None:
    (here / "run.0002.rrd.new").write_bytes(b"half")
    sink = sink_on("run.rrd", 3000)
    sink.put(announcement(STORE))
    for number in range(10):
        sink.put(moving(number))
    assert sink.close(1.0).done
    assert sorted(here.glob("*.new")) == []
    assert frames("run.0002.rrd")[0] == frames("run.rrd")[-1] + 1


def test_who_saves_under_the_name_goes_on_or_writes_beside(
    here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fill(stream: rr.RecordingStream, first: int) -> None:
        for number in range(first, first + 30):
            stream.log("a", rr.TextLog(f"{number} {os.urandom(3000).hex()}"))
            stream.flush()

    rec = rr.RecordingStream("rrkit_test", recording_id="one", send_properties=False)
    other = rr.RecordingStream("rrkit_test", recording_id="two", send_properties=False)
    rec.save("run.rrd", rotate="64KiB")
    fill(rec, 0)
    assert (here / "run.0002.rrd").exists()
    before = (here / "run.rrd").read_bytes()
    rec.save("run.rrd", rotate="64KiB")
    other.save("run.rrd")
    other.log("a", rr.TextLog("other"))
    other.disconnect()
    fill(rec, 30)
    rec.disconnect()
    assert (here / "run.rrd").read_bytes() == before
    assert caplog.messages == [
        f"run.rrd is being written already: process {os.getpid()} writes run.{os.getpid()}.rrd"
    ]
    names = [name for name in sorted(os.listdir()) if name != f"run.{os.getpid()}.rrd"]
    found = [
        int(text.split()[0])
        for name in (names[-1], *names[:-1])
        for _, one in rr.read_chunks(name)
        for text in one.component("TextLog:text").flatten().to_pylist()
    ]
    assert found == list(range(60))


def test_a_pipe_is_not_rotated(here: Path) -> None:
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(UsageError, match="pipe: is not a file"):
        sink_on("pipe", 5000)
    os.close(reader)
    rec = rr.RecordingStream("rrkit_test", send_properties=False)
    with pytest.raises(UsageError, match="rotate='often'"):
        rec.save("run.rrd", rotate="often")
    (here / "file").touch()
    with pytest.raises(OutputError, match="file: cannot be made"):
        rec.save("run.rrd", overflow_dir="file")
    assert not (here / "run.rrd").exists()


def test_several_sinks_and_each_its_own_parts(here: Path) -> None:
    rec = rr.RecordingStream("rrkit_test", send_properties=False)
    rec.set_sinks(rr.FileSink("a.rrd", rotate="64KiB"), rr.FileSink("b.rrd"))
    for _ in range(30):
        rec.log("a", rr.TextLog(os.urandom(3000).hex()))
        rec.flush()
    rec.disconnect()
    parts = [path for path in here.iterdir() if path.name.startswith("a.")]
    assert len(parts) > 2
    rows = [sum(one.num_rows for _, one in rr.read_chunks(str(path))) for path in (*parts, here / "b.rrd")]
    assert sum(rows[:-1]) == rows[-1] == 30


def _child(number: int) -> None:
    for _ in range(20):
        rr.log(f"child/{number}", rr.TextLog(os.urandom(3000).hex()))
    rr.flush()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_log_into_the_parts_of_their_parent(here: Path, method: str) -> None:
    rr.init("rrkit_test", send_properties=False)
    rr.save("run.rrd", rotate="64KiB")
    rr.log("fixed", rr.TextDocument("parent"), static=True)
    rr.flush()
    context = multiprocessing.get_context(method)
    children = [context.Process(target=_child, args=(number,)) for number in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    rr.disconnect()
    rr.set_global_data_recording(None)
    parts = list(here.iterdir())
    assert len(parts) > 2
    rows = [found.num_rows for part in parts for _, found in rr.read_chunks(str(part)) if not found.is_static]
    assert sum(rows) == 60
    assert all("/fixed" in statics(part) for part in parts)


def test_a_child_that_goes_alone_rotates_as_its_parent_did(here: Path) -> None:
    stream = rr.RecordingStream("app", recording_id="run")
    spare = here / "spare"
    stream.save(here / "run.rrd", rotate=65_536, overflow_dir=spare)
    kin = stream.outlets.kinship
    assert kin is not None
    told = Kinship(**json.loads(json.dumps(kin.to_json())))
    origin = Origin(1, str(here / "nobody listens here"))
    (uplink,) = sinks_of_kin(stream.store, told, origin, stream.reporter)
    uplink.put(announcement(stream.store))
    for number in range(100):
        uplink.put(moving(number, store=stream.store))
    assert uplink.close(5.0)
    stream.disconnect()
    files = sorted(here.glob(f"run.{os.getpid()}*.rrd"), key=lambda path: (len(path.name), path.name))
    assert len(files) > 1
    assert [frame for path in files for frame in frames(path)] == list(range(100))
    assert spare.is_dir()


def test_a_footer_that_would_take_too_much_is_left_out_and_merge_adds_it(
    here: Path, rrtool: Callable[..., Result]
) -> None:
    heard: list[str] = []
    sink = save_sink("run.rrd", options=SaveOptions(manifest_bytes=100_000), report=heard.append)
    sink.put(announcement(STORE))
    for number in range(3000):
        sink.put(moving(number))
    assert sink.close(1.0).done
    assert heard == [
        "run.rrd: has 1024 chunks, whose footer would take too much memory: it gets none, and can be read "
        "all the same; `rrtool merge run.rrd -o OUT` makes a copy with one"
    ]
    assert "no footer" in rrtool("print", "--footers", "run.rrd").text
    assert rrtool("merge", "run.rrd", "-o", "two.rrd").rc == 0
    assert rrtool("verify", "two.rrd").rc == 0
    assert "no footer" not in rrtool("print", "--footers", "two.rrd").text
    assert len(frames("two.rrd")) == 3000
