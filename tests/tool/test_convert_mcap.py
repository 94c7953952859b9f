"""rrtool convert of MCAP files, beside what the real program makes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcap.writer import CompressionType, Writer

from rrtool import cli
from tests.conftest import Result
from tests.interop import peer

pytest.importorskip("rerun")

Convert = Callable[..., Result]
START = 1_700_000_000_000_000_000


@pytest.fixture
def convert(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Convert:
    """The command in this process and in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str | Path) -> Result:
        code = cli.run(["convert", *map(str, args)])
        out, err = capfdbinary.readouterr()
        return Result(code, out, err.decode())

    return run


def write(
    path: str,
    *,
    compression: CompressionType = CompressionType.ZSTD,
    messages: int = 5,
    start: int = START,
    size: int = 1,
) -> None:
    with open(path, "wb") as file:
        writer = Writer(file, compression=compression, chunk_size=4096)
        writer.start("", "a test")
        schema = writer.register_schema("my.Thing", "jsonschema", b'{"type": "object"}')
        thing = writer.register_channel("/thing/a b", "json", schema, metadata={"key": "value", "other": ""})
        plain = writer.register_channel("plain", "application/octet-stream", 0)
        for number in range(messages):
            log_time = start + number * 10**9
            writer.add_message(thing, log_time=log_time, data=b"{}" * number, publish_time=log_time + 5)
            writer.add_message(plain, log_time=log_time, data=bytes([number % 256]) * size, publish_time=7)
        writer.finish()  # type: ignore[no-untyped-call]


def cells(path: Path) -> dict[tuple[str, str], list[Any]]:
    """The columns of each entity by time, without what the real one says of the whole file."""
    found: dict[tuple[str, str], list[Any]] = {}
    for store in peer.stores(path):
        for batch in peer.read(path, store).values():
            entity = batch.schema.metadata[b"rerun:entity_path"].decode()
            if entity.startswith(("/__properties", "/__mcap_properties")):
                continue
            for field, column in zip(batch.schema, batch.columns, strict=True):
                if field.name != "rerun.controls.RowId":
                    about = sorted((field.metadata or {}).items())
                    told = [one for one in about if one[0] != b"rerun:is_sorted"]
                    key = entity, f"{field.name} {field.type} {told}"
                    found.setdefault(key, []).extend(column.to_pylist())
    return found


@pytest.mark.parametrize("compression", list(CompressionType))
def test_channels_are_what_the_real_program_makes_of_them(
    convert: Convert, rerun_binary: Path, compression: CompressionType
) -> None:
    write("in.mcap", compression=compression, messages=40)
    assert convert("in.mcap", "-o", "ours.rrd").rc == 0
    subprocess.run(
        [rerun_binary, "mcap", "convert", "in.mcap", "-d", "raw", "-d", "schema", "-o", "theirs.rrd"],
        check=True,
        timeout=60,
        capture_output=True,
    )
    ours = cells(Path("ours.rrd"))
    assert ours == cells(Path("theirs.rrd"))
    assert {entity for entity, _ in ours} == {"/plain", "/thing/a\\ b"}
    peer.verify(rerun_binary, Path("ours.rrd"))


def test_large_channels_become_several_chunks_and_entities_may_be_below_another(convert: Convert) -> None:
    write("in.mcap", messages=9, size=1_000_000)
    assert convert("in.mcap", "--entity", "/robot", "-o", "out.rrd").rc == 0
    (store,) = peer.stores(Path("out.rrd"))
    entities = [
        batch.schema.metadata[b"rerun:entity_path"] for batch in peer.read(Path("out.rrd"), store).values()
    ]
    assert entities.count(b"/robot/plain") == 3
    assert sum(map(len, (each for key, each in cells(Path("out.rrd")).items() if "data" in key[1]))) > 9


def test_a_file_that_is_cut_or_changed_anywhere_is_one_line(convert: Convert) -> None:
    write("whole.mcap")
    whole = Path("whole.mcap").read_bytes()
    for end in range(0, len(whole), 41):
        Path("in.mcap").write_bytes(whole[:end])
        result = convert("in.mcap", "-o", "out.rrd")
        assert (result.rc, result.stderr.count("\n")) == (1, 1), result.stderr
        assert result.stderr.startswith("rrtool convert: in.mcap")
        assert not Path("out.rrd").exists()
    for at in range(8, len(whole) - 8, 11):
        Path("in.mcap").write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        result = convert("in.mcap", "-o", "out.rrd")
        assert "bug" not in result.stderr
        assert result.rc in (0, 1)


def test_times_that_no_timeline_has_are_refused(convert: Convert) -> None:
    write("in.mcap", start=2**63, messages=1)
    result = convert("in.mcap", "-o", "out.rrd")
    assert (result.rc, Path("out.rrd").exists()) == (1, False)
    assert (
        "in.mcap, entity /thing/a\\ b: a message's time, 9223372036854775808, is later than" in result.stderr
    )


def test_without_the_package_the_extra_is_named(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    write("in.mcap")
    monkeypatch.setitem(sys.modules, "mcap", None)
    result = convert("in.mcap", "-o", "out.rrd")
    assert (result.rc, result.stderr) == (
        2,
        "rrtool convert: in.mcap: reading MCAP needs the package mcap; pip install 'rrkit[mcap]'\n",
    )
