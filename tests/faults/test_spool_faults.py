"""Schedules of what fails around a spool, by seed: nothing durable is lost, nothing comes twice or out of order.

scripts/test runs a few of them, scripts/campaign five hundred. Again with one: RRKIT_SEED and the test's name.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.spool_local import KINDS, LocalWorld

SEED = os.environ.get("RRKIT_SEED", "1")
IS_CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"
LOCAL = int(os.environ.get("RRKIT_SPOOL_SCHEDULES", "440" if IS_CAMPAIGN else "16"))


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(LOCAL))
def test_disk_and_power(number: int, tmp_path: Path, rerun_binary: Path) -> None:
    """A broker in this process, on a disk that fails, loses its power, or sees its user die."""
    LocalWorld(f"{SEED} {number}", KINDS[number % len(KINDS)], tmp_path / "spool").run(rerun_binary)
