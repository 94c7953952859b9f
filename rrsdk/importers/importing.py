"""A path, or bytes under a name, as what is to be imported: entities, folders, the importer for each file."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

from rrsdk.entity import format_path, parse_path
from rrsdk.errors import FormatError, InputError, RrError
from rrsdk.importers.registry import BUILT_IN, importer_of, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rrsdk.importers import File, Imported


def entity_of(path: str, prefix: str | None = None) -> str:
    """The entity that a file's data belong to: the parts of its path, without `.` and `..`, as in Rerun."""
    clean = PurePath(os.path.normpath(path))
    parts = [part for part in clean.parts if part not in (clean.anchor, "..", ".")]
    texts = tuple(part.encode(errors="surrogateescape").decode(errors="replace") for part in parts)
    return format_path((*parse_path(prefix or ""), *texts))


def files_at(path: str) -> list[str]:
    """The path itself, or all files in a folder and below it, in order. InputError where there are none."""
    if not os.path.isdir(path):
        if not os.path.exists(path):
            raise InputError("no such file", source=path)
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders.sort()
        found += [os.path.join(folder, name) for name in sorted(names)]
    if not found:
        raise InputError("is an empty folder", source=path)
    return found


def imported(file: File) -> Iterator[Imported]:
    """What is in a file, by the importer that knows it. Whatever goes wrong is an RrError naming the file."""
    entry, importer = importer_of(file.suffix, file.name, file.warn)
    try:
        yield from importer.read(file)
    except RrError as error:
        raise error.located(source=file.name) from None
    except MemoryError:
        raise InputError("does not fit in memory", source=file.name) from None
    except Exception as error:
        if entry in BUILT_IN:
            raise
        raise FormatError(
            f"the importer {title(entry)} failed: {type(error).__name__}: {error}", source=file.name
        ) from error
