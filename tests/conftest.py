"""What every area of the tests shares: Hypothesis profiles, our command, the compiled Rerun."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import hypothesis.core
import pytest

SEED = os.environ.get("RRKIT_SEED")

# The same examples at each run, unless RRKIT_SEED asks for others: a build that fails must fail again.
# No deadline: these machines are shared.
hypothesis.settings.register_profile("ci", derandomize=SEED is None, deadline=None, print_blob=True)
# For hours, by scripts/campaign.
hypothesis.settings.register_profile(
    "campaign",
    derandomize=SEED is None,
    deadline=None,
    print_blob=True,
    max_examples=5000,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
if SEED is not None:
    hypothesis.core.global_force_seed = int(SEED)


@dataclass(frozen=True)
class Result:
    """How a program ended."""

    rc: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """What it wrote to stdout, for those that write text."""
        return self.stdout.decode()


@pytest.fixture(scope="session")
def rrtool() -> Callable[..., Result]:
    """`rrtool("merge", path, stdin=b"…")` runs the command in a process of its own."""

    def run(
        *args: str | Path,
        stdin: bytes = b"",
        timeout_s: float = 60.0,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
    ) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "rrtool", *map(str, args)],
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            cwd=cwd,
            env={**os.environ, **(env or {})},
        )
        return Result(done.returncode, done.stdout, done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def rerun_binary() -> Path:
    """The compiled Rerun itself: the script that pip installs starts a Python first."""
    spec = importlib.util.find_spec("rerun_cli")
    if spec is None or spec.origin is None:
        pytest.skip("rerun-sdk is not installed (it has no wheel for Python 3.10)")
    name = "rerun.exe" if sys.platform == "win32" else "rerun"
    binary = Path(spec.origin).with_name(name)
    assert binary.is_file(), f"rerun-sdk is installed without its program: {binary} is missing"
    return binary
