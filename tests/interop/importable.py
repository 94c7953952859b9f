"""Small files of each kind that can be imported, made here."""

from __future__ import annotations

import io
import json
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import PIL.Image

XYZ = ("float x", "float y", "float z")
RGB = ("uchar red", "uchar green", "uchar blue")
SPLAT = (
    *XYZ,
    *(f"float {name}" for name in ("nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2")),
)
SPLAT_TAIL = ("opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3")
FACE = ("face", 1, ("list uchar int vertex_indices",))

Elements = list[tuple[str, int, tuple[str, ...]]]


def ply(elements: Elements, body: bytes, kind: str = "ascii") -> bytes:
    lines = ["ply", f"format {kind} 1.0", "comment made by a test"]
    for name, rows, properties in elements:
        lines += [f"element {name} {rows}", *(f"property {one}" for one in properties)]
    return "\n".join([*lines, "end_header", ""]).encode() + body


def vertices(properties: tuple[str, ...], body: bytes, rows: int = 1, kind: str = "ascii") -> bytes:
    return ply([("vertex", rows, properties)], body, kind)


def splats(rest: int, rows: int = 4) -> bytes:
    properties = (
        *SPLAT,
        *(f"float f_rest_{number}" for number in range(rest)),
        *(f"float {one}" for one in SPLAT_TAIL),
    )
    values = np.random.default_rng(rest).normal(0, 2, (rows, len(properties))).astype("<f4")
    return vertices(properties, values.tobytes(), rows, "binary_little_endian")


def plies() -> dict[str, bytes]:
    little, big = "binary_little_endian", "binary_big_endian"
    row = struct.Struct("<3f3B")
    return {
        "alpha": vertices((*XYZ, *RGB, "uchar alpha", "float nx"), b"1 2 3 1 2 3 4 0\n"),
        "big": vertices((*XYZ, *RGB), struct.pack(">3f3B", 1, 2, 3, 4, 5, 6), 1, big),
        "crlf": vertices(XYZ, b"1 2 3\r\n"),
        "double": vertices(
            ("double x", "int y", "uchar z", "double red", "float green", "float blue", "float alpha"),
            b"1 -2 3 0.5 1.0 0.1 0.999\n1 2 3 1.5 -1 0 2\n",
            2,
        ),
        "edges": ply([("vertex", 1, XYZ), ("edge", 1, ("int a", "int b"))], b"1 2 3\n0 0\n"),
        "empty": vertices((*XYZ, *RGB), b"", 0),
        "faces": ply([("vertex", 3, XYZ), FACE], b"0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"),
        "faces-binary": ply(
            [("vertex", 3, XYZ), FACE], struct.pack("<9fB3i", *range(9), 3, 0, 1, 2), "binary_little_endian"
        ),
        "flat": vertices(("float x", "float y", *RGB, "float radius"), b"1 2 3 4 5 6\n"),
        "ints": vertices((*XYZ, "int red", "short green", "ushort blue"), b"1 2 3 256 -1 300\n"),
        "labels": vertices(
            (*XYZ, "list uchar uchar label"),
            struct.pack("<3f3B3fB", 1, 2, 3, 2, 65, 255, 4, 5, 6, 0),
            2,
            little,
        ),
        "little": vertices(
            (*XYZ, *RGB), row.pack(1, 2, 3, 4, 5, 6) + row.pack(7, 8, 9, 0, 255, 1), 2, little
        ),
        "no-faces": ply([("vertex", 1, XYZ), ("face", 0, FACE[2])], b"1 2 3\n"),
        "radius": vertices((*XYZ, "uchar radius"), b"1 2 3 4\n"),
        "trailing": vertices(XYZ, b"1 2 3 4 5\n6 7 8\n"),
        **{f"splats{rest}": splats(rest) for rest in (0, 9, 10, 24, 45, 72)},
    }


def images() -> dict[str, bytes]:
    picture = PIL.Image.fromarray(np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3))
    found = {}
    for suffix in ("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "ico", "ppm", "tga", "dds"):
        into = io.BytesIO()
        picture.save(into, {"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix))
        found[suffix] = into.getvalue()
    found["pgm"], found["pbm"], found["pam"] = b"P5 1 1 255\n\x01", b"P1 1 1 0\n", b"P7\nENDHDR\n"
    found["ff"] = found["farbfeld"] = b"farbfeld" + struct.pack(">II4H", 1, 1, 1, 2, 3, 4)
    found["hdr"], found["exr"] = b"#?RADIANCE\n", b"v/1\x01\x02\x00\x00\x00"
    found["avif"] = struct.pack(">I4s4sI", 16, b"ftyp", b"avif", 0)
    found["rvl"] = b"depth"
    return found


def meshes() -> dict[str, bytes]:
    return {
        "obj": b"# a triangle\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
        "stl": b"\0" * 80 + struct.pack("<I12fH", 1, *range(12), 0),
        "gltf": json.dumps({"asset": {"version": "2.0"}}).encode(),
        "glb": b"glTF" + struct.pack("<III4s", 2, 24, 4, b"JSON") + b"{}  ",
        "dae": b'<?xml version="1.0"?><COLLADA version="1.4.1"></COLLADA>',
    }


def video(frames: int, rate: int, b_frames: int) -> bytes:
    into = io.BytesIO()
    with av.open(into, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"bf": str(b_frames)}
        for number in range(frames):
            picture = np.full((48, 64, 3), number * 9, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return into.getvalue()


def sounds() -> dict[str, bytes]:
    into = io.BytesIO()
    with wave.open(into, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * 80)
    ogg = b"OggS" + b"\0" * 30
    mpeg4 = struct.pack(">I4s4sI", 16, b"ftyp", b"M4A ", 0)
    return {
        "wav": into.getvalue(),
        "flac": b"fLaC\0\0\0\x22",
        "mp3": b"ID3\x04\0\0",
        "aac": b"\xff\xf1\x50\x80",
        "m4a": mpeg4,
        "ogg": ogg,
        "oga": ogg,
        "opus": ogg,
    }


def write_all(folder: Path) -> None:
    """All of them, and folders, odd names, and a recording and a blueprint by the real SDK."""
    import rerun
    import rerun.blueprint

    groups: list[tuple[str, Callable[[], dict[str, bytes]]]] = [
        ("image", images),
        ("mesh", meshes),
        ("sound", sounds),
    ]
    for name, make in groups:
        for suffix, data in make().items():
            (folder / f"{name}.{suffix}").write_bytes(data)
    for name, data in plies().items():
        (folder / f"{name}.ply").write_bytes(data)
    (folder / "static.mp4").write_bytes(video(5, 30, 0))
    (folder / "reordered.mp4").write_bytes(video(12, 24, 2))
    (folder / "Loud.PNG").write_bytes(images()["png"])
    (folder / "odd name!.md").write_text("# a heading\n")
    (folder / "nothing.txt").write_text("")
    (folder / "static ünï.txt").write_text("grüße")
    (folder / "x-contents.txt").write_text("handed over")
    below = folder / "folder" / "below"
    below.mkdir(parents=True)
    (folder / "folder" / "one.txt").write_text("one")
    (below / "two.md").write_text("two")
    (below / "three.unheard").write_text("three")
    stream = rerun.RecordingStream("elsewhere", recording_id="other")
    stream.save(folder / "recording.rrd")
    stream.set_time("step", sequence=3)
    stream.log("points", rerun.Points3D([[1, 2, 3]]))
    stream.disconnect()
    view = rerun.blueprint.Spatial3DView(origin="/", name="all")
    rerun.blueprint.Blueprint(view).save("elsewhere", str(folder / "blueprint.rbl"))
