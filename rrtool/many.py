"""One verb over many recordings: directories are mirrored, files changed in place, several at a time.

A verb over many files is a list of tasks that can be pickled, behind an executor; one output is made here.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from rrsdk.errors import FormatError, OutputError, RrError, UsageError
from rrtool.streams import EXIT_LOSS, STDIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

SUFFIXES = (".rrd", ".rbl")
"""What is taken of a directory."""


class Job(NamedTuple):
    """What a verb does to make one output; a function of a module, so that another process can find it."""

    verb: str
    run: Callable[..., int]
    """`run(inputs, output, *, jobs, quiet, dry_run, continue_on_error, **options) -> exit code`"""
    options: dict[str, Any]
    """Those of the verb alone."""


class Task(NamedTuple):
    """One output, and what it is made of."""

    inputs: tuple[str, ...]
    output: str | None


def over_many(
    job: Job,
    inputs: tuple[str, ...],
    output: str | None,
    *,
    in_place: bool = False,
    is_folder: bool = False,
    dry_run: bool = False,
    continue_on_error: bool = False,
    quiet: bool = False,
    jobs: int = 1,
) -> int:
    """Run a job for one output, or for each of many; returns the exit code.

    With `in_place` each file is its own output. Where an input is a directory, or the output is one (with
    `is_folder` it is, and is made), each recording gets its own output, at the same place under the
    output as it has under the directory.
    """
    tasks = planned(inputs, output, in_place=in_place, is_folder=is_folder)
    shared = {"quiet": quiet, "dry_run": dry_run, "continue_on_error": continue_on_error}
    if tasks is None:
        return job.run(inputs, output, jobs=jobs, **shared, **job.options)
    if not dry_run:
        for folder in sorted({os.path.dirname(task.output) for task in tasks if task.output}):
            _make_folder(folder)
    several = min(jobs, len(tasks))
    work = partial(_do, job, {"jobs": max(jobs // several, 1), **shared, **job.options})
    code = 0
    for said in _each(work, tasks, several):
        sys.stdout.write(said.printed)
        sys.stderr.write(said.warned)
        if said.line:
            sys.stderr.write(f"rrtool {job.verb}: {said.line}\n")
            if not continue_on_error:
                return said.code
            said = said._replace(code=EXIT_LOSS)
        code = max(code, said.code)
    return code


def planned(
    inputs: tuple[str, ...], output: str | None, *, in_place: bool, is_folder: bool = False
) -> list[Task] | None:
    """The outputs to make, where there may be many; None where all inputs become one output."""
    if in_place:
        if output is not None:
            raise UsageError("--in-place writes each input back; it does not go with -o")
        if STDIN in inputs:
            raise UsageError("--in-place wants files; standard input has no place")
        tasks = [Task((path,), path) for path, _ in _files(inputs)]
    elif is_folder or any(name != STDIN and os.path.isdir(name) for name in inputs) or _is_folder(output):
        if output is None:
            raise UsageError("an input is a directory: name one with -o, in which it is mirrored")
        if os.path.isfile(output):
            why = "" if is_folder else "an input is a directory, and "
            raise UsageError(f"{why}{output} is a file; name a directory with -o")
        if STDIN in inputs and not is_folder:
            raise UsageError("standard input has no name to write it under; name a file with -o")
        tasks = [Task((path,), os.path.join(output, below)) for path, below in _files(inputs)]
    else:
        return None
    if not tasks:
        raise FormatError(
            f"is a directory without recordings ({', '.join(SUFFIXES)})", source=", ".join(inputs)
        )
    targets: dict[str, str] = {}
    for task in tasks:
        assert task.output is not None
        other = targets.setdefault(os.path.abspath(task.output), task.inputs[0])
        if other != task.inputs[0]:
            raise UsageError(f"{other} and {task.inputs[0]} would both be written to {task.output}")
    return tasks


def recordings_in(inputs: tuple[str, ...]) -> tuple[str, ...]:
    """The inputs, of directories all recordings below, for verbs that only report."""
    found = tuple(path for path, _ in _files(inputs))
    if not found:
        raise FormatError(
            f"is a directory without recordings ({', '.join(SUFFIXES)})", source=", ".join(inputs)
        )
    return found


def _is_folder(output: str | None) -> bool:
    return output is not None and (output.endswith(os.sep) or os.path.isdir(output))


def _files(inputs: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each recording, and where it goes below an output directory; folders in the order of names."""
    for name in inputs:
        if name == STDIN:
            yield name, "stdin"
            continue
        if not os.path.isdir(name):
            yield name, os.path.basename(name)
            continue
        for folder, folders, files in os.walk(name):
            folders.sort()
            for file in sorted(files):
                if file.endswith(SUFFIXES) and not file.startswith("."):
                    path = os.path.join(folder, file)
                    yield path, os.path.relpath(path, name)


def _make_folder(folder: str) -> None:
    if not folder:
        return
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", source=folder) from error


class _Said(NamedTuple):
    code: int
    line: str
    """What went wrong; empty where nothing did."""
    printed: str
    warned: str


def _do(job: Job, options: dict[str, Any], task: Task) -> _Said:
    """Do one task. What it prints, and an error of its input or output, may come from another process."""
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as warned:
        try:
            code, line = job.run(task.inputs, task.output, **options), ""
        except RrError as error:
            code, line = error.exit_code, str(error)
    return _Said(code, line, printed.getvalue(), warned.getvalue())


def _each(work: Callable[[Task], _Said], tasks: list[Task], several: int) -> Iterator[_Said]:
    """What came of each task, in order."""
    if several <= 1:
        yield from map(work, tasks)
        return
    from concurrent.futures.process import BrokenProcessPool

    pool = _processes(several)
    try:
        yield from pool.map(work, tasks)
    except BrokenProcessPool:
        raise OutputError(
            "a process that worked on it was killed", hint="fewer --jobs need less memory"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _processes(count: int) -> Executor:
    """Processes that begin as this one is: nothing has to be imported again where a process can fork."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else None
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context(method))
