"""rrtool print --json and --footers beside the real reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import Result
from tests.tool.printed import by_kind, chunks_of, json_lines, odd_values

pytest.importorskip("rerun")


Rrtool = Callable[..., Result]


@pytest.mark.parametrize("name", ["rich", "blueprint", "many"])
def test_json_is_what_the_reader_says(rrtool: Rrtool, made, name: str) -> None:
    objects = json_lines(rrtool("print", "--json", made[name]))
    assert objects[0] == {"type": "file", "path": str(made[name])}
    found = {one["id"]: one for one in objects if one["type"] == "chunk"}
    chunks = chunks_of(made[name])
    assert found.keys() == chunks.keys()
    for chunk_id, batch in chunks.items():
        one = found[chunk_id]
        indexes = by_kind(batch, b"index")
        assert one["entity"] == batch.schema.metadata[b"rerun:entity_path"].decode()
        assert (one["rows"], one["static"]) == (batch.num_rows, not indexes)
        assert sorted(one["components"]) == sorted(by_kind(batch, b"data"))
        assert one["timelines"].keys() == indexes.keys()
        for timeline, times in indexes.items():
            numbers = times.cast(pa.int64()).to_numpy()
            assert one["timelines"][timeline]["start"] == numbers.min()
            assert one["timelines"][timeline]["end"] == numbers.max()
        assert one["bytes_uncompressed"] > one["bytes"] / 2 > 0


def test_json_of_stores(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", made["blueprint"]))
    kinds = {one["store"]["kind"] for one in objects if one["type"] == "store_info"}
    assert kinds == {"recording", "blueprint"}
    (activation,) = [one for one in objects if one["type"] == "blueprint_activation"]
    assert (activation["make_active"], activation["make_default"]) == (False, True)
    stores = {one["store"]["recording_id"] for one in objects if one["type"] == "chunk"}
    assert len(stores) == 2
    assert "with_blueprint" in stores


def test_json_with_values(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", "-vvv", made["rich"]))
    found = {one["id"]: one["columns"] for one in objects if one["type"] == "chunk"}
    for chunk_id, batch in chunks_of(made["rich"]).items():
        for field, column in zip(batch.schema, batch.columns):
            if pa.types.is_temporal(field.type):
                column = column.cast(pa.int64())
            expected = json.loads(json.dumps(column.to_pylist(), default=lambda value: value.hex()))
            assert found[chunk_id][field.name] == json.loads(json.dumps(expected)), field.name


def test_json_has_no_numbers_that_json_has_not(rrtool: Rrtool, tmp_path: Path) -> None:
    path = tmp_path / "odd.rrd"
    odd_values(path)
    for line in rrtool("print", "--json", "-vvv", path).text.splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_json_with_schemas(rrtool: Rrtool, made) -> None:
    objects = json_lines(rrtool("print", "--json", "-vv", made["many"]))
    (schema, *_) = [one["schema"] for one in objects if one.get("entity") == "/shared"]
    assert schema["TextLog:text"]["type"] == "List(Utf8)"
    assert schema["TextLog:text"]["metadata"]["rerun:component_type"] == "rerun.components.Text"


@pytest.mark.parametrize("options", [[], ["--json"], ["--continue-on-error"]])
def test_footers_of_a_pipe_are_the_files(rrtool: Rrtool, made, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "two.rrd"
    path.write_bytes(made["many"].read_bytes() + made["rich"].read_bytes())

    def shown(text: str) -> list[str]:
        start = next(
            at for at, line in enumerate(text.splitlines()) if line.startswith(('{"type":"footer', "┌"))
        )
        return text.splitlines()[start:]

    from_file = rrtool("print", "--footers", *options, path)
    from_pipe = rrtool("print", "--footers", *options, stdin=path.read_bytes())
    assert from_file.rc == from_pipe.rc == 0
    assert shown(from_pipe.text) == shown(from_file.text)
    assert "no footer" in rrtool("print", "--footers", stdin=made["bare"].read_bytes()).text


@pytest.mark.parametrize("options", [["--footers"], ["--footers", "--json"]])
def test_footers(rrtool: Rrtool, made, options: list[str]) -> None:
    text = rrtool("print", *options, made["many"]).text
    if "--json" in options:
        footers = [one for one in map(json.loads, text.splitlines()) if one["type"] == "footer"]
        chunks = [one for one in map(json.loads, text.splitlines()) if one["type"] == "chunk"]
        rows = [row for footer in footers for row in footer["chunks"]]
        assert {(row["id"], row["bytes"]) for row in rows} == {(one["id"], one["bytes"]) for one in chunks}
        assert len(footers) == 3
    else:
        assert text.count("FixedSizeBinary(16)") == 3
        assert "no footer" in rrtool("print", "--footers", made["bare"]).text
