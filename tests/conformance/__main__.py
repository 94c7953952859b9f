"""Runs the snippets of Rerun's documentation with both SDKs and compares what they record."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tomllib

from tests.conformance.compare import chunks_agree, difference

HERE = Path(__file__).resolve().parent
LIMIT_S = 60
ENVIRONMENT = {
    # So that both make the same chunks: each call waits for the next flush.
    "RERUN_FLUSH_NUM_ROWS": "0",
    "RERUN_FLUSH_TICK_SECS": "100000",
    "PYTHONPATH": str(HERE.parent.parent),
    "PYTHONDONTWRITEBYTECODE": "1",
}
STAND_INS = {"encoded_depth_image.rvl": "docs/snippets/src/snippets/encoded_depth.png"}
"""For inputs that a checkout without large files does not have."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One program."""

    name: str
    path: Path
    arguments: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went."""

    snippet: Snippet
    verdict: str
    """`same`, `rows`, `differs`, `fails`, `random`, or `not run`."""
    why: str = ""


def snippets(checkout: Path) -> list[Snippet]:
    """All programs of the documentation, with the arguments that its configuration names."""
    folder = checkout / "docs" / "snippets"
    extra = tomllib.loads((folder / "snippets.toml").read_text()).get("extra_args", {})
    found = []
    for path in sorted((folder / "all").rglob("*.py")):
        name = path.relative_to(folder / "all").with_suffix("").as_posix()
        arguments = []
        for text in extra.get(name, []):
            given = Path(text.replace("$config_dir", str(folder))).resolve()
            if given.name in STAND_INS and (not given.exists() or given.stat().st_size < 200):
                given = checkout / STAND_INS[given.name]
            arguments.append(str(given))
        if path.name != "__init__.py":
            found.append(Snippet(name, path, arguments))
    return found


def run(snippet: Snippet, sdk: str, output: Path) -> str:
    """Runs it; returns what went wrong."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    command = [sys.executable, str(HERE / "program.py"), sdk, str(snippet.path), *snippet.arguments]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **ENVIRONMENT, "_RERUN_TEST_FORCE_SAVE": str(output)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"not done after {LIMIT_S} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    return "" if output.exists() else "nothing was recorded"


def reference(snippet: Snippet, folder: Path) -> str:
    """The real SDK's recording, made twice; what is wrong with it is remembered beside it."""
    said = folder / f"{snippet.name}.txt"
    if not said.exists():
        first, second = folder / f"{snippet.name}.rrd", folder / f"{snippet.name}.again.rrd"
        absent = [one for one in snippet.arguments if not Path(one).exists()]
        wrong = f"{absent[0]} is not there" if absent else run(snippet, "rerun", first)
        if wrong:
            text = f"not run: {wrong}"
        else:
            text = run(snippet, "rerun", second) or difference(first, second)
            text = f"random: {text}" if text else ""
        said.parent.mkdir(parents=True, exist_ok=True)
        said.write_text(text)
    return said.read_text()


def outcome(snippet: Snippet, folder: Path) -> Outcome:
    """Runs it with both, and compares."""
    wrong = reference(snippet, folder / "theirs")
    if wrong:
        verdict, _, why = wrong.partition(": ")
        return Outcome(snippet, verdict, why)
    theirs, ours = (folder / sdk / f"{snippet.name}.rrd" for sdk in ("theirs", "ours"))
    why = run(snippet, "rrsdk", ours)
    if why:
        return Outcome(snippet, "fails", why)
    different = difference(theirs, ours)
    agree, text = chunks_agree(theirs, ours)
    if different:
        return Outcome(snippet, "differs", different)
    return Outcome(snippet, "same" if agree else "rows", "" if agree else (text.splitlines() or [""])[-1])


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Reports each snippet, then the numbers; exit 1 where one fails or differs."""
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=__doc__)
    parser.add_argument(
        "checkout",
        type=Path,
        nargs="?",
        default=os.environ.get("RRKIT_RERUN_CHECKOUT"),
        help="a checkout of github.com/rerun-io/rerun, outside this one (or RRKIT_RERUN_CHECKOUT)",
    )
    parser.add_argument("--only", default="", help="snippets whose name holds this")
    parser.add_argument("--keep", type=Path, help="where recordings are kept; the real SDK's are made once")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    if arguments.checkout is None:
        parser.error("name a checkout of Rerun's repository")
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(arguments.jobs) as pool:
        folder = (arguments.keep or Path(temporary)).resolve()
        chosen = [one for one in snippets(arguments.checkout.resolve()) if arguments.only in one.name]
        found = []
        for one in pool.map(lambda snippet: outcome(snippet, folder), chosen):
            found.append(one)
            say(f"{one.verdict:8}{one.snippet.name}{one.why and ': ' + one.why}")
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in VERDICTS}
    asked = len(found) - counts["not run"] - counts["random"]
    say(
        f"\nof {len(found)} snippets the real SDK runs {len(found) - counts['not run']} here, "
        f"{asked} of them the same way twice;\nof those {counts['same']} agree chunk by chunk, "
        f"{counts['same'] + counts['rows']} by rows, {counts['differs']} differ, {counts['fails']} fail"
    )
    raise SystemExit(counts["differs"] + counts["fails"] > 0)


VERDICTS = ("same", "rows", "differs", "fails", "random", "not run")

if __name__ == "__main__":
    main()
