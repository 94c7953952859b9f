"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: I001
# mypy: disable-error-code="override, misc"

from typing import Any

from rrsdk.blueprint import archetypes as archetypes
from rrsdk.archetypes.visualizer import VisualizableArchetype as VisualizableArchetype
from rrsdk.archetypes.visualizer import Visualizer as Visualizer
from rrsdk.blueprint.container import Container as Container
from rrsdk.blueprint.container import Grid as Grid
from rrsdk.blueprint.container import Horizontal as Horizontal
from rrsdk.blueprint.container import Tabs as Tabs
from rrsdk.blueprint.container import Vertical as Vertical
from rrsdk.blueprint.panels import BlueprintPanel as BlueprintPanel
from rrsdk.blueprint.panels import SelectionPanel as SelectionPanel
from rrsdk.blueprint.panels import TimePanel as TimePanel
from rrsdk.blueprint.panels import TopPanel as TopPanel
from rrsdk.blueprint.view import View as View
from rrsdk.blueprint.whole import Blueprint as Blueprint
from rrsdk.blueprint.whole import BlueprintLike as BlueprintLike
from rrsdk.blueprint.whole import BlueprintPart as BlueprintPart
from rrsdk.blueprint.whole import ContainerLike as ContainerLike
from rrsdk.blueprint.whole import PanelStateLike as PanelStateLike
from rrsdk.components import TimeRange as TimeRange
from rrsdk.components import TimeRangeBoundary as TimeRangeBoundary
from rrsdk.components import VisibleTimeRange as VisibleTimeRange
from rrsdk.blueprint.views import AudioView as AudioView
from rrsdk.blueprint.views import BarChartView as BarChartView
from rrsdk.blueprint.views import DataframeView as DataframeView
from rrsdk.blueprint.views import GraphView as GraphView
from rrsdk.blueprint.views import MapView as MapView
from rrsdk.blueprint.views import Spatial2DView as Spatial2DView
from rrsdk.blueprint.views import Spatial3DView as Spatial3DView
from rrsdk.blueprint.views import StateTimelineView as StateTimelineView
from rrsdk.blueprint.views import TensorView as TensorView
from rrsdk.blueprint.views import TextDocumentView as TextDocumentView
from rrsdk.blueprint.views import TextLogView as TextLogView
from rrsdk.blueprint.views import TimeSeriesView as TimeSeriesView
from rrsdk.archetypes.blueprint import ActiveVisualizers as ActiveVisualizers
from rrsdk.archetypes.blueprint import AudioPlayback as AudioPlayback
from rrsdk.archetypes.blueprint import Background as Background
from rrsdk.archetypes.blueprint import CardLayout as CardLayout
from rrsdk.archetypes.blueprint import ContainerBlueprint as ContainerBlueprint
from rrsdk.archetypes.blueprint import DataframeQuery as DataframeQuery
from rrsdk.archetypes.blueprint import EntityBehavior as EntityBehavior
from rrsdk.archetypes.blueprint import EyeControls3D as EyeControls3D
from rrsdk.archetypes.blueprint import ForceCenter as ForceCenter
from rrsdk.archetypes.blueprint import ForceCollisionRadius as ForceCollisionRadius
from rrsdk.archetypes.blueprint import ForceLink as ForceLink
from rrsdk.archetypes.blueprint import ForceManyBody as ForceManyBody
from rrsdk.archetypes.blueprint import ForcePosition as ForcePosition
from rrsdk.archetypes.blueprint import GraphBackground as GraphBackground
from rrsdk.archetypes.blueprint import LineGrid3D as LineGrid3D
from rrsdk.archetypes.blueprint import MapBackground as MapBackground
from rrsdk.archetypes.blueprint import MapZoom as MapZoom
from rrsdk.archetypes.blueprint import NearClipPlane as NearClipPlane
from rrsdk.archetypes.blueprint import PanelBlueprint as PanelBlueprint
from rrsdk.archetypes.blueprint import PlotBackground as PlotBackground
from rrsdk.archetypes.blueprint import PlotInteraction as PlotInteraction
from rrsdk.archetypes.blueprint import PlotLegend as PlotLegend
from rrsdk.archetypes.blueprint import PreviewsConfig as PreviewsConfig
from rrsdk.archetypes.blueprint import ScalarAxis as ScalarAxis
from rrsdk.archetypes.blueprint import SpatialInformation as SpatialInformation
from rrsdk.archetypes.blueprint import TableColumn as TableColumn
from rrsdk.archetypes.blueprint import TableColumnPreview as TableColumnPreview
from rrsdk.archetypes.blueprint import TableLayout as TableLayout
from rrsdk.archetypes.blueprint import TensorScalarMapping as TensorScalarMapping
from rrsdk.archetypes.blueprint import TensorSliceSelection as TensorSliceSelection
from rrsdk.archetypes.blueprint import TensorViewFit as TensorViewFit
from rrsdk.archetypes.blueprint import TextDocumentFormat as TextDocumentFormat
from rrsdk.archetypes.blueprint import TextLogColumns as TextLogColumns
from rrsdk.archetypes.blueprint import TextLogFormat as TextLogFormat
from rrsdk.archetypes.blueprint import TextLogRows as TextLogRows
from rrsdk.archetypes.blueprint import TimeAxis as TimeAxis
from rrsdk.archetypes.blueprint import TimePanelBlueprint as TimePanelBlueprint
from rrsdk.archetypes.blueprint import ViewBlueprint as ViewBlueprint
from rrsdk.archetypes.blueprint import ViewContents as ViewContents
from rrsdk.archetypes.blueprint import ViewportBlueprint as ViewportBlueprint
from rrsdk.archetypes.blueprint import VisibleTimeRanges as VisibleTimeRanges
from rrsdk.archetypes.blueprint import VisualBounds2D as VisualBounds2D
from rrsdk.archetypes.blueprint import VisualizerInstruction as VisualizerInstruction
from rrsdk.components.choices import BackgroundKind as BackgroundKind
from rrsdk.components.choices import ColumnDisplayMode as ColumnDisplayMode
from rrsdk.components.choices import ComponentSourceKind as ComponentSourceKind
from rrsdk.components.choices import ContainerKind as ContainerKind
from rrsdk.components.choices import Corner2D as Corner2D
from rrsdk.components.choices import Eye3DKind as Eye3DKind
from rrsdk.components.choices import LinkAxis as LinkAxis
from rrsdk.components.choices import LoopMode as LoopMode
from rrsdk.components.choices import MapProvider as MapProvider
from rrsdk.components.choices import PanelState as PanelState
from rrsdk.components.choices import PlayState as PlayState
from rrsdk.components.choices import PointsDisplay as PointsDisplay
from rrsdk.components.choices import SortDirection as SortDirection
from rrsdk.components.choices import TableLayoutKind as TableLayoutKind
from rrsdk.components.choices import TextLogColumnKind as TextLogColumnKind
from rrsdk.components.choices import TooltipMode as TooltipMode
from rrsdk.components.choices import ViewFit as ViewFit

components: Any
encodings: Any
experimental: Any
