"""Recordings that the real SDK makes during the run: a lazy store finds what the real reader finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rrsdk.stores import open_stores
from tests import recordings
from tests.interop import peer
from tests.sdk.chunk_files import numbers


@pytest.mark.parametrize(
    "make", [recordings.rich, recordings.blueprint, recordings.many_stores, recordings.small]
)
def test_each_chunk_is_the_one_that_the_real_reader_finds(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "in.rrd"
    make(path)
    stores = open_stores(path, budget_bytes=5000)
    expected = peer.stores(path)
    named = {
        (str(store.kind.name).lower(), store.application_id, store.recording_id): store for store in stores
    }
    assert named.keys() == expected.keys()
    for name, store in named.items():
        lazy = stores[store]
        found = {str(lazy.open(number).chunk.id): lazy.open(number).chunk for number in numbers(lazy)}
        theirs = {chunk.removeprefix("chunk_"): batch for chunk, batch in peer.read(path, name).items()}
        assert {key.lower() for key in found} == {key.lower() for key in theirs}
        by_id = {key.lower(): batch for key, batch in theirs.items()}
        for key, chunk in found.items():
            batch = by_id[key.lower()]
            assert chunk.to_record_batch().columns == batch.columns, chunk
        lazy.close()


def test_without_a_footer(tmp_path: Path) -> None:
    """The same recording by its footer and by its messages: made anew, so that ids may differ."""
    recordings.rich(tmp_path / "with.rrd")
    recordings.rich(tmp_path / "without.rrd", footer=False)
    described = []
    for name in ("with.rrd", "without.rrd"):
        ((store, lazy),) = open_stores(tmp_path / name).items()
        assert store.recording_id == "rich"
        schema = lazy.schema()
        described.append((schema.timelines, schema.components, schema.timelines_of, len(lazy)))
        lazy.close()
    assert described[0] == described[1]
