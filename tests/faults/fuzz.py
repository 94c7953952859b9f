"""What a fuzzer calls: any bytes, read in every way there is; only RrError may come out.

Also a program, `scripts/campaign fuzz`: runs atheris on it, starting from small parts of the fixtures.
What it finds becomes a file in fixtures/fuzz, which the tests read ever after.
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
FINDS = ROOT / "fixtures/fuzz"
MAX_INPUT = 8 * 1024


def ways() -> Callable[[bytes], None]:
    """A function that reads bytes in every way. Imports are late, so that a fuzzer can look into them."""
    from rrsdk.codec.chunks import ChunkReader
    from rrsdk.codec.decoder import Decoder
    from rrsdk.codec.salvage import Salvage
    from rrsdk.errors import RrError
    from rrsdk.ipc.manifest import OFFSET, SIZE
    from rrsdk.message import Chunks, Message
    from rrsdk.sources.damage import Damage
    from rrsdk.sources.file import FileSource
    from rrsdk.sources.origin import MemoryOrigin
    from rrtool.reports.checksums import checksums
    from rrtool.reports.soundness import Soundness

    def ignore(_line: str) -> None:
        pass

    def use(messages: list[Message]) -> None:
        reader, soundness = ChunkReader(), Soundness()
        for message in messages:
            if isinstance(message, Chunks):
                table = message.manifest.table
                for offset, size in zip(table.u64(OFFSET), table.u64(SIZE), strict=True):
                    soundness.problem(reader.open(message.origin.read(offset, size)))

    def pushed(data: bytes) -> None:
        decoder = Decoder("fuzz", warn=ignore)
        half = len(data) // 2
        for piece in (data[:half], data[half:]):
            decoder.feed(piece)
            list(decoder)
        decoder.finish()
        list(decoder)

    def by_footer(data: bytes) -> None:
        use(list(FileSource(MemoryOrigin("fuzz", data), damage=None, warn=ignore).messages()))

    def tolerantly(data: bytes) -> None:
        use(list(FileSource(MemoryOrigin("fuzz", data), damage=Damage(), warn=ignore).messages()))

    def salvaged(data: bytes) -> None:
        salvage = Salvage(MemoryOrigin("fuzz", data), len(data), check=Soundness().problem, warn=ignore)
        use(list(salvage.messages()))
        salvage.lost_chunks()

    def summed(data: bytes) -> None:
        checksums(MemoryOrigin("fuzz", data), len(data))

    def every_way(data: bytes) -> None:
        for way in (pushed, by_footer, tolerantly, salvaged, summed):
            try:
                way(data)
            except RrError as error:
                if "\n" in str(error):
                    raise AssertionError("an error of several lines") from error

    return every_way


def seeds() -> dict[str, bytes]:
    """Small recordings of every age, by name: the fewer bytes, the more of them are tried."""
    found = {path.name: path.read_bytes() for path in FINDS.glob("*")}
    for path in ROOT.glob("fixtures/too-old/*.rrd"):
        found[path.name] = path.read_bytes()[:MAX_INPUT]
    for path in ROOT.glob("fixtures/sdk-*/*.rrd"):
        data = path.read_bytes()
        if ".migrated" not in path.name:
            found[f"{path.parent.name}-{path.name}"] = data[: _chunks_end(data, 2)]
    scene = (ROOT / "fixtures/sdk-0.41/scene.rrd").read_bytes()
    found["with-footer"] = _written(scene, 2, sealed=False)
    found["with-checksums"] = _written(scene, 1, sealed=True)
    return dict(sorted(found.items()))


def _chunks_end(data: bytes, count: int) -> int:
    """Where the first chunks of a recording end."""
    at, header = 12, struct.Struct("<QQ")
    while count:
        kind, size = header.unpack_from(data, at)
        at += header.size + size
        count -= kind == 2
    return at


def _written(data: bytes, chunks: int, *, sealed: bool) -> bytes:
    """The same recording with its first chunks only."""
    from rrsdk.message import Chunks
    from rrsdk.sinks.output import Output
    from rrsdk.sinks.rrd import RrdSink
    from rrsdk.sources.file import FileSource
    from rrsdk.sources.origin import MemoryOrigin
    from rrtool.transforms.checksums import with_checksums

    with tempfile.TemporaryFile() as file:
        sink = RrdSink(Output("seed", os.dup(file.fileno())))
        source = FileSource(MemoryOrigin("seed", data), damage=None, warn=lambda _: None)
        few = (
            message.take([place < chunks for place in range(len(message))])
            if isinstance(message, Chunks)
            else message
            for message in source.messages()
        )
        for message in with_checksums(few) if sealed else few:
            sink.put(message)
        sink.close()
        file.seek(0)
        return file.read()


def main() -> None:
    """Fuzz until told to stop: arguments are libFuzzer's, `-max_total_time=600` for instance."""
    import atheris

    with atheris.instrument_imports(include=["rrsdk", "rrtool"]):
        every_way = ways()
    with tempfile.TemporaryDirectory() as folder:
        for name, data in seeds().items():
            Path(folder, name).write_bytes(data[:MAX_INPUT])
        FINDS.mkdir(exist_ok=True)
        options = [
            f"-max_len={MAX_INPUT}",
            "-rss_limit_mb=3000",
            "-timeout=20",
            f"-artifact_prefix={FINDS}{os.sep}",
        ]
        atheris.Setup([sys.argv[0], *options, *sys.argv[1:], folder], every_way)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
