"""Which files are to be converted, in which order, and what each is to become: no file is opened here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rrsdk.dataframe.schema import natural
from rrsdk.errors import InputError
from rrsdk.importers import images
from rrsdk.importers.importing import entity_of
from rrsdk.importers.registry import importers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One file, and where its data belong."""

    path: str
    entity: str
    frame: int | None = None
    """Its number among the images of its folder; None: it is not one of a sequence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All files, and what of folders is passed over."""

    items: list[Item] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Files of folders that nobody knows how to read."""


def planned(
    inputs: Sequence[str],
    *,
    prefix: str | None,
    in_sequence: bool | None,
    also: Collection[str] = (),
    with_entities: Collection[str] = (),
    warn: Callable[[str], None],
) -> Plan:
    """The files that the inputs name, folders with all that is below them.

    `in_sequence`: whether images are numbered, and belong to the entity of their folder; None: those that
    were found in a folder are, those that were named are not. A file in a folder is numbered by its name
    (`2.png` before `10.png`), and keeps its number where others before it turn out to be broken.
    `also`: suffixes that are known besides those of importers; `with_entities`: those of files that say
    themselves which entities they are of.
    """
    plan = Plan()
    known = {*importers(warn), *also, *with_entities}
    counts: dict[str, int] = {}
    for name in inputs:
        if not os.path.exists(name):
            raise InputError("no such file", source=name)
        is_folder = os.path.isdir(name)
        for path in _below(name) if is_folder else (name,):
            suffix = os.path.splitext(path)[1].lower()
            if is_folder and suffix not in known:
                plan.unknown.append(path)
                continue
            if suffix in with_entities:
                plan.items.append(Item(path, prefix or "/"))
                continue
            numbered = is_folder if in_sequence is None else in_sequence
            if suffix not in images.suffixes or not numbered:
                plan.items.append(Item(path, entity_of(path, prefix)))
                continue
            entity = entity_of(os.path.dirname(path), prefix)
            counts[entity] = counts.get(entity, -1) + 1
            plan.items.append(Item(path, entity, counts[entity]))
    if not plan.items:
        raise InputError(
            "holds no file that an importer knows",
            source=", ".join(inputs),
            hint=f"known are {' '.join(sorted(known))}",
        )
    return plan


def _below(folder: str) -> Iterator[str]:
    """All files of a folder and below it but hidden ones, as people count."""
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted((one for one in folders if not one.startswith(".")), key=natural)
        for name in sorted((one for one in names if not one.startswith(".")), key=natural):
            yield os.path.join(place, name)


def _unreadable(error: OSError) -> None:
    raise InputError(f"cannot be read: {error.strerror}", source=error.filename) from None
