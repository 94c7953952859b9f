"""A whole blueprint: one container, the panels around it, and the ways it leaves the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from rrsdk.archetypes import blueprint as archetypes
from rrsdk.batcher.batcher import message_for
from rrsdk.batcher.seal import SealedChunk
from rrsdk.blueprint.container import Container, Tabs
from rrsdk.blueprint.panels import BlueprintPanel, Panel, SelectionPanel, TimePanel, TopPanel
from rrsdk.blueprint.view import View
from rrsdk.endpoint import DEFAULT_PORT, control_port
from rrsdk.errors import OutputError
from rrsdk.recording.blueprints import items_of

if TYPE_CHECKING:
    import os

    from rrsdk.recording.blueprints import BlueprintStore
    from rrsdk.sinks.live import LiveSink

_SENT_WITHIN_S = 10.0


class Blueprint:
    """How the viewer looks: views in containers, panels, and what it may do on its own.

    Of several views and containers, tabs are made. `auto_layout` and `auto_views`: whether the viewer
    arranges and adds views itself; only where there are none, if it is not said. `collapse_panels`:
    those that are not given are collapsed.
    """

    def __init__(
        self,
        *parts: Container | View | Panel,
        auto_layout: bool | None = None,
        auto_views: bool | None = None,
        collapse_panels: bool = False,
    ) -> None:
        self.collapse_panels = collapse_panels
        self.panels: dict[type[Panel], Panel] = {}
        contents: list[Container | View] = []
        for part in parts:
            if isinstance(part, (Container, View)):
                contents.append(part)
                continue
            kind = next((known for known in _PANELS if isinstance(part, known)), None)
            if kind is None:
                raise ValueError(f"Unknown part type: {part}")
            if kind in self.panels:
                raise ValueError(f"Only one {kind.PATH.replace('_', ' ')} can be provided")
            self.panels[kind] = part
        self.root_container: Container | None = None
        if len(contents) == 1:
            self.root_container = contents[0].to_container()
        elif contents:
            self.root_container = Tabs(contents=contents)
        self.auto_layout = True if auto_layout is None and not contents else auto_layout
        self.auto_views = True if auto_views is None and not contents else auto_views

    def to_blueprint(self) -> Blueprint:
        """Itself."""
        return self

    def _log_to_stream(self, stream: BlueprintStore) -> None:
        root = self.root_container
        if root is not None:
            root._log_to_stream(stream)  # noqa: SLF001 - of our own parts
        viewport = archetypes.ViewportBlueprint(
            root_container=None if root is None else root.id,
            auto_layout=self.auto_layout,
            auto_views=self.auto_views,
        )
        stream.log("viewport", viewport)
        for kind in _PANELS:
            panel = self.panels.get(kind)
            if panel is None and self.collapse_panels and kind is not TopPanel:
                panel = kind(state="collapsed")
            if panel is not None:
                panel._log_to_stream(stream)  # noqa: SLF001 - of our own parts

    def save(self, application_id: str, path: str | os.PathLike[str] | None = None) -> None:
        """Write it to a file, `<application_id>.rbl` where no other is named."""
        from rrsdk.sinks import open_sink

        sink = open_sink(f"{application_id}.rbl" if path is None else str(path))
        try:
            for item in items_of(application_id, self):
                sink.put(item.message(compress=True) if isinstance(item, SealedChunk) else item)
        except BaseException:
            sink.abort()
            raise
        sink.close()

    def connect_grpc(
        self,
        application_id: str,
        *,
        url: str | None = None,
        make_active: bool = True,
        make_default: bool = True,
    ) -> None:
        """Send it over gRPC to `rerun+http://host:port/proxy`: a viewer, or our broker."""
        from rrsdk.sinks.grpc import GrpcSink

        sink = GrpcSink(url or f"rerun+http://127.0.0.1:{DEFAULT_PORT}/proxy")
        self._send(sink, application_id, make_active=make_active, make_default=make_default)

    def connect(
        self,
        application_id: str,
        url: str | None = None,
        *,
        make_active: bool = True,
        make_default: bool = True,
    ) -> None:
        """Send it to a broker at `host:port`, over ZeroMQ."""
        from rrsdk.endpoint import parse_endpoint
        from rrsdk.sinks.zmq.sink import ZmqSink

        sink = ZmqSink(parse_endpoint(url or f"127.0.0.1:{DEFAULT_PORT}"))
        self._send(sink, application_id, make_active=make_active, make_default=make_default)

    def _send(self, sink: LiveSink, application_id: str, *, make_active: bool, make_default: bool) -> None:
        for item in items_of(application_id, self, make_active=make_active, make_default=make_default):
            sink.put(message_for(sink, item))
        ended = sink.close(_SENT_WITHIN_S)
        if not ended:
            raise OutputError("has not taken the blueprint", source=sink.name, hint=ended.why)

    def spawn(
        self,
        application_id: str,
        *,
        port: int = DEFAULT_PORT,
        memory_limit: str = "75%",
        hide_welcome_screen: bool = False,
        detach_process: bool = True,
    ) -> None:
        """Start a broker as a program of its own, unless one runs there, and send it there. No viewer yet."""
        from rrsdk import launch

        del hide_welcome_screen  # of the viewer
        launch.broker(port=port, control=control_port(port), memory_limit=memory_limit, detach=detach_process)
        self.connect(application_id, f"127.0.0.1:{port}")


_PANELS: tuple[type[Panel], ...] = (TopPanel, BlueprintPanel, SelectionPanel, TimePanel)

ContainerLike: TypeAlias = Container | View
BlueprintPart: TypeAlias = Container | View | TopPanel | BlueprintPanel | SelectionPanel | TimePanel
BlueprintLike: TypeAlias = Blueprint | View | Container
PanelStateLike: TypeAlias = Any
