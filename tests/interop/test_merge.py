"""rrtool merge on recordings of the real SDK, judged by the real Rerun."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result
from tests.faults import damage
from tests.interop import peer

Rrtool = Callable[..., Result]
pytestmark = pytest.mark.filterwarnings("ignore:RRD file has no footer")  # the reader of the real SDK
NAMES = ("rich", "rich-plain", "blueprint", "blueprint-plain", "many_stores")


@pytest.fixture
def merge(rrtool: Rrtool, tmp_path: Path) -> Callable[..., Path]:
    def run(*inputs: Path, out: Path | None = None) -> Path:
        target = out or tmp_path / f"merged-{len(list(tmp_path.iterdir()))}.rrd"
        done = rrtool("merge", *inputs, "-o", target)
        assert (done.rc, done.stdout, done.stderr) == (0, b"", "")
        return target

    return run


def payloads(path: Path) -> list[bytes]:
    """The bytes of every chunk message, footer or not, sorted."""
    data = path.read_bytes()
    return sorted(data[place.start : place.end] for place in damage.chunks(data))


@pytest.mark.parametrize("name", NAMES)
def test_our_chunks_are_the_real_readers(recordings: dict[str, Path], name: str) -> None:
    """Column for column, metadata and all."""
    path = recordings[name]
    found = peer.ours(path)
    assert found.keys() == peer.stores(path).keys()
    for store, chunks in found.items():
        theirs = peer.read(path, store)
        assert chunks.keys() == theirs.keys()
        for chunk_id, batch in chunks.items():
            assert batch.equals(theirs[chunk_id], check_metadata=True), chunk_id


@pytest.mark.parametrize("name", NAMES)
def test_one_file(
    recordings: dict[str, Path], name: str, merge: Callable[..., Path], rerun_binary: Path, tmp_path: Path
) -> None:
    source = recordings[name]
    merged = merge(source)
    peer.verify(rerun_binary, merged)
    peer.compare(rerun_binary, source, merged, tmp_path)
    assert payloads(merged) == payloads(source), "payloads are copied untouched"
    assert merge(merged).read_bytes() == merged.read_bytes(), "merging once more changes nothing"


def test_all_files(
    recordings: dict[str, Path], merge: Callable[..., Path], rerun_binary: Path, tmp_path: Path
) -> None:
    inputs = [recordings[name] for name in ("rich", "blueprint-plain", "many_stores", "half-1")]
    merged = merge(*inputs)
    peer.verify(rerun_binary, merged)
    assert payloads(merged) == sorted(payload for path in inputs for payload in payloads(path))
    theirs = tmp_path / "theirs.rrd"
    subprocess.run([rerun_binary, "rrd", "merge", *inputs, "-o", theirs], check=True, capture_output=True)
    peer.compare(rerun_binary, theirs, merged, tmp_path)


def test_one_store_from_two_files(
    recordings: dict[str, Path], merge: Callable[..., Path], rerun_binary: Path, tmp_path: Path
) -> None:
    """One manifest a store, or the real verify refuses it."""
    merged = merge(recordings["half-1"], recordings["half-2"])
    peer.verify(rerun_binary, merged)
    (store,) = peer.stores(merged)
    found = peer.read(merged, store)
    parts = [peer.read(recordings[half], store) for half in ("half-1", "half-2")]
    assert found.keys() == parts[0].keys() | parts[1].keys()
    assert len(found) == len(parts[0]) + len(parts[1])


@pytest.mark.parametrize("name", NAMES)
def test_repeats_are_written_once(recordings: dict[str, Path], name: str, merge: Callable[..., Path]) -> None:
    source = recordings[name]
    merged = merge(source, source, source)
    assert payloads(merged) == payloads(source)
    assert merged.read_bytes() == merge(source).read_bytes()


def test_repeats_with_and_without_footer(recordings: dict[str, Path], merge: Callable[..., Path]) -> None:
    source = recordings["many_stores"]
    plain = source.with_name("cut.rrd")
    plain.write_bytes(damage.without_footer(source.read_bytes()))
    assert payloads(merge(plain, source)) == payloads(source)
    assert payloads(merge(source, plain)) == payloads(source)


@pytest.mark.parametrize(
    "names", [("rich", "many_stores"), ("rich-plain", "blueprint"), ("half-1", "half-2-")]
)
def test_concatenated(
    recordings: dict[str, Path],
    names: tuple[str, str],
    merge: Callable[..., Path],
    rerun_binary: Path,
    tmp_path: Path,
) -> None:
    """`cat a.rrd b.rrd` is a recording too, as long as nothing but whole streams stand in it."""
    inputs = [recordings[name.removesuffix("-")] for name in names]
    both = tmp_path / "both.rrd"
    both.write_bytes(b"".join(path.read_bytes() for path in inputs))
    merged = merge(both)
    peer.verify(rerun_binary, merged)
    assert payloads(merged) == sorted(payload for path in inputs for payload in payloads(path))
    assert payloads(merged) == payloads(merge(*inputs))


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_as_good_as_a_file(
    recordings: dict[str, Path],
    name: str,
    merge: Callable[..., Path],
    rrtool: Rrtool,
    rerun_binary: Path,
    tmp_path: Path,
) -> None:
    source = recordings[name]
    done = rrtool("merge", stdin=source.read_bytes())
    assert (done.rc, done.stderr) == (0, "")
    piped = tmp_path / "piped.rrd"
    piped.write_bytes(done.stdout)
    peer.verify(rerun_binary, piped)
    peer.compare(rerun_binary, source, piped, tmp_path)
    assert payloads(piped) == payloads(source)


def test_a_redirected_file_is_a_file(recordings: dict[str, Path], merge: Callable[..., Path]) -> None:
    source = recordings["rich"]
    with source.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "rrtool", "merge", "-"], stdin=file, capture_output=True, timeout=60
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == merge(source).read_bytes()


def test_the_output_may_be_the_input(
    recordings: dict[str, Path], merge: Callable[..., Path], tmp_path: Path
) -> None:
    """Where `rerun rrd filter X -o X` destroys X."""
    expected = merge(recordings["rich"], recordings["many_stores"])
    target = tmp_path / "in-and-out.rrd"
    target.write_bytes(recordings["rich"].read_bytes())
    merge(target, recordings["many_stores"], out=target)
    assert target.read_bytes() == expected.read_bytes()


def test_store_infos_come_first_and_once(recordings: dict[str, Path], merge: Callable[..., Path]) -> None:
    data = merge(recordings["many_stores"], recordings["blueprint"], recordings["many_stores"]).read_bytes()
    kinds = [place.kind for place in damage.places(data)]
    first_chunk = kinds.index(damage.CHUNK)
    infos = [
        data[place.start : place.end] for place in damage.places(data) if place.kind == damage.STORE_INFO
    ]
    assert len(infos) == len(set(infos))
    assert kinds[:first_chunk].count(damage.STORE_INFO) >= len(peer.stores(recordings["many_stores"]))
