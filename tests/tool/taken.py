"""A recording taken apart and put together again with something changed, and what `verify` says of it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import lz4.block
import pyarrow as pa

from rrsdk.codec.footer import end_of_stream, read_footer, write_footer
from rrsdk.codec.wire import read_envelope, write_envelope
from rrsdk.ipc.manifest import Manifest
from rrsdk.ipc.table import Column, Table
from rrtool.commands.verify import Verification
from rrtool.progress import Progress


class Taken:
    """A recording of one stream taken apart, to be put together again with something changed."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.head, pos = data[:12], 12
        self.messages: list[tuple[int, bytes]] = []
        while True:
            kind, size = struct.unpack_from("<QQ", data, pos)
            payload = data[pos + 16 : pos + 16 + size]
            pos += 16 + size
            if kind == 0:
                self.footer = payload
                break
            self.messages.append((kind, payload))

    def chunks(self) -> list[int]:
        return [place for place, (kind, _) in enumerate(self.messages) if kind == 2]

    def offset(self, number: int) -> int:
        """Where the payload of a message begins."""
        return len(self.head) + sum(16 + len(payload) for _, payload in self.messages[:number]) + 16

    def manifest(self) -> tuple[bytes, Manifest]:
        (only,) = read_footer(self.footer)
        return only

    def write(self, path: Path, footer: bytes | None = None) -> Path:
        body = self.head + b"".join(struct.pack("<QQ", kind, len(raw)) + raw for kind, raw in self.messages)
        path.write_bytes(body + end_of_stream(self.footer if footer is None else footer, len(body)))
        return path

    def with_column(self, path: Path, name: str, values: object, valid: bytearray | None = None) -> Path:
        """The same, but one column of the manifest says something else."""
        store, manifest = self.manifest()
        column = manifest.table.columns[name]
        changed = Column(column.field, values, valid if valid is not None else column.valid)
        table = Table({**manifest.table.columns, name: changed}, manifest.table.num_rows)
        return self.write(path, write_footer([(store, Manifest(table, manifest.fields))]))

    def payload(self, number: int) -> bytes:
        """A chunk's Arrow data."""
        message = self.messages[number][1]
        about = read_envelope(message, 0, len(message))
        block = message[about.payload_start : about.payload_end]
        return lz4.block.decompress(block, uncompressed_size=about.uncompressed_size)

    def batch(self, number: int) -> pa.RecordBatch:
        return pa.ipc.open_stream(self.payload(number)).read_next_batch()

    def replace(self, number: int, batch: pa.RecordBatch) -> None:
        """Another record batch in place of a chunk's."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self.replace_payload(number, sink.getvalue().to_pybytes())

    def replace_payload(self, number: int, data: bytes) -> None:
        old = self.messages[number][1]
        about = read_envelope(old, 0, len(old))
        block = lz4.block.compress(data, store_size=False)
        before, after = write_envelope(
            about.store,
            compression=2,
            uncompressed_size=len(data),
            payload_size=len(block),
            chunk_id=about.chunk_id or bytes(16),
            is_static=bool(about.is_static),
        )
        self.messages[number] = 2, before + block + after


def problems(path: Path, *, deep: bool = False, check_footers: bool = True) -> list[str]:
    """What `verify` says of a file, found in this process."""
    verification = Verification(deep=deep, check_footers=check_footers, progress=Progress(quiet=True))
    return [str(problem) for problem in verification.of(str(path))]


def the_one_problem(path: Path, *, deep: bool = False, check_footers: bool = True) -> str:
    (found,) = problems(path, deep=deep, check_footers=check_footers)
    assert found.startswith(str(path))
    assert "\n" not in found
    return found


def changed(
    made_from: Path, out: Path, change: Callable[[pa.RecordBatch], pa.RecordBatch], entity: str
) -> Path:
    """A recording without footer in which the first chunk of an entity is another one."""
    taken = Taken(made_from)
    for number in taken.chunks():
        batch = taken.batch(number)
        if (
            batch.schema.metadata[b"rerun:entity_path"] == entity.encode()
            and b"index" in str(batch.schema).encode()
        ):
            taken.replace(number, change(batch))
            return taken.write(out)
    raise AssertionError(f"no chunk of {entity}")


def with_column(
    batch: pa.RecordBatch, name: str, column: pa.Array, field: pa.Field | None = None
) -> pa.RecordBatch:
    place = batch.schema.get_field_index(name)
    schema = batch.schema if field is None else batch.schema.set(place, field)
    columns = [column if number == place else old for number, old in enumerate(batch.columns)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
