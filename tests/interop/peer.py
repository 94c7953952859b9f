"""The real Rerun as the arbiter: its reader, its `verify`, its `compare`, one store at a time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyarrow as pa
import rerun.chunk

from rrsdk.codec import lz4
from rrsdk.codec.chunks import ChunkReader
from rrsdk.ipc.manifest import OFFSET, SIZE
from rrsdk.message import ChunkMsg, Chunks
from rrsdk.sources import open_source

Store = tuple[str, str, str]
"""Kind, application and recording id."""


def verify(binary: Path, path: Path) -> None:
    """Rerun reads the whole file, footer and all."""
    done = subprocess.run([binary, "rrd", "verify", path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def stores(path: Path) -> dict[Store, rerun.chunk.StoreEntry]:
    reader = rerun.chunk.RrdReader(str(path))
    entries = [*reader.recordings(), *reader.blueprints()]
    return {(entry.kind, entry.application_id, entry.recording_id): entry for entry in entries}


def read(path: Path, store: Store) -> dict[str, pa.RecordBatch]:
    """The chunks of a store by id, as the real reader sees them."""
    reader = rerun.chunk.RrdReader(str(path))
    found = reader.stream(store=stores(path)[store]).to_chunks()
    batches = {chunk.id: chunk.to_record_batch() for chunk in found}
    assert len(batches) == len(found), "a chunk is there twice"
    return batches


def compare(binary: Path, one: Path, other: Path, folder: Path) -> None:
    """Both files hold the same, by `rerun rrd compare`, which wants one store a file."""
    assert stores(one).keys() == stores(other).keys()
    for number, store in enumerate(stores(one)):
        parts = []
        for side, path in (("one", one), ("other", other)):
            part = folder / f"{side}-{number}.rrd"
            stream = rerun.chunk.RrdReader(str(path)).stream(store=stores(path)[store])
            stream.write_rrd(part, application_id=store[1], recording_id=store[2])
            parts.append(part)
        command = [binary, "rrd", "compare", "--unordered", *parts]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{store}: {done.stdout}{done.stderr}"


def ours(path: Path) -> dict[Store, dict[str, pa.RecordBatch]]:
    """The chunks of every store by id, as our sources find them and pyarrow decodes them."""
    found: dict[Store, dict[str, pa.RecordBatch]] = {}
    reader = ChunkReader()
    source = open_source(str(path))
    try:
        for message in source.messages():
            if isinstance(message, Chunks):
                places = zip(
                    message.manifest.table.u64(OFFSET), message.manifest.table.u64(SIZE), strict=True
                )
                raw = [bytes(message.origin.read(offset, size)) for offset, size in places]
            elif isinstance(message, ChunkMsg):
                raw = [b"".join(message.parts)]
            else:
                continue
            name = (message.store.kind.name.lower(), message.store.application_id, message.store.recording_id)
            into = found.setdefault(name, {})
            for one in raw:
                about = reader.envelope(one)
                block = one[about.payload_start : about.payload_end]
                payload = lz4.decompress(block, about.compression, about.uncompressed_size)
                batch = pa.ipc.open_stream(bytes(payload)).read_next_batch()
                chunk_id = batch.schema.metadata[b"rerun:id"].decode()
                assert chunk_id not in into, "a chunk is there twice"
                into[chunk_id] = batch
    finally:
        source.close()
    return found
