"""rrtool verify: good recordings pass, here as there; each kind of damage is found and said where."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import lz4.block
import pyarrow as pa
import pytest

from rrsdk.codec.footer import end_of_stream, read_footer, write_footer
from rrsdk.codec.wire import read_envelope, write_envelope
from rrsdk.ipc.manifest import Manifest
from rrsdk.ipc.table import Column, Table
from rrtool.commands.verify import Verification
from rrtool.progress import Progress
from tests.conftest import Result

rr = pytest.importorskip("rerun")

from tests import recordings  # noqa: E402  # imports rerun

Rrtool = Callable[..., Result]
FIXTURES = Path(__file__).parents[2] / "fixtures"
FINE = "1 file verified without error.\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("verify")
    paths = {name: folder / f"{name}.rrd" for name in ("rich", "bare", "blueprint", "many", "tiny")}
    recordings.rich(paths["rich"])
    recordings.rich(paths["bare"], footer=False)
    recordings.blueprint(paths["blueprint"])
    recordings.many_stores(paths["many"])
    recordings.tiny(paths["tiny"], size=20)
    return paths


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


# ---- what is fine ----


@pytest.mark.parametrize("name", ["rich", "blueprint", "many", "tiny"])
@pytest.mark.parametrize("options", [[], ["--deep"]])
def test_good_recordings_pass(rrtool: Rrtool, made, name: str, options: list[str]) -> None:
    done = rrtool("verify", *options, made[name])
    assert (done.rc, done.stdout, done.stderr) == (0, b"", FINE)


@pytest.mark.parametrize(
    "fixture", sorted(FIXTURES.glob("sdk-*/*.rrd")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_fixtures_are_judged_as_the_real_verify_does(rerun_binary: Path, fixture: Path) -> None:
    for option in ([], ["--check-footers=false"]):
        real = subprocess.run(
            [rerun_binary, "rrd", "verify", *option, fixture], capture_output=True, timeout=60
        )
        assert (problems(fixture, check_footers=not option) == []) == (real.returncode == 0)


def test_concatenated_recordings_pass(tmp_path: Path, made) -> None:
    path = tmp_path / "both.rrd"
    path.write_bytes(made["rich"].read_bytes() + made["blueprint"].read_bytes())
    assert problems(path) == []
    assert problems(path, deep=True) == []


def test_a_missing_footer_is_wrong_unless_told_otherwise(rrtool: Rrtool, made) -> None:
    done = rrtool("verify", made["bare"])
    assert done.rc == 1
    assert done.stderr == (
        f"{made['bare']}: there is no footer (rrtool merge makes one)\n1 file verified: 1 problem in 1.\n"
    )
    assert rrtool("verify", "--no-check-footers", "--deep", made["bare"]).stderr == FINE


def test_standard_input(rrtool: Rrtool, made) -> None:
    data = made["rich"].read_bytes()
    assert rrtool("verify", stdin=data).stderr == FINE
    assert rrtool("verify", "--deep", "-", stdin=data).stderr == FINE
    done = rrtool("verify", stdin=made["bare"].read_bytes())
    assert (done.rc, "stdin: there is no footer" in done.stderr) == (1, True)
    done = rrtool("verify", stdin=data[:-12] + b"X" + data[-11:])
    assert done.rc == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo(tmp_path: Path, made) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(made["rich"].read_bytes(),))
    writer.start()
    assert problems(fifo) == []
    writer.join()


def test_several_files_are_told_apart(rrtool: Rrtool, made) -> None:
    done = rrtool("verify", made["rich"], made["bare"], made["many"])
    assert done.rc == 1
    assert done.stderr.splitlines() == [
        f"{made['bare']}: there is no footer (rrtool merge makes one)",
        "3 files verified: 1 problem in 1.",
    ]


def test_what_is_no_recording_is_one_line(rrtool: Rrtool, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"not a recording at all")
    for path in (wrong, tmp_path / "missing", tmp_path):
        done = rrtool("verify", path)
        assert done.rc == 1
        assert done.stderr.splitlines()[0].count(str(path)) == 1


# ---- the footer against the chunks ----


def test_every_column_of_the_manifest_is_compared(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    chunk = taken.chunks()[3]
    for name, what in (
        ("chunk_num_rows", "num_rows"),
        ("chunk_byte_size", "size"),
        ("chunk_byte_size_uncompressed", "uncompressed size"),
    ):
        values = manifest.table.u64(name)[:]
        values[3] += 1
        found = problems(taken.with_column(tmp_path / "changed.rrd", name, values))
        assert any(f"says {what} {values[3]}, the chunk {values[3] - 1}" in line for line in found), name
        assert any(f", byte {taken.offset(chunk)}, entity /e" in line for line in found)
    for name, what in (("chunk_id", "id"), ("chunk_entity_path", "entity")):
        raw = list(manifest.table.raw(name))
        raw[3] = raw[3][:-1] + b"x"
        assert f"the footer says {what}" in the_one_problem(taken.with_column(tmp_path / "c.rrd", name, raw))
    flags = manifest.table.flags("chunk_is_static")[:]
    flags[3] ^= 1
    found = the_one_problem(taken.with_column(tmp_path / "static.rrd", "chunk_is_static", flags))
    assert "the footer says is_static True, the chunk False" in found


def test_an_offset_that_leads_nowhere(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    offsets = manifest.table.u64("chunk_byte_offset")[:]
    offsets[3] = 1 << 40
    found = problems(taken.with_column(tmp_path / "far.rrd", "chunk_byte_offset", offsets))
    assert len(found) == 2
    assert f"places a chunk of /e2 at byte {1 << 40}, where none begins" in found[0]
    assert found[1].endswith("the footer does not know of this chunk")


def test_chunks_and_manifests_too_many_or_too_few(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    store, manifest = taken.manifest()
    twice = taken.write(tmp_path / "twice.rrd", write_footer([(store, manifest)] * 2))
    assert "two manifests for recording rrkit_tests/tiny" in the_one_problem(twice)
    none = taken.write(tmp_path / "none.rrd", write_footer([]))
    assert "no manifest for recording rrkit_tests/tiny" in the_one_problem(none)
    fewer = manifest.take([0] + [1] * (len(manifest) - 1))
    found = problems(taken.write(tmp_path / "fewer.rrd", write_footer([(store, fewer)])))
    assert [line.rpartition(": ")[2] for line in found] == ["the footer does not know of this chunk"]


def test_flipped_bytes_in_the_footer_break_its_checksum(tmp_path: Path, made) -> None:
    data = bytearray(made["rich"].read_bytes())
    data[-100] ^= 1
    path = tmp_path / "flipped.rrd"
    path.write_bytes(data)
    assert "the footer does not match its checksum" in the_one_problem(path)
    assert problems(path, check_footers=False) == []


def test_times_in_the_manifest_are_made_anew(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    _, manifest = taken.manifest()
    starts = manifest.table.u64("frame:start")[:]
    starts[3] -= 5
    path = taken.with_column(tmp_path / "times.rrd", "frame:start", starts)
    assert problems(path) == []
    found = the_one_problem(path, deep=True)
    assert f"the footer says frame:start {starts[3]}, the chunk {starts[3] + 5}" in found
    assert "entity /e2" in found


# ---- chunks ----


@pytest.mark.parametrize("cut", [5, 12, 20, 1000, 20_000])
def test_a_file_that_was_cut(tmp_path: Path, made, cut: int) -> None:
    path = tmp_path / "cut.rrd"
    path.write_bytes(made["rich"].read_bytes()[:cut])
    assert len(problems(path)) == 1
    if cut != 12:  # else nothing is missing that could be known of
        assert "the input ends inside" in problems(path, check_footers=False)[0]


def test_a_broken_block(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[4]
    payload = bytearray(taken.messages[number][1])
    start = read_envelope(payload, 0, len(payload)).payload_start
    payload[start : start + 6] = b"\xff" * 6
    taken.messages[number] = 2, bytes(payload)
    found = the_one_problem(taken.write(tmp_path / "block.rrd"))
    assert found.startswith(f"{tmp_path / 'block.rrd'}, byte {taken.offset(number)}: the LZ4 block")


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


def broken_by(made_from: Path, tmp_path: Path, change, entity: str, *, deep: bool = False) -> str:
    path = changed(made_from, tmp_path / "changed.rrd", change, entity)
    found = the_one_problem(path, deep=deep, check_footers=False)
    assert f", entity {entity}: " in found
    return found


def lists(offsets: Sequence[int], items: pa.Array) -> pa.Array:
    buffer = pa.array(offsets, pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.list_(items.type), len(offsets) - 1, [None, buffer], children=[items])


@pytest.mark.parametrize(
    "offsets",
    [[0, 2, 1, *range(3, 25)], [-1, *range(1, 25)], [*range(24), 4000]],
    ids=["down", "below", "past"],
)
def test_offsets_that_lead_out_of_a_list(tmp_path: Path, made, offsets: list[int]) -> None:
    taken = Taken(made["rich"])
    good, bad = (struct.pack("<25i", *numbers) for numbers in (range(25), offsets))
    number = next(number for number in taken.chunks() if good in taken.payload(number))
    taken.replace_payload(number, taken.payload(number).replace(good, bad, 1))
    found = the_one_problem(taken.write(tmp_path / "offsets.rrd"), check_footers=False)
    assert "the offsets of a list or text do not ascend within its " in found
    assert f", byte {taken.offset(number)}, entity /" in found


@pytest.mark.parametrize("raw", [b"fine but \xff", b"\xc3", b"\xa9 first"])
def test_texts_that_are_not_utf8(tmp_path: Path, made, raw: bytes) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = pa.array([raw] * batch.num_rows, pa.binary()).view(pa.string())
        return with_column(batch, "TextLog:text", lists(range(batch.num_rows + 1), texts))

    assert "column TextLog:text: not UTF-8" in broken_by(made["rich"], tmp_path, change, "/log")


def test_a_text_that_begins_inside_a_character(tmp_path: Path, made) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        parts = [b"\xc3", b"\xa9", *[b"x"] * (batch.num_rows - 2)]  # valid only together
        texts = pa.array(parts, pa.binary()).view(pa.string())
        return with_column(batch, "TextLog:text", lists(range(batch.num_rows + 1), texts))

    assert "not UTF-8" in broken_by(made["rich"], tmp_path, change, "/log")


def test_the_arrow_data_end_early(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[2]
    sink = pa.BufferOutputStream()
    batch = taken.batch(number)
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    taken.replace_payload(number, sink.getvalue().to_pybytes()[:-12])  # the end marker and 4 bytes
    found = the_one_problem(taken.write(tmp_path / "short.rrd"), check_footers=False)
    assert "the Arrow data end 4 bytes early" in found


def test_a_message_that_contradicts_its_chunk(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    number = taken.chunks()[2]
    payload = taken.messages[number][1]
    taken.messages[number] = 2, payload[:-1] + b"\x01"  # is_static
    assert "the message says that the chunk is static" in the_one_problem(taken.write(tmp_path / "a.rrd"))
    changed_id = bytearray(payload)
    changed_id[-4] ^= 1
    taken.messages[number] = 2, bytes(changed_id)
    found = problems(taken.write(tmp_path / "b.rrd"))
    assert any("the message is of chunk_" in line for line in found)


# ---- components ----


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        (
            {b"rerun:component_type": b"rerun.components.Nonsense"},
            "unknown component type rerun.components.Nonsense",
        ),
        ({b"rerun:archetype": b"rerun.archetypes.Nonsense"}, "unknown archetype rerun.archetypes.Nonsense"),
        ({b"rerun:component_type": b"rerun.components.Text"}, "rerun.components.Scalar"),
        ({b"rerun:component_type": b"user.Own", b"rerun:archetype": b"user.Own"}, None),
    ],
)
def test_component_types_and_archetypes(
    rerun_binary, tmp_path: Path, made, metadata, what: str | None
) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars")
        return with_column(
            batch, field.name, batch.column(field.name), field.with_metadata({**field.metadata, **metadata})
        )

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
    found = problems(path, check_footers=False)
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (found == []) == (real.returncode == 0) == (what is None)
    assert what is None or (len(found) == 1 and what in found[0]) or "Scalars:scalars: " in found[0]


@pytest.mark.parametrize(
    ("values", "fine"),
    [
        (pa.array([[1.0]] * 24, pa.list_(pa.float32())), False),
        (pa.array([[None]] * 24, pa.list_(pa.float64())), False),
        (pa.array([None] * 24, pa.list_(pa.float64())), True),
        (pa.array([[1.0, 2.0], []] * 12, pa.list_(pa.float64())), True),
    ],
    ids=["datatype", "null", "not logged", "fine"],
)
def test_instances(rerun_binary: Path, tmp_path: Path, made, values: pa.Array, fine: bool) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars").with_type(values.type)
        return with_column(batch, field.name, values, field)

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (problems(path, check_footers=False) == []) == (real.returncode == 0) == fine


@pytest.mark.parametrize(("value", "fine"), [(2, True), (200, False), (None, True)])
def test_enums(rerun_binary: Path, tmp_path: Path, made, value: int | None, fine: bool) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        column = batch.column("Image:format")
        rows = [[{**row[0], "color_model": value}] for row in column.to_pylist()]
        return with_column(batch, "Image:format", pa.array(rows, column.type))

    path = changed(made["rich"], tmp_path / "changed.rrd", change, "/camera")
    real = subprocess.run([rerun_binary, "rrd", "verify", "--check-footers=false", path], capture_output=True)
    assert (problems(path, check_footers=False) == []) == (real.returncode == 0) == fine


def test_a_component_must_be_a_list(tmp_path: Path, made) -> None:
    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        field = batch.schema.field("Scalars:scalars").with_type(pa.float64())
        return with_column(batch, field.name, pa.array([1.0] * batch.num_rows), field)

    assert "a component must be a list" in broken_by(made["rich"], tmp_path, change, "/plot/speed")


# ---- deep ----


def test_claims_of_being_sorted(tmp_path: Path, made) -> None:
    def times(batch: pa.RecordBatch) -> pa.RecordBatch:
        return with_column(batch, "frame", pa.array(range(batch.num_rows, 0, -1), pa.int64()))

    def row_ids(batch: pa.RecordBatch) -> pa.RecordBatch:
        name = "rerun.controls.RowId"
        backwards = batch.column(name).to_pylist()[::-1]
        return with_column(batch, name, pa.array(backwards, pa.binary(16)))

    def repeated(batch: pa.RecordBatch) -> pa.RecordBatch:
        name = "rerun.controls.RowId"
        return with_column(batch, name, pa.array(batch.column(name).to_pylist()[:1] * 24, pa.binary(16)))

    for change, what in (
        (times, "the times of frame claim to be sorted, but are not"),
        (row_ids, "the row ids claim to be sorted, but are not"),
        (repeated, "a row id is there twice"),
    ):
        path = changed(made["rich"], tmp_path / "changed.rrd", change, "/plot/speed")
        assert problems(path, check_footers=False) == []
        assert what in the_one_problem(path, deep=True, check_footers=False)


def test_a_chunk_that_is_there_twice(tmp_path: Path, made) -> None:
    taken = Taken(made["tiny"])
    taken.messages.append(taken.messages[taken.chunks()[-1]])
    path = taken.write(tmp_path / "twice.rrd")
    assert problems(path, check_footers=False) == []
    assert "is there twice" in the_one_problem(path, deep=True, check_footers=False)


def test_an_old_object_model(made) -> None:
    found = problems(FIXTURES / "sdk-0.36" / "scene.rrd", deep=True, check_footers=False)
    assert found
    assert all("the object model is an old one; rrtool merge migrates it" in line for line in found)


# ---- anything ----


@pytest.mark.parametrize("deep", [False, True])
def test_any_flipped_byte_is_a_problem_or_goes_unnoticed(tmp_path: Path, made, deep: bool) -> None:
    """Never an exception; and what is wrong in the framing and the footer is always seen."""
    data = made["tiny"].read_bytes()
    path = tmp_path / "flipped.rrd"
    for at in range(0, len(data), 41 if deep else 13):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        found = problems(path, deep=deep)
        assert all(line.startswith(str(path)) for line in found)
        assert found or at < len(data) - 32


def test_nothing_heavy_is_imported(made) -> None:
    code = (
        "import sys\nfrom rrtool import cli\ncode = cli.run(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    command = [sys.executable, "-c", code, "verify", str(made["rich"])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert not set(done.stderr.split()) & {"numpy", "pyarrow", "google.protobuf"}
