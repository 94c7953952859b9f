"""Notebooks and the web: there is no viewer to show in them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.components.strictness import warn_at_caller

if TYPE_CHECKING:
    from rrsdk.recording.stream import RecordingStream


def notebook_show(
    *,
    width: int | None = None,
    height: int | None = None,
    blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Warns that nothing is shown."""
    del width, height, blueprint, recording
    warn_at_caller("notebook_show: no viewer for notebooks yet; save to a file and open it in Rerun")


def serve_web_viewer(
    *, web_port: int | None = None, open_browser: bool = True, connect_to: Any = None
) -> None:
    """Warns that nothing is served."""
    del web_port, open_browser, connect_to
    warn_at_caller("serve_web_viewer: no web viewer yet; Rerun's own can connect to `serve_grpc`")


def legacy_notebook_show(
    *,
    width: int = 950,
    height: int = 712,
    app_url: str | None = None,
    timeout_ms: int = 2000,
    blueprint: Any = None,
    recording: RecordingStream | None = None,
) -> None:
    """Warns that nothing is shown."""
    del width, height, app_url, timeout_ms, blueprint, recording
    warn_at_caller("legacy_notebook_show: no viewer for notebooks yet; save to a file and open it in Rerun")


def start_web_viewer_server(port: int = 0) -> None:
    """Warns that nothing is served."""
    del port
    warn_at_caller("start_web_viewer_server: no web viewer yet; Rerun's own can connect to `serve_grpc`")
