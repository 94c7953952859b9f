"""Recordings in files, opened as stores that queries can be put to; they need not fit in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rrsdk.errors import UsageError
from rrsdk.identity import StoreKind
from rrsdk.sources.chunk_file import ChunkFile
from rrsdk.store.lazy import BUDGET_BYTES, LazyChunkStore

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from rrsdk.identity import StoreId
    from rrsdk.sources.damage import Damage


def open_stores(
    *paths: str | os.PathLike[str],
    budget_bytes: int = BUDGET_BYTES,
    damage: Damage | None = None,
    warn: Callable[[str], None] | None = None,
) -> dict[StoreId, LazyChunkStore]:
    """All stores in these files, recordings and blueprints, in the order they come in.

    What several files hold of one store is one store; a chunk that is in two is there once. Each store
    keeps decoded chunks within `budget_bytes`. `damage` and `warn` are as for `open_source`.
    """
    files: list[ChunkFile] = []
    try:
        files.extend(ChunkFile.open(str(path), damage=damage, warn=warn) for path in paths)
        loaders = [loader for file in files for loader in file.loaders]
        stores = dict.fromkeys(loader.store for loader in loaders)
        return {
            store: LazyChunkStore(
                [loader for loader in loaders if loader.store == store], budget_bytes=budget_bytes
            )
            for store in stores
        }
    except BaseException:
        for file in files:
            file.close()
        raise


def open_recording(
    *paths: str | os.PathLike[str],
    application_id: str | None = None,
    recording_id: str | None = None,
    budget_bytes: int = BUDGET_BYTES,
    damage: Damage | None = None,
    warn: Callable[[str], None] | None = None,
) -> LazyChunkStore:
    """The one recording in these files; where there are several, the ids tell which.

    with open_recording("drive.rrd") as store: ...
    """
    stores = open_stores(*paths, budget_bytes=budget_bytes, damage=damage, warn=warn)
    recordings = [store for store in stores if store.kind is StoreKind.RECORDING]
    fitting = [
        store
        for store in recordings
        if application_id in (None, store.application_id) and recording_id in (None, store.recording_id)
    ]
    for store in stores:
        if fitting != [store]:
            stores[store].close()
    if len(fitting) != 1:
        named = ", ".join(f"{store.application_id}/{store.recording_id}" for store in fitting or recordings)
        what = "several recordings" if fitting else "no such recording"
        raise UsageError(
            f"{what}: {named}" if named else "no recording in it",
            source=", ".join(str(path) for path in paths[:3]),
            hint="say which by its application id and recording id" if fitting else None,
        )
    return stores[fitting[0]]
