"""The committed protobuf module is what rrd.proto says, and agrees with Rerun on the wire."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from rrsdk.codec import rrd_pb2

ROOT = Path(__file__).parents[2]
PROTO = "rrsdk/codec/rrd.proto"


def test_committed_module_is_fresh(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
    # Descriptors are compared, not text: text differs from one generator to the next.
    out = tmp_path / "descriptors"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", f"--descriptor_set_out={out}", PROTO]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    (fresh,) = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    committed = descriptor_pb2.FileDescriptorProto.FromString(rrd_pb2.DESCRIPTOR.serialized_pb)
    for file in (fresh, committed):
        for message in file.message_type:
            for field in message.field:
                field.ClearField("json_name")  # some generators spell it out
    assert committed == fresh, "run scripts/protos"


def test_generator_is_no_newer_than_the_oldest_protobuf_allowed() -> None:
    generated = (ROOT / "rrsdk/codec/rrd_pb2.py").read_text()
    wanted = re.search(r"^# Protobuf Python Version: ([\d.]+)", generated, re.MULTILINE)
    bound = re.search(r'"protobuf>=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert wanted is not None
    assert bound is not None
    assert [int(n) for n in wanted[1].split(".")] <= [int(n) for n in bound[1].split(".")]


def test_an_arrow_message_has_the_formats_numbers() -> None:
    message = rrd_pb2.ArrowMsg(
        store_id=rrd_pb2.StoreId(
            kind=rrd_pb2.STORE_KIND_RECORDING,
            recording_id="r",
            application_id=rrd_pb2.ApplicationId(id="a"),
        ),
        compression=rrd_pb2.COMPRESSION_LZ4,
        uncompressed_size=300,
        encoding=rrd_pb2.ENCODING_ARROW_IPC,
        payload=b"xyz",
        chunk_id=rrd_pb2.Tuid(time_ns=1, inc=2),
        is_static=True,
    )
    expected = (
        b"\x0a\x0a" + b"\x08\x01" + b"\x12\x01r" + b"\x1a\x03\x0a\x01a"  # store_id
        b"\x10\x02" + b"\x18\xac\x02" + b"\x20\x01" + b"\x2a\x03xyz"
        b"\x32\x12" + b"\x09" + (1).to_bytes(8, "little") + b"\x11" + (2).to_bytes(8, "little") + b"\x38\x01"
    )
    assert message.SerializeToString(deterministic=True) == expected


def test_a_zero_half_of_an_id_is_written() -> None:
    """Both halves are optional fields: present though zero, as Rerun writes them."""
    assert len(rrd_pb2.Tuid(time_ns=0, inc=0).SerializeToString()) == 18


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("StoreInfo", {"application_id": 1, "store_id": 2, "store_source": 5, "store_version": 6}),
        ("SetStoreInfo", {"row_id": 1, "info": 2}),
        ("StoreSource", {"kind": 1, "extra": 2}),
        ("PythonVersion", {"major": 1, "minor": 2, "patch": 3, "suffix": 4}),
        ("BlueprintActivationCommand", {"blueprint_id": 1, "make_active": 2, "make_default": 3}),
        ("DataframePart", {"encoder_version": 1, "payload": 2, "compression": 3, "uncompressed_size": 4}),
        ("RrdManifest", {"store_id": 1, "sorbet_schema": 2, "sorbet_schema_sha256": 3, "data": 4}),
        ("RrdFooter", {"manifests": 1}),
        ("LogMsg", {"set_store_info": 1, "arrow_msg": 2, "blueprint_activation_command": 3}),
    ],
)
def test_field_numbers(name: str, fields: dict[str, int]) -> None:
    descriptor = rrd_pb2.DESCRIPTOR.message_types_by_name[name]
    assert {field.name: field.number for field in descriptor.fields} == fields
