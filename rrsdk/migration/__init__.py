"""Brings chunks of an older object model to the current one, as the real program does on reading.

An object model ("sorbet") says how a chunk's record batch is laid out and what its components are
called. Which release of the SDK first wrote which model, tried with each release:

    0.23   none written (keys begin with `rerun.`)     0.30   0.1.3
    0.24   0.1.1                                       0.41   0.1.4
    0.28   0.1.2

Only names, metadata and one column's values change, so the buffers of a chunk are shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.errors import FormatError
from rrsdk.migration.application_id import current_application_id
from rrsdk.migration.draft import Draft
from rrsdk.migration.steps import STEPS, UNVERSIONED, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = [
    "CURRENT",
    "FIRST_CURRENT_RELEASE",
    "current_application_id",
    "migrate",
    "needs_migration",
]

CURRENT = "0.1.4"
"""The object model that the newest release known here writes, and so do we."""

FIRST_CURRENT_RELEASE = (0, 41)
"""The first release that writes `CURRENT`; what it or a later one wrote need not be looked at.

To be compared with the version in a *StoreInfo*, never with the one in the file's header or the
schema in its footer: `rerun rrd route` passes old chunks on untouched under its own new header
and under a manifest that it has migrated (fixtures/routed).
"""

_VERSION = b"sorbet:version"
_CURRENT_BYTES = CURRENT.encode()


def needs_migration(schema_metadata: Mapping[bytes, bytes] | None) -> bool:
    """Whether a chunk whose schema has this metadata is of an older model than the current one."""
    found = schema_metadata.get(_VERSION) if schema_metadata else None
    if found == _CURRENT_BYTES:
        return False
    return found is None or _parse(found) < _parse(_CURRENT_BYTES)


def migrate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same chunk in the current object model.

    A chunk of the current model, or of one newer than that, is returned as it is. A chunk that had
    nothing but indicator components has no component column afterwards.
    """
    if not needs_migration(batch.schema.metadata):
        return batch
    draft = Draft.of(batch)
    found = draft.metadata.get("sorbet:version")
    version = _parse(found.encode()) if found is not None else UNVERSIONED
    for target, step in STEPS:
        if version < target:
            step(draft)
    draft.metadata["sorbet:version"] = CURRENT
    return draft.batch()


def _parse(version: bytes) -> Version:
    """`0.1.3` as numbers; with a suffix, as in `0.1.3-alpha.1`, it comes just before 0.1.3."""
    release, before, _ = version.partition(b"-")
    parts = release.split(b".")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 10 for part in parts):
        shown = version[:40].decode("utf-8", "replace")
        raise FormatError(f"{shown!r} is not a version of the object model", field="sorbet:version")
    return int(parts[0]), int(parts[1]), int(parts[2]), 0 if before else 1
