"""Rows of recordings as the real reader has them, and both filters as functions."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from rrtool import cli

Row = dict[str, Any]
Rows = dict[tuple[str, bytes], Row]
"""By entity and row id: the times as integers and the components that are not null."""


def rows(path: Path) -> dict[str, Rows]:
    """Everything in a file, by store, as the real reader has it."""
    from rerun.chunk import RrdReader

    reader = RrdReader(path)
    found: dict[str, Rows] = {}
    for store in (*reader.recordings(), *reader.blueprints()):
        mine = found.setdefault(store.recording_id, {})
        for chunk in reader.stream(store=store):
            batch = chunk.to_record_batch()
            columns: dict[str, list[Any]] = {}
            for name, column in zip(batch.schema.names[1:], batch.columns[1:]):
                kind = batch.schema.field(name).metadata[b"rerun:kind"]
                columns[name] = (column.cast("int64") if kind == b"index" else column).to_pylist()
            for number, row_id in enumerate(batch.column(0).to_pylist()):
                values = {
                    name: column[number] for name, column in columns.items() if column[number] is not None
                }
                key = (chunk.entity_path, row_id)
                assert key not in mine, "a row is there twice"
                mine[key] = values
    return found


def run(*args: str | Path) -> int:
    """The verb in this process."""
    return cli.run(["filter", *map(str, args)])


def real(binary: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, "rrd", *map(str, args)], capture_output=True, text=True, timeout=60)


def accept(binary: Path, path: Path) -> None:
    done = real(binary, "verify", path)
    assert done.returncode == 0, done.stderr + done.stdout
