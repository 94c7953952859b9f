"""Every verb there is, with the arguments that make it do its work on one file."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from rrtool import cli


class Call(NamedTuple):
    """One way to call a verb; `writes` where it takes `-o`."""

    label: str
    args: tuple[str, ...]
    writes: bool

    @property
    def verb(self) -> str:
        return self.args[0]


_CALLS = (
    Call("merge", ("merge",), True),
    Call("filter-entity", ("filter", "--drop-entity", "/nothing/like/it"), True),
    Call("filter-timeline", ("filter", "--drop-timeline", "log_time"), True),
    Call("filter-time", ("filter", "--time", "frame:0..3"), True),
    Call("compact", ("compact",), True),
    Call("cat", ("cat",), True),
    Call("checksum-add", ("checksum", "add"), True),
    Call("info", ("info",), False),
    Call("route", ("route", "--recording-id", "r"), True),
    Call("rename", ("rename", "--entity", "/=/all", "--timeline", "log_time=t"), True),
    Call("migrate", ("migrate",), True),
    Call("print", ("print",), False),
    Call("print-vvv", ("print", "-vvv"), False),
    Call("print-json", ("print", "--json"), False),
    Call("stats", ("stats",), False),
    Call("stats-no-decode", ("stats", "--no-decode"), False),
    Call("verify", ("verify",), False),
    Call("verify-deep", ("verify", "--deep"), False),
)


def _is_there(verb: str) -> bool:
    return importlib.util.find_spec(f"rrtool.commands.{cli.VERBS[verb].module}") is not None


CALLS = [call for call in _CALLS if _is_there(call.verb)]
TOLERANT = [call for call in CALLS if call.verb != "verify"]
"""Those that know --continue-on-error. To say what is broken is all that verify is for."""

EVERY = pytest.mark.parametrize("call", CALLS, ids=[call.label for call in CALLS])
EVERY_TOLERANT = pytest.mark.parametrize("call", TOLERANT, ids=[call.label for call in TOLERANT])
DECODES = ("print-vvv", "verify", "verify-deep", "compact", "checksum-add")
"""Those that look into every chunk, whatever the footer says."""


class Ended(NamedTuple):
    """How a verb ended that ran in this process."""

    code: int
    out: bytes
    err: str


def run_here(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> Ended:
    """Run the command in this process, many times faster than in one of its own."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = cli.run([os.fspath(arg) for arg in args])
    return Ended(code, out.buffer.getvalue(), err.getvalue())  # type: ignore[attr-defined]


Runner = Callable[..., Ended]
