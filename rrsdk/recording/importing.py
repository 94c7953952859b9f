"""Logs what is in files: `log_file_from_path` and `log_file_from_contents`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rrsdk.components.strictness import complain, warn_at_caller
from rrsdk.errors import LogError, RrError
from rrsdk.importers import File
from rrsdk.importers.importing import entity_of, files_at, imported
from rrsdk.message import Activation, ChunkMsg, StoreInfo
from rrsdk.recording.columns import send_chunks

if TYPE_CHECKING:
    from rrsdk.importers import Imported
    from rrsdk.recording.core import Core


def log_path(stream: Core, path: Any, prefix: str | None) -> None:
    """Log a file, or all files of a folder, each whole or not at all."""
    if not stream.enabled:
        return
    wrong: list[RrError] = []
    try:
        names = files_at(_text(path))
        for name in names:
            try:
                _log(stream, _file(stream, name, prefix, None))
            except RrError as error:
                error.hint = error.hint if len(names) == 1 else None
                wrong.append(error)
    except RrError as error:
        wrong.append(error)
    _complain(wrong)


def log_contents(stream: Core, path: Any, contents: Any, prefix: str | None) -> None:
    """Log bytes as if they were the file of that name."""
    if not stream.enabled:
        return
    try:
        name = _text(path)
        if not isinstance(contents, (bytes, bytearray, memoryview)):
            raise LogError(f"contents are bytes, not {type(contents).__name__}", source=name)
        _log(stream, _file(stream, name, prefix, bytes(contents)))
    except RrError as error:
        _complain([error])


def _file(stream: Core, name: str, prefix: str | None, contents: bytes | None) -> File:
    def warn(line: str) -> None:
        warn_at_caller(line if line.startswith(name) else f"{name}: {line}")

    return File(name, entity_of(name, prefix), stream.store.application_id, contents, warn)


def _log(stream: Core, file: File) -> None:
    for one in imported(file):
        _send(stream, one)


def _send(stream: Core, one: Imported) -> None:
    if isinstance(one, (StoreInfo, Activation)):
        stream.batcher.submit(one, len(one.payload))
    elif isinstance(one, ChunkMsg):
        stream.batcher.submit(one, one.size)
    else:
        send_chunks(stream, one)


def _text(path: Any) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise LogError(f"a path is text or a path object, not {type(path).__name__}")
    return os.fsdecode(path)


def _complain(errors: list[RrError]) -> None:
    """Warn of each; in strict mode raise the first, when all that is well was logged."""
    for one in errors:
        hint = None if one.hint and "--continue-on-error" in one.hint else one.hint  # an option of rrtool
        complain(
            LogError(
                one.what,
                source=one.source,
                offset=one.offset,
                end=one.end,
                entity=one.entity,
                field=one.field,
                hint=hint,
            )
        )
