"""Recordings of any size for the benchmarks of stores: point clouds of 2 MiB a chunk, with a footer."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa

from rrsdk.chunk import Chunk
from rrsdk.codec.chunks import ChunkReader, pack_chunk
from rrsdk.codec.payload import write_info, write_store_id
from rrsdk.identity import StoreId, StoreKind, new_tuid
from rrsdk.message import StoreInfo
from rrsdk.sinks.output import Output
from rrsdk.sinks.rrd import RrdSink

CHUNK_BYTES = 2 * 1024 * 1024
ENTITIES = 10
STORE = StoreId(StoreKind.RECORDING, "rrkit_bench", "lazy")
_ROWS = 16


def write_clouds(path: Path, *, chunks: int, chunk_bytes: int = CHUNK_BYTES) -> None:
    """Write a recording of `chunks` chunks, which ten entities log in turn: 16 clouds each."""
    points = max(chunk_bytes // (12 * _ROWS), 1)
    random = np.random.default_rng(7)
    positions = random.random((_ROWS * points, 3), dtype=np.float32)
    item = pa.FixedSizeListArray.from_arrays(pa.array(positions.reshape(-1)), 3)
    lists = pa.ListArray.from_arrays(pa.array(np.arange(_ROWS + 1, dtype=np.int32) * points), item)
    reader, raw = ChunkReader(), write_store_id(STORE)
    making = path.with_suffix(".making")
    sink = RrdSink(Output(str(path), os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)))
    sink.put(StoreInfo(STORE, write_info(STORE, row_id=new_tuid())))
    for number in range(chunks):
        turn = number // ENTITIES
        frames = np.arange(turn * _ROWS, (turn + 1) * _ROWS)
        chunk = Chunk.from_columns(
            f"/lidar/{number % ENTITIES}",
            indexes={"frame": frames, "log_time": (frames * 100_000_000).view("datetime64[ns]")},
            components={"Points3D:positions": lists},
        )
        payload = chunk.to_ipc()
        sink.put(pack_chunk(STORE, raw, payload, reader.layout(payload), chunk.id.to_bytes()))
    sink.close()
    making.rename(path)
