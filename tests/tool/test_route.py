"""rrtool route, rename and migrate beside the real program and the real reader."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrsdk.codec.payload import write_store_id
from rrsdk.codec.wire import read_envelope, write_bytes, write_envelope
from rrsdk.errors import UsageError
from rrsdk.identity import StoreId, StoreKind
from rrsdk.message import StoreInfo
from rrsdk.sources import open_source
from rrtool.transforms.rename import Names, parse_rename
from rrtool.transforms.route import readdressed
from tests.conftest import Result
from tests.tool.filtered import accept, rows

pytest.importorskip("rerun")

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"


def stores(path: Path) -> set[StoreId]:
    source = open_source(str(path))
    try:
        return {message.store for message in source.messages() if isinstance(message, StoreInfo)}
    finally:
        source.close()


# ---- route ----


@pytest.mark.parametrize("args", [["--recording-id", "other"], ["--application-id", "other app"]])
@pytest.mark.parametrize("name", ["rich", "bare", "tiny"])
def test_route_says_what_the_real_one_says(
    made: dict[str, Path], tmp_path: Path, rerun_binary: Path, rrtool: Rrtool, name: str, args: list[str]
) -> None:
    ours, theirs = tmp_path / "ours.rrd", tmp_path / "theirs.rrd"
    assert rrtool("route", *args, made[name], "-o", ours).rc == 0
    subprocess.run([rerun_binary, "rrd", "route", *args, made[name], "-o", theirs], check=True, timeout=60)
    assert stores(ours) == stores(theirs)
    if name == "bare":  # of a recording without a footer the real one makes one that looks empty
        theirs = tmp_path / "merged.rrd"
        assert rrtool("merge", made[name], "-o", theirs).rc == 0
    assert list(rows(ours).values()) == list(rows(theirs).values()) != []
    accept(rerun_binary, ours)


def test_several_recordings_become_one(
    made: dict[str, Path], tmp_path: Path, rerun_binary: Path, rrtool: Rrtool
) -> None:
    out = tmp_path / "one.rrd"
    result = rrtool("route", "--recording-id", "one", made["rich"], made["tiny"], made["tiny"], "-o", out)
    assert result.rc == 0
    assert {store.recording_id for store in stores(out)} == {"one"}
    accept(rerun_binary, out)
    (rich,), (tiny,) = rows(made["rich"]).values(), rows(made["tiny"]).values()
    assert rows(out) == {"one": {**rich, **tiny}}, "chunks that came twice are there once"


def test_a_blueprint_keeps_its_id_and_stays_active(
    with_blueprint: Path, tmp_path: Path, rerun_binary: Path, rrtool: Rrtool
) -> None:
    """The real one gives it the recording's id, and ends with an assertion."""
    out = tmp_path / "out.rrd"
    before = {store for store in stores(with_blueprint) if store.kind is StoreKind.BLUEPRINT}
    result = rrtool("route", "--recording-id", "r", "--application-id", "a", with_blueprint, "-o", out)
    assert (result.rc, result.stderr) == (0, "")
    after = {store for store in stores(out) if store.kind is StoreKind.BLUEPRINT}
    assert {store.recording_id for store in after} == {store.recording_id for store in before}
    assert {store.application_id for store in stores(out)} == {"a"}
    accept(rerun_binary, out)

    several = rrtool("route", "--recording-id", "r", with_blueprint, with_blueprint, "-o", out)
    assert several.rc == 0
    assert "activations of blueprints were left out" in several.stderr


def test_route_wants_something_to_do(rich: Path, rrtool: Rrtool, tmp_path: Path) -> None:
    assert rrtool("route", rich, "-o", tmp_path / "o.rrd").rc == 2
    assert rrtool("route", "--recording-id", "", rich, "-o", tmp_path / "o.rrd").rc == 2
    assert not list(tmp_path.iterdir())


_TEXT = st.text(min_size=1, max_size=20)


@given(old=_TEXT, new=_TEXT, said=_TEXT, payload=st.binary(max_size=40))
@settings(max_examples=60)
def test_a_message_is_addressed_anew_wherever_its_address_stands(
    old: str, new: str, said: str, payload: bytes
) -> None:
    ids = [write_store_id(StoreId(StoreKind.RECORDING, "app", name)) for name in (old, new, said)]
    before, after = write_envelope(
        ids[0],
        compression=1,
        uncompressed_size=len(payload),
        payload_size=len(payload),
        chunk_id=bytes(16),
        is_static=False,
    )
    first = before + payload + after
    rest = first[len(write_bytes(1, ids[0])) :]
    for message in (first, rest + write_bytes(1, ids[0])):
        made = b"".join(readdressed(memoryview(message), ids[2], ids[1]))
        about, was = read_envelope(made, 0, len(made)), read_envelope(message, 0, len(message))
        assert about.store == ids[1]
        assert made[about.payload_start : about.payload_end] == payload
        assert (about.chunk_id, about.is_static) == (was.chunk_id, was.is_static)


# ---- rename ----


def test_an_entity_takes_what_is_below_it_along(
    rich: Path, tmp_path: Path, rerun_binary: Path, rrtool: Rrtool
) -> None:
    out = tmp_path / "out.rrd"
    result = rrtool("rename", "--entity", "/world=/welt/alt", "--timeline", "frame=a", rich, "-o", out)
    assert (result.rc, result.stderr) == (0, "")
    accept(rerun_binary, out)

    def path(old: str) -> str:
        return f"/welt/alt{old[6:]}" if old == "/world" or old.startswith("/world/") else old

    expected = {
        store: {
            (path(entity), row_id): {("a" if name == "frame" else name): one for name, one in row.items()}
            for (entity, row_id), row in mine.items()
        }
        for store, mine in rows(rich).items()
    }
    assert rows(out) == expected


def test_two_names_are_swapped_and_back(rich: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    there, back = tmp_path / "there.rrd", tmp_path / "back.rrd"
    swap = ["--timeline", "frame=log_time", "--timeline", "log_time=frame"]
    assert rrtool("rename", *swap, rich, "-o", there).rc == 0
    assert rows(there) != rows(rich)
    assert rrtool("rename", *swap, there, "-o", back).rc == 0
    assert rows(back) == rows(rich)


def test_renames_that_cannot_be(rich: Path, tmp_path: Path, rrtool: Rrtool) -> None:
    out = tmp_path / "out.rrd"
    two = rrtool("rename", "--timeline", "frame=log_time", rich, "-o", out)
    assert two.rc == 1
    assert "two timelines would be called log_time" in two.stderr
    nothing = rrtool("rename", "--entity", "/not/there=/x", rich, "-o", out)
    assert nothing.rc == 0
    assert "nothing is called /not/there" in nothing.stderr
    for wrong in ("a", "a=b=c", "=b", "a="):
        assert rrtool("rename", "--entity", wrong, rich, "-o", tmp_path / "no.rrd").rc == 2
    assert not (tmp_path / "no.rrd").exists()


def test_a_rename_is_parsed_around_escapes() -> None:
    assert parse_rename(r"/a\=b=/c", option="--entity") == (r"/a\=b", "/c")
    names = Names([(r"/a\=b", "/c"), ("/a", "/z")], [(r"t\=1", "t2")])
    assert names.entity(r"/a\=b/d") == "/c/d"
    assert names.entity("/a/d") == "/z/d"
    assert names.entity("/ab") == "/ab"
    assert names.timeline("t=1") == "t2"
    with pytest.raises(UsageError, match="two things"):
        Names([("/a", "/b"), ("a", "/c")])


# ---- migrate ----


@pytest.mark.parametrize("release", ["0.23", "0.24", "0.29", "0.40"])
def test_migrate_keeps_a_backup(tmp_path: Path, rerun_binary: Path, rrtool: Rrtool, release: str) -> None:
    path = tmp_path / "scene.rrd"
    original = FIXTURES / f"sdk-{release}" / "scene.rrd"
    shutil.copy(original, path)
    assert rrtool("migrate", path).rc == 0
    assert (tmp_path / "scene.backup.rrd").read_bytes() == original.read_bytes()
    assert rows(path) == rows(FIXTURES / f"sdk-{release}" / "scene.migrated.rrd")
    accept(rerun_binary, path)

    (tmp_path / "scene.backup.rrd").unlink()
    again = rrtool("migrate", path)
    assert again.rc == 0
    assert "is current already" in again.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["scene.rrd"]


def test_migrate_does_not_overwrite_a_backup(tmp_path: Path, rrtool: Rrtool) -> None:
    """The real one says that it was successful."""
    path = tmp_path / "scene.rrd"
    shutil.copy(FIXTURES / "sdk-0.29" / "scene.rrd", path)
    (tmp_path / "scene.backup.rrd").write_bytes(b"precious")
    result = rrtool("migrate", path)
    assert result.rc == 1
    assert "the backup is there already" in result.stderr
    assert path.read_bytes() == (FIXTURES / "sdk-0.29" / "scene.rrd").read_bytes()
    assert rrtool("migrate", "--in-place", path).rc == 0
    assert (tmp_path / "scene.backup.rrd").read_bytes() == b"precious"


def test_a_file_that_cannot_be_migrated_stays_as_it_is(tmp_path: Path, rrtool: Rrtool) -> None:
    path = tmp_path / "scene.rrd"
    path.write_bytes((FIXTURES / "sdk-0.29" / "scene.rrd").read_bytes()[:-20_000])
    before = path.read_bytes()
    assert rrtool("migrate", path).rc == 1
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["scene.rrd"]
