"""What most example programs offer on their command line: where the recording goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rrsdk.recording.calls import init
from rrsdk.recording.current import get_global_data_recording

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from uuid import UUID

    from rrsdk.recording.stream import RecordingStream


def script_add_args(parser: ArgumentParser) -> None:
    """Add --headless, --connect, --serve, --url, --save and --stdout."""
    parser.add_argument("--headless", action="store_true", help="Don't show GUI")
    parser.add_argument("--connect", action="store_true", help="Connect to a broker or viewer that runs")
    parser.add_argument("--serve", action="store_true", help="Be the broker that viewers connect to")
    parser.add_argument("--url", type=str, default=None, help="Connect to this address")
    parser.add_argument("--save", type=str, default=None, help="Save data to an .rrd file at this path")
    parser.add_argument("--stdout", action="store_true", help="Write the recording to standard output")


def script_setup(
    args: Namespace,
    application_id: str,
    *,
    recording_id: str | UUID | None = None,
    default_blueprint: Any = None,
) -> RecordingStream:
    """Begin a recording in strict mode and send it where the command line says."""
    init(application_id, recording_id=recording_id, default_enabled=True, strict=True)
    stream = get_global_data_recording()
    assert stream is not None, "init has just set it"
    if args.stdout:
        stream.stdout(default_blueprint)
    elif args.serve:
        stream.serve(default_blueprint=default_blueprint)
    elif args.connect:
        if args.url is not None and args.url.startswith("rerun"):
            stream.connect_grpc(args.url, default_blueprint=default_blueprint)
        else:
            stream.connect(args.url, default_blueprint=default_blueprint)
    elif args.save is not None:
        stream.save(args.save, default_blueprint)
    elif not args.headless:
        stream.spawn(default_blueprint=default_blueprint)
    return stream


def script_teardown(args: Namespace) -> None:
    """Where the program is the broker, stay until it is interrupted."""
    if args.serve:
        import threading

        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
