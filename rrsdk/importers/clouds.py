"""Imports PLY: point clouds as Points3D (Points2D without z), Gaussian splats, meshes as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rrsdk.errors import FormatError
from rrsdk.importers.marks import check
from rrsdk.importers.rows import static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import numpy.typing as npt

    from rrsdk.chunk import Chunk
    from rrsdk.component.column import Loggable
    from rrsdk.importers import File
    from rrsdk.importers.ply import Columns, Element, Header

suffixes: Final = frozenset({".ply"})
_FACES: Final = ("vertex_indices", "vertex_index")
_USED: Final = {"x", "y", "z", "red", "green", "blue", "alpha", "radius", "label"}


def read(file: File) -> Iterator[Chunk]:
    """One static chunk; which archetype, the header says."""
    from rrsdk.importers.ply import check_size, read_header, read_tables
    from rrsdk.importers.splats import is_splats, splats

    data = file.read()
    check(data, ".ply")
    header = read_header(data)
    vertex = _vertex(header)
    value: Loggable
    if _has_faces(header) and not is_splats(vertex):
        from rrsdk.archetypes import Asset3D

        check_size(data, header)
        value = Asset3D.from_fields(blob=data, media_type="application/x-ply")
    else:
        vertices = read_tables(data, header)["vertex"]
        _leave_out(header, file.warn)
        value = (splats if is_splats(vertex) else _points)(vertex, vertices, file.warn)
    yield static(file.entity, value)


def _vertex(header: Header) -> Element:
    for element in header.elements:
        if element.name == "vertex":
            for name in ("x", "y"):
                if not element.has(name):
                    raise FormatError(f"its vertices have no {name}")
            lists = [one.name for one in element.properties if one.count is not None]
            for name in _USED - {"label"}:
                if name in lists:
                    raise FormatError(f"its vertices have a list as {name}")
            return element
    names = ", ".join(element.name for element in header.elements) or "nothing"
    raise FormatError(f"has no vertices, only {names}")


def _has_faces(header: Header) -> bool:
    return any(
        element.name == "face"
        and element.rows
        and any(one.name in _FACES and one.count is not None for one in element.properties)
        for element in header.elements
    )


def _leave_out(header: Header, warn: Callable[[str], None]) -> None:
    others = [element.name for element in header.elements if element.name != "vertex" and element.rows]
    if others:
        warn(f"left out, because they are not points: {', '.join(others)}")


def _points(vertex: Element, vertices: Columns, warn: Callable[[str], None]) -> Loggable:
    import numpy as np

    from rrsdk.archetypes import Points2D, Points3D

    axes = ("x", "y", "z") if vertex.has("z") else ("x", "y")
    fields: dict[str, Any] = {
        "positions": np.stack([np.asarray(vertices[name]).astype(np.float32) for name in axes], axis=1)
    }
    used = {*axes}
    if vertex.has("red", "green", "blue"):
        used |= {"red", "green", "blue", "alpha"}
        if vertex.rows:
            fields["colors"] = _colors(vertices)
    if vertex.has("radius"):
        used.add("radius")
        if vertex.rows:
            fields["radii"] = np.asarray(vertices["radius"]).astype(np.float32)
    labels = vertices.get("label")
    if isinstance(labels, list) and (not labels or labels[0].dtype == np.uint8):
        used.add("label")
        if labels:
            fields["labels"] = [bytes(label).decode(errors="replace") for label in labels]
    ignored = sorted({one.name for one in vertex.properties} - used)
    if ignored:
        warn(f"left out, because points have no such property: {', '.join(ignored)}")
    return (Points3D if len(axes) == 3 else Points2D).from_fields(**fields)


def _colors(vertices: Columns) -> npt.NDArray[np.uint32]:
    import numpy as np

    red, green, blue = (_byte(np.asarray(vertices[name])) for name in ("red", "green", "blue"))
    alpha = _byte(np.asarray(vertices["alpha"])) if "alpha" in vertices else 255
    return (red << 24 | green << 16 | blue << 8 | alpha).astype(np.uint32)


def _byte(values: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    """Integers as they are, their lowest byte; fractions of one as parts of 255."""
    import numpy as np

    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.clip(values * values.dtype.type(255), 0, 255)
        values = np.nan_to_num(scaled, nan=0)
    return (values.astype(np.int64) & 255).astype(np.uint32)
