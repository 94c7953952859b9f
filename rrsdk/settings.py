"""Everything the environment can set, in one place."""

from __future__ import annotations

import os

from rrsdk.errors import UsageError

CHUNK_MAX_BYTES = "RERUN_CHUNK_MAX_BYTES"
CHUNK_MAX_ROWS = "RERUN_CHUNK_MAX_ROWS"
CHUNK_MAX_ROWS_IF_UNSORTED = "RERUN_CHUNK_MAX_ROWS_IF_UNSORTED"
FLUSH_TICK_SECS = "RERUN_FLUSH_TICK_SECS"
FLUSH_NUM_BYTES = "RERUN_FLUSH_NUM_BYTES"
FLUSH_NUM_ROWS = "RERUN_FLUSH_NUM_ROWS"
ENABLED = "RERUN"
STRICT = "RERUN_STRICT"
LOG_TIME = "RERUN_LOG_TIME"
LOG_TICK = "RERUN_LOG_TICK"
FORCE_SAVE = "_RERUN_TEST_FORCE_SAVE"
RUN_ID = "RRSDK_RUN_ID"
START = "RRSDK_START"
KEYS = "RRSDK_KEYS"
BROKER_KEY = "RRSDK_BROKER_KEY"

_ON, _OFF = ("1", "true", "on", "yes"), ("0", "false", "off", "no")


def integer(name: str) -> int | None:
    """The whole number that an environment variable holds, or None where it is not set."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise UsageError(f"environment variable {name} must be a whole number, not {text!r}")
    return value


def seconds(name: str) -> float | None:
    """The number of seconds that an environment variable holds, or None where it is not set."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e9:
        raise UsageError(f"environment variable {name} must be a number of seconds, not {text!r}")
    return value


def switch(name: str, default: bool) -> bool:
    """Whether an environment variable says on or off; `default` where it says neither."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in _ON + _OFF:
        raise UsageError(f"environment variable {name} must be on or off, not {text!r}")
    return text in _ON


def forced_save() -> str | None:
    """The file that every recording is to go to, whatever the program says; for tests of programs."""
    return os.environ.get(FORCE_SAVE) or None


def run_id() -> str | None:
    """What all processes of one start share, where a launcher says so: theirs is one recording."""
    own = os.environ.get(RUN_ID, "").strip()
    if own:
        return own
    torch = os.environ.get("TORCHELASTIC_RUN_ID", "").strip()
    if torch and torch != "none":  # what torchrun says where no id was given: the same for every start
        restart = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0").strip()
        return f"{torch}.{restart}" if restart not in ("", "0") else torch
    job, step = os.environ.get("SLURM_JOB_ID", "").strip(), os.environ.get("SLURM_STEP_ID", "").strip()
    if job and step:
        return f"slurm-{job}.{step}.{os.environ.get('SLURM_RESTART_COUNT', '0').strip() or '0'}"
    return None


def launch() -> str | None:
    """What all processes of one launch share and no other launch has, where whoever launched them says so."""
    own = os.environ.get(START, "").strip()
    if own:
        return own
    if os.environ.get("TORCHELASTIC_RUN_ID", "").strip():
        names = ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT")
        parts = [os.environ.get(name, "").strip() for name in names]
        if os.environ.get("LOCAL_WORLD_SIZE", "") == os.environ.get("WORLD_SIZE", "-"):
            parts.append(
                str(os.getppid())
            )  # all on one machine: address and port may be those of every launch
        return " ".join(("torch", *parts))
    job, step = os.environ.get("SLURM_JOB_ID", "").strip(), os.environ.get("SLURM_STEP_ID", "").strip()
    if job and step:
        return f"slurm {job} {step} {os.environ.get('SLURM_RESTART_COUNT', '').strip() or '0'}"
    return None


def keys_folder() -> str:
    """Where this user's keys are."""
    own = os.environ.get(KEYS, "").strip()
    if own:
        return own
    base = os.environ.get("XDG_CONFIG_HOME", "").strip()
    if not base and os.name == "nt":
        base = os.environ.get("APPDATA", "").strip()
    return os.path.join(base or os.path.join(os.path.expanduser("~"), ".config"), "rrkit")


def broker_key() -> str | None:
    """The public key of whatever broker is connected to and has no key in its URL."""
    return os.environ.get(BROKER_KEY, "").strip() or None


def rank() -> tuple[int, int] | None:
    """Which of how many processes this is, as torchrun or Slurm say it."""
    for one, all_of_them in (("RANK", "WORLD_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS")):
        try:
            return int(os.environ[one]), int(os.environ[all_of_them])
        except (KeyError, ValueError):
            continue
    return None
