"""The frame around the verbs: help, exit codes, sizes, and what is imported when."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrsdk.errors import FormatError, UsageError
from rrsdk.quantity import parse_size
from rrtool import cli, group, options, streams
from rrtool.reference import reference
from tests.conftest import Result

README = Path(__file__).parents[2] / "README.md"
HEAVY = {
    "numpy",
    "pyarrow",
    "google.protobuf",
    "zmq",
    "grpc",
    "lz4",
    "zstandard",
    "msgpack",
    "importlib.metadata",
}

DEMO = Path(__file__).parents[2] / "fixtures/demo/car.rrd"
PLAIN = (
    "merge a.rrd -o b.rrd",
    "merge -o b.rrd a.rrd c.rrd",
    "merge a.rrd -o b.rrd c.rrd",
    "merge a.rrd c.rrd -o a.rrd",
)
NOT_PLAIN = (
    "merge -o b.rrd",
    "merge a.rrd -o -",
    "merge - -o b.rrd",
    "merge -q a.rrd -o b.rrd",
    "merge a.rrd -ob.rrd",
    "merge a.rrd --output b.rrd",
    "merge a.rrd -o b.rrd -o c.rrd",
    "merge a.rrd c.rrd -o",
    "merge -- a.rrd -o b.rrd",
    "filter a.rrd -o b.rrd",
)

Rrtool = Callable[..., Result]


# ---- help ----


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help_of_every_verb_has_an_example(rrtool: Rrtool, verb: str) -> None:
    done = rrtool(verb, "--help")
    assert (done.rc, done.stderr) == (0, "")
    assert re.search(rf"^ +(\S.*\| *)?rrtool {verb} \S", done.text, re.MULTILINE), "no example"
    assert max(len(line) for line in done.text.splitlines()) <= 110


@pytest.mark.parametrize("verb", cli.VERBS)
def test_readme_documents_every_verb_and_option(verb: str) -> None:
    text = README.read_text()
    assert f"`rrtool {verb}" in text or f"\nrrtool {verb} " in text
    command = group.cli.get_command(click.Context(group.cli), verb)
    assert command is not None
    names = {name for param in command.params for name in param.opts if name.startswith("--")}
    missing = {name for name in names if not re.search(rf"{name}(?![\w-])", text)}
    assert not missing, "say in README.md what these do"


def test_the_reference_is_that_of_the_commands() -> None:
    text = (README.parent / "rrtool/REFERENCE.md").read_text()
    assert text == reference(), "scripts/reference makes it anew"
    for verb in cli.VERBS:
        entry = text.partition(f"\n## rrtool {verb}\n")[2].partition("\n## ")[0]
        lines = re.findall(rf"^    (?:\S.*\| *)?rrtool {verb} \S.*", entry, re.MULTILINE)
        assert [line for line in lines if "[OPTIONS]" not in line], "no example"


def test_help_lists_every_verb_and_hides_aliases(rrtool: Rrtool) -> None:
    done = rrtool("--help")
    assert done.rc == 0
    for name, verb in cli.VERBS.items():
        assert re.search(rf"^ +{name} +{re.escape(verb.summary[:40])}", done.text, re.MULTILINE)
    assert "optimize" not in done.text


def test_an_alias_is_the_verb(rrtool: Rrtool) -> None:
    usage, *rest = rrtool("compact", "--help").text.splitlines()
    alias_usage, *alias_rest = rrtool("optimize", "--help").text.splitlines()
    assert alias_usage == usage.replace("compact", "optimize")
    assert alias_rest == rest


def test_every_summary_is_a_sentence() -> None:
    for verb in cli.VERBS.values():
        assert verb.summary.endswith(".")
        assert len(verb.summary) < 80


def test_version(rrtool: Rrtool) -> None:
    assert re.fullmatch(r"rrtool (\d+\.\d+\.\d+\S*|\(from a checkout .*\))\n", rrtool("--version").text)


# ---- completion ----


def completed(shell: str, words: str, last: int | str) -> list[str]:
    """What rrtool answers to a shell's function."""
    asked = {"_RRTOOL_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": str(last)}
    done = subprocess.run(
        [sys.executable, "-m", "rrtool"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_verbs_options_and_files_are_completed() -> None:
    assert completed("bash", "rrtool com", 1) == ["plain,compact", "plain,compare", "plain,completion"]
    assert completed("bash", "rrtool filter --keep", 2) == [
        "plain,--keep-entity",
        "plain,--keep-timeline",
        "plain,--keep-component",
    ]
    assert completed("bash", "rrtool merge dri", 2) == ["file,dri"]
    assert completed("bash", "rrtool completion f", 2) == ["plain,fish"]
    assert completed("bash", "rrtool checksum ", 2) == ["plain,add", "plain,check"]
    assert completed("zsh", "rrtool spl", 1)[:2] == ["plain", "split"]
    assert completed("fish", "rrtool spl", "spl")[0].startswith("plain,split\tCut a recording")


def test_completing_a_verb_imports_none() -> None:
    code = (
        "import sys\nfrom rrtool import cli\n"
        "try: cli.main()\n"
        "except SystemExit: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    asked = {"_RRTOOL_COMPLETE": "bash_complete", "COMP_WORDS": "rrtool s", "COMP_CWORD": "1"}
    env = {**os.environ, **asked}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert "plain,split" in done.stdout
    assert not set(done.stderr.splitlines()) & HEAVY
    assert "rrtool.commands." not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shells_function(rrtool: Rrtool, shell: str) -> None:
    done = rrtool("completion", shell)
    assert done.rc == 0
    assert f"_RRTOOL_COMPLETE={shell}_complete" in done.text


def test_bash_completes_with_it(rrtool: Rrtool, tmp_path: Path) -> None:
    """The function as bash runs it; `rrtool` is the one of this checkout."""
    script = tmp_path / "rrtool"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rrtool "$@"\n')
    script.chmod(0o755)
    words = (
        rrtool("completion", "bash").text
        + f'\nCOMP_WORDS=(rrtool spl); COMP_CWORD=1; _rrtool_completion "{script}"\n'
        + 'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("split\n", "")


# ---- colour ----


def test_headings_stand_out_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert streams.heading("car.rrd") == "car.rrd"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert streams.heading("car.rrd") == "\x1b[1mcar.rrd\x1b[0m"
    assert streams.heading("") == ""
    monkeypatch.setenv("TERM", "dumb")
    assert streams.heading("car.rrd") == "car.rrd"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert streams.heading("car.rrd") == "car.rrd"


# ---- imports ----


@pytest.mark.parametrize("args", [["--help"], [], ["nonsense"]])
def test_no_verb_no_heavy_import(args: list[str]) -> None:
    code = (
        "import sys\nfrom rrtool import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60)
    loaded = set(done.stderr.splitlines())
    assert "rrtool.cli" in loaded
    assert not loaded & HEAVY
    assert not [name for name in loaded if name.startswith("rrtool.commands.")]


def test_a_plain_merge_imports_no_click(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom rrtool import cli\n"
        "code = cli.run(sys.argv[1:])\nprint(code, 'click' in sys.modules)"
    )
    args = ["merge", DEMO, "-o", tmp_path / "out.rrd"]
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0 False\n", "")


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_merge_is_understood_as_click_does(line: str) -> None:
    args = line.split()
    plain = cli.plain_merge(args)
    command = group.cli.get_command(click.Context(group.cli), "merge")
    assert plain is not None
    assert command is not None
    params = command.make_context("merge", args[1:]).params
    assert (tuple(plain[0]), plain[1]) == (params.pop("inputs"), params.pop("output"))
    assert params == {"continue_on_error": False, "quiet": False, "jobs": options.available_cores()}


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_other_lines_are_left_to_click(line: str) -> None:
    assert cli.plain_merge(line.split()) is None


# ---- usage ----


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["mrege"], "did you mean merge?"),
        (["zzzzzz"], "there is merge, filter,"),
        (["--nonsense"], "--nonsense"),
        (["merge", "--nonsense"], "--nonsense"),
        (["compact", "--jobs", "0"], "--jobs"),
    ],
)
def test_wrong_usage_is_one_line_and_2(rrtool: Rrtool, args: list[str], expected: str) -> None:
    done = rrtool(*args)
    assert done.rc == 2
    assert done.stdout == b""
    assert done.stderr.startswith("rrtool")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_verb_shows_help_and_2(rrtool: Rrtool) -> None:
    done = rrtool()
    assert (done.rc, done.stdout) == (2, b"")
    assert "merge" in done.stderr


# ---- exit codes: a verb that ends in every way there is ----


@pytest.fixture
def verb_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], int | None]], int]:
    def run(body: Callable[[], int | None]) -> int:
        monkeypatch.setattr(group.VerbGroup, "get_command", lambda *_: click.Command("merge", callback=body))
        return cli.run(["merge"])

    return run


def raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(("value", "code"), [(None, 0), (0, 0), (streams.EXIT_LOSS, 3)])
def test_a_verb_returns_its_exit_code(verb_that, value: int | None, code: int) -> None:
    assert verb_that(lambda: value) == code


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            FormatError("not a recording", source="a.rrd", offset=7),
            1,
            "rrtool merge: a.rrd, byte 7: not a recording",
        ),
        (UsageError("use\n-o"), 2, "rrtool merge: use -o"),
        (FileNotFoundError(2, "No such file", "a.rrd"), 1, "rrtool merge: a.rrd: No such file"),
        (OSError(28, "No space left on device"), 1, "rrtool merge: No space left on device"),
        (MemoryError(), 1, "rrtool merge: out of memory; fewer --jobs need less"),
        (KeyboardInterrupt(), 130, "rrtool merge: interrupted"),
        (
            KeyError("k"),
            1,
            "rrtool merge: KeyError: 'k'; this is a bug in rrtool, RRTOOL_TRACEBACK=1 shows where",
        ),
        (BrokenPipeError(32, "Broken pipe"), 0, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_errors_become_one_line(verb_that, capsys, monkeypatch, error, code: int, line: str | None) -> None:
    monkeypatch.setattr(cli, "_forget_stdout", lambda: None)
    assert verb_that(raising(error)) == code
    assert capsys.readouterr().err == ("" if line is None else line + "\n")


def test_traceback_on_request(verb_that, capsys, monkeypatch) -> None:
    monkeypatch.setenv("RRTOOL_TRACEBACK", "1")
    assert verb_that(raising(KeyError("k"))) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def run_python(code: str, **kwargs) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, **kwargs)


HELP = "from rrtool.cli import main; main(['--help'])"


def test_a_closed_pipe_ends_quietly() -> None:
    """As with `rrtool … | head`, and the last flush must not complain either."""
    ours, theirs = os.pipe()
    os.close(ours)
    process = run_python(HELP, stdout=theirs)
    os.close(theirs)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line() -> None:
    with open("/dev/full", "wb") as full:
        process = run_python(HELP, stdout=full)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert stderr == b"rrtool: No space left on device\n"


# ---- options ----


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ("1024B", 1024),
        ("2MiB", 2 << 20),
        ("512KiB", 512 << 10),
        ("1GB", 10**9),
        ("1.5 kB".replace(" ", ""), 1500),
        ("0.5gib", 1 << 29),
        (" 3TiB ", 3 << 40),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1", "1 000", "1iB", "2XB", "1e9", "²", "1.MiB"])
def test_not_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="2MiB"):
        parse_size(text)


@given(st.integers(0, 1 << 50), st.sampled_from(["KiB", "MiB", "GiB"]))
def test_whole_sizes_are_exact(number: int, unit: str) -> None:
    assert parse_size(f"{number}{unit}") == number << {"K": 10, "M": 20, "G": 30}[unit[0]]


@given(st.text())
def test_any_text_is_a_size_or_a_value_error(text: str) -> None:
    try:
        assert parse_size(text) >= 0
    except ValueError:
        pass


@click.command()
@options.reads_recordings
@options.writes_recording
@options.tolerates_errors
@options.shared_options
@click.option("--max-size", type=options.SIZE, default="2MiB")
def probe(**values: object) -> None:
    click.echo(repr(values))


def parsed(*args: str) -> dict[str, object]:
    with probe.make_context("probe", list(args)) as ctx:
        return ctx.params


def test_defaults() -> None:
    values = parsed()
    assert values["inputs"] == ("-",)
    assert values["output"] is None
    assert values["continue_on_error"] is values["quiet"] is False
    assert values["jobs"] == options.available_cores() >= 1
    assert values["max_size"] == 2 << 20


def test_shared_options_are_read() -> None:
    values = parsed("a", "b", "-o", "c", "-q", "--jobs", "3", "--continue-on-error", "--max-size", "1kB")
    assert values["inputs"] == ("a", "b")
    assert (values["output"], values["jobs"], values["max_size"]) == ("c", 3, 1000)
    assert values["continue_on_error"] is values["quiet"] is True


def test_a_dash_is_standard_output_and_input_once() -> None:
    assert parsed("-", "-o", "-")["output"] is None
    with pytest.raises(UsageError, match="only once"):
        parsed("-", "-")


def test_terminals_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    streams.refuse_terminal("out.rrd")
    with pytest.raises(UsageError, match="-o FILE"):
        streams.refuse_terminal(None)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with pytest.raises(UsageError, match="no input"):
        parsed()
