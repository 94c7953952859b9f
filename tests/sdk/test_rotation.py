"""When a part ends, as people write it, and what parts are called."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rrsdk.errors import UsageError
from rrsdk.sinks.rotation import Rotate, first_free_number, parse_rotate, part_path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (None, None),
        (1_000_000, Rotate(size_bytes=1_000_000)),
        ("1GiB", Rotate(size_bytes=1 << 30)),
        ("500MB", Rotate(size_bytes=500_000_000)),
        ("1.5 GiB", Rotate(size_bytes=3 << 29)),
        ("90s", Rotate(age_s=90)),
        ("10min", Rotate(age_s=600)),
        ("1.5h", Rotate(age_s=5400)),
        (timedelta(days=1), Rotate(age_s=86400)),
        (Rotate(age_s=1), Rotate(age_s=1)),
    ],
)
def test_sizes_and_times(written: int | str | timedelta | None, meant: Rotate | None) -> None:
    assert parse_rotate(written) == meant


@pytest.mark.parametrize(
    "written", ["", "5m", "5M", "often", "-1", -1, 0, "0s", "100", timedelta(0), True, 1.5]
)
def test_what_is_neither_is_refused(written: object) -> None:
    with pytest.raises(UsageError, match="rotate="):
        parse_rotate(written)  # type: ignore[arg-type]


def test_names_of_parts(tmp_path: Path) -> None:
    path = str(tmp_path / "run.a.rrd")
    assert [part_path(path, number) for number in (1, 2, 12345)] == [
        path,
        str(tmp_path / "run.a.0002.rrd"),
        str(tmp_path / "run.a.12345.rrd"),
    ]
    assert first_free_number(path) == 2
    for number in (2, 3, 5):
        Path(part_path(path, number)).touch()
    assert (first_free_number(path), first_free_number(path, 4)) == (4, 6)
