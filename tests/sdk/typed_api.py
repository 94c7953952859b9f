"""What mypy must accept and refuse of the logged vocabulary; run by test_archetype_types.

Each `type: ignore` stands where a mistake must be found: with warn_unused_ignores, one that is not
found is an error too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import rrsdk
import rrsdk.archetypes as rr
import rrsdk.blueprint as rrb
from rrsdk import components, encodings
from rrsdk.component.column import Loggable
from rrsdk.components import (
    ColorBatch,
    ColorModel,
    ComponentBatch,
    ComponentColumnList,
    Quaternion,
    RotationAxisAngle,
    TextLogLevel,
    TimeColumn,
    TransformRelation,
)

points = np.zeros((3, 3), np.float32)

cloud: rr.Points3D = rr.Points3D(points, colors=[255, 0, 0], radii=0.1, labels=["a", "b"], class_ids=3)
rr.Points3D([[1, 2, 3], [4, 5, 6.5]], colors=points, radii=[1, 2])
rr.Points3D([1, 2, 3], point_shading="Flat")
rr.Points3D(points, colors=[[255, 0, 0], [0, 255, 0, 128]])
rr.Points3D(points, colors=[0xFF0000FF, "#00ff00"])
rr.LineStrips3D([[[0, 0, 0], [1, 1, 1.5]], points], colors=np.zeros((2, 3)))
rr.Points3D()  # type: ignore[call-arg]
rr.Points3D(points, [1.0])  # type: ignore[call-arg]
rr.Points3D("text")  # type: ignore[arg-type]
rr.Points3D(points, radius=1.0)  # type: ignore[call-arg]
rr.Points3D(points, labels=7)  # type: ignore[arg-type]

rr.Scalars(1.5)
rr.Scalars(np.float32(2))
rr.Scalars([1, 2.5])
rr.Scalars("1.5")  # type: ignore[arg-type]
rr.Points2D([[1, 2]], radii=rrsdk.Radius(2))
rr.Points2D([[1, 2]], radii=rrsdk.Radius.ui_points([2, 3]))

rr.TextLog("text", level=TextLogLevel.INFO, color=(255, 0, 0))
rr.TextLog("text", level="WARN")
rr.TextLog(b"bytes")  # type: ignore[arg-type]
rr.TextDocument("# title", media_type="text/markdown")

rr.Image(np.zeros((4, 4, 3), np.uint8), "RGB").compress(jpeg_quality=90)
rr.Image(bytes=b"", width=4, height=4, color_model=ColorModel.L, datatype=np.uint8)
rr.EncodedImage(path="image.png")
rr.EncodedImage("image.png")  # type: ignore[call-arg]

rr.Transform3D(translation=[1, 2, 3], rotation=Quaternion(xyzw=[0, 0, 0, 1]), scale=2)
rr.Transform3D(rotation=RotationAxisAngle([0, 0, 1], degrees=90), relation=TransformRelation.ChildFromParent)
rr.Transform3D([1, 2, 3])  # type: ignore[call-arg]
rr.Transform3D(translation=3)  # type: ignore[arg-type]

rr.Boxes2D(array=points, array_format=rrsdk.Box2DFormat.XYWH, labels=["a"], colors=[255, 0, 0])
rr.Boxes3D(mins=[[1, 2, 3]], sizes=points, rotations=Quaternion.identity(), class_ids=[1, 2])
rr.Boxes3D(points)  # type: ignore[call-arg]
rr.Boxes3D(half_sizes="text")  # type: ignore[arg-type]
rr.Ellipsoids3D(radii=[1, 2.5], centers=points)
rr.Pinhole(focal_length=100, width=640, height=480, camera_xyz=rr.ViewCoordinates.RDF)
rr.Pinhole(focal=100)  # type: ignore[call-arg]
rr.GeoPoints(lat_lon=[[1, 2]], radii=rrsdk.Radius.ui_points(3))
rr.GeoPoints([[1, 2]])  # type: ignore[call-arg]
rr.Mesh3D(vertex_positions=points, albedo_texture=np.zeros((2, 2, 3), np.uint8))
rr.Asset3D(path="model.glb", albedo_factor=(255, 0, 0))
rr.VideoFrameReference(seconds=1.5, video_reference="/video")
rr.AnnotationContext([rrsdk.AnnotationInfo(1, "person", (255, 0, 0)), rrsdk.ClassDescription(info=2)])
rrsdk.AnnotationInfo()  # type: ignore[call-arg]
place: components.Position3D = components.Position3D([1, 2, 3])
rr.Points3D([1, 2, 3], colors=components.Color([255, 0, 0]))
components.ClassId()  # type: ignore[call-arg]
xyz = encodings.Vec3D([1, 2, 3]).xyz
nothing_such = encodings.Vec3D([1, 2, 3]).xy  # type: ignore[attr-defined]

rr.Clear(recursive=True)
rr.Clear(True)  # type: ignore[call-arg]
flat: rr.Clear = rr.Clear.flat()
axes: rr.ViewCoordinates = rr.ViewCoordinates.RDF

partial: rr.Points2D = rr.Points2D.from_fields(radii=2.0, clear_unset=True)
nothing: rr.LineStrips3D = rr.LineStrips3D.cleared()
columns: ComponentColumnList = rr.Scalars.columns(scalars=[1, 2, 3]).partition([1, 2])
rr.Scalars.columns(scalar=[1, 2, 3])  # type: ignore[call-arg]
radii: ComponentBatch | None = cloud.radii
name: str = rr.Points3D.descriptor_radii().component

values: rr.AnyValues = rr.AnyValues(a=1, colors=ColorBatch([255, 0, 0]))
rr.DynamicArchetype("own.Type", components={"b": [1, 2]})
TimeColumn("frame", sequence=[1, 2])
rr.Point3D(points)  # type: ignore[attr-defined]


def logged(*rows: Loggable) -> list[Any]:
    return [type(row).encode([row]) for row in rows]


logged(cloud, values, flat)

rrsdk.log("points", cloud, values, rr.Clear.flat(), static=True)
rrsdk.log(["path", "with", 3], rr.Scalars(1.0).as_component_batches())
rrsdk.log("points", 3)  # type: ignore[arg-type]
rrsdk.log("points", [flat])  # type: ignore[list-item]
rrsdk.log("points")  # type: ignore[call-arg]
rrsdk.set_time("frame", sequence="1")  # type: ignore[arg-type]

views: list[rrb.View] = [
    rrb.Spatial3DView(origin="/world", background=rrb.Background(color=[1, 2, 3]), defaults=[cloud]),
    rrb.TimeSeriesView(plot_legend=rrb.PlotLegend(corner="LeftTop"), overrides={"a": cloud.visualizer()}),
]
layout: rrb.Blueprint = rrb.Blueprint(
    rrb.Horizontal(*views, column_shares=[1, 2]), rrb.TimePanel(state="collapsed", fps=30), auto_views=False
)
rrsdk.send_blueprint(layout)
rrsdk.send_blueprint(rrb.MapView(zoom=3), make_active=False)
rrb.MapView("/world")  # type: ignore[call-arg]
rrb.TimeSeriesView(axis=1)  # type: ignore[call-arg]
rrb.PlotLegend(corner=1.5)  # type: ignore[arg-type]
rrb.Blueprint("a view")  # type: ignore[arg-type]
rrb.archetypes.PanelBlueprint(states="hidden")  # type: ignore[call-arg]
rrsdk.send_blueprint(3)  # type: ignore[arg-type]
