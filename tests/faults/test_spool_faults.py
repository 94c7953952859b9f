"""What fails around a spool, by seed: nothing durable is lost, nothing comes twice or out of order.

scripts/test runs twenty schedules, scripts/campaign five hundred. Again with one: RRKIT_SEED and the
test's name.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.spool_local import KINDS, LocalWorld
from tests.faults.spool_world import ProcessWorld

SEED = os.environ.get("RRKIT_SEED", "1")
IS_CAMPAIGN = os.environ.get("HYPOTHESIS_PROFILE") == "campaign"
PROCESSES = int(os.environ.get("RRKIT_SPOOL_PROCESSES", "60" if IS_CAMPAIGN else "2"))
LOCAL = int(os.environ.get("RRKIT_SPOOL_SCHEDULES", "440" if IS_CAMPAIGN else "18"))


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(LOCAL))
def test_disk_and_power(number: int, tmp_path: Path, rerun_binary: Path) -> None:
    """A broker in this process, on a disk that fails, loses its power, or sees its user die."""
    LocalWorld(f"{SEED} {number}", KINDS[number % len(KINDS)], tmp_path / "spool").run(rerun_binary)


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(PROCESSES))
def test_processes_and_network(number: int, tmp_path: Path, rerun_binary: Path) -> None:
    """`rrtool serve --spool` behind a bad network: killed, stopped, hung, as are its producers."""
    ProcessWorld(f"{SEED} {number}", tmp_path).run(rerun_binary)
